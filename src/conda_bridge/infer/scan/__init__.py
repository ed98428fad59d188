"""Pure scanners of file text; `sources` feeds them member by member while it streams an archive.

`is_wanted_text` says which files' text inference reads; `scan` says what is in one of them. Both look at one
file at a time, so that a source is read once and its large files never stay in memory.
"""

import re
from collections.abc import Callable

from conda_bridge.infer.scan.native import scan_cargo, scan_cmake, scan_meson, scan_setup_py
from conda_bridge.model.source import Signal
from conda_bridge.translate.license_files import is_license_file

__all__ = ["MAX_METADATA_BYTES", "MAX_PKG_INFO_BYTES", "MAX_TEXT_BYTES", "is_wanted_text", "scan"]

MAX_METADATA_BYTES = 1_000_000
"""Larger metadata files are not read; inference refuses the source, or says which fields are unknown."""
MAX_PKG_INFO_BYTES = 4_000_000
"""PKG-INFO holds the long description too, often with a change log of many years."""
MAX_TEXT_BYTES = 200_000
"""Larger other files are not read."""

_METADATA = frozenset({"PKG-INFO", "pyproject.toml", "setup.py", "setup.cfg"})
_BUILD_FILES = frozenset({
    "cargo.toml", "cmakelists.txt", "meson.build", "meson.options", "meson_options.txt", "package.json",
    "reuse.toml",
})  # fmt: skip
_VERSION_MODULE = re.compile(r"_*(?:version|about|meta|metadata|info|release|init|const|constants)_*\.py")
_EGG_INFO = frozenset({"PKG-INFO", "requires.txt", "entry_points.txt", "top_level.txt", "SOURCES.txt"})
_ROOT_SUFFIXES = (".py", ".txt", ".in", ".ini", ".cfg", ".toml")
_VERSION_FILES = frozenset({"version", "version.txt", "_version"})
_SCANNERS: dict[str, Callable[[str, str], tuple[Signal, ...]]] = {
    "setup.py": scan_setup_py,
    "cmakelists.txt": scan_cmake,
    "meson.build": scan_meson,
    "cargo.toml": scan_cargo,
}
_LICENSE_DEPTH = 3
_MODULE_DEPTH = 4


def is_wanted_text(path: str, size_bytes: int) -> bool:
    """Tell whether inference reads the text of this file; `path` is relative to the source's top folder."""
    folder, _, name = path.rpartition("/")
    depth = path.count("/")
    if not folder and name in _METADATA:
        return size_bytes <= (MAX_PKG_INFO_BYTES if name == "PKG-INFO" else MAX_METADATA_BYTES)
    if size_bytes > MAX_TEXT_BYTES:
        return False
    if folder.endswith((".egg-info", ".dist-info")):
        return name in _EGG_INFO
    if depth <= _LICENSE_DEPTH and name.lower() in _BUILD_FILES:
        return True
    if folder == ".reuse" or folder.rpartition("/")[2] == "LICENSES":
        return True
    return _is_wanted_by_name(folder, name, depth)


def _is_wanted_by_name(folder: str, name: str, depth: int) -> bool:
    if depth <= _LICENSE_DEPTH and is_license_file(f"{folder}/{name}" if folder else name):
        return True
    if depth <= _MODULE_DEPTH and (_VERSION_MODULE.fullmatch(name.lower()) or name.lower() in _VERSION_FILES):
        return True
    if "requirement" in f"{folder}/{name}".lower():
        return name.endswith((".txt", ".in"))
    lowered = name.lower()
    return not folder and (
        name.endswith(_ROOT_SUFFIXES) or "version" in lowered or lowered.startswith("readme")
    )


def scan(path: str, text: str) -> tuple[Signal, ...]:
    """Return what the scanner for this kind of file finds; files of other kinds have none."""
    scanner = _SCANNERS.get(path.rpartition("/")[2].lower())
    return scanner(path, text) if scanner else ()
