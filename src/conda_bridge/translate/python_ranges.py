"""Statements about a python's version text -> conditions, and holes in a python range -> `!=` clauses.

`packaging` decides whether a statement holds for one version. Between two neighbouring *cuts*, the places
where a statement about a release can change its mind, the answer stays the same, so asking at every cut
gives the exact condition.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import Condition, PyVersion, Span, python_in

__all__ = ["python_exclusions", "pythons_where"]

_MAX_CLAUSES = 100
"""Of one hole. No minor version is the last one before 4.0, and one up to 3.99999999 helps nobody either."""


def pythons_where(
    holds: Callable[[str], bool], *, release: tuple[int, ...], precision: Literal[2, 3]
) -> Condition:
    """Return the condition that `holds` answers yes to a final python release.

    `holds` gets the version as `major.minor` (precision 2) or `major.minor.patch` (3) and may compare it with
    `release`, or with a prefix of it, in any way that PEP 440 knows.
    """
    starts = sorted({(0,) * precision, *_cuts(release, precision)})
    ends = (*starts[1:], None)
    return python_in(
        *(
            Span(PyVersion(start), PyVersion(end) if end else None)
            for start, end in zip(starts, ends, strict=True)
            if holds(".".join(map(str, start)))
        )
    )


def _cuts(release: tuple[int, ...], precision: int) -> set[tuple[int, ...]]:
    full = (*release, 0, 0, 0)[:precision]
    cuts: set[tuple[int, ...]] = set()
    for length in range(1, precision + 1):
        padding = (0,) * (precision - length)
        cuts |= {full[:length] + padding, _next(full[:length]) + padding}
    return cuts


def _next(prefix: tuple[int, ...]) -> tuple[int, ...]:
    return (*prefix[:-1], prefix[-1] + 1)


def python_exclusions(spans: tuple[Span, ...]) -> tuple[str, ...]:
    """Return the holes between sorted spans as clauses: `!=3.9.*`, `!=3.10.1`.

    Raises:
        TranslationError: `inexpressible-condition` for a hole that begins within a minor version and ends in
            another one, or begins within a major one and ends in the next, which no finite list of clauses says;
            for one that more than a hundred say.
    """
    clauses: list[str] = []
    for left, right in pairwise(spans):
        assert left.upper is not None
        assert right.lower is not None
        clauses += _hole(left.upper, right.lower)
    return tuple(clauses)


def _hole(first: PyVersion, end: PyVersion) -> list[str]:
    clauses: list[str] = []
    start = _existing(first)
    while start < end:
        block = next((b for b in _blocks(start) if PyVersion(_next(b)) <= end), ())
        leaves_minor = len(block) > 2 and _minor(start) < _minor(end)
        if not block or leaves_minor or len(clauses) == _MAX_CLAUSES:
            message = f"python from {first} to below {end} can't be excluded by a finite list of clauses"
            raise TranslationError("inexpressible-condition", message)
        clauses.append(f"!={'.'.join(map(str, block))}{'' if len(block) > 2 else '.*'}")
        start = _existing(PyVersion(_next(block)))
    return clauses


def _minor(version: PyVersion) -> tuple[int, ...]:
    return (*version.release, 0)[:2]


def _existing(start: PyVersion) -> PyVersion:
    """Return where the versions go on: 3.0 came after 2.7. Source: PEP 404."""
    return PyVersion((3,)) if (2, 8) <= start.release < (3,) else start


def _blocks(start: PyVersion) -> list[tuple[int, ...]]:
    """Return the major, minor and patch versions that begin at `start`, largest first."""
    full = (*start.release, 0, 0)
    return [full[:length] for length in (1, 2, 3) if not any(full[length:])]
