"""Which overrides are meant for a project, and what they add to what it asks for."""

from collections.abc import Iterable
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conda_bridge.infer.overrides.telling import unused
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides, combined
from conda_bridge.model.project import Declared, Project

__all__ = ["chosen_extras", "extra_findings", "name_findings", "overrides_for", "renamed", "with_extras"]


def overrides_for(
    overrides: Iterable[PackageOverrides], pypi_name: PypiName, conda_names: Iterable[CondaName]
) -> PackageOverrides:
    """Return the overrides of a project under any of its names; those under its PyPI name win."""
    ranks: dict[str, int] = {canonicalize_name(name.lstrip("_")): 0 for name in conda_names}
    ranks[pypi_name] = 1
    meant = sorted((one for one in overrides if one.name in ranks), key=lambda one: ranks[one.name])
    found = combined(replace(one, name=pypi_name) for one in meant)
    return found[0] if found else NO_OVERRIDES


def chosen_extras(project: Project, overrides: PackageOverrides) -> tuple[Declared, ...]:
    """Return the chosen extras as requirements on the project itself, `demo[s3]`."""
    known = {extra.name for extra in project.extras}
    return tuple(
        Declared(requirement=Requirement(f"{project.pypi_name.value}[{item.text}]"), origin=item.origin)
        for item in overrides.extras or ()
        if item.text in known
    )


def extra_findings(project: Project, overrides: PackageOverrides) -> tuple[Diagnostic, ...]:
    """Return a finding on each chosen extra that the project doesn't have."""
    known = list(dict.fromkeys((*(extra.name for extra in project.extras), *_external_sets(project))))
    has = f"it has {', '.join(known)}" if known else "it has none"
    return tuple(
        unused(f"the project has no extra {item.text!r}; {has}", item.origin)
        for item in overrides.extras or ()
        if item.text not in known
    )


def _external_sets(project: Project) -> tuple[str, ...]:
    """Return the names of the optional sets of [external], which may have no Python requirements beside them."""
    table = project.external
    return (
        tuple(one.group for one in table.requirements if one.group and not one.is_development)
        if table
        else ()
    )


def with_extras(project: Project, overrides: PackageOverrides) -> Project:
    """Return the project as one that requires what its chosen extras need."""
    added = chosen_extras(project, overrides)
    return replace(project, dependencies=(*project.dependencies, *added)) if added else project


def renamed(hits: Iterable[NameHit], overrides: PackageOverrides) -> tuple[NameHit, ...]:
    """Return the mapped names with those that are mapped for this package only."""
    chosen = {setting.key: setting for setting in overrides.names}
    return tuple(
        _renamed(hit, chosen[hit.pypi_name].value) if hit.pypi_name in chosen else hit for hit in hits
    )


def name_findings(hits: Iterable[NameHit], overrides: PackageOverrides) -> tuple[Diagnostic, ...]:
    """Return a finding on each name that the package has no use for."""
    needed = {hit.pypi_name for hit in hits}
    return tuple(
        unused(f"nothing requires {setting.key}", setting.origin)
        for setting in overrides.names
        if setting.key not in needed
    )


def _renamed(hit: NameHit, chosen: str) -> NameHit:
    name = CondaName(chosen) if chosen else None
    others = tuple(other for other in hit.candidates if other != name)
    return NameHit(
        pypi_name=hit.pypi_name,
        chosen=name,
        candidates=(name, *others) if name else others,
        source="override",
        confidence="certain",
        reason="the user's choice for this package",
    )
