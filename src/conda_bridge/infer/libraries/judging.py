"""Sightings of one library -> whether the recipe needs it, where, and why.

Evidence of one family is right once in six times, of two families three times in four (measured over compiled
packages and the recipes that reviewers merged), hence the rule that two must agree. The exceptions go by the kind of
evidence: what a build can't go on without is exact, and what it merely tries is half a family.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conda_bridge.infer.libraries.sightings import FAMILIES, Family, Sighting
from conda_bridge.model.condition import ALWAYS, Condition, any_of, negate, os_in
from conda_bridge.model.evidence import Certainty

__all__ = ["Verdict", "condition_of", "judge"]

_EXACT = frozenset({"config-tool", "pkg-config", "crate"})
"""Kinds that name an installed library and nothing else."""
_WEAK = frozenset({"variable", "option", "switch"})
"""Kinds that name a library which the build may do without."""
_MOST_ORIGINS = 4
_GUARDS = {
    "win": os_in({"win"}),
    "osx": os_in({"osx"}),
    "linux": os_in({"linux"}),
    "unix": os_in({"linux", "osx"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a library."""

    is_required: bool
    section: Literal["build", "host", "run"] = "host"
    condition: Condition = ALWAYS
    certainty: Certainty = Certainty.DERIVED
    families: tuple[Family, ...] = ()
    origins: tuple[str, ...] = ()
    note: str = ""


def judge(sightings: tuple[Sighting, ...], *, copy: str = "", has_switch: bool = False) -> Verdict:
    """Return the verdict on one library, seen at least once.

    `copy` is a header of it that the source brings; a switch makes the build use the system's all the same.
    """
    families = tuple(family for family in FAMILIES if any(one.family == family for one in sightings))
    strong = [one for one in sightings if one.family == "declared" and _is_firm(one)]
    section: Literal["build", "host", "run"] = "host"
    if sightings[0].row.role == "tool":
        section = "build"
    elif families in {("run",), ("docs", "run")}:
        section = "run"
    required, note = _decide(sightings, families, copy=copy, has_switch=has_switch)
    chosen = strong or [one for one in sightings if one.family in {"declared", "run"}]
    return Verdict(
        is_required=required,
        section=section,
        condition=condition_of(chosen),
        certainty=Certainty.DERIVED if len(families) > 1 or strong else Certainty.GUESSED,
        families=families,
        origins=_origins(sightings, families),
        note=note,
    )


def condition_of(sightings: Iterable[Sighting]) -> Condition:
    """Return where a library is needed: on every platform that one of the sightings speaks of."""
    found = [
        negate(_GUARDS[one.guard.removeprefix("!")]) if one.guard.startswith("!") else _GUARDS[one.guard]
        for one in sightings
        if one.guard
    ]
    return any_of(*found) if found and all(one.guard for one in sightings) else ALWAYS


def _decide(
    sightings: tuple[Sighting, ...], families: tuple[Family, ...], *, copy: str, has_switch: bool
) -> tuple[bool, str]:
    seen = set(families)
    if copy and not has_switch:
        return False, f"the source brings a copy of it ({copy})"
    if copy:
        return True, f"the source brings a copy of it ({copy}), which a switch sets aside"
    if any(one.kind in _EXACT and _is_firm(one) for one in sightings):
        return True, "the build files require it" + _beside(seen - {"declared"})
    firm = seen - {"declared"} | ({"declared"} if any(map(_is_declaring, sightings)) else set())
    if len(firm) > 1:
        return True, _sentence(families)
    return False, _sentence(families) + " alone" * (len(families) == 1)


def _is_firm(one: Sighting) -> bool:
    return one.family == "declared" and not one.is_optional and one.kind not in _WEAK


def _is_declaring(one: Sighting) -> bool:
    return one.family == "declared"


_NAMES: dict[Family, str] = {
    "declared": "build files name it",
    "include": "sources include its headers",
    "docs": "instructions install it",
    "wheel": "a published wheel links it",
    "run": "modules open it",
}


def _sentence(families: Iterable[Family]) -> str:
    *first, last = [_NAMES[family] for family in families]
    return f"{', '.join(first)} and {last}" if first else last


def _beside(families: set[Family]) -> str:
    named = [_NAMES[family] for family in FAMILIES if family in families]
    return "".join(f", {name}" for name in named)


def _origins(sightings: tuple[Sighting, ...], families: tuple[Family, ...]) -> tuple[str, ...]:
    """Return one origin a family first, then others, not too many to read."""
    firsts = [next(one.origin for one in sightings if one.family == family) for family in families]
    return tuple(dict.fromkeys([*firsts, *(one.origin for one in sightings)]))[:_MOST_ORIGINS]
