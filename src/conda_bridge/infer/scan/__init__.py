"""Pure scanners of file text; `sources` feeds them member by member while it streams an archive.

`is_wanted_text` says which files' text inference reads; `is_scanned` which others are only looked through: their text
is gone once `scan` has said what is in it. Both look at one file at a time, so that a source is read once and its
large files never stay in memory.
"""

import re
from collections.abc import Callable, Collection
from functools import cache
from importlib import import_module
from typing import NamedTuple, TypeAlias, cast

from conda_bridge.infer.scan.aside import is_vendored, is_vendored_or_test
from conda_bridge.infer.scan.documents import is_document, scan_document
from conda_bridge.infer.scan.interest import (
    BACKEND_MENTIONS,
    BUILD_MENTIONS,
    CFFI_MENTIONS,
    COMMAND_MENTIONS,
    OPENING_MENTIONS,
    is_build_script,
    is_command_module,
    is_package_module,
)
from conda_bridge.model.source import Signal
from conda_bridge.translate.license_files import is_license_file

__all__ = [
    "MAX_METADATA_BYTES",
    "MAX_PARSED_FILE_BYTES",
    "MAX_PKG_INFO_BYTES",
    "MAX_SCANNED_FILE_BYTES",
    "MAX_TEXT_BYTES",
    "is_build_file",
    "is_scanned",
    "is_wanted_text",
    "scan",
    "scan_within",
]

MAX_METADATA_BYTES = 1_000_000
"""Larger metadata files are not read; inference refuses the source, or says which fields are unknown."""
MAX_PKG_INFO_BYTES = 4_000_000
"""PKG-INFO holds the long description too, often with a change log of many years."""
MAX_TEXT_BYTES = 200_000
"""Larger other files are not read."""
MAX_SCANNED_FILE_BYTES = 1_000_000
"""Of a file that is only scanned; what is beyond is not looked at. Headers are included at a file's beginning."""
MAX_PARSED_FILE_BYTES = 256 * 1024
"""Of a file that is only scanned and is taken apart as a program; half a program can't be."""

_METADATA = frozenset({"PKG-INFO", "pyproject.toml", "setup.py", "setup.cfg"})
_BUILD_FILES = frozenset({
    "cargo.toml", "cmakelists.txt", "meson.build", "meson.options", "meson_options.txt", "package.json",
    "reuse.toml",
})  # fmt: skip
_VERSION_MODULE = re.compile(r"_*(?:version|about|meta|metadata|info|release|init|const|constants)_*\.py")
_EGG_INFO = frozenset({"PKG-INFO", "requires.txt", "entry_points.txt", "top_level.txt", "SOURCES.txt"})
_ROOT_SUFFIXES = (".py", ".txt", ".in", ".ini", ".cfg", ".toml")
_VERSION_PACKAGES = frozenset({"version", "_version", "__version__"})
"""A namespace's part has its version some folders deeper than other projects."""
_VERSION_FILES = frozenset({"version", "version.txt", "_version"})
# Most files of a large source; below the top folder none of them is text that inference reads.
_NO_TEXT = frozenset({
    ".c", ".cc", ".cpp", ".csv", ".cu", ".f", ".f90", ".gif", ".h", ".hpp", ".inc", ".js", ".npy", ".npz", ".pdf", ".png", ".pxd",
    ".pyi", ".pyx", ".s", ".svg", ".ts", ".yaml", ".yml",
})  # fmt: skip
_NO_DOCUMENT = frozenset({".py", ".pyi", ".png", ".js", ".csv", ".npz", ".s", ".build", ".rs", ".svg"})
_TEMPLATES = frozenset({"in", "src", "tp", "tmpl", "template", "jinja", "j2", "mako"})
_LICENSE_DEPTH = 3
_MODULE_DEPTH = 4


class _Row(NamedTuple):
    """A scanner, and what a file must mention for it to have anything to find."""

    scanner: str
    """`module:function` in this package, loaded for the first file that needs it: a pure project has few of all kinds.

    It makes signals from a file's path and text."""
    mentions: tuple[bytes, ...] = ()
    """One of them is in the file; empty where every file is scanned."""
    is_for: Callable[[str], bool] | None = None
    """Tells by the path what else the scanner would pass over; asked first."""
    is_vital: bool = True
    """False: where there is too much to look at it is left out, and nothing need be said of that."""

    def takes(self, path: str, data: bytes) -> bool:
        """Tell whether the scanner may find something in a file."""
        if self.is_for is not None and not self.is_for(path):
            return False
        return not self.mentions or any(mention in data for mention in self.mentions)


_OfText: TypeAlias = Callable[[str, str], tuple[Signal, ...]]
_OfBytes: TypeAlias = Callable[[str, bytes], tuple[Signal, ...]]

