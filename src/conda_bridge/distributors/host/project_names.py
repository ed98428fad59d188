"""A conda package that is asked for -> the PyPI project whose wheel it can be made of, if there is one at all.

Anybody may register a project under the name of a C library or a program, so a project is only taken where a table
knows the package as that project's, or where no table knows the name as anything else.
"""

from collections.abc import Iterable
from functools import cache
from threading import Lock

from packaging.version import Version

from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.model.tables import read_table
from conda_bridge.protocols import NameSource
from conda_bridge.translate.external import external_mapping
from conda_bridge.translate.libraries import library_of, library_table
from conda_bridge.translate.name_lexicon import own_name
from conda_bridge.translate.name_table import curated_names

__all__ = ["ProjectNames", "backend_names", "base_names", "export_floor", "is_tool"]


class ProjectNames:
    """The name tables as this distributor uses them. Thread-safe."""

    def __init__(self, names: NameSource) -> None:
        self._names = names
        self._hits: dict[PypiName, NameHit] = {}
        self._projects: dict[CondaName, tuple[PypiName, ...]] = {}
        self._lock = Lock()

    def projects(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the projects that a package may be made of, best first; empty: it is no Python package."""
        with self._lock:
            if name not in self._projects:
                self._projects[name] = self._find(name)
            return self._projects[name]

    def namesake(self, name: CondaName) -> PypiName | None:
        """Return the project of a package's name that is only passed over because such names are mostly libraries'.

        It isn't looked for: whoever registered it may have reckoned with that. None: a table knows the name.
        """
        is_known = name in curated_names().not_python or name in _never_python() or _is_library(name)
        return own_name(name) if curated_names().looks_unlike_python(name) and not is_known else None

    def package(self, name: PypiName) -> CondaName | None:
        """Return what a project's package is called; None: dependencies on it are dropped."""
        return self.table([name]).get(name).chosen

    def table(self, names: Iterable[PypiName]) -> NameTable:
        """Return the hits of projects, asked for in one go where they aren't known yet."""
        asked = tuple(dict.fromkeys(names))
        with self._lock:
            self._ask([name for name in asked if name not in self._hits])
            return NameTable(hits=tuple(self._tool_hit(self._hits[name]) for name in asked))

    def _ask(self, names: list[PypiName]) -> None:
        if names:
            self._hits.update((hit.pypi_name, hit) for hit in self._names.to_conda(names))

    def _tool_hit(self, hit: NameHit) -> NameHit:
        """Let the wheel of a program be called as the program's package is, whatever dependencies on it become."""
        tool = _tools_by_project().get(hit.pypi_name)
        if tool is None or hit.chosen == tool:
            return hit
        return NameHit(
            pypi_name=hit.pypi_name, chosen=tool, candidates=(tool,), source="curated", confidence="high"
        )

    def _find(self, name: CondaName) -> tuple[PypiName, ...]:
        tool = _tools().get(name)
        if tool is not None:
            return (tool,)
        if name in _never_python():
            return ()
        projects = self._names.to_pypi(name) or self._respelled(name)
        self._ask([project for project in projects if project not in self._hits])
        return tuple(project for project in projects if not self._is_squatting(name, self._hits[project]))

    def _respelled(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the project of a package that is called so but for `-`, `_` and `.`; such names exist as aliases."""
        own = own_name(name)
        if own is None or name in curated_names().not_python:
            return ()
        self._ask([own] if own not in self._hits else [])
        hit = self._hits[own]
        is_known = hit.source != "identity" and hit.chosen is not None and own_name(hit.chosen) == own
        return (own,) if is_known else ()

    @staticmethod
    def _is_squatting(name: CondaName, hit: NameHit) -> bool:
        """Tell whether all that speaks for a project is its name, which is that of something else."""
        if hit.source != "identity":
            return False
        return hit.is_collision or _is_library(name)


def base_names() -> tuple[CondaName, ...]:
    """Return the packages that every channel begins with."""
    return tuple(map(CondaName, read_table("host_wheels")["base"]["names"]))


def backend_names() -> tuple[CondaName, ...]:
    """Return the usual build backends and what they work with."""
    return tuple(map(CondaName, read_table("host_wheels")["backends"]["names"]))


def is_tool(name: PypiName) -> bool:
    """Tell whether a project's wheels hold a program that isn't written for Python."""
    return name in _tools_by_project()


def export_floor(name: PypiName, version: Version) -> str:
    """Return the lowest version that runs what is built with this one; empty where that needs no such version."""
    row = read_table("host_wheels")["pinned"].get(name)
    if row is None:
        return ""
    minor = f"{version.major}.{version.minor}"
    floor: str = row["floor"].get(minor, minor)
    return floor


@cache
def _tools() -> dict[CondaName, PypiName]:
    rows: dict[str, str] = read_table("host_wheels")["tools"]
    return {CondaName(package): PypiName(project) for package, project in rows.items()}


@cache
def _tools_by_project() -> dict[PypiName, CondaName]:
    return {project: package for package, project in _tools().items()}


@cache
def _never_python() -> frozenset[CondaName]:
    return frozenset(map(CondaName, read_table("host_wheels")["not_python"]["names"]))


def _is_library(name: CondaName) -> bool:
    return name in _external_packages() or bool(library_of(library_table(), "package", name))


@cache
def _external_packages() -> frozenset[CondaName]:
    """Return the packages that external dependencies become, which are no Python packages."""
    rows = external_mapping().rows
    specs = [spec for row in rows for spec in (*row.build, *row.host, *row.run)]
    return frozenset(CondaName(spec.partition(" ")[0]) for spec in specs)
