"""Build files of Meson and Cargo -> signals of the languages that they name."""

import re
from collections.abc import Iterator

from conda_bridge.model.source import Signal

__all__ = ["scan_cargo", "scan_meson"]

_MESON_PROJECT = re.compile(r"^\s*project\s*\((?P<arguments>[^)]*)\)", re.MULTILINE)
_MESON_ADD = re.compile(r"\badd_languages\s*\((?P<arguments>[^)]*)\)")
_QUOTED = re.compile(r"'([^']*)'")
_MESON_LANGUAGES = {
    "c": "c", "cpp": "cxx", "fortran": "fortran", "cython": "cython", "rust": "rust", "cuda": "cuda",
}  # fmt: skip


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
