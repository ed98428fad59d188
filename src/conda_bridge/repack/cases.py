"""Requirements with conditions -> the cases in which a package's dependencies differ: each for some systems and pythons.

Every system with every python that the project admits falls into exactly one case. Pythons that are still to come fall
into the one that is open.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import (
    OPERATING_SYSTEMS,
    Condition,
    Target,
    evaluate,
)
from conda_bridge.model.python_versions import PyVersion, Span, intersect
from conda_bridge.repack.conditional import Conditional
from conda_bridge.repack.regions import bounds_of
from conda_bridge.translate.python_ranges import python_exclusions

__all__ = ["Case", "cases_of", "holds_in", "python_spec", "virtual_package"]

_VIRTUAL = {
    OPERATING_SYSTEMS: "",
    frozenset({"linux", "osx"}): "__unix",
    frozenset({"linux"}): "__linux",
    frozenset({"osx"}): "__osx",
    frozenset({"win"}): "__win",
}
"""Systems -> the virtual package that they alone have. Source: CEP 30."""
_LOWEST = PyVersion((0,))

Spans: TypeAlias = tuple[Span, ...]
Specs: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Where a package installs, and what it depends on there."""

    systems: frozenset[str]
    """Those of one virtual package, or all."""
    spans: Spans
    """Of python; the holes between them can be told in a match spec."""
    specs: Specs
    """Sorted."""


def cases_of(
    needed: Sequence[Conditional], domain: Spans, specs_of: Callable[[Sequence[Conditional]], Specs]
) -> tuple[Case, ...]:
    """Return the cases, the most general systems first, then by python.

    `domain` are the pythons that the project admits; `specs_of` says what requirements are in match specs.
    """
    pieces = _pieces(needed, domain)
    known: dict[tuple[Conditional, ...], Specs] = {}

    def specs(system: str, piece: Span) -> Specs:
        rows = tuple(row for row in needed if evaluate(row.condition, _target(system, piece)))
        if rows not in known:
            known[rows] = specs_of(rows)
        return known[rows]

    systems: dict[tuple[Spans, Specs], set[str]] = {}
    for system in sorted(OPERATING_SYSTEMS):
        for row in _merged((piece, specs(system, piece)) for piece in pieces):
            systems.setdefault(row, set()).add(system)
    found = [
        Case(systems=group, spans=spans, specs=row)
        for (spans, row), names in systems.items()
        for group in _groups(frozenset(names))
    ]
    return tuple(
        sorted(found, key=lambda case: (-len(case.systems), sorted(case.systems), _start(case.spans)))
    )


def holds_in(condition: Condition, case: Case) -> bool | None:
    """Tell whether a condition holds for all that a case is for; None where it holds for some of it."""
    answers = {
        evaluate(condition, _target(system, piece))
        for system in case.systems
        for piece in _cut(case.spans, bounds_of(condition))
    }
    return answers.pop() if len(answers) == 1 else None


def virtual_package(case: Case) -> str:
    """Return the virtual package that only the systems of a case have; empty where all have it."""
    return _VIRTUAL[case.systems]


def python_spec(spans: Spans) -> str:
    """Return the match spec on python that its versions in the spans meet."""
    lower, upper = spans[0].lower, spans[-1].upper
    clauses = [f">={_version(lower)}"] if lower else []
    clauses += [f"<{_version(upper)}"] if upper else []
    return f"python {','.join((*clauses, *python_exclusions(spans)))}".rstrip()


# ---------------------------------------------------------------- pythons


def _pieces(needed: Iterable[Conditional], domain: Spans) -> tuple[Span, ...]:
    """Cut the domain where a condition can change its mind."""
    return _cut(domain, {bound for row in needed for bound in bounds_of(row.condition)})


def _cut(spans: Spans, bounds: Iterable[PyVersion]) -> tuple[Span, ...]:
    cuts = sorted({*bounds} - {_LOWEST})
    parts = [Span(low, high) for low, high in zip((None, *cuts), (*cuts, None), strict=True)]
    return tuple(piece for part in parts for piece in intersect(spans, (part,)))


def _merged(rows: Iterable[tuple[Span, Specs]]) -> list[tuple[Spans, Specs]]:
    """Join those that depend on the same, as long as what lies between them can be excluded."""
    merged: list[tuple[Spans, Specs]] = []
    latest: dict[Specs, int] = {}
    for span, specs in rows:
        index = latest.get(specs)
        if index is None or not _is_told((merged[index][0][-1], span)):
            latest[specs] = len(merged)
            merged.append(((span,), specs))
        else:
            merged[index] = (_joined(merged[index][0], span), specs)
    return merged


def _joined(spans: Spans, span: Span) -> Spans:
    last = spans[-1]
    return (*spans[:-1], Span(last.lower, span.upper)) if last.upper == span.lower else (*spans, span)


def _is_told(spans: Spans) -> bool:
    try:
        python_exclusions(spans)
    except TranslationError:
        return False
    return True


def _target(system: str, piece: Span) -> Target:
    return Target(platform=f"{system}-64", python=piece.lower or _LOWEST)


def _start(spans: Spans) -> PyVersion:
    return spans[0].lower or _LOWEST


def _version(version: PyVersion) -> str:
    return ".".join(map(str, version.release))


# ---------------------------------------------------------------- systems


def _groups(systems: frozenset[str]) -> list[frozenset[str]]:
    """Return the systems in as few groups as virtual packages can tell."""
    return [systems] if systems in _VIRTUAL else [frozenset({system}) for system in sorted(systems)]