# Several scanners may look at one file. Names and suffixes are lower case.
_BY_NAME: dict[str, tuple[_Row, ...]] = {
    "setup.py": (_Row("setup_py:scan_setup_py"),),
    "setup.cfg": (_Row("setup_cfg:scan_setup_cfg"),),
    "pyproject.toml": (_Row("pyproject_tables:scan_pyproject"),),
    "cmakelists.txt": (_Row("cmake:scan_cmake"),),
    "meson.build": (_Row("meson:scan_meson"),),
    "meson.options": (_Row("meson:scan_meson_options"),),
    "meson_options.txt": (_Row("meson:scan_meson_options"),),
    "cargo.toml": (_Row("cargo:scan_cargo"),),
    "cargo.lock": (_Row("cargo:scan_cargo_lock"),),
    "build.rs": (_Row("rust_build:scan_build_rs"),),
    "go.mod": (_Row("javascript:scan_go_mod"),),
    "package.json": (_Row("javascript:scan_package_json"),),
}
_BY_SUFFIX: dict[str, tuple[_Row, ...]] = {
    ".cmake": (_Row("cmake:scan_cmake"),),
    ".py": (
        _Row("cffi:scan_cffi", CFFI_MENTIONS),
        _Row("setup_py:scan_build_script", BUILD_MENTIONS, is_build_script),
        _Row("build_backend:scan_build_backend", BACKEND_MENTIONS),
        _Row("ctypes_calls:scan_opened", OPENING_MENTIONS, is_package_module),
        _Row("command_modules:scan_command", is_for=is_command_module, is_vital=False),
        _Row("command_modules:scan_plain_arguments", COMMAND_MENTIONS, is_package_module, is_vital=False),
    ),
}
# Sources of C and its kin are many and large: their scanner takes bytes, of which it decodes only what it finds.
_BYTES_BY_SUFFIX: dict[str, str] = {
    **dict.fromkeys(
        (".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++", ".inc", ".inl", ".ipp", ".tcc", ".tpp"),
        "includes:scan_includes",
    ),
    **dict.fromkeys((".cu", ".cuh", ".hip", ".i", ".swg", ".y", ".l", ".def"), "includes:scan_includes"),
    **dict.fromkeys((".m", ".mm"), "includes:scan_objc"),
    **dict.fromkeys((".pyx", ".pxd", ".pxi"), "cython:scan_cython"),
    **dict.fromkeys((".f", ".for", ".ftn", ".f77", ".f90", ".f95", ".f03", ".f08", ".fpp"), "cython:scan_fortran"),
    ".pyf": "cython:scan_pyf",
}  # fmt: skip


def is_wanted_text(path: str, size_bytes: int) -> bool:
    """Tell whether inference reads the text of this file; `path` is relative to the source's top folder."""
    folder, _, name = path.rpartition("/")
    if folder and name[name.rfind(".") :] in _NO_TEXT:
        return False
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
    if name == "__init__.py" and folder.rpartition("/")[2] in _VERSION_PACKAGES:
        return True
    if depth <= _MODULE_DEPTH and (_VERSION_MODULE.fullmatch(name.lower()) or name.lower() in _VERSION_FILES):
        return True
    if "requirement" in f"{folder}/{name}".lower():
        return name.endswith((".txt", ".in"))
    lowered = name.lower()
    return not folder and (
        name.endswith(_ROOT_SUFFIXES) or "version" in lowered or lowered.startswith("readme")
    )


def is_build_file(path: str) -> bool:
    """Tell by the name whether a file says how the source is built."""
    name = path.rpartition("/")[2].lower()
    return name in _BY_NAME and name != "cargo.lock"


def is_scanned(path: str, size_bytes: int, *, own: Collection[str] = ()) -> bool:
    """Tell whether a file whose text isn't kept is looked through; `own` as `aside.is_vendored` takes it.

    What lies in others' code or in tests says nothing of what the build needs, and may be most of a source.
    """
    if not size_bytes:
        return False
    name = path.rpartition("/")[2].lower()
    suffix = _suffix(name)
    if suffix in _BYTES_BY_SUFFIX or suffix in _BY_SUFFIX or name in _BY_NAME:
        return not is_vendored_or_test(path, own=own)
    return suffix not in _NO_DOCUMENT and is_document(path) and not is_vendored(path, own=own)


def scan(path: str, data: bytes, text: str | None = None) -> tuple[Signal, ...]:
    """Return what the scanners for this kind of file find; `data` may be its beginning, `text` is decoded from it."""
    return scan_within(path, data, text, may_parse=lambda _size_bytes: True) or ()


def scan_within(
    path: str, data: bytes, text: str | None, *, may_parse: Callable[[int], bool]
) -> tuple[Signal, ...] | None:
    """Return the same, as long as `may_parse` agrees; None where it refuses.

    It is asked with a file's size before that is taken apart as a program, a hundred times dearer than a search in it.
    """
    name = path.rpartition("/")[2].lower()
    suffix = _suffix(name)
    scan_bytes = _BYTES_BY_SUFFIX.get(suffix)
    found = cast("_OfBytes", _scanner(scan_bytes))(path, data) if scan_bytes else ()
    rows = [row for row in (*_BY_NAME.get(name, ()), *_BY_SUFFIX.get(suffix, ())) if row.takes(path, data)]
    if rows and not may_parse(len(data)):
        if any(row.is_vital for row in rows):
            return None
        rows = []
    for row in rows:
        if text is None:
            text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        found += cast("_OfText", _scanner(row.scanner))(path, text)
    return found + scan_document(path, data) if is_document(path) else found


@cache
def _scanner(name: str) -> object:
    module, _, function = name.partition(":")
    return getattr(import_module(f"{__name__}.{module}"), function)


def _suffix(name: str) -> str:
    """Return the suffix that tells a file's language; `x.c.in` and numpy's `x.c.src` are templates of `x.c`."""
    stem, dot, suffix = name.rpartition(".")
    if suffix in _TEMPLATES and "." in stem:
        stem, dot, suffix = stem.rpartition(".")
    return f"{dot}{suffix}" if stem else ""
