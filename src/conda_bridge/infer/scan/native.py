"""Build files -> signals of native code.

Kinds: `extension-module` (token: its name, where that directly follows the constructor), `extension` (token: the
constructor, or the keyword that lists extensions),
`language` (token: `c`, `cxx`, `fortran`, `cython`, `rust`, `cuda`).
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from conda_bridge.model.source import Signal

__all__ = ["scan_cargo", "scan_cmake", "scan_meson", "scan_setup_py"]

_SETUP_PY = re.compile(
    r"\b(?P<constructor>Extension|CMakeExtension|Pybind11Extension|CppExtension|CUDAExtension|RustExtension"
    r"|NumpyExtension|CythonExtension|CUDAExtension|IntreeExtension|cythonize|mypycify|use_scm_rust)\s*\("
    r"|\b(?P<keyword>ext_modules|ext_package|cffi_modules|rust_extensions|cmake_install_dir)\s*=(?!=)"
)
_EXTENSION_NAME = re.compile(r"""\s*(?:name\s*=\s*)?["'](?P<name>[\w.]+)["']""")
_IMPORT_LINE = re.compile(r"^\s*(?:from|import)\b")
_CMAKE_PROJECT = re.compile(r"^\s*project\s*\((?P<arguments>[^)]*)\)", re.IGNORECASE | re.MULTILINE)
_CMAKE_BLOCK = re.compile(r"^\s*(?P<end>end)?if\s*\(", re.IGNORECASE | re.MULTILINE)
_CMAKE_ENABLE = re.compile(r"^\s*enable_language\s*\(\s*(?P<language>\w+)", re.IGNORECASE | re.MULTILINE)
_MESON_PROJECT = re.compile(r"^\s*project\s*\((?P<arguments>[^)]*)\)", re.MULTILINE)
_MESON_ADD = re.compile(r"\badd_languages\s*\((?P<arguments>[^)]*)\)")
_QUOTED = re.compile(r"'([^']*)'")
_CMAKE_KEYWORDS = frozenset(
    {"VERSION", "DESCRIPTION", "HOMEPAGE_URL", "LANGUAGES", "COMPAT_VERSION", "SPDX_LICENSE"}
)
_CMAKE_LANGUAGES = {"C": "c", "CXX": "cxx", "FORTRAN": "fortran", "CUDA": "cuda"}
_MESON_LANGUAGES = {
    "c": "c", "cpp": "cxx", "fortran": "fortran", "cython": "cython", "rust": "rust", "cuda": "cuda",
}  # fmt: skip


def scan_setup_py(path: str, text: str) -> tuple[Signal, ...]:
    """Find extension modules in a setup.py by the names that make them, comments and imports aside."""
    found = []
    lines = [line.partition("#")[0] for line in text.splitlines()]
    for number, (code, following) in enumerate(pairwise([*lines, ""]), start=1):
        if _IMPORT_LINE.match(code):
            continue
        for match in _SETUP_PY.finditer(code):
            is_wrapped = not code[match.end() :].strip()
            named = _EXTENSION_NAME.match(following if is_wrapped else code[match.end() :])
            kind = "extension-module" if named and match["constructor"] else "extension"
            token = named["name"] if kind == "extension-module" and named else match[0].rstrip("( =\t")
            found.append(Signal(kind=kind, token=token, path=path, line=number))
    return tuple(found)


def scan_cmake(path: str, text: str) -> tuple[Signal, ...]:
    """Find the languages of `project()` and `enable_language()`; a project without any has C and C++.

    CUDA under a condition is an option of the build, off by default nearly everywhere. Source: CMake manual, command project.
    """
    found = []
    for match in _CMAKE_PROJECT.finditer(text):
        line = text.count("\n", 0, match.start("arguments")) + 1
        found += [
            Signal(kind="language", token=language, path=path, line=line)
            for language in _cmake_languages(match["arguments"].split()[1:])
        ]
    for match in _CMAKE_ENABLE.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        known = _CMAKE_LANGUAGES.get(match["language"].upper())
        is_option = known == "cuda" and _is_conditional(text, match.start())
        found += (
            [Signal(kind="language", token=known, path=path, line=line)] if known and not is_option else []
        )
    return tuple(found)


def _is_conditional(text: str, position: int) -> bool:
    return sum(-1 if match["end"] else 1 for match in _CMAKE_BLOCK.finditer(text, 0, position)) > 0


def _cmake_languages(arguments: list[str]) -> list[str]:
    words = [argument.upper() for argument in arguments]
    if "LANGUAGES" in words:
        words = words[words.index("LANGUAGES") + 1 :]
    elif _CMAKE_KEYWORDS.intersection(words):
        words = []
    if "NONE" in words:
        return []
    known = [_CMAKE_LANGUAGES[word] for word in words if word in _CMAKE_LANGUAGES]
    return known or ["c", "cxx"]


def scan_meson(path: str, text: str) -> tuple[Signal, ...]:
    """Find the languages of `project()` and `add_languages()`. Source: Meson reference manual."""
    return tuple(_meson_signals(path, text))


def _meson_signals(path: str, text: str) -> Iterator[Signal]:
    for pattern, skipped in ((_MESON_PROJECT, 1), (_MESON_ADD, 0)):
        for match in pattern.finditer(text):
            positional = match["arguments"].partition(":")[0]
            line = text.count("\n", 0, match.start("arguments")) + 1
            for word in _QUOTED.findall(positional)[skipped:]:
                if word in _MESON_LANGUAGES:
                    yield Signal(kind="language", token=_MESON_LANGUAGES[word], path=path, line=line)


def scan_cargo(path: str, text: str) -> tuple[Signal, ...]:
    """A Cargo manifest says that there is Rust; what for is for the backend to say."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() in {"[package]", "[workspace]"}:
            return (Signal(kind="language", token="rust", path=path, line=number),)
    return ()
