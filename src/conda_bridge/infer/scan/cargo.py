"""Cargo.toml and Cargo.lock -> signals: Rust, the crates that link other libraries, the stable ABI.

Source: The Cargo Book, The Manifest Format; PyO3 user guide, Building and distribution.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from conda_bridge.infer.cargo import Crate, Features, crates_of, enabled_features
from conda_bridge.infer.pyproject import dig
from conda_bridge.infer.scan.found import MAX_SIGNALS, Found
from conda_bridge.infer.scan.platforms import ANYWHERE, CARGO, EVERY_PLATFORM, Where, platforms_named
from conda_bridge.infer.scan.toml_texts import key_lines, line_of, tables_of
from conda_bridge.model.source import Signal

__all__ = ["scan_cargo", "scan_cargo_lock"]

_BUILD_TOOLS = {
    "cmake": "cmake", "pkg-config": "pkg-config", "system-deps": "pkg-config", "autotools": "autoconf", "bindgen": "clangdev",
    "prost-build": "libprotobuf", "tonic-build": "libprotobuf", "protobuf-codegen": "libprotobuf", "nasm-rs": "nasm", "swig": "swig",
    "cbindgen": "cbindgen", "bison": "bison",
}  # fmt: skip
_BUILD_LANGUAGES = {"cc": "c", "cxx-build": "cxx", "autocxx-build": "cxx", "cpp_build": "cxx"}
_LANGUAGES = {"cxx": "cxx", "cpp": "cxx", "autocxx": "cxx"}
_PYO3 = ("pyo3", "pyo3-ffi")
_ABI = re.compile(r"abi3(?:-py3(?P<minor>\d{1,2}))?")
_TARGET_WORD = re.compile(r"(?P<not>not\s*\(\s*)?(?:target_os\s*=\s*\"(?P<os>\w+)\"|target_family\s*=\s*\"(?P<family>\w+)\"|\b(?P<bare>windows|unix)\b)")  # fmt: skip
_TRIPLE = re.compile(r"[\w.]+-[\w-]+")
_LOCKED = re.compile(r'^name = "(?P<name>[\w-]+-sys)"$', re.MULTILINE)
# They bind the system's own interfaces, or a library that every build of theirs brings along.
_NO_LIBRARIES = re.compile(
    r"(?:windows|winapi|core-foundation|core-graphics|security-framework|system-configuration|js|web|wasi|linux-raw|fsevent"
    r"|inotify|mach|objc|coreaudio|io-kit|cocoa|rdrand|tikv-jemalloc|jemalloc|mimalloc|libmimalloc|linux|alsa-lib|ndk|jni|dirs"
    r"|redox|kqueue|r-efi|errno-dragonfly|libfuzzer|iana-time-zone|signal-hook|windows-\w+|cfg|block|dispatch|iokit|metal|khronos|coremidi|napi|node|[\w-]+-rs"
    r"|pyo3-ffi|xattr|nix|clang|llvm|rusty-fork|snmalloc|openssl-src|rpmalloc|crc|hermit|hidapi-win|spirv)-sys"
)


class _Dependency(NamedTuple):
    """One crate that a manifest asks for, and where it does."""

    crate: Crate
    where: Where
    is_listed: bool
    """True where a workspace only lists it, for those of its members that ask for it."""


def scan_cargo(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a manifest says; what its Rust is for is for the backend to say."""
    tables = tables_of(text)
    found = Found(path)
    for heading in ("package", "workspace"):
        if isinstance(tables.get(heading), dict):
            found.add("language", "rust", line_of(text, f"[{heading}"))
            break
    linked = dig(tables, "package", "links")
    if isinstance(linked, str):
        found.add("library", linked, line_of(text, "links"))
    lines = key_lines(text)
    for dependency in islice(_dependencies(tables), MAX_SIGNALS):
        _keep_dependency(found, dependency, lines.get(dependency.crate.alias, 0))
    for feature in islice(_features(tables), MAX_SIGNALS):
        _keep_abi(found, feature, lines.get("features", 0))
    return found.signals()


def _dependencies(tables: dict[str, Any]) -> Iterator[_Dependency]:
    workspace = tables.get("workspace")
    shared = workspace if isinstance(workspace, dict) else {}
    enabled = enabled_features(tables)
    for crate in crates_of(tables, shared):
        yield _Dependency(crate, _where(crate, enabled), is_listed=False)
    for crate in crates_of(shared, {}):
        yield _Dependency(crate, _where(crate, enabled), is_listed=True)


def _where(crate: Crate, enabled: Features) -> Where:
    where = Where(_platforms(crate.target)) if crate.target else ANYWHERE
    if crate.is_on(enabled):
        return where
    return where.within(where.platforms, is_optional=True, when=(f"{CARGO}{crate.alias}",))


def _platforms(condition: str) -> frozenset[str]:
    """Return the platforms of `cfg(windows)`, `cfg(not(target_os = "linux"))` or a target triple."""
    if _TRIPLE.fullmatch(condition):
        named = [platforms for word in condition.split("-") if (platforms := platforms_named(word))]
        return named[0] if named else EVERY_PLATFORM
    found: frozenset[str] = frozenset()
    for match in _TARGET_WORD.finditer(condition):
        platforms = platforms_named(match["os"] or match["family"] or match["bare"]) or frozenset()
        found |= EVERY_PLATFORM - platforms if match["not"] else platforms
    # `not(any(...))` and its like speak of the others.
    return (
        EVERY_PLATFORM - found if re.search(r"not\s*\(\s*(?:any|all)", condition) else found
    ) or EVERY_PLATFORM


def _keep_dependency(found: Found, dependency: _Dependency, line: int) -> None:
    crate, where = dependency.crate, dependency.where
    name = crate.name
    if crate.is_for_build:
        found.add("tool", _BUILD_TOOLS.get(name, ""), line, where)
        found.add("language", _BUILD_LANGUAGES.get(name, "") if not where.is_optional else "", line, where)
    else:
        found.add("language", _LANGUAGES.get(name, "") if not where.is_optional else "", line, where)
        if not dependency.is_listed:
            found.add("crate", name, line, where)
        if "vendored" in crate.features:
            found.add("vendored-crate", name, line, where)
    if name in _PYO3:
        for feature in crate.features:
            _keep_abi(found, feature, line)


def _features(tables: dict[str, Any]) -> Iterator[str]:
    """Yield the features that the default ones switch on: `extension-module = ["pyo3/abi3-py39"]`."""
    enabled = enabled_features(tables, ("extension-module", "python"))
    for alias in _PYO3:
        yield from enabled.inner.get(alias, ())


def _keep_abi(found: Found, feature: str, line: int) -> None:
    match = _ABI.fullmatch(feature)
    if match:
        found.add("abi3", f"3.{match['minor']}" if match["minor"] else "", line)


def scan_cargo_lock(path: str, text: str) -> tuple[Signal, ...]:
    """Find the crates that link a library, however deep they lie: nothing says that they are switched on."""
    found = Found(path)
    optional = Where(is_optional=True)
    line, counted = 1, 0
    for match in _LOCKED.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        if not _NO_LIBRARIES.fullmatch(match["name"]):
            found.add("crate", match["name"], line, optional)
    return found.signals()
