"""Sightings of one library -> whether the recipe needs it, where, and why.

Measured over compiled packages and the recipes that reviewers merged: a library whose header a source includes
without condition, and that one other kind of evidence names, is linked in 9 of 10 cases; one whose headers are all
included under conditions, in 1 of 5; one that build files and instructions name but no source includes, hardly ever.
So headers decide, where sources can include them. What a build can't go on without needs no second witness.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conda_bridge.infer.libraries.crates import is_linking_crate
from conda_bridge.infer.libraries.sightings import FAMILIES, Family, Sighting
from conda_bridge.model.condition import ALWAYS, Condition, any_of, negate, os_in
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.libraries import LibraryRow

__all__ = ["INTERFACE", "Place", "Verdict", "condition_of", "judge"]

_EXACT = frozenset({"config-tool", "pkg-config", "crate"})
"""Kinds that name an installed library and nothing else."""
_WEAK = frozenset({"variable", "option", "switch", "fetch", "header-string"})
"""Kinds that name a library which the build may do without."""
_SUBSTITUTES = frozenset({"fetch", "switch"})
"""Kinds that name a library whose copy the build takes unless it is told otherwise."""
_VARIANT = frozenset({
    "cccl", "cub", "cublas", "cucollections", "cuda", "cudart", "cudnn", "cufft", "cufile", "cupti", "curand", "cusolver", "cusparse", "cusparselt",
    "cutensor", "mpi", "mpich", "nccl", "npp", "nvjpeg", "nvrtc", "nvshmem", "nvtx", "openmpi", "rmm", "rocm", "thrust",
})  # fmt: skip
"""Libraries of builds for graphics processors and clusters, which are variants of a package beside the one without."""
INTERFACE = "dep:virtual/interface/"
_CYTHON = re.compile(r"\.(?:pyx|pxd|pxi)(?:\.[a-z0-9]+)?$")
"""Templates of such files count, too."""
_MOST_ORIGINS = 4
_GUARDS = {
    "win": os_in({"win"}),
    "osx": os_in({"osx"}),
    "linux": os_in({"linux"}),
    "unix": os_in({"linux", "osx"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the source has, beside sightings, that matters for a library."""

    copy: str = ""
    """The path of a header in a copy of it that the source brings."""
    switch: str = ""
    """What makes the build use the system's library in place of the copy."""
    is_switch_passed: bool = False
    """True where the recipe can set the switch."""
    has_sources: bool = True
    """False where there are no sources that could include headers: Rust, Go, Fortran."""
    is_pure: bool = False
    """True where the package compiles nothing: a library that its modules open is then what it is made for."""
    is_in_wheels: bool = False
    """True where such a package's published wheels bring what the source doesn't build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a library."""

    is_required: bool
    is_exact: bool = False
    """True where the build can't go on without it."""
    section: Literal["build", "host", "run"] = "host"
    condition: Condition = ALWAYS
    certainty: Certainty = Certainty.DERIVED
    families: tuple[Family, ...] = ()
    origins: tuple[str, ...] = ()
    note: str = ""


def judge(sightings: tuple[Sighting, ...], place: Place) -> Verdict:
    """Return the verdict on one library, seen at least once."""
    families = _families(sightings)
    live = tuple(one for one in sightings if place.is_switch_passed or not one.is_off)
    required, note = _decide(live, _families(live), place) if live else (False, "")
    is_asked = any(one.family == "declared" and not _is_substitute(one) for one in live)
    if len(live) < len(sightings) and not is_asked:
        required, note = False, f"{_sentence(families)}, but only with an option that is off by default"
    elif live:
        sightings, families = live, _families(live)
    firm = [one for one in sightings if _is_firm(one) or (one.family == "include" and not one.is_optional)]
    section: Literal["build", "host", "run"] = "host"
    if sightings[0].row.role == "tool":
        section = "build"
    elif families in {("run",), ("docs", "run")}:
        section = "run"
    return Verdict(
        is_required=required,
        is_exact=required and any(map(_is_exact, sightings)),
        section=section,
        condition=condition_of(firm or [one for one in sightings if one.family != "docs"]),
        certainty=Certainty.DERIVED if len(families) > 1 or any(map(_is_firm, firm)) else Certainty.GUESSED,
        families=families,
        origins=_origins(sightings, families),
        note=note,
    )


