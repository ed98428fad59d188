"""Which names and which foreign metadata inference will ask for, so that they are resolved in one batch."""

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from conda_bridge.infer.backend import build_requirements, host_requirements
from conda_bridge.model.conversion import ExtraMetadata
from conda_bridge.model.names import PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import ToolchainTable

__all__ = ["needed_names", "wanted_extras"]


def needed_names(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable, extras: tuple[ExtraMetadata, ...] = ()
) -> frozenset[PypiName]:
    """Return every PyPI name that a recipe of this project may have to translate, its own included."""
    found = {project.pypi_name.value}
    found.update(declared.pypi_name for declared in _run_requirements(project))
    required = {declared.pypi_name for declared in host_requirements(facts, project, toolchains)}
    found.update(toolchains.abi_of(name) or name for name in required)
    found.update(declared.pypi_name for extra in extras for declared in extra.requirements)
    found.update(_external_names(project))
    return frozenset(found)


def _external_names(project: Project) -> Iterator[PypiName]:
    """Yield the projects that [external] names, as `dep:pypi/x`."""
    for one in project.external.requirements if project.external else ():
        if one.dep.kind == "pypi" and not one.is_development and is_valid_pypi_name(one.dep.name):
            yield pypi_name(one.dep.name)


def wanted_extras(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[tuple[Declared, str], ...]:
    """Return the (requirement, extra) pairs of `foo[bar]` requirements, whose own metadata says what they need.

    Extras that the conda package includes are left out, and so are those of build requirements that belong in
    no section.
    """
    own = project.pypi_name.value
    run = (one for one in _run_requirements(project) if one.pypi_name != own)
    declared = (*run, *build_requirements(facts, project, toolchains))
    return tuple(dict.fromkeys(pair for one in declared for pair in _extras_of(one, toolchains)))


def _run_requirements(project: Project) -> tuple[Declared, ...]:
    """Return the dependencies; where one of them is the project itself, what its extras need counts too."""
    if all(one.pypi_name != project.pypi_name.value for one in project.dependencies):
        return project.dependencies
    return (*project.dependencies, *(one for extra in project.extras for one in extra.requirements))


def _extras_of(declared: Declared, toolchains: ToolchainTable) -> Iterator[tuple[Declared, str]]:
    plugin = toolchains.plugin_of(declared.pypi_name)
    included = plugin.included_extras if plugin else ()
    for extra in sorted(declared.requirement.extras):
        if (name := canonicalize_name(extra)) not in included:
            yield declared, name
