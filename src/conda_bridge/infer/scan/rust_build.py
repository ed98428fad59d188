"""build.rs -> signals: what a crate's build script links, asks pkg-config for and builds with CMake."""

import re

from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.platforms import ANYWHERE, Where
from conda_bridge.infer.scan.programs import config_tool_of, is_library_variable, tool_of
from conda_bridge.infer.scan.switches import switch_of
from conda_bridge.model.source import Signal

__all__ = ["scan_build_rs"]

_MAX_INDENT = 200
_SIGN = re.compile(
    r"pkg_config::(?:probe_library|find_library)\(\s*\"(?P<probed>[\w.+-]+)\""
    r"|\.probe\(\s*\"(?P<config>[\w.+-]+)\""
    r"|cargo::?:?rustc-link-lib=(?:(?:dylib|static|framework)(?::[^=\"]*)?=)?(?P<linked>[A-Za-z_][\w.+-]*)"
    r"|(?:env::)?var(?:_os)?\(\s*\"(?P<variable>[A-Z][A-Z0-9_]*)\"|(?P<cmake>\bcmake::(?:build|Config)\b)"
    r"|Command::new\(\s*\"(?P<program>[\w./+-]+)\"|(?P<cc>\bcc::Build\b)|(?P<cxx>\.cpp\(true\)|cxx_build::bridge)"
    r"|(?P<bindgen>\bbindgen::(?:Builder|builder)\b)|rustc-link-lib=framework=(?P<framework>\w+)"
)


def scan_build_rs(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a build script says, by the calls and lines that Cargo's own crates fixed."""
    found = Found(path)
    line, counted = 1, 0
    for match in _SIGN.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        before = text[max(0, match.start() - _MAX_INDENT) : match.start()].rpartition("\n")[2]
        if "//" in before.partition('"')[0] or "=framework=" in match[0]:
            continue
        _keep(found, match, line)
    return found.signals()


def _keep(found: Found, match: re.Match[str], line: int) -> None:
    module = match["probed"] or match["config"]
    if module:
        found.add("pkg-config", module, line, ANYWHERE if match["probed"] else Where(is_optional=True))
    found.add("library", match["linked"] or "", line)
    found.add("language", "cxx" if match["cxx"] else "c" if match["cc"] else "", line)
    found.add("tool", "cmake" if match["cmake"] else "clangdev" if match["bindgen"] else "", line)
    if match["program"]:
        found.add("tool", tool_of(match["program"]) or "", line)
        found.add("config-tool", config_tool_of(match["program"], is_program=True) or "", line)
    variable = match["variable"]
    if variable:
        switch = switch_of("env", variable)
        if switch:
            found.add("switch", switch, line)
        elif is_library_variable(variable):
            found.add("variable", variable, line)
