"""What a recipe needs beside Python projects: packages that `[external]` declares or the source tree shows.

A *contribution* is one line of a section with its reason; the rules that find some hand them to the sections.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet

from conda_bridge.infer.needed import Need
from conda_bridge.infer.rules import because
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, any_of
from conda_bridge.model.evidence import Certainty, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    CompilerSpec,
    MatchSpec,
    Requirement,
    Section,
    Spec,
    StdlibSpec,
    spec_key,
)

__all__ = ["Contribution", "needs_of", "settled", "with_contributions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One line of a section, found by a rule of its own."""

    section: Section
    spec: Spec
    condition: Condition = ALWAYS
    certainty: Certainty
    origins: tuple[str, ...]
    note: str = ""
    rule: str
    """Of the rule that found it."""


def needs_of(contributions: Iterable[Contribution]) -> tuple[Need, ...]:
    """Return what is contributed to host and run as far as it tells where a package can be, and whether it is noarch."""
    return tuple(
        Need(
            conda_name=one.spec.conda_name,
            specifiers=SpecifierSet(),
            condition=one.condition,
            origins=one.origins,
            certainty=one.certainty,
        )
        for one in contributions
        if one.section in {"host", "run"} and isinstance(one.spec, MatchSpec)
    )


def settled(contributions: Iterable[Contribution], *, is_noarch: bool) -> Inferred[tuple[Contribution, ...]]:
    """Return the contributions as a package of this kind can have them.

    A noarch package has no compilers under conditions, and its requirements are the same everywhere.
    """
    every = tuple(contributions)
    if not is_noarch:
        return Inferred(value=every)
    kept = tuple(one for one in every if not isinstance(one.spec, CompilerSpec | StdlibSpec))
    widened = tuple(one for one in kept if one.condition != ALWAYS)
    found = tuple(
        finding(
            "marker-widened",
            f"{spec_key(one.spec)} is needed on some targets only; a noarch package requires it everywhere",
            origin=one.origins[0] if one.origins else "",
        )
        for one in widened
    )
    return Inferred(value=tuple(replace(one, condition=ALWAYS) for one in kept), diagnostics=found)


def with_contributions(
    section: Inferred[tuple[Requirement, ...]],
    contributions: Iterable[Contribution],
    place: tuple[CondaName, Section],
) -> Inferred[tuple[Requirement, ...]]:
    """Return the section with the contributions that are for it.

    A package that the section has anyway keeps its line where that holds, and gains bounds that it lacks; the
    contribution's reason stands beside the other one.
    """
    output, name = place
    lines = _Lines(section.value)
    evidence = []
    for one in contributions:
        if one.section == name:
            where = address(output, f"requirements.{name}", spec_key(one.spec))
            evidence.append(because(where, one.certainty, *one.origins, note=one.note, rule=one.rule))
            lines.add(one.spec, one.condition)
    return section.map(lambda _: tuple(lines.value)).adding(evidence=evidence)


class _Lines:
    """A section while lines are added to it."""

    def __init__(self, lines: Iterable[Requirement]) -> None:
        self.value = list(lines)
        self._places: dict[str, list[int]] = {}
        for number, line in enumerate(self.value):
            self._places.setdefault(spec_key(line.spec), []).append(number)

    def add(self, spec: Spec, condition: Condition) -> None:
        """Add a line, or what it says beyond those that the package has."""
        places = self._places.setdefault(spec_key(spec), [])
        for number in places:
            line = self.value[number]
            if line.condition == condition:
                self.value[number] = replace(line, spec=_joined(line.spec, spec))
            elif line.spec == spec:
                self.value[number] = replace(line, condition=any_of(line.condition, condition))
            elif line.condition != ALWAYS or _joined(line.spec, spec) != line.spec:
                continue
            return
        places.append(len(self.value))
        self.value.append(Requirement(spec=spec, condition=condition))


def _joined(one: Spec, other: Spec) -> Spec:
    """Return a package with the bounds of both; what can't be joined stays as it is."""
    if (
        not isinstance(one, MatchSpec)
        or not isinstance(other, MatchSpec)
        or "|" in one.version + other.version
    ):
        return one
    clauses = dict.fromkeys(filter(None, (*one.version.split(","), *other.version.split(","))))
    return replace(one, version=",".join(clauses), build=one.build or other.build)
