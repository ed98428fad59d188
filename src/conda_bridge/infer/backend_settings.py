"""A backend's settings in pyproject.toml -> the build requirements that the backend adds because of them.

`get_requires_for_build_wheel` of some backends answers what `[build-system] requires` leaves out; most of them read it
from their own tables, so that nothing has to be run to know it.

Source: PEP 517; the backends' own code, as `data/toolchains.toml` says row by row.
"""

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.errors import MetadataError
from conda_bridge.infer.pyproject import strings, tool_table
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import SettingRow, ToolchainTable

__all__ = ["requirements_of_settings"]

_ANY = "*"


def requirements_of_settings(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> Iterator[Declared]:
    """Yield what the project's backend adds, unless the project requires it already.

    Raises:
        MetadataError: `invalid-requirement` in a setting that lists requirements.
    """
    row = toolchains.backend_of(project.build_system.backend)
    required = {declared.pypi_name for declared in project.build_system.requires}
    for setting in toolchains.settings:
        if row is None or row.key not in setting.backends:
            continue
        for place, value in _values(tool_table(facts), setting.path, ()):
            origin = f"pyproject.toml#/tool/{'/'.join(place)}"
            for declared in _added(setting, value, origin):
                if declared.pypi_name not in required:
                    yield declared


def _values(
    table: object, path: tuple[str, ...], place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield what stands at a path, with its place; `*` is every key of a table and every member of a list."""
    if not path:
        yield place, table
        return
    key, *rest = path
    members: Iterator[tuple[str, object]] = iter(())
    if isinstance(table, dict):
        members = iter(table.items())
    elif isinstance(table, list):
        members = ((str(index), one) for index, one in enumerate(table))
    for name, member in members:
        if key in (_ANY, name):
            yield from _values(member, tuple(rest), (*place, name))


def _added(setting: SettingRow, value: object, origin: str) -> Iterator[Declared]:
    if not setting.lists_requirements:
        if value in setting.values:
            yield from (Declared(requirement=Requirement(text), origin=origin) for text in setting.requires)
        return
    for index, text in enumerate(strings(value)):
        if "{" in text:
            # A template for a path in the source: no package has it.
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            message = f"{text[:200]!r} is not a valid requirement"
            raise MetadataError("invalid-requirement", message, where=f"{origin}/{index}") from error
        yield Declared(requirement=requirement, origin=f"{origin}/{index}")
