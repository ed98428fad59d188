"""Requirements of one project of a source tree on another -> pins on the output that is built beside it.

What upstream leaves open, or fixes to the very version that is built, is pinned to that build, as is everything that
a build needs; a range stays as upstream wrote it. A package that is built once, for all platforms or all pythons, can't
be pinned to one of many builds.

Source: conda-build's documentation, `pin_subpackage`; conda-forge's recipes of several outputs.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.version import Version

from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.recipe import MatchSpec, Output, PinSpec, Requirement, Section

__all__ = ["Sibling", "pinned", "requiring_siblings", "sibling_hits"]

_PINNED: tuple[Section, ...] = ("host", "run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """A project that is built beside another."""

    pypi_name: PypiName
    conda_name: CondaName
    version: Version
    conda_version: str
    is_noarch: bool
    is_version_independent: bool
    origin: str
    """Where its version is said."""


def requiring_siblings(project: Project, names: Collection[PypiName]) -> Project:
    """Return the project without findings on requirements that name a sibling's folder: there it is built."""
    extras = (declared for extra in project.extras for declared in extra.requirements)
    places = {declared.origin for declared in (*project.dependencies, *extras) if declared.pypi_name in names}
    kept = (d for d in project.diagnostics if d.slug != "unsupported-requirement" or d.origin not in places)
    return replace(project, diagnostics=tuple(kept))


def sibling_hits(hits: Iterable[NameHit], siblings: Mapping[PypiName, CondaName]) -> Iterator[NameHit]:
    """Yield the mapped names; a sibling is called what its output is called, whatever the tables know."""
    for hit in hits:
        chosen = siblings.get(hit.pypi_name)
        if chosen is None:
            yield hit
            continue
        others = tuple(other for other in hit.candidates if other != chosen)
        yield replace(
            hit,
            chosen=chosen,
            own_name=None,
            candidates=(chosen, *others),
            source="workspace",
            confidence="certain",
            reason="a project of the same source",
            is_collision=False,
        )


@rule("workspace.pin")
def pinned(output: Output, project: Project, siblings: Iterable[Sibling]) -> Inferred[Output]:
    """Return the output with its requirements on siblings pinned."""
    known = {one.conda_name: one for one in siblings if one.conda_name != output.conda_name}
    evidence: list[Evidence] = []
    sections: dict[str, tuple[Requirement, ...]] = {}
    for section in _PINNED:
        found = []
        for requirement in output.requirements.section(section):
            spec = requirement.spec
            sibling = known.get(spec.conda_name) if isinstance(spec, MatchSpec) else None
            pin = _pin(requirement, sibling, output, section) if sibling else None
            if sibling and pin:
                where = address(output.conda_name, f"requirements.{section}", sibling.conda_name)
                note = "built beside it from the same source"
                evidence.append(because(where, Certainty.DERIVED, sibling.origin, note=note))
            found.append(pin or requirement)
        sections[section] = tuple(found)
    requirements = replace(output.requirements, **sections)
    return Inferred(
        value=replace(output, requirements=requirements),
        evidence=tuple(dict.fromkeys(evidence)),
        diagnostics=tuple(_unmet(output, project, known.values())),
    )


def _pin(requirement: Requirement, sibling: Sibling, output: Output, section: Section) -> Requirement | None:
    spec = requirement.spec
    assert isinstance(spec, MatchSpec)
    is_this_build = spec.version in {"", f"=={sibling.conda_version}"} or section == "host"
    if not is_this_build or not _is_built_as_often(sibling, output):
        return None
    pin = PinSpec(function="pin_subpackage", conda_name=sibling.conda_name, is_exact=True)
    return replace(requirement, spec=pin)


def _is_built_as_often(sibling: Sibling, output: Output) -> bool:
    """Tell whether each build of the output has one of the sibling: what is built once serves those of many builds."""
    if output.noarch:
        return sibling.is_noarch
    return sibling.is_noarch or sibling.is_version_independent or not output.is_version_independent


def _unmet(output: Output, project: Project, siblings: Iterable[Sibling]) -> Iterator[Diagnostic]:
    """Yield a finding on each requirement that the sibling built beside it doesn't meet."""
    by_name = {one.pypi_name: one for one in siblings}
    declared: tuple[Declared, ...] = (*project.dependencies, *project.build_system.requires)
    for one in declared:
        sibling = by_name.get(one.pypi_name)
        specifier = one.requirement.specifier
        if sibling and not specifier.contains(sibling.version, prereleases=True):
            message = f"{output.conda_name} requires {sibling.conda_name} {specifier}, and {sibling.version} is built here"
            yield finding("sibling-unmet", message, origin=one.origin)