def _families(sightings: Iterable[Sighting]) -> tuple[Family, ...]:
    present = {one.family for one in sightings}
    return tuple(family for family in FAMILIES if family in present)


def condition_of(sightings: Iterable[Sighting]) -> Condition:
    """Return where a library is needed: on every platform that one of the sightings speaks of."""
    found = [
        negate(_GUARDS[one.guard.removeprefix("!")]) if one.guard.startswith("!") else _GUARDS[one.guard]
        for one in sightings
        if one.guard
    ]
    return any_of(*found) if found and all(one.guard for one in sightings) else ALWAYS


def _decide(sightings: tuple[Sighting, ...], families: tuple[Family, ...], place: Place) -> tuple[bool, str]:
    said = _sentence(families)
    if sightings[0].row.key in _VARIANT:
        return False, f"{said}, but builds with it are variants of a package"
    if place.copy:
        return place.is_switch_passed, _about_copy(place)
    if any(map(_is_exact, sightings)):
        return True, f"the build files require it{_beside(set(families) - {'declared'})}"
    included = [one for one in sightings if one.family == "include" and not one.is_optional]
    is_alone = len(families) == 1
    if included and (not is_alone or _is_wide(included)):
        return True, said
    if families == ("docs", "run") or (place.is_pure and _is_opened_for_sure(sightings, place)):
        return True, said
    shows_headers = _has_headers(sightings[0].row, place)
    if "wheel" in families and not is_alone and ("include" in families or not shows_headers):
        return True, said
    if not shows_headers and _is_declared(sightings):
        return True, said
    if is_alone:
        return False, f"{said} alone"
    if "include" in families:
        return False, f"{said}, but only under conditions"
    return False, f"{said}, but nothing includes its headers"


def _about_copy(place: Place) -> str:
    brought = f"the source brings a copy of it ({place.copy})"
    if place.is_switch_passed:
        return f"{brought}, which a switch sets aside"
    return (
        f"{brought}; nothing passes {place.switch} on, which would set it aside" if place.switch else brought
    )


def _is_substitute(one: Sighting) -> bool:
    """Tell whether a library is named there though the build may do with a copy of it, or without it."""
    return one.kind in _SUBSTITUTES or one.path.endswith(".lock")


def _is_opened_for_sure(sightings: Iterable[Sighting], place: Place) -> bool:
    """Tell whether modules open a library, be it by one of several names that they try one after the other."""
    opened = [one for one in sightings if one.family == "run" and not one.guard]
    if opened and place.is_in_wheels:
        return True
    tried = [one.path for one in opened if one.is_optional]
    return len(tried) < len(opened) or len(tried) > len(set(tried))


def _is_wide(included: list[Sighting]) -> bool:
    """Tell whether several sources include it, or one in Cython, which is always compiled."""
    paths = {one.path for one in included}
    return len(paths) > 1 or any(map(_CYTHON.search, paths))


def _has_headers(row: LibraryRow, place: Place) -> bool:
    """Tell whether sources that use the library would show it: users of BLAS declare its functions themselves."""
    return place.has_sources and bool(row.of_kind("header")) and not row.id.startswith(INTERFACE)


def _is_exact(one: Sighting) -> bool:
    """Tell whether the build can't go on without what is named there; Python code may only try pkg-config."""
    is_tried = one.kind == "pkg-config" and one.path.endswith(".py")
    return one.kind in _EXACT and _is_firm(one) and not is_tried


def _is_declared(sightings: tuple[Sighting, ...]) -> bool:
    """Tell whether build files name a library for sure, or for an interface its implementation by default."""
    declared = [one for one in sightings if one.family == "declared" and _may_link(one)]
    is_told_to_install = any(one.family == "docs" for one in sightings)
    is_interface = sightings[0].row.id.startswith(INTERFACE)
    return any(_is_firm(one) or (is_interface and one.kind == "option") for one in declared) or (
        bool(declared) and is_told_to_install
    )


def _may_link(one: Sighting) -> bool:
    return one.kind != "crate" or is_linking_crate(one.name)


def _is_firm(one: Sighting) -> bool:
    return one.family == "declared" and not one.is_optional and one.kind not in _WEAK


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
