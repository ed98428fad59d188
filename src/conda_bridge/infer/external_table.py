"""A conversion -> the table [external] that its project should declare.

What the project declares already stands there in today's spelling; compilers, programs and libraries that the recipe
has follow under the ids that mappings know them by. What only one kind of evidence speaks for is told as uncertain.

Source: PEP 725.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import CROSS, NEVER, Condition, all_of, negate
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty, Evidence, address
from conda_bridge.model.external import ExternalMapping, ExternalRequirement, ExternalSection
from conda_bridge.model.libraries import OWN, FoundLibrary
from conda_bridge.model.recipe import CompilerSpec, MatchSpec, Output, Requirement, Spec, spec_key
from conda_bridge.translate.external import id_of_package
from conda_bridge.translate.markers import from_condition

__all__ = ["ProposedDependency", "propose_external"]

_KEYS: dict[ExternalSection, str] = {
    "build": "build-requires", "host": "host-requires", "run": "dependencies",
}  # fmt: skip
_SETS: dict[ExternalSection, str] = {
    "build": "optional-build-requires", "host": "optional-host-requires", "run": "optional-dependencies",
}  # fmt: skip
_LANGUAGES = {"go-cgo": "go", "go-nocgo": "go"}
"""Compilers that are called otherwise in DepURLs."""
_OF_RECIPES = frozenset({"python", "pip", "cargo-bundle-licenses", "go-licenses", "meson"})
"""What recipes need and projects don't; Meson comes from PyPI with meson-python."""
_MOST_CHARACTERS = 80
_INTERFACE = "dep:virtual/interface/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedDependency:
    """One entry of the table."""

    key: str
    """`host-requires`; of an optional set `optional-host-requires`, of a development group `dependency-groups`."""
    group: str = ""
    """The optional set or group."""
    depurl: str
    """As it is to be written, with version and marker."""
    id: str
    is_certain: bool = True
    """False where only one kind of evidence speaks for it; a person should decide."""
    is_declared: bool = False
    """True where the project declares it already."""
    reason: str = ""
    origins: tuple[str, ...] = ()


def propose_external(conversion: Conversion, mapping: ExternalMapping) -> tuple[ProposedDependency, ...]:
    """Return the entries of the table, those of each key in the order in which they are to be written."""
    found: dict[tuple[str, str, str], ProposedDependency] = {}
    every = (
        *_declared(conversion),
        *_built_with(conversion, mapping),
        *_libraries(conversion),
        *_other_lines(conversion, mapping),
    )
    certain = {(one.key, mapping.canonical(one.id)) for one in every if one.is_certain and not one.group}
    for one in every:
        is_known = not one.is_certain and (one.key, mapping.canonical(one.id)) in certain
        if not is_known:
            what = one.depurl if one.is_declared else mapping.canonical(one.id)
            found.setdefault((one.key, one.group, what), one)
    declared = {(one.key, mapping.canonical(one.id)) for one in every if one.is_declared and not one.group}
    return tuple(
        one
        for one in found.values()
        if one.is_declared or (one.key, mapping.canonical(one.id)) not in declared
    )


# ---------------------------------------------------------------- what the project says


def _declared(conversion: Conversion) -> Iterator[ProposedDependency]:
    table = conversion.project.external
    for one in table.requirements if table else ():
        yield ProposedDependency(
            key=_key_of(one),
            group=one.group,
            depurl=f"{one.dep}; {one.marker}" if one.marker else str(one.dep),
            id=one.dep.id,
            is_declared=True,
            reason="declared",
            origins=(one.origin,),
        )


def _key_of(requirement: ExternalRequirement) -> str:
    if requirement.is_development:
        return "dependency-groups"
    return (_SETS if requirement.group else _KEYS)[requirement.section]


# ---------------------------------------------------------------- what the recipe has


