"""setup.py, build scripts and build hooks -> signals of native code: what they build, link, look for and run.

The text is read as a syntax tree and never run; a text of Python 2 is mended where that is easy, else a few patterns
find extension modules in it.
"""

import ast
import re
from collections.abc import Iterator

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.build_calls import (
    Reading,
    is_search,
    keep_pkg_config,
    keep_source,
    keep_variable,
    scan_call,
)
from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.interest import is_build_script
from conda_bridge.infer.scan.programs import config_tool_of, program_of
from conda_bridge.infer.scan.python_conditions import dotted_name
from conda_bridge.infer.scan.python_survey import Place, Survey, survey
from conda_bridge.infer.scan.python_values import Item, Values
from conda_bridge.infer.scan.setup_text import mended, scan_setup_text
from conda_bridge.infer.scan.switches import switch_of
from conda_bridge.model.source import Signal

__all__ = ["api_version", "scan_build_script", "scan_setup_py"]


_LIBRARY_LISTS = frozenset(
    {"libraries", "extra_libraries", "libs", "LIBRARIES", "ext_libraries", "link_libraries"}
)
_SOURCE_LISTS = frozenset({"sources", "SOURCES", "source_files", "srcs"})
_EXTENSION_LISTS = frozenset({"ext_modules", "ext_package", "cffi_modules", "rust_extensions", "build_golang", "cmake_install_dir", "build_zig", "milksnake_tasks"})  # fmt: skip
_SONAME = re.compile(r"[A-Za-z_][\w.+-]*")
_LINK_FLAG = re.compile(r"(?<!\S)-l([A-Za-z_][\w.+-]*)(?!\S)")
_HEADER = re.compile(r"[\w./+-]+\.(?:h|hh|hpp|hxx)")
_CXX_STANDARD = re.compile(r"[-/]std[:=](?:c|gnu)\+\+\w+")
_OPENMP = re.compile(r"[-/]f?openmp(?!-)\S*|-q?openmp")
_OPTION = re.compile(r"(?:--)?[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+=?")
_LANGUAGES = {
    "c": "c", "c++": "cxx", "cpp": "cxx", "cxx": "cxx", "objc": "objc", "fortran": "fortran", "f77": "fortran",
    "f90": "fortran", "cuda": "cuda", "rust": "rust",
}  # fmt: skip
_IMPORTS = {
    "pybind11": "cxx", "nanobind": "cxx", "Cython": "cython", "setuptools_rust": "rust", "mypyc": "c", "cffi": "c",
    "pythran": "cxx", "SCons": "", "skbuild": "", "numpy": "", "pkgconfig": "", "torch": "", "tensorflow": "", "jinja2": "",
    "mako": "", "tempita": "", "extension_helpers": "", "f90wrap": "fortran", "mpi4py": "", "petsc4py": "", "sipbuild": "cxx",
    "cmake": "", "ninja": "", "swig": "", "scikit_build_core": "", "cppy": "cxx", "setuptools_golang": "go",
}  # fmt: skip
_API_VERSION = re.compile(r"(?:0x|cp|)0?3_?\.?0?(?P<minor>[0-9a-fA-F]{1,2})(?:0000|)", re.IGNORECASE)
_MAX_MINOR = 40
_MAX_DEPTH = 5
_MAX_BINDINGS = 10


