"""`data/names.toml` and `data/renames.toml` -> the curated facts about names that differ between PyPI and conda."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.tables import read_table

__all__ = ["CuratedNames", "NameRow", "PackageRow", "Rename", "curated_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRow:
    """A project and the conda package that a dependency on it needs."""

    pypi_name: PypiName
    conda_name: CondaName
    reason: str
    is_alias: bool = False
    """True where the package belongs to another project, which this one stands for."""
    is_split: bool = False
    """True where the project's own recipe keeps the project's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRow:
    """A conda package and the project that it belongs to."""

    conda_name: CondaName
    pypi_name: PypiName | None
    """None: it is no Python package."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A conda package that recipes must not depend on, and what they should depend on instead."""

    conda_name: CondaName
    replacement: CondaName | None
    """None drops the dependency."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CuratedNames:
    """The table, typed."""

    projects: tuple[NameRow, ...] = ()
    packages: tuple[PackageRow, ...] = ()
    renames: tuple[Rename, ...] = ()
    """For dependencies on Python packages."""
    library_renames: tuple[Rename, ...] = ()
    """For dependencies on everything else."""
    not_python: frozenset[CondaName] = frozenset()
    not_python_prefixes: tuple[str, ...] = ()
    not_python_suffixes: tuple[str, ...] = ()

    def looks_unlike_python(self, name: CondaName) -> bool:
        """Tell whether a package's name alone says that it is no Python package: `libfoo`, `r-foo`, `foo-devel`."""
        return name.startswith(self.not_python_prefixes) or name.endswith(self.not_python_suffixes)


@cache
def curated_names() -> CuratedNames:
    """Return the table that ships with conda-bridge."""
    raw, renames = read_table("names"), read_table("renames")
    same = tuple(
        NameRow(pypi_name=PypiName(name), conda_name=CondaName(name), reason="well known by this name")
        for name in raw["same"]["names"]
    )
    return CuratedNames(
        projects=same
        + tuple(
            NameRow(
                pypi_name=PypiName(project),
                conda_name=CondaName(package),
                reason=reason,
                is_alias=section == "alias",
                is_split=section == "split",
            )
            for section in ("pypi", "split", "alias")
            for project, (package, reason) in raw[section].items()
        ),
        packages=tuple(
            PackageRow(
                conda_name=CondaName(package), pypi_name=PypiName(project) if project else None, reason=reason
            )
            for package, (project, reason) in raw["conda"].items()
        ),
        renames=_renames(renames["python"]),
        library_renames=_renames(renames["library"]),
        not_python=frozenset(map(CondaName, raw["not_python"]["names"])),
        not_python_prefixes=tuple(raw["not_python"]["prefixes"]),
        not_python_suffixes=tuple(raw["not_python"]["suffixes"]),
    )


def _renames(rows: Mapping[str, Any]) -> tuple[Rename, ...]:
    return tuple(
        Rename(
            conda_name=CondaName(name),
            replacement=CondaName(replacement) if replacement else None,
            reason=reason,
        )
        for name, (replacement, reason) in rows.items()
    )
