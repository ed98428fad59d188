"""`data/toolchains.toml` -> typed rows of build backends, plugins, wrapped tools, languages and programs."""

from functools import cache
from typing import Any

from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.tables import read_table
from conda_bridge.model.toolchain import (
    BackendRow,
    BuildTool,
    CrateRow,
    LanguageRow,
    PluginRow,
    ProgramRow,
    RuntimeRow,
    SettingRow,
    ToolchainTable,
)

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
        imports=tuple((module, PypiName(project)) for module, project in raw["import"].items()),
        languages=tuple(_language(key, row) for key, row in raw["language"].items()),
        crates=tuple(
            CrateRow(
                key=key,
                feature=row.get("feature", ""),
                build=tuple(map(CondaName, row.get("build", ()))),
                compilers=tuple(row.get("compilers", ())),
            )
            for key, row in raw["crate"].items()
        ),
        programs=tuple(
            ProgramRow(
                conda_name=CondaName(key),
                is_hook_program=row.get("hook", False),
                is_unix_only=row.get("unix", False),
            )
            for key, row in raw["program"].items()
        ),
        runtimes=tuple(_runtime(key, row) for key, row in raw["runtime"].items()),
        settings=tuple(_setting(key, row) for key, row in raw["setting"].items()),
    )


def _backend(key: str, row: dict[str, Any]) -> BackendRow:
    return BackendRow(
        key=key,
        modules=tuple(row["modules"]),
        requirement=PypiName(row["requirement"]),
        nature=row["nature"],
        compilers=tuple(row.get("compilers", ())),
        build=tuple(map(CondaName, row.get("build", ()))),
        build_file=row.get("file", ""),
        is_known_to_linter=row.get("linter", True),
        runs_in_cross_build=row.get("cross", False),
        runs_setup_py=row.get("setup_py", False),
    )


def _plugin(key: str, row: dict[str, Any]) -> PluginRow:
    return PluginRow(
        pypi_name=PypiName(key),
        version_env=row.get("version_env", ""),
        has_no_version_env=row.get("version_unset", False),
        nature=row.get("nature", "pure"),
        skip_env=row.get("skip_env", ""),
        included_extras=tuple(row.get("extras", ())),
        always_native=row.get("always", False),
        runs_in_cross_build=row.get("cross", False),
        compilers=tuple(row.get("compilers", ())),
        build=tuple(map(CondaName, row.get("build", ()))),
        build_file=row.get("file", ""),
    )


def _language(key: str, row: dict[str, Any]) -> LanguageRow:
    return LanguageRow(
        key=key,
        suffixes=tuple(row["suffixes"]),
        compiler=row.get("compiler", ""),
        companions=tuple(row.get("with", ())),
    )


def _runtime(key: str, row: dict[str, Any]) -> RuntimeRow:
    systems = ("linux", "osx", "win")
    kinds = ("cmake-package", "pkg-config", "include")
    return RuntimeRow(
        key=key,
        packages=tuple((system, CondaName(row[system])) for system in systems if system in row),
        tokens=tuple((kind, tuple(row[kind])) for kind in kinds if kind in row),
        words=tuple(row.get("words", ())),
    )


def _setting(key: str, row: dict[str, Any]) -> SettingRow:
    return SettingRow(
        key=key,
        backends=tuple(row["backends"]),
        path=tuple(row["path"]),
        values=tuple(row.get("values", ())),
        requires=tuple(row.get("requires", ())),
    )