def scan_build_script(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a build script says; any other module says nothing of the build."""
    return scan_setup_py(path, text) if is_build_script(path) else ()


def scan_setup_py(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a program of the build says of native code."""
    tree = parse(text) or parse(mended(text))
    if tree is None:
        return scan_setup_text(path, text)
    known = survey(tree)
    values = Values(known)
    reading = Reading(known, values, Found(path), frozenset(_own_libraries(known, values)))
    _keep_imports(reading)
    sought: set[int] = set()
    for node, place in known.sites:
        match node:
            case ast.Constant() if id(node) in sought:
                pass
            case ast.keyword(arg=str(name), value=value):
                _keep_keyword(reading, name, value, place)
            case ast.Call():
                sought.update(id(argument) for argument in node.args if is_search(node))
                _keep_switch(reading, node, place)
                scan_call(reading, node, place)
            case ast.Constant(value=str(content)):
                _keep_text(reading, Item(content, node.lineno, place.where))
            case ast.Tuple(elts=elements) | ast.List(elts=elements) if elements:
                _keep_row(reading, elements, place)
            case ast.Subscript() | ast.Compare():
                _keep_environment(reading, node, place)
            case _:
                pass
    return reading.found.signals()


def _keep_switch(reading: Reading, call: ast.Call, place: Place) -> None:
    """A function of another module that makes an extension is known by its name alone."""
    if place.where.switch and "extension" in dotted_name(call.func).lower():
        reading.found.add("switched-off", place.where.switch, call.lineno)


def _keep_imports(reading: Reading) -> None:
    for name, line in reading.survey.imports:
        top = name.partition(".")[0]
        if top not in _IMPORTS:
            continue
        reading.found.add("build-import", top, line)
        if _IMPORTS[top] and top != "Cython":
            reading.found.add("language", _IMPORTS[top], line)
        if name.startswith("numpy.distutils"):
            reading.found.add("numpy-headers", "numpy", line)
        if name.startswith("numpy.f2py"):
            reading.found.add("f2py", "f2py", line)


def _keep_keyword(reading: Reading, name: str, value: ast.expr, place: Place) -> None:
    if name in _LIBRARY_LISTS:
        _keep_libraries(reading, value, place)
    elif name in _SOURCE_LISTS:
        for item in reading.values.texts(value, place):
            keep_source(reading, item)
    elif name in _EXTENSION_LISTS:
        if not _is_empty(reading, value, place):
            reading.found.add("extension", name, value.lineno, place.where)
    elif name == "language":
        for item in reading.values.texts(value, place):
            reading.found.add("language", _LANGUAGES.get(item.text.lower(), ""), item.line, item.where)
    elif name in {"py_limited_api", "limited_api"}:
        _keep_api(reading, value, place)


def _is_empty(reading: Reading, value: ast.expr, place: Place, depth: int = 0) -> bool:
    """Tell whether a list surely has no element: it is written so, and nothing is added to it unless asked for."""
    if depth > _MAX_DEPTH:
        return False
    match value:
        case ast.Constant(value=None) | ast.List(elts=[]) | ast.Tuple(elts=[]):
            return True
        case ast.IfExp(test=test, body=body, orelse=orelse):
            condition = reading.survey.condition(test, place.scope)
            parts = [body] * (not condition.switch) + [orelse] * (not condition.refusal)
            return all(_is_empty(reading, part, place, depth + 1) for part in parts)
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)):
            called = f"{name}()" if isinstance(value, ast.Call) else name
            found = reading.survey.of(place.scope, called)
            return 0 < len(found) <= _MAX_BINDINGS and all(
                b.place.where.switch or _is_empty(reading, b.node, b.place, depth + 1) for b in found
            )
        case _:
            return False


def _keep_libraries(reading: Reading, value: ast.expr, place: Place) -> None:
    """`libraries=` names what is linked, or the project's own static libraries as pairs of name and sources."""
    for item in reading.values.texts(value, place):
        name = item.text.removeprefix("-l").replace("\\", "/").rpartition("/")[2].removeprefix(":")
        if _SONAME.fullmatch(name) and name not in reading.own:
            reading.found.add("library", name, item.line, item.where)


def _own_libraries(known: Survey, values: Values) -> Iterator[str]:
    """Yield the names of `setup(libraries=[(name, {...})])` and of `add_library(name, ...)`."""
    for node, place in known.sites:
        match node:
            case ast.Tuple(elts=[name, table]) | ast.List(elts=[name, table]) if _is_table(table):
                yield values.first(name, place)
            case ast.Call(func=ast.Attribute(attr="add_library"), args=[name, *_]):
                yield values.first(name, place)
            case _:
                pass


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict"
    )


def _keep_text(reading: Reading, item: Item) -> None:
    """Keep what a text says by its form alone: flags, headers, commands, options."""
    text, found = item.text, reading.found
    if len(text) > 300 or "\n" in text:
        return
    for name in _LINK_FLAG.findall(text):
        found.add("library", name, item.line, item.where)
    if _HEADER.fullmatch(text):
        found.add("header-string", text.lstrip("./"), item.line, item.where)
    elif _CXX_STANDARD.fullmatch(text):
        found.add("language", "cxx", item.line, item.where)
    elif _OPENMP.fullmatch(text):
        found.add("openmp", "openmp", item.line, item.where)
    elif _OPTION.fullmatch(text):
        _keep_option(reading, item)
    elif text.startswith("-DPy_LIMITED_API"):
        found.add("abi3", api_version(text.partition("=")[2]), item.line, item.where)
    _keep_command_text(reading, item)


def _keep_option(reading: Reading, item: Item) -> None:
    switch = switch_of("setup.py", item.text)
    if switch and (
        item.text.startswith("--") or item.text.startswith(("use-system", "with-system", "system-"))
    ):
        reading.found.add("switch", switch, item.line, item.where)


