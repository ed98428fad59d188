"""Requirements with conditions -> the cases in which a package's dependencies differ: each for some systems and pythons.

Every system with every python that the project admits falls into exactly one case. Pythons that are still to come fall
into the one that is open.

Source: PEP 508, environment markers; core metadata, Requires-Python; CEP 30, virtual packages (`__unix`, `__win`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import (
    OPERATING_SYSTEMS,
    Condition,
    Target,
    evaluate,
)
from conda_bridge.model.python_versions import PyVersion, Span, intersect
from conda_bridge.repack.to_conda.conditional import Conditional
from conda_bridge.repack.to_conda.regions import bounds_of
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
_PRERELEASES = "a0"
"""Behind a version: from where on, or up to where, its pre-releases count with it. Source: CEP 33, version order."""

Spans: TypeAlias = tuple[Span, ...]
Specs: TypeAlias = tuple[str, ...]
_Said: TypeAlias = tuple[Specs, tuple[Specs, ...]]
"""What is needed, and what each group adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Where a package installs, and what it depends on there."""

    systems: frozenset[str]
    """Those of one virtual package, or all."""
    spans: Spans
    """Of python; the holes between them can be told in a match spec."""
    specs: Specs
    """Sorted."""
    groups: tuple[Specs, ...] = ()
    """What each group adds to them; empty where no groups were asked for."""


class SpecsOf(Protocol):
    """Says what requirements are in match specs, sorted."""

    def __call__(self, rows: Sequence[Conditional], *, is_optional: bool = False) -> Specs: ...


def cases_of(
    needed: Sequence[Conditional],
    domain: Spans,
    specs_of: SpecsOf,
    *,
    groups: Sequence[Sequence[Conditional]] = (),
) -> tuple[Case, ...]:
    """Return the cases, the most general systems first, then by python.

    `domain` are the pythons that the project admits. What `groups` add, if somebody asks for them, differs between
    cases, too.
    """
    pieces = _pieces((*needed, *(row for rows in groups for row in rows)), domain)
    choice = _Choice(needed, groups, specs_of)
    systems: dict[tuple[Spans, _Said], set[str]] = {}
    for system in sorted(OPERATING_SYSTEMS):
        for row in _merged((piece, choice.said(_target(system, piece))) for piece in pieces):
            systems.setdefault(row, set()).add(system)
    found = [
        Case(systems=group, spans=spans, specs=said[0], groups=said[1])
        for (spans, said), names in systems.items()
        for group in _groups(frozenset(names))
    ]
    return tuple(
        sorted(found, key=lambda case: (-len(case.systems), sorted(case.systems), _start(case.spans)))
    )


class _Choice:
    """Chooses what is needed for one target; each condition is asked once, however many have it."""

    def __init__(
        self, needed: Sequence[Conditional], groups: Sequence[Sequence[Conditional]], specs_of: SpecsOf
    ) -> None:
        self._parts = (needed, *groups)
        self._specs_of = specs_of
        self._conditions: dict[Condition, int] = {}
        self._numbers = [
            [self._conditions.setdefault(row.condition, len(self._conditions)) for row in part]
            for part in self._parts
        ]
        self._known: dict[tuple[int, bytes], Specs] = {}

    def said(self, target: Target) -> _Said:
        answers = bytes(evaluate(condition, target) for condition in self._conditions)
        base, *others = (self._specs(index, answers) for index in range(len(self._parts)))
        present = set(base)
        return base, tuple(tuple(spec for spec in specs if spec not in present) for specs in others)

    def _specs(self, index: int, answers: bytes) -> Specs:
        chosen = bytes(answers[number] for number in self._numbers[index])
        if (index, chosen) not in self._known:
            rows = [row for row, holds in zip(self._parts[index], chosen, strict=True) if holds]
            self._known[index, chosen] = self._specs_of(rows, is_optional=index > 0)
        return self._known[index, chosen]


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


def python_spec(spans: Spans, *, within: Spans) -> str:
    """Return the match spec on python that its versions in the spans meet, out of those that the project admits.

    Pre-releases are on the side of their release, as `python_version` has it, so that one case has them and no other;
    where the project's own pythons begin they are out, as Requires-Python has it.
    """
    lower, upper = spans[0].lower, spans[-1].upper
    is_cut = lower != within[0].lower
    clauses = [f">={_version(lower)}{_PRERELEASES if is_cut else ''}"] if lower else []
    clauses += [f"<{_version(upper)}{_PRERELEASES}"] if upper else []
    return f"python {','.join((*clauses, *python_exclusions(spans)))}".rstrip()


# ---------------------------------------------------------------- pythons


def _pieces(needed: Iterable[Conditional], domain: Spans) -> tuple[Span, ...]:
    """Cut the domain where a condition can change its mind."""
    return _cut(domain, {bound for row in needed for bound in bounds_of(row.condition)})


def _cut(spans: Spans, bounds: Iterable[PyVersion]) -> tuple[Span, ...]:
    cuts = sorted({*bounds} - {_LOWEST})
    parts = [Span(low, high) for low, high in zip((None, *cuts), (*cuts, None), strict=True)]
    return tuple(piece for part in parts for piece in intersect(spans, (part,)))


def _merged(rows: Iterable[tuple[Span, _Said]]) -> list[tuple[Spans, _Said]]:
    """Join those that depend on the same, as long as what lies between them can be excluded."""
    merged: list[tuple[Spans, _Said]] = []
    latest: dict[_Said, int] = {}
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