def _built_with(conversion: Conversion, mapping: ExternalMapping) -> Iterator[ProposedDependency]:
    """Yield compilers, and programs that the project doesn't require as Python projects."""
    for output in conversion.recipe.outputs:
        for line in output.requirements.build:
            evidence = _evidence(conversion, output, "build", line.spec)
            dep_id = _id_of_tool(line.spec, mapping)
            is_for_cross_builds = all_of(line.condition, negate(CROSS)) == NEVER
            if not dep_id or is_for_cross_builds or any(_is_python_requirement(one) for one in evidence):
                continue
            yield _entry("build", dep_id, line.condition, evidence)


def _id_of_tool(spec: Spec, mapping: ExternalMapping) -> str:
    match spec:
        case CompilerSpec(language=language):
            return f"dep:virtual/compiler/{_LANGUAGES.get(language, language)}"
        case MatchSpec(conda_name=name) if name not in _OF_RECIPES:
            return id_of_package(name, "build", mapping) or id_of_package(name, "host", mapping)
        case _:
            return ""


def _is_python_requirement(evidence: Evidence) -> bool:
    """Tell whether a program is there because `[build-system] requires` names the project that wraps it."""
    return evidence.certainty is Certainty.DECLARED and any(
        origin.startswith("pyproject.toml#/build-system") for origin in evidence.origins
    )


def _libraries(conversion: Conversion) -> Iterator[ProposedDependency]:
    for one in conversion.libraries:
        if one.note == OWN:
            continue
        marker = _marker(one.condition)
        yield ProposedDependency(
            key=_KEYS[one.section],
            depurl=f"{one.id}{marker}",
            id=one.id,
            is_certain=one.is_required,
            reason=_reason(one),
            origins=one.origins,
        )


def _reason(library: FoundLibrary) -> str:
    """Return one short clause; where each file lies, the origins tell."""
    text = re.sub(r" \([^()]*\)", "", library.note) or " and ".join(library.families)
    return shorten(text, _MOST_CHARACTERS, placeholder=" ...")


def _other_lines(conversion: Conversion, mapping: ExternalMapping) -> Iterator[ProposedDependency]:
    """Yield what else host and run have that mappings know: what the user added, and what other rules did."""
    known = {library.id for library in conversion.libraries}
    sections: tuple[ExternalSection, ...] = ("host", "run")
    for output in conversion.recipe.outputs:
        for section in sections:
            for line in output.requirements.section(section):
                dep_id = _id_of_line(conversion, line, section, mapping)
                if dep_id and dep_id not in known:
                    evidence = _evidence(conversion, output, section, line.spec)
                    yield _entry(section, dep_id, line.condition, evidence)


def _id_of_line(
    conversion: Conversion, line: Requirement, section: ExternalSection, mapping: ExternalMapping
) -> str:
    if not isinstance(line.spec, MatchSpec):
        return ""
    name = line.spec.conda_name
    projects = {hit.chosen for hit in conversion.names}
    return "" if name in projects or name in _OF_RECIPES else id_of_package(name, section, mapping)


def _entry(
    section: ExternalSection, dep_id: str, condition: Condition, evidence: tuple[Evidence, ...]
) -> ProposedDependency:
    reasons = dict.fromkeys(one.note for one in evidence if one.note and one.note != dep_id)
    # An interface is needed everywhere, whatever provides it here or there.
    marker = "" if dep_id.startswith(_INTERFACE) else _marker(condition)
    return ProposedDependency(
        key=_KEYS[section],
        depurl=f"{dep_id}{marker}",
        id=dep_id,
        reason="; ".join(reasons),
        origins=tuple(dict.fromkeys(origin for one in evidence for origin in one.origins)),
    )


def _evidence(
    conversion: Conversion, output: Output, section: ExternalSection, spec: Spec
) -> tuple[Evidence, ...]:
    where = address(output.conda_name, f"requirements.{section}", spec_key(spec))
    return tuple(one for one in conversion.evidence if one.address == where)


def _marker(condition: Condition) -> str:
    """Return a condition behind a semicolon; nothing for one that no marker says, so that it is required everywhere."""
    try:
        marker = from_condition(condition)
    except TranslationError:
        return ""
    return f"; {marker}" if marker is not None else ""
