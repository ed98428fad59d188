"""The build backend and everything that its requirements mean for host and build.

Host requirements come from `[build-system] requires`, from the backend's own tables (hatchling's hooks), from
what setup.py imports and what headers are used where nothing is declared, and from the backend itself where nobody lists it. Programs that PyPI
wraps (cmake, ninja) belong in build.
"""

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.errors import MetadataError
from conda_bridge.infer.backend_settings import requirements_of_settings
from conda_bridge.infer.project.build_system import read_build_system
from conda_bridge.infer.project.toml_tables import read_pyproject
from conda_bridge.infer.pyproject import dig, strings, tool_table
from conda_bridge.infer.setup_imports import header_requirements, imported_requirements
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import BackendRow, PluginRow, ToolchainTable

__all__ = ["backend_row", "build_requirements", "host_requirements", "plugins_in_use", "version_plugin"]


def backend_row(project: Project, toolchains: ToolchainTable) -> BackendRow | None:
    """Return the table's row of the project's backend; None for one that nobody knows."""
    return toolchains.backend_of(project.build_system.backend)


def build_requirements(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[Declared, ...]:
    """Return what must be installed to run the backend, in order, without exact duplicates.

    Raises:
        MetadataError: `invalid-requirement` in a backend's own table.
    """
    found = [*project.build_system.requires, *_hatch_requirements(facts)]
    found += requirements_of_settings(facts, project, toolchains)
    found += imported_requirements(facts, project, toolchains)
    row = backend_row(project, toolchains)
    # A backend that builds itself is found in its own source.
    is_own = row is not None and row.requirement == project.pypi_name.value
    if row is not None and not is_own and all(declared.pypi_name != row.requirement for declared in found):
        origin = project.build_system.origin or "pyproject.toml"
        found.append(Declared(requirement=Requirement(row.requirement), origin=f"{origin}#/build-backend"))
    unique: dict[Requirement, Declared] = {}
    for declared in found:
        unique.setdefault(declared.requirement, declared)
    return tuple(unique.values())


def host_requirements(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[Declared, ...]:
    """Return what must be installed for a native build: the same, and projects whose headers are used.

    Raises:
        MetadataError: `invalid-requirement` in a backend's own table.
    """
    found = build_requirements(facts, project, toolchains)
    known = {declared.pypi_name for declared in found}
    headers = header_requirements(facts, project, toolchains)
    return (*found, *(one for one in headers if one.pypi_name not in known))


def plugins_in_use(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[tuple[PluginRow, Declared], ...]:
    """Return the build requirements that mean more than themselves, each with its row."""
    pairs = (
        (toolchains.plugin_of(declared.pypi_name), declared)
        for declared in build_requirements(facts, project, toolchains)
    )
    return tuple((row, declared) for row, declared in pairs if row is not None)


def version_plugin(facts: SourceFacts, toolchains: ToolchainTable) -> PypiName | None:
    """Return the build requirement that takes a checkout's version from its repository, if there is one.

    Raises:
        MetadataError: the build system is invalid.
    """
    if facts.has("PKG-INFO"):
        return None
    system, _ = read_build_system(read_pyproject(facts), facts)
    rows = (toolchains.plugin_of(declared.pypi_name) for declared in system.requires)
    return next((row.pypi_name for row in rows if row and (row.version_env or row.has_no_version_env)), None)


def _hatch_requirements(facts: SourceFacts) -> Iterator[Declared]:
    """Hatchling's hooks, targets and metadata hooks declare requirements of their own.

    Those of a build hook that has to be asked for (`enable-by-default = false`) aren't required.
    Source: hatch documentation, Build configuration, Dependencies and Build hooks.
    """
    build = tool_table(facts, "hatch", "build")
    places = [("build", build), ("build/targets/wheel", dig(build, "targets", "wheel"))]
    tables: list[tuple[str, object]] = [
        (f"{where}/dependencies", dig(table, "dependencies")) for where, table in places
    ]
    for where, table in (*places, ("metadata", tool_table(facts, "hatch", "metadata"))):
        hooks = dig(table, "hooks")
        for name, hook in hooks.items() if isinstance(hooks, dict) else ():
            if where == "metadata" or dig(hook, "enable-by-default") is not False:
                tables.append((f"{where}/hooks/{name}/dependencies", dig(hook, "dependencies")))
    for where, value in tables:
        yield from _parsed(where, value)


def _parsed(where: str, value: object) -> Iterator[Declared]:
    for index, text in enumerate(strings(value)):
        origin = f"pyproject.toml#/tool/hatch/{where}/{index}"
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise MetadataError(
                "invalid-requirement", f"{text[:200]!r} is not a valid requirement", where=origin
            ) from error
        yield Declared(requirement=requirement, origin=origin)
