"""Which names and which foreign metadata inference will ask for, so that they are resolved in one batch."""

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from conda_bridge.infer.backend import build_requirements
from conda_bridge.model.conversion import ExtraMetadata
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import ToolchainTable

__all__ = ["needed_names", "wanted_extras"]


def needed_names(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable, extras: tuple[ExtraMetadata, ...] = ()
) -> frozenset[PypiName]:
    """Return every PyPI name that a recipe of this project may have to translate, its own included."""
    found = {project.pypi_name.value}
    found.update(declared.pypi_name for declared in project.dependencies)
    required = {declared.pypi_name for declared in build_requirements(facts, project, toolchains)}
    found.update(toolchains.abi_of(name) or name for name in required)
    found.update(declared.pypi_name for extra in extras for declared in extra.requirements)
    return frozenset(found)


def wanted_extras(project: Project) -> tuple[tuple[Declared, str], ...]:
    """Return the (requirement, extra) pairs of `foo[bar]` dependencies, whose own metadata says what they need.

    Extras of the project itself (`demo[all]` in demo's own extras) are resolved from its own metadata.
    """
    return tuple(_extras_of(project))


def _extras_of(project: Project) -> Iterator[tuple[Declared, str]]:
    for declared in project.dependencies:
        for extra in sorted(declared.requirement.extras):
            yield declared, canonicalize_name(extra)
