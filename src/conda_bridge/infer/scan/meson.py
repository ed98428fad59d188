"""meson.build and meson.options -> signals: languages, dependencies, libraries, programs, switches.

Source: Meson reference manual.
"""

import re
from collections.abc import Callable

from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.meson_text import Call, read_meson
from conda_bridge.infer.scan.platforms import Where
from conda_bridge.infer.scan.programs import config_tool_of, language_of_program, program_of, tool_of
from conda_bridge.infer.scan.switches import switch_of
from conda_bridge.model.source import Signal

__all__ = ["scan_meson", "scan_meson_options"]

_LANGUAGES = {
    "c": "c", "cpp": "cxx", "fortran": "fortran", "cython": "cython", "rust": "rust", "cuda": "cuda", "objc": "objc",
    "objcpp": "objc",
}  # fmt: skip
_NO_DEPENDENCIES = frozenset({"", "python", "python3", "threads", "dl", "m", "intl", "iconv", "coarray", "appleframeworks", "objfw", "disabler"})  # fmt: skip
_UNSURE = frozenset(
    {"false", "get_option()", "disabled", "allowed()", "enable_auto_if()", "disable_auto_if()"}
)
_NAME = re.compile(r"[A-Za-z_][\w.+-]*")
_VERSION = re.compile(r"3\.\d{1,2}")
_API = re.compile(r"-DPy_LIMITED_API=0x03(?P<minor>[0-9a-fA-F]{2})0000")
_LINK_FLAG = re.compile(r"-l([A-Za-z_][\w.+-]*)")
_NO_VALUES = frozenset({
    "", "auto", "enabled", "disabled", "true", "false", "none", "default", "all", "yes", "no", "on", "off", "min", "max", "static",
    "shared", "release", "debug", "plain", "native",
})  # fmt: skip


