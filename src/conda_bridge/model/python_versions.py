"""Final python releases and half-open intervals of them: the arithmetic under conditions on python.

Spans are *tidy* where they are sorted, disjoint, not touching and none is empty; every function here returns
tidy spans. No python is below 0, so a lower end of 0 is the same as an open one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

__all__ = ["PyVersion", "Span", "complement", "intersect", "union"]


@total_ordering
@dataclass(frozen=True, slots=True)
class PyVersion:
    """A final python release such as 3.11 or 3.9.18; trailing zeros are insignificant."""

    release: tuple[int, ...]

    def __post_init__(self) -> None:
        release = self.release
        while len(release) > 1 and release[-1] == 0:
            release = release[:-1]
        object.__setattr__(self, "release", release)

    @classmethod
    def from_text(cls, text: str) -> "PyVersion":
        """Parse `3.11` or `3.9.18`.

        Raises:
            ValueError: anything but dotted numbers.
        """
        parts = text.split(".")
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError(f"{text[:80]!r} is not a final python release")
        return cls(tuple(map(int, parts)))

    def __lt__(self, other: "PyVersion") -> bool:
        return self.release < other.release

    def __str__(self) -> str:
        release = self.release if len(self.release) > 1 else (*self.release, 0)
        return ".".join(map(str, release))


@dataclass(frozen=True, slots=True)
class Span:
    """The python versions v with lower <= v < upper; None leaves that side open."""

    lower: PyVersion | None = None
    upper: PyVersion | None = None

    def __contains__(self, version: PyVersion) -> bool:
        return (self.lower is None or self.lower <= version) and (self.upper is None or version < self.upper)

    @property
    def is_empty(self) -> bool:
        """True where no version is inside."""
        return self.upper is not None and self.upper <= (self.lower or _LOWEST)


_LOWEST = PyVersion((0,))


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the versions that are in at least one span."""
    merged: list[Span] = []
    for span in sorted(filter(_has_versions, spans), key=_start):
        last = merged[-1] if merged else None
        if last is None or (last.upper is not None and last.upper < _start(span)):
            merged.append(Span(None if _start(span) == _LOWEST else span.lower, span.upper))
            continue
        upper = None if last.upper is None or span.upper is None else max(last.upper, span.upper)
        merged[-1] = Span(last.lower, upper)
    return tuple(merged)


def intersect(*sides: Iterable[Span]) -> tuple[Span, ...]:
    """Return the versions that are in a span of each side.

    Cost: that of sorting all spans, however many sides there are.
    """
    return complement(gap for side in sides for gap in complement(side))


def complement(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the versions that are in no span."""
    gaps: list[Span] = []
    lower: PyVersion | None = None
    for span in union(spans):
        gaps.append(Span(lower, _start(span)))
        if span.upper is None:
            return union(gaps)
        lower = span.upper
    return union((*gaps, Span(lower, None)))


def _has_versions(span: Span) -> bool:
    return not span.is_empty


def _start(span: Span) -> PyVersion:
    return span.lower or _LOWEST
