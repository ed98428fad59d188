"""conda-pypi's mapping file -> look-ups in both directions, without importing conda-pypi.

The file maps 12 000 projects and takes 20 ms to parse, more than a whole conversion needs for its names. So a
few look-ups search the bytes for the one object that answers, and only many look-ups parse it all.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, PypiName

__all__ = ["CondaPypiMapping"]

_DISTRIBUTION = "conda_pypi"
_FILE_PATTERN = "*pypi_mapping.json"
# The bot takes path segments of file hosts for names: `aab3…36`.
_JUNK_NAME = re.compile(r"[0-9a-f]{32,}")
_HEAD = re.compile(rb'\{\s*"[^"\\]+"(\s*:\s*\{)')
# Measured: a search costs 0.4 to 1.2 ms, the parse of everything 20 ms.
_MOST_SEARCHES = 16


class CondaPypiMapping:
    """A `NameMapping` over the bytes of conda-pypi's JSON file. Thread-safe."""

    def __init__(self, raw: bytes, *, data_version: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        """Take the file's bytes; empty bytes make a mapping that knows nothing."""
        self._raw = raw
        self._data_version = data_version
        self._searches = 0
        head = _HEAD.match(raw)
        self._separator = head.group(1) if head else b""
        self._diagnostics = diagnostics
        if raw and not (head and raw.rstrip().endswith(b"}")):
            self._separator = b""
            self._diagnostics += (
                finding(
                    "name-mapping-unreadable", f"{data_version}: the mapping is no JSON object of objects"
                ),
            )

    @classmethod
    def installed(cls) -> "CondaPypiMapping":
        """Return the mapping of the installed conda-pypi; where there is none, `diagnostics` says so."""
        spec = find_spec(_DISTRIBUTION)
        folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
        for folder in folders:
            for path in sorted(folder.rglob(_FILE_PATTERN)):
                return cls(path.read_bytes(), data_version=_data_version(folder))
        missing = finding("name-mapping-missing", "conda-pypi's mapping was not found")
        return cls(b"", data_version="", diagnostics=(missing,))

    @property
    def data_version(self) -> str:
        """Which conda-pypi answered, for instance `conda-pypi 0.13.1`; empty where there is none."""
        return self._data_version

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Why the mapping knows nothing, if it doesn't."""
        return self._diagnostics

    def conda_names(self, names: Iterable[PypiName]) -> Mapping[PypiName, CondaName]:
        """Return the packages of those projects that the mapping knows."""
        asked = tuple(dict.fromkeys(names))
        if self._is_worth_parsing(len(asked)):
            return {name: self._rows[name] for name in asked if name in self._rows}
        found = ((name, self._search(name)) for name in asked)
        return {name: package for name, package in found if package is not None}

    def pypi_names(self, names: Iterable[CondaName]) -> Mapping[CondaName, tuple[PypiName, ...]]:
        """Return the projects of those packages that the mapping knows, in the file's order."""
        asked = tuple(dict.fromkeys(names))
        if self._is_worth_parsing(len(asked)):
            return {name: self._reversed[name] for name in asked if name in self._reversed}
        found = ((name, self._search_back(name)) for name in asked)
        return {name: projects for name, projects in found if projects}

    def _is_worth_parsing(self, count: int) -> bool:
        # Two threads may count at once: then the parse comes a little later, which harms nothing.
        self._searches += count
        return self._searches > _MOST_SEARCHES

    @cached_property
    def _rows(self) -> dict[PypiName, CondaName]:
        try:
            content: Any = json.loads(self._raw) if self._separator else {}
        except ValueError:
            content = {}
        pairs = (_pair(row) for row in content.values())
        return {project: package for project, package in pairs if project and package}

    @cached_property
    def _reversed(self) -> dict[CondaName, tuple[PypiName, ...]]:
        projects: dict[CondaName, tuple[PypiName, ...]] = {}
        for project, package in self._rows.items():
            projects[package] = (*projects.get(package, ()), project)
        return projects

    def _search(self, name: PypiName) -> CondaName | None:
        if not self._separator:
            return None
        at = self._raw.find(b'"%s"%s' % (name.encode(), self._separator))
        if at < 0:
            return None
        return _pair(self._object_at(self._raw.index(b"{", at)))[1] or None

    def _search_back(self, name: CondaName) -> tuple[PypiName, ...]:
        # The objects are flat, so the brace before a value opens the object that the value belongs to.
        found: list[PypiName] = []
        needle = b'"%s"' % name.encode()
        at = self._raw.find(needle)
        while at >= 0:
            project, package = _pair(self._object_at(self._raw.rfind(b"{", 0, at)))
            if package == name and project and project not in found:
                found.append(project)
            at = self._raw.find(needle, at + 1)
        return tuple(found)

    def _object_at(self, start: int) -> Any:
        end = self._raw.find(b"}", start) + 1
        try:
            return json.loads(self._raw[start:end])
        except ValueError:
            return None


def _pair(row: Any) -> tuple[PypiName, CondaName]:
    """Return a row's two names; both empty where the row is junk."""
    nothing = (PypiName(""), CondaName(""))
    if not isinstance(row, dict):
        return nothing
    project, package = row.get("pypi_name"), row.get("conda_name")
    if not isinstance(project, str) or not isinstance(package, str) or _JUNK_NAME.fullmatch(project):
        return nothing
    return PypiName(project), CondaName(package)


def _data_version(folder: Path) -> str:
    """Read the version from the metadata folder's name: `importlib.metadata` costs 30 ms to import."""
    beginning, end = f"{_DISTRIBUTION}-", ".dist-info"
    for name in os.listdir(folder.parent):  # noqa: PTH208 - half the time of a glob over a large site-packages
        if name.startswith(beginning) and name.endswith(end):
            return f"conda-pypi {name.removeprefix(beginning).removesuffix(end)}"
    return "conda-pypi"
