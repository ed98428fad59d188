"""Calls in Python build code -> signals: extension modules, programs that are run, and questions for libraries."""

import ast
import re
from dataclasses import dataclass

from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.platforms import Where
from conda_bridge.infer.scan.programs import (
    config_tool_of,
    is_library_variable,
    language_of_program,
    program_of,
    tool_of,
)
from conda_bridge.infer.scan.python_conditions import dotted_name
from conda_bridge.infer.scan.python_survey import Place, Survey
from conda_bridge.infer.scan.python_values import Item, Values
from conda_bridge.infer.scan.switches import switch_of

__all__ = [
    "Reading",
    "is_extension_class",
    "is_search",
    "keep_pkg_config",
    "keep_source",
    "keep_variable",
    "scan_call",
]

_BUILDERS = {
    "cythonize": "cython", "mypycify": "c", "intree_extensions": "cxx", "add_extension": "c",
}  # fmt: skip
_LANGUAGES = {
    "CppExtension": "cxx", "Pybind11Extension": "cxx", "PybindExtension": "cxx", "CythonExtension": "cython",
    "RustExtension": "rust", "CUDAExtension": "cuda", "PyO3Extension": "rust", "NanobindExtension": "cxx",
    "GoExtension": "go",
}  # fmt: skip
_NO_CLASS = frozenset({
    "Extension.__init__", "add_extension", "build_extension", "get_extension", "build_ext", "InvalidExtension", "splitext",
})  # fmt: skip
_EXTENSION_CLASS = re.compile(r"_?[A-Z]\w*Extension|_?Extension")
_RUNNERS = frozenset({
    "call", "check_call", "check_output", "Popen", "run", "spawn", "system", "popen", "getoutput", "getstatusoutput",
    "execute", "announce_and_run", "run_command", "run_cmd", "runcmd", "exec_command", "exec_process", "cmd_output",
    "check_cmd", "sh", "shell",
})  # fmt: skip
_SEEKERS = frozenset({"which", "find_executable", "find_program", "cmd_exists", "has_command", "is_tool"})
_ASKS_LIBRARY = re.compile(
    r"_?(?:find|check|has|have|search|locate|probe|detect|test|lookup)_?(?:for_)?(?:c_|shared_|static_|system_)*"
    r"lib(?:rary|raries|s)?(?:_file|_exists|_path)?(?:_or_.*)?|library_exists|lib_exists"
)
_PKG_CONFIG = re.compile(r"(?:.*_)?pkg_?config(?:_.*)?", re.IGNORECASE)
_PKG_CONFIG_METHODS = frozenset({
    "parse", "exists", "libs", "cflags", "installed", "modversion", "variables", "configure_extension", "query", "get_libs",
    "get_cflags",
})  # fmt: skip
_PKG_CONFIG_NAME = re.compile(r"[A-Za-z][\w.+-]*")
_NO_PKG_CONFIG_NAME = frozenset({
    "libs", "cflags", "version", "modversion", "libraries", "include_dirs", "library_dirs", "extra_link_args", "prefix", "ascii",
    "extra_compile_args", "define_macros", "utf-8", "utf8", "pkg-config", "pkgconf", "replace", "static", "shared", "linux",
})  # fmt: skip
# Arguments beside: headers, and the folders that are searched.
_NO_LIBRARY = re.compile(r".*\.(?:h|hpp)|lib(?:32|64)?|include|bin")
_SONAME = re.compile(r"[A-Za-z_][\w.+-]*")
_ENVIRONMENT = re.compile(
    r"(?:\w+\.)*_?env(?:iron)?(?:\.\w+)?|(?:os\.)?getenv|(?:\w+\.)*(?:get_env\w*|env_\w+|getenv\w*|\w+_env(?:var)?)"
)
_NUMPY = re.compile(
    r"(?:numpy|np)(?:\.core)?(?:\.\w+)?\.get_(?:numpy_)?include(?:_dirs)?|get_numpy_include(?:_dirs|s)?"
)
_SOURCE = re.compile(
    r"\.(?:c|cc|cpp|cxx|c\+\+|m|mm|cu|f|for|f77|f90|f95|f03|f08|pyf|pyx|py|pxd|i|swg|rs|go|zig|s|asm|idl|toml)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One file, while its signals are gathered."""

    survey: Survey
    values: Values
    found: Found
    own: frozenset[str] = frozenset()
    """Static libraries that the project builds itself."""


def is_extension_class(survey: Survey, name: str, depth: int = 0) -> bool:
    """Tell whether a class is `Extension`, is called so, or is derived in the file from one that is."""
    last = survey.aliases.get(name, name).rpartition(".")[2]
    if last in _NO_CLASS or depth > 4:
        return False
    if _EXTENSION_CLASS.fullmatch(last):
        return True
    return any(is_extension_class(survey, base, depth + 1) for base in survey.bases.get(last, ()))


def is_search(call: ast.Call) -> bool:
    """Tell whether a call asks whether a program is there, which then is no text of a command."""
    return dotted_name(call.func).rpartition(".")[2] in _SEEKERS


def scan_call(reading: Reading, call: ast.Call, place: Place) -> None:
    """Keep what one call says."""
    name = _imported_name(reading.survey, dotted_name(call.func))
    last = name.rpartition(".")[2]
    if last in _BUILDERS or is_extension_class(reading.survey, name):
        _keep_extension(reading, call, last, place)
    elif last == "add_library" and call.args:
        _keep_sources(reading, call, place)
    elif last in _RUNNERS | _SEEKERS and call.args:
        _keep_command(reading, call, place, is_sought=last in _SEEKERS)
    elif _ENVIRONMENT.fullmatch(name) and call.args:
        for item in reading.values.texts(call.args[0], place):
            keep_variable(reading, item)
    elif _PKG_CONFIG.search(name) and not _ENVIRONMENT.fullmatch(name):
        _keep_pkg_config_call(reading, call, name, place)
    elif _NUMPY.fullmatch(name) or _is_numpy(reading, name):
        reading.found.add("numpy-headers", "numpy", call.lineno, place.where)
    else:
        _keep_question(reading, call, last, place)


def _imported_name(survey: Survey, name: str) -> str:
    """Return the name by which a module's function is known: `pkgconfig.parse` of `pc.parse`."""
    head, dot, rest = name.partition(".")
    return f"{survey.aliases.get(head, head)}{dot}{rest}" if dot else name


def _keep_extension(reading: Reading, call: ast.Call, name: str, place: Place) -> None:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    language = _BUILDERS.get(name) or _LANGUAGES.get(name)
    if language and (name != "intree_extensions" or "language" not in keywords):
        reading.found.add("language", language, call.lineno, place.where)
    if name == "CMakeExtension":
        reading.found.add("tool", "cmake", call.lineno, place.where)
    if name in {"cythonize", "mypycify", "intree_extensions"}:
        reading.found.add("extension", name, call.lineno, place.where)
        for item in reading.values.texts(call.args[0], place) if call.args else ():
            keep_source(reading, item)
        return
    named = keywords.get("name") or keywords.get("target") or (call.args[0] if call.args else None)
    names = reading.values.texts(named, place) if named is not None else []
    kept = [item for item in names if _is_module(item.text)]
    for item in kept:
        reading.found.add("extension-module", item.text, call.lineno, item.where)
    if not kept:
        reading.found.add("extension", name, call.lineno, place.where)
    _keep_sources(reading, call, place)


def _is_module(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _keep_sources(reading: Reading, call: ast.Call, place: Place) -> None:
    """The second argument of extensions and libraries lists sources; `sources=` is looked at by its name."""
    if len(call.args) > 1:
        for item in reading.values.texts(call.args[1], place):
            keep_source(reading, item)


def keep_source(reading: Reading, item: Item) -> None:
    """Keep a source of an extension; a pattern's `*` becomes `?`, which tokens may hold."""
    if _SOURCE.search(item.text):
        reading.found.add("extension-source", item.text.replace("*", "?"), item.line, item.where)
        if item.text.endswith(".pyf"):
            reading.found.add("f2py", "f2py", item.line, item.where)


def _keep_command(reading: Reading, call: ast.Call, place: Place, *, is_sought: bool) -> None:
    """The first word of a command is a program; what follows `pkg-config` are modules."""
    words: list[Item] = []
    for argument in call.args[:2]:
        words += reading.values.command(argument, place)
        if words:
            break
    if not words:
        return
    _keep_program(reading, words[0], is_sought=is_sought)
    if program_of(words[0].text) in {"pkg-config", "pkgconf"}:
        for word in words[1:]:
            keep_pkg_config(reading.found, word.text, call.lineno, word.where)


def _keep_program(reading: Reading, word: Item, *, is_sought: bool) -> None:
    where = word.where.within(word.where.platforms, is_optional=is_sought)
    tool = tool_of(word.text)
    config_tool = config_tool_of(word.text, is_program=True)
    language = language_of_program(word.text)
    if tool:
        reading.found.add("tool", tool, word.line, where)
    if config_tool:
        reading.found.add("config-tool", config_tool, word.line, where)
    if language and not where.is_optional:
        reading.found.add("language", language, word.line, where)


def keep_pkg_config(found: Found, text: str, line: int, where: Where) -> None:
    """Keep the module that a word of a pkg-config command names; options and bounds name none."""
    name = re.split(r"[<>=!\s]", text.strip(), maxsplit=1)[0]
    if (
        _PKG_CONFIG_NAME.fullmatch(name)
        and not name.endswith("config")
        and not name.isupper()
        and name.lower() not in _NO_PKG_CONFIG_NAME
    ):
        found.add("pkg-config", name, line, where)


def _keep_pkg_config_call(reading: Reading, call: ast.Call, name: str, place: Place) -> None:
    owner, _, method = name.rpartition(".")
    if _PKG_CONFIG.fullmatch(owner.rpartition(".")[2]) and method not in _PKG_CONFIG_METHODS:
        return
    reading.found.add("tool", "pkg-config", call.lineno, place.where)
    # cffi's `set_source_pkgconfig(module, packages, source)` has other texts beside.
    positional = call.args[1:2] if method == "set_source_pkgconfig" else call.args
    named = [k.value for k in call.keywords if k.arg in {"package", "packages", "lib", "name"}]
    for argument in (*positional, *named):
        if isinstance(argument, ast.Name) and reading.values.is_list(argument, place):
            # A list that the call fills with what pkg-config answers.
            continue
        for item in reading.values.texts(argument, place):
            for word in item.text.split():
                keep_pkg_config(reading.found, word, call.lineno, item.where)


def keep_variable(reading: Reading, item: Item) -> None:
    """Keep what an environment variable's name says: where a library is, or whose copy to use."""
    switch = switch_of("env", item.text) if item.text.isupper() else None
    if switch:
        reading.found.add("switch", switch, item.line, item.where)
    elif is_library_variable(item.text):
        reading.found.add("variable", item.text, item.line, item.where)


def _is_numpy(reading: Reading, name: str) -> bool:
    return name in {"get_include", "get_numpy_include_dirs"} and reading.survey.aliases.get(
        name, ""
    ).startswith("numpy")


def _keep_question(reading: Reading, call: ast.Call, name: str, place: Place) -> None:
    """Functions of the build code that look for a library are called so everywhere."""
    if not _ASKS_LIBRARY.fullmatch(name.lower()):
        return
    for argument in call.args:
        for item in reading.values.texts(argument, place):
            if _SONAME.fullmatch(item.text) and not _NO_LIBRARY.fullmatch(item.text):
                where = item.where.within(item.where.platforms, is_optional=True)
                reading.found.add("library", item.text, item.line, where)