def scan_meson(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a Meson file says of native code."""
    found = Found(path)
    for call in read_meson(text):
        _keep_call(found, call)
    return found.signals()


def _keep_call(found: Found, call: Call) -> None:
    scanner = _METHODS.get(call.name) or (None if call.owner else _FUNCTIONS.get(call.name))
    if scanner is not None:
        scanner(found, call)
    _keep_flags(found, call)


def _where(call: Call) -> Where:
    """A dependency is optional where `required` says so, or leaves it to an option."""
    is_optional = bool(_UNSURE.intersection(call.named.get("required", ())))
    return call.where.within(call.where.platforms, is_optional=is_optional)


def _keep_project(found: Found, call: Call) -> None:
    _keep_languages(found, call, call.texts[1:])


def _keep_added_languages(found: Found, call: Call) -> None:
    _keep_languages(found, call, call.texts)


def _keep_library(found: Found, call: Call) -> None:
    for name in call.texts[:1]:
        if _NAME.fullmatch(name):
            found.add("library", name, call.line, _where(call))
    _keep_headers(found, call.named.get("has_headers", []), call)


def _keep_header_check(found: Found, call: Call) -> None:
    _keep_headers(found, call.texts[:1], call)


def _keep_programs(found: Found, call: Call) -> None:
    for name in call.texts:
        _keep_program(found, name, call.line, _where(call))


def _keep_run(found: Found, call: Call) -> None:
    _keep_command(found, call, call.texts)


def _keep_custom_target(found: Found, call: Call) -> None:
    _keep_command(found, call, call.named.get("command", []))


def _keep_subproject(found: Found, call: Call) -> None:
    for name in call.texts[:1]:
        found.add("vendored-build", f"subprojects/{name}", call.line, call.where)


def _keep_target(found: Found, call: Call) -> None:
    for name in call.texts[:1]:
        found.add("build-target", name, call.line, call.where)


def _keep_languages(found: Found, call: Call, languages: list[str]) -> None:
    """CUDA under a condition is an option of the build, off by default nearly everywhere."""
    if call.where.is_optional or call.named.get("required", ["true"]) == ["false"]:
        return
    for language in languages:
        if not (language == "cuda" and call.is_conditional):
            found.add("language", _LANGUAGES.get(language, ""), call.line, call.where)


def _keep_dependency(found: Found, call: Call) -> None:
    where = _where(call)
    for name in call.texts:
        lowered = name.lower()
        if lowered == "numpy":
            found.add("numpy-headers", "numpy", call.line, call.where)
        elif lowered == "openmp":
            found.add("openmp", "openmp", call.line, where)
        elif lowered not in _NO_DEPENDENCIES and _NAME.fullmatch(name):
            found.add("pkg-config", name, call.line, where)
        if lowered in {"pybind11", "nanobind"} and not where.is_optional:
            found.add("language", "cxx", call.line, where)


def _keep_program(found: Found, name: str, line: int, where: Where) -> None:
    found.add("tool", tool_of(name) or "", line, where)
    found.add("config-tool", config_tool_of(name, is_program=True) or "", line, where)
    if program_of(name) == "f2py":
        found.add("f2py", "f2py", line, where)
    if not where.is_optional:
        found.add("language", language_of_program(name) or "", line, where)


def _keep_command(found: Found, call: Call, words: list[str]) -> None:
    for word in words[:1]:
        _keep_program(found, word, call.line, call.where)
    if words and program_of(words[0]) in {"pkg-config", "pkgconf"}:
        for word in words[1:]:
            if _NAME.fullmatch(word):
                found.add("pkg-config", word, call.line, call.where)


def _keep_headers(found: Found, names: list[str], call: Call) -> None:
    for name in names:
        found.add("header-string", name, call.line, _where(call))


def _keep_extension(found: Found, call: Call) -> None:
    found.add("extension", "extension_module", call.line, call.where)
    _keep_target(found, call)
    if "limited_api" in call.named:
        version = next(iter(call.named["limited_api"]), "")
        found.add("abi3", version if _VERSION.fullmatch(version) else "", call.line, call.where)


def _keep_flags(found: Found, call: Call) -> None:
    for text in (*call.texts, *(text for texts in call.named.values() for text in texts)):
        flag, api = _LINK_FLAG.fullmatch(text), _API.fullmatch(text)
        if flag:
            found.add("library", flag[1], call.line, call.where)
        if api:
            found.add("abi3", f"3.{int(api['minor'], 16)}", call.line, call.where)


_FUNCTIONS: dict[str, Callable[[Found, Call], None]] = {
    "project": _keep_project,
    "add_languages": _keep_added_languages,
    "dependency": _keep_dependency,
    "find_program": _keep_programs,
    "run_command": _keep_run,
    "custom_target": _keep_custom_target,
    "generator": _keep_custom_target,
    "subproject": _keep_subproject,
    "static_library": _keep_target,
    "shared_library": _keep_target,
    "both_libraries": _keep_target,
    "library": _keep_target,
    "executable": _keep_target,
}
_METHODS: dict[str, Callable[[Found, Call], None]] = {
    "find_library": _keep_library,
    "has_header": _keep_header_check,
    "check_header": _keep_header_check,
    "has_header_symbol": _keep_header_check,
    "extension_module": _keep_extension,
}


def scan_meson_options(path: str, text: str) -> tuple[Signal, ...]:
    """Find the options that choose a library, and those that choose whose copy of it is used."""
    found = Found(path)
    for call in read_meson(text):
        if call.name == "option" and not call.owner and call.texts:
            _keep_option(found, call, call.texts[0])
    return found.signals()


def _keep_option(found: Found, call: Call, name: str) -> None:
    form = next(iter(call.named.get("type", [])), "")
    values = call.named.get("value", [])
    default = values[0] if values else ""
    switch = switch_of("meson", name)
    if (
        form in {"string", "combo"}
        and default not in _NO_VALUES
        and not default.startswith("python")
        and _NAME.fullmatch(default)
    ):
        found.add("option", f"{name}={default}", call.line, call.where)
    if switch is None or form not in {"boolean", "feature"}:
        return
    wants_on = not switch.endswith("=false")
    if form == "boolean":
        is_default = (default or "true") == ("true" if wants_on else "false")
    else:
        is_default = (default or "auto") == ("enabled" if wants_on else "disabled")
        switch = f"meson:{name}={'enabled' if wants_on else 'disabled'}"
    found.add("switch-default" if is_default else "switch", switch, call.line, call.where)