def _keep_command_text(reading: Reading, item: Item) -> None:
    words = item.text.split()
    if not words:
        return
    program = program_of(words[0])
    config_tool = config_tool_of(words[0])
    if config_tool and (len(words) == 1 or words[1].startswith("-")):
        reading.found.add("config-tool", config_tool, item.line, item.where)
    elif program in {"pkg-config", "pkgconf"}:
        reading.found.add("tool", "pkg-config", item.line, item.where)
        if len(words) > 1 and words[1].startswith("-"):
            for word in words[1:]:
                keep_pkg_config(reading.found, word, item.line, item.where)


def _keep_row(reading: Reading, elements: list[ast.expr], place: Place) -> None:
    """Rows with a meaning: a macro and its value, an option of a command, a command and its words."""
    match elements[0]:
        case ast.Constant(value="Py_LIMITED_API"):
            value = reading.values.first(elements[1], place) if len(elements) > 1 else ""
            if (
                len(elements) > 1
                and isinstance(elements[1], ast.Constant)
                and isinstance(elements[1].value, int)
            ):
                value = hex(elements[1].value)
            reading.found.add("abi3", api_version(value), elements[0].lineno, place.where)
            return
        case ast.Constant(value=str(text)) if _is_language_option(reading, text, elements[1:]):
            reading.found.add("switched-off", f"--{text}", elements[0].lineno)
            return
        case ast.Constant(value=str(text)) if len(elements) > 2 and _OPTION.fullmatch(text):
            switch = switch_of("setup.py", text)
            if switch and isinstance(elements[1], ast.Constant):
                reading.found.add("switch", switch, elements[0].lineno, place.where)
            return
    if len(elements) > 1 and program_of(reading.values.first(elements[0], place)) in {
        "pkg-config",
        "pkgconf",
    }:
        for element in elements[1:]:
            for item in reading.values.texts(element, place):
                keep_pkg_config(reading.found, item.text, item.line, item.where)


def _is_language_option(reading: Reading, text: str, rest: list[ast.expr]) -> bool:
    """Tell whether a row of options `(name, None, help)` turns a language on that is off by default.

    Source: setuptools documentation, Command; options without a letter are attributes of the same name.
    """
    match rest:
        case [ast.Constant(value=None), ast.Constant(value=str())] if text in _LANGUAGES.values():
            values = [binding.node for binding in reading.survey.of("", text)]
            return bool(values) and all(isinstance(v, ast.Constant) and not v.value for v in values)
        case _:
            return False


def _keep_environment(reading: Reading, node: ast.Subscript | ast.Compare, place: Place) -> None:
    """`os.environ["X"]` and `"X" in os.environ`; also `os.environ["X"] == "system"`, a switch by its value."""
    match node:
        case ast.Compare(
            left=left, ops=[ast.Eq()], comparators=[ast.Constant(value="system" | "external" as value)]
        ):
            for variable in _variables(reading, left, place):
                reading.found.add("switch", f"env:{variable}={value}", node.lineno, place.where)
            return
        case ast.Subscript(value=ast.Attribute(attr="environ") | ast.Name(id="environ" | "env"), slice=key):
            pass
        case ast.Compare(
            left=key,
            ops=[ast.In() | ast.NotIn()],
            comparators=[ast.Attribute(attr="environ") | ast.Name(id="environ")],
        ):
            pass
        case _:
            return
    for item in reading.values.texts(key, place):
        keep_variable(reading, item)


def _variables(reading: Reading, node: ast.expr, place: Place) -> Iterator[str]:
    """Yield the environment variables whose value an expression is, or a name stands for."""
    nodes = [node]
    if isinstance(node, ast.Name):
        nodes = [binding.node for binding in reading.survey.of(place.scope, node.id)[:5]]
    for one in nodes:
        match one:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=key):
                yield reading.values.first(key, place)
            case ast.Call(
                func=ast.Attribute(attr="get", value=ast.Attribute(attr="environ")), args=[key, *_]
            ):
                yield reading.values.first(key, place)
            case ast.Call(func=ast.Attribute(attr="getenv") | ast.Name(id="getenv"), args=[key, *_]):
                yield reading.values.first(key, place)
            case _:
                pass


def _keep_api(reading: Reading, value: ast.expr, place: Place) -> None:
    if isinstance(value, ast.Constant) and not value.value:
        return
    reading.found.add("abi3", api_version(reading.values.first(value, place)), value.lineno, place.where)


def api_version(text: str) -> str:
    """Return `3.9` of `0x03090000`, `cp39` or `3.9`; empty where it can't be known."""
    match = _API_VERSION.fullmatch(text.strip().rstrip("uUlL"))
    if match is None:
        return ""
    minor = (
        int(match["minor"], 16 if text.lower().startswith("0x") else 10)
        if match["minor"].isdigit() or text.lower().startswith("0x")
        else -1
    )
    return f"3.{minor}" if 2 <= minor <= _MAX_MINOR else ""
