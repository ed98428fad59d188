"""Names of options and variables -> the switches that make a build use the system's library, not its own copy.

A name says so by one of its words; what else it is made of names the library.
"""

import re

__all__ = ["SWITCH_VALUES", "SwitchForm", "switch_of"]

from typing import Literal

SwitchForm = Literal["cmake", "meson", "env", "setup.py"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PARTS = re.compile(r"[-_.]+")
_PKG_CONFIG = re.compile(r"(?<=USE_)PKG_?CONFIG$")
"""To ask pkg-config is to take the system's library."""
_FOR_SYSTEM = frozenset({"system", "shared", "external", "unbundle", "unbundled", "devendor", "unvendor"})
_FOR_COPY = frozenset({
    "bundle", "bundled", "vendor", "vendored", "vendoring", "embed", "embedded", "internal", "builtin", "static",
    "statically", "staticdeps", "submodule",
})  # fmt: skip
_NEGATIONS = frozenset({"no", "not", "without", "disable", "disabled", "ignore", "skip", "avoid", "omit", "dont", "never"})  # fmt: skip
_VERBS = frozenset({
    "use", "with", "enable", "build", "prefer", "force", "link", "linked", "from", "is", "want", "local", "allow",
    "install", "option", "default", "on",
})  # fmt: skip
# Words that make of `SYSTEM` or `STATIC` something else than where a library comes from.
_OTHERWISE = frozenset({
    "name", "version", "processor", "arch", "type", "file", "filesystem", "operating", "id", "info", "path", "paths",
    "include", "includes", "dir", "dirs", "root", "test", "tests", "testing", "analysis", "analyzer", "runtime", "crt",
    "msvc", "cast", "assert", "asserts", "api", "prefix", "suffix", "warning", "warnings", "error", "errors", "symbols",
    "url", "docs", "cmake", "ci", "cibw", "platform", "found", "populated", "extension", "extensions", "stdlib", "registration", "archive", "check", "checks", "headers",
    "exe", "source", "sources", "prefetch", "ui", "added", "keep", "cflags", "ldflags", "flags", "binaries", "libgcc", "libstdcxx", "executable", "executables", "host",
})  # fmt: skip
# Answers of checks, and arguments of the build file's own functions.
_NO_OPTIONS = ("HAVE_", "HAS_", "ARG_", "ARGS_", "CPM_")
# A static library is a shape of the project's own, unless another is named beside it.
_SHAPES = frozenset({"lib", "libs", "library", "libraries", "interface", "arg", "private", "link", "deps"})
SWITCH_VALUES: dict[SwitchForm, tuple[str, str]] = {
    "cmake": ("ON", "OFF"),
    "meson": ("true", "false"),
    "env": ("1", "0"),
    "setup.py": ("", ""),
}
"""What switches on and off."""


def switch_of(form: SwitchForm, name: str) -> str | None:
    """Return the token of a switch; None where the name is no such switch.

    A value behind `=` is the one that chooses the system's library, where that isn't to switch it on.

    >>> switch_of("cmake", "USE_SYSTEM_ZLIB"), switch_of("cmake", "BUNDLED_ZLIB"), switch_of("env", "ZLIB_HOME")
    ('cmake:USE_SYSTEM_ZLIB', 'cmake:BUNDLED_ZLIB=OFF', None)
    """
    bare = name.lstrip("-").rstrip("=")
    bare = _PKG_CONFIG.sub("system", bare)
    words = [word.lower() for part in _PARTS.split(bare) for word in (_WORD.findall(part) or [part])]
    about = [word for word in words if word not in _VERBS | _NEGATIONS]
    marks = [word for word in about if word in _FOR_SYSTEM | _FOR_COPY]
    if name.startswith(_NO_OPTIONS) or (marks[:1] == ["static"] and "build" in words):
        return None
    if not marks or len(about) == len(marks) or _OTHERWISE.intersection(about):
        return None
    if marks[0].startswith("static") and _SHAPES.intersection(about):
        return None
    if marks[0] == "shared" and (_SHAPES.intersection(about) or "use" not in words):
        return None
    wants_system = marks[0] in _FOR_SYSTEM
    if _NEGATIONS.intersection(words):
        wants_system = not wants_system
    return _token(form, name, wants_system=wants_system)


def _token(form: SwitchForm, name: str, *, wants_system: bool) -> str | None:
    if form == "setup.py":
        return f"setup.py:--{name.lstrip('-').rstrip('=')}" if wants_system else None
    value = "" if wants_system else f"={SWITCH_VALUES[form][1]}"
    return f"{form}:{name}{value}"
