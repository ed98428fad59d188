"""pyproject.toml -> signals of native code in the tables of backends and plugins.

Which backend is in use, and what it needs, is for the backend's row to say; here are the names, libraries and ABIs
that the tables hold. Sources: the documentation of each tool.
"""

from collections.abc import Iterator
from itertools import islice

from conda_bridge.infer.pyproject import dig, strings
from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.platforms import Where
from conda_bridge.infer.scan.setup_py import api_version
from conda_bridge.infer.scan.toml_texts import line_of, tables_of
from conda_bridge.model.source import Signal

__all__ = ["scan_pyproject"]

_MAX_ROWS = 500
_HOOKS = {
    "cython": "cython", "hatch-cython": "cython", "cpp": "cxx", "hatch-cpp": "cxx", "rs": "rust", "hatch-rs": "rust", "rust": "rust",
    "hatch-rust": "rust", "mypyc": "c", "meson": "c", "scikit-build": "cxx", "go": "go", "hatch-go": "go",
}  # fmt: skip
_JAVASCRIPT_HOOKS = frozenset({"jupyter-builder", "js", "hatch-js", "nodejs-build", "nodejs", "npm", "node", "build-scripts-npm"})  # fmt: skip
_LANGUAGES = {"c": "c", "c++": "cxx", "cpp": "cxx", "objc": "objc", "fortran": "fortran", "cuda": "cuda"}


def scan_pyproject(path: str, text: str) -> tuple[Signal, ...]:
    """Find what the tables of backends say of native code."""
    if "/" in path or "[tool" not in text:
        return ()
    tables = tables_of(text)
    found = Found(path)
    _setuptools(found, tables, text)
    _rust(found, tables, text)
    _hooks(found, tables, text)
    _stable_abi(found, tables, text)
    bindings = dig(tables, "tool", "sip", "bindings")
    line = line_of(text, "tool.sip")
    for binding in bindings.values() if isinstance(bindings, dict) else ():
        for library in strings(dig(binding, "libraries")):
            found.add("library", library, line)
    return found.signals()


def _rows(value: object) -> Iterator[dict[str, object]]:
    """Yield the tables of an array; a lone table counts as an array of one."""
    for row in value if isinstance(value, list) else [value]:
        if isinstance(row, dict):
            yield row


def _setuptools(found: Found, tables: object, text: str) -> None:
    """Source: setuptools user guide, Configuring setuptools using pyproject.toml, ext-modules."""
    line = line_of(text, "ext-modules")
    for row in islice(_rows(dig(tables, "tool", "setuptools", "ext-modules")), _MAX_ROWS):
        for name in strings(row.get("name")):
            found.add("extension-module", name, line)
        for source in strings(row.get("sources")):
            found.add("extension-source", source, line)
        for library in strings(row.get("libraries")):
            found.add("library", library, line)
        for language in strings(row.get("language")):
            found.add("language", _LANGUAGES.get(language.lower(), ""), line)
        if row.get("py-limited-api") is True:
            found.add("abi3", "", line)
        _flags(found, row, line)


def _flags(found: Found, row: dict[str, object], line: int) -> None:
    for flag in (*strings(row.get("extra-link-args")), *strings(row.get("extra-compile-args"))):
        if flag.startswith("-l"):
            found.add("library", flag.removeprefix("-l"), line)
        elif "openmp" in flag:
            found.add("openmp", "openmp", line)
    macros = row.get("define-macros")
    for macro in macros if isinstance(macros, list) else ():
        if strings(macro)[:1] == ("Py_LIMITED_API",):
            found.add("abi3", api_version("".join(strings(macro)[1:2])), line)


def _rust(found: Found, tables: object, text: str) -> None:
    """Source: setuptools-rust and maturin, configuration."""
    for heading in ("ext-modules", "bins"):
        line = line_of(text, "setuptools-rust")
        for row in islice(_rows(dig(tables, "tool", "setuptools-rust", heading)), _MAX_ROWS):
            found.add("language", "rust", line)
            for name in strings(row.get("target")) if heading == "ext-modules" else ():
                found.add("extension-module", name, line)
            if row.get("py-limited-api") is True:
                found.add("abi3", "", line)
    maturin = dig(tables, "tool", "maturin")
    for feature in strings(dig(maturin, "features"))[:_MAX_ROWS]:
        name = feature.rpartition("/")[2]
        if name == "abi3" or name.startswith("abi3-py3"):
            version = name.removeprefix("abi3").removeprefix("-py")
            found.add("abi3", api_version(f"cp{version}"), line_of(text, feature))


def _hooks(found: Found, tables: object, text: str) -> None:
    """A hook of hatchling, or its JavaScript; sdists often hold what that makes, so that no build needs it again."""
    for place in (("hooks",), ("targets", "wheel", "hooks")):
        hooks = dig(tables, "tool", "hatch", "build", *place)
        for name in islice(hooks, _MAX_ROWS) if isinstance(hooks, dict) else ():
            line = line_of(text, f"hooks.{name}")
            found.add("language", _HOOKS.get(name, ""), line)
            if name in _JAVASCRIPT_HOOKS:
                table = dig(hooks, name)
                is_made = bool(dig(table, "skip-if-exists") or dig(table, "build-kwargs", "skip-if-exists"))
                found.add("tool", "nodejs", line, Where(is_optional=is_made))


def _stable_abi(found: Found, tables: object, text: str) -> None:
    for keys in (("distutils", "bdist_wheel", "py-limited-api"), ("distutils", "bdist_wheel", "py_limited_api"), ("scikit-build", "wheel", "py-api")):  # fmt: skip
        for version in strings(dig(tables, "tool", *keys)):
            if version.startswith(("cp3", "3.")):
                found.add("abi3", api_version(version), line_of(text, keys[-1]))
    if dig(tables, "tool", "meson-python", "limited-api") is True:
        found.add("abi3", "", line_of(text, "limited-api"))
