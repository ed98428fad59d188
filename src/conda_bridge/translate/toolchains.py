"""`data/toolchains.toml` -> typed rows of build backends, plugins and wrapped tools."""

from functools import cache
from typing import Any

from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.tables import read_table
from conda_bridge.model.toolchain import BackendRow, BuildTool, PluginRow, ToolchainTable

__all__ = ["toolchain_table"]


@cache
def toolchain_table() -> ToolchainTable:
    """Return the table that ships with conda-bridge."""
    raw = read_table("toolchains")
    return ToolchainTable(
        backends=tuple(_backend(key, row) for key, row in raw["backend"].items()),
        plugins=tuple(_plugin(key, row) for key, row in raw["plugin"].items()),
        tools=tuple(
            BuildTool(pypi_name=PypiName(project), conda_name=CondaName(package))
            for project, package in raw["tool"].items()
        ),
        abi=tuple((PypiName(project), PypiName(target)) for project, target in raw["abi"].items()),
    )


def _backend(key: str, row: dict[str, Any]) -> BackendRow:
    return BackendRow(
        key=key,
        modules=tuple(row["modules"]),
        requirement=PypiName(row["requirement"]),
        nature=row["nature"],
        compilers=tuple(row.get("compilers", ())),
        build=tuple(map(CondaName, row.get("build", ()))),
        is_known_to_linter=row.get("linter", True),
        runs_in_cross_build=row.get("cross", False),
    )


def _plugin(key: str, row: dict[str, Any]) -> PluginRow:
    return PluginRow(
        pypi_name=PypiName(key),
        version_env=row.get("version_env", ""),
        has_no_version_env=row.get("version_unset", False),
        nature=row.get("nature", "pure"),
        included_extras=tuple(row.get("extras", ())),
        always_native=row.get("always", False),
        runs_in_cross_build=row.get("cross", False),
        compilers=tuple(row.get("compilers", ())),
        build=tuple(map(CondaName, row.get("build", ()))),
    )
