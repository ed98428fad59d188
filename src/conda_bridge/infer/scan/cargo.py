"""Cargo.toml and Cargo.lock -> signals: Rust, the crates that link other libraries, the stable ABI.

Source: The Cargo Book, The Manifest Format; PyO3 user guide, Building and distribution.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from conda_bridge.infer.pyproject import dig, strings
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
    """One crate that a manifest asks for."""

    name: str
    """Of the crate."""
    alias: str
    """As the manifest calls it."""
    options: dict[str, Any]
    where: Where
    is_for_build: bool
    is_listed: bool = False
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
        _keep_dependency(found, dependency, lines.get(dependency.alias, 0))
    for feature in islice(_features(tables), MAX_SIGNALS):
        _keep_abi(found, feature, lines.get("features", 0))
    return found.signals()


def _dependencies(tables: dict[str, Any]) -> Iterator[_Dependency]:
    active = _active_features(tables)
    yield from _of_table(tables, ANYWHERE, active)
    for listed in _of_table(dig(tables, "workspace"), ANYWHERE, active):
        yield listed._replace(is_listed=True)
    targets = tables.get("target")
    for condition, table in targets.items() if isinstance(targets, dict) else ():
        yield from _of_table(table, Where(_platforms(condition)), active)


def _active_features(tables: dict[str, Any]) -> frozenset[str]:
    """Return the features that the default ones turn on, optional crates among them: `dep:x`, `x`, `x/feature`."""
    features = tables.get("features")
    if not isinstance(features, dict):
        return frozenset()
    open_, active = ["default"], set[str]()
    while open_ and len(active) < MAX_SIGNALS:
        name = open_.pop()
        if name not in active:
            active.add(name)
            for value in strings(features.get(name)):
                crate = value.removeprefix("dep:").partition("/")[0]
                open_ += [] if crate.endswith("?") else [crate]
    return frozenset(active)


def _of_table(table: object, where: Where, active: frozenset[str]) -> Iterator[_Dependency]:
    for heading in ("dependencies", "build-dependencies", "build_dependencies"):
        listed = dig(table, heading)
        for alias, value in listed.items() if isinstance(listed, dict) else ():
            options = value if isinstance(value, dict) else {}
            name = options.get("package")
            is_optional = options.get("optional") is True and alias not in active
            when = (f"{CARGO}{alias}",) if is_optional else ()
            yield _Dependency(
                name=name if isinstance(name, str) else alias,
                alias=alias,
                options=options,
                where=where.within(where.platforms, is_optional=is_optional, when=when),
                is_for_build=heading != "dependencies",
            )


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
    name, where = dependency.name, dependency.where
    if dependency.is_for_build:
        found.add("tool", _BUILD_TOOLS.get(name, ""), line, where)
        found.add("language", _BUILD_LANGUAGES.get(name, "") if not where.is_optional else "", line, where)
    else:
        found.add("language", _LANGUAGES.get(name, "") if not where.is_optional else "", line, where)
        is_vendored = "vendored" in strings(dependency.options.get("features"))
        if not dependency.is_listed:
            found.add("crate", name, line, where)
        if is_vendored:
            found.add("vendored-crate", name, line, where)
    if name in {"pyo3", "pyo3-ffi"}:
        for feature in strings(dependency.options.get("features")):
            _keep_abi(found, feature, line)


def _features(tables: dict[str, Any]) -> Iterator[str]:
    """Yield the features that the default ones switch on: `extension-module = ["pyo3/abi3-py39"]`."""
    features = tables.get("features")
    if not isinstance(features, dict):
        return
    open_, seen = ["default", "extension-module", "python"], set[str]()
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        for value in strings(features.get(name)):
            if value.startswith(("pyo3/", "pyo3-ffi/")):
                yield value.partition("/")[2]
            open_.append(value)


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
