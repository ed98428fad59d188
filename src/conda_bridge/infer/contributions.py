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
    """Return what is contributed to run as far as it tells whether a package can be noarch."""
    return tuple(
        Need(
            conda_name=one.spec.conda_name,
            specifiers=SpecifierSet(),
            condition=one.condition,
            origins=one.origins,
            certainty=one.certainty,
        )
        for one in contributions
        if one.section == "run" and isinstance(one.spec, MatchSpec)
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

    A package that the section has anyway keeps its line; the contribution's reason stands beside the other one.
    """
    output, name = place
    own = {spec_key(requirement.spec) for requirement in section.value}
    added: dict[Spec, Condition] = {}
    evidence = []
    for one in contributions:
        if one.section != name:
            continue
        key = spec_key(one.spec)
        where = address(output, f"requirements.{name}", key)
        evidence.append(because(where, one.certainty, *one.origins, note=one.note, rule=one.rule))
        if key not in own:
            added[one.spec] = any_of(added[one.spec], one.condition) if one.spec in added else one.condition
    lines = tuple(Requirement(spec=spec, condition=condition) for spec, condition in added.items())
    return section.map(lambda value: (*value, *lines)).adding(evidence=evidence)
