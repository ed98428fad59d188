"""The extension modules that a build installs, by their dotted names: of setup.py, Rust, CMake and Meson.

Where a file names no package for its module, none is guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from conda_bridge.infer.backend import backend_row
from conda_bridge.infer.crates import crate_manifests, crate_tables
from conda_bridge.infer.pyproject import dig, tool_table
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import SourceFacts

__all__ = ["CompiledModule", "compiled_modules"]

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_CMAKE_ADD = re.compile(
    r"^[ \t]*(?:nanobind_add_module|pybind11_add_module|python3?_add_library)\s*\(\s*(?P<name>\S+?)[\s)]",
    re.IGNORECASE | re.MULTILINE,
)
_CMAKE_INSTALL = re.compile(
    r"^[ \t]*install\s*\(\s*TARGETS\s(?P<arguments>[^()]*+)\)", re.IGNORECASE | re.MULTILINE
)
_CMAKE_SET = re.compile(
    r"^[ \t]*set\s*\(\s*(?P<name>\w+)\s+\"?(?P<value>[\w./-]+)\"?\s*\)", re.IGNORECASE | re.MULTILINE
)
_CMAKE_PROJECT = re.compile(r"^[ \t]*project\s*\(\s*(?P<name>[\w${}.-]+)", re.IGNORECASE | re.MULTILINE)
_CMAKE_NAME = re.compile(r"\$\{(?P<name>\w+)\}")
_MESON_MODULE = re.compile(
    r"\bextension_module\s*\(\s*'(?P<name>[\w.]+)'(?P<rest>[^()]*(?:\([^()]*\)[^()]*)*)\)"
)
_MESON_SUBDIR = re.compile(r"\bsubdir\s*:\s*'(?P<folder>[\w./-]*)'")
_EXT_PACKAGE = re.compile(r"""\bext_package\s*=\s*["'](?P<name>[\w.]+)["']""")
_CFFI_LIST = re.compile(r"\bcffi_modules[\"']?\s*[=:]\s*\[(?P<scripts>[^\[\]]*)\]")
_CFFI_SCRIPT = re.compile(r"""["'](?:\./)?(?P<path>[\w./-]+\.py):\w+["']""")
_CFFI_SOURCE = re.compile(r"""\.set_source(?:_pkgconfig)?\s*\(\s*["'](?P<name>[\w.]+)["']""")
_OWN_LIBRARIES = ("bin", "cffi", "uniffi")
"""Bindings of maturin without an extension module of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledModule:
    """One extension module."""

    name: str
    """Dotted."""
    origin: str

    @property
    def path(self) -> str:
        """Where it lies below the folder of Python modules, without its ending."""
        return self.name.replace(".", "/")


def compiled_modules(ctx: InferContext) -> tuple[CompiledModule, ...]:
    """Return the extension modules whose place is known, each once."""
    facts = ctx.facts
    row = backend_row(ctx.project, ctx.toolchains)
    is_maturin = row is not None and row.key == "maturin"
    found = [*_rust(facts, is_maturin=is_maturin), *_signalled(facts), *_cffi(facts)]
    variables = _top_variables(ctx)
    for path, text in facts.texts:
        name = path.rpartition("/")[2]
        if name == "CMakeLists.txt" and not is_vendored_or_test(path):
            found += _cmake(path, text, variables)
        elif name == "meson.build" and not is_vendored_or_test(path):
            found += _meson(path, text)
    unique: dict[str, CompiledModule] = {}
    for module in found:
        if _DOTTED.fullmatch(module.name):
            unique.setdefault(module.name, module)
    return tuple(unique.values())


def _signalled(facts: SourceFacts) -> Iterator[CompiledModule]:
    """Names of setup.py, setup.cfg and pyproject.toml, as far as the scanners read them there."""
    package = _EXT_PACKAGE.search(facts.text("setup.py") or "")
    for signal in facts.signals:
        if signal.kind == "extension-module" and not is_vendored_or_test(signal.path):
            name = Token.parse(signal.token).name.removeprefix("src.")
            if package and signal.path == "setup.py" and not name.startswith(f"{package['name']}."):
                name = f"{package['name']}.{name}"
            yield CompiledModule(
                name=name, origin=f"{signal.path}:{signal.line}" if signal.line else signal.path
            )


def _cffi(facts: SourceFacts) -> Iterator[CompiledModule]:
    """The scripts that setup.py names describe a module each. Source: cffi documentation, set_source."""
    listed = _CFFI_LIST.search(facts.text("setup.py") or "")
    for script in _CFFI_SCRIPT.finditer(listed["scripts"] if listed else ""):
        text = facts.text(script["path"]) or ""
        if (made := _CFFI_SOURCE.search(text)) is not None:
            line = text.count("\n", 0, made.start()) + 1
            yield CompiledModule(name=made["name"], origin=f"{script['path']}:{line}")


# ---------------------------------------------------------------- Rust


def _rust(facts: SourceFacts, *, is_maturin: bool) -> Iterator[CompiledModule]:
    if is_maturin:
        yield from _maturin(facts)
    modules = dig(tool_table(facts, "setuptools-rust"), "ext-modules")
    for index, module in enumerate(modules if isinstance(modules, list) else ()):
        target = dig(module, "target")
        if isinstance(target, str) and dig(module, "binding") in {None, "PyO3"}:
            origin = f"pyproject.toml#/tool/setuptools-rust/ext-modules/{index}/target"
            yield CompiledModule(name=target, origin=origin)
    hooks = tool_table(facts, "hatch", "build", "hooks")
    for name, hook in hooks.items():
        package = dig(hook, "module")
        if isinstance(package, str) and (manifests := crate_manifests(facts)):
            library = _library_name(facts, manifests[0])
            origin = f"pyproject.toml#/tool/hatch/build/hooks/{name}/module"
            yield CompiledModule(name=f"{package}.{library}", origin=origin)


def _maturin(facts: SourceFacts) -> Iterator[CompiledModule]:
    """A module without a package gets one of its own name around it. Source: maturin user guide, project layout."""
    table = tool_table(facts, "maturin")
    manifests = crate_manifests(facts)
    if table.get("bindings") in _OWN_LIBRARIES or not manifests:
        return
    stated = table.get("module-name")
    origin = "pyproject.toml#/tool/maturin/module-name" if isinstance(stated, str) else manifests[0]
    name = stated if isinstance(stated, str) else _library_name(facts, manifests[0])
    yield CompiledModule(name=name if "." in name else f"{name}.{name}", origin=origin)


def _library_name(facts: SourceFacts, manifest: str) -> str:
    tables = crate_tables(facts, manifest)
    name = dig(tables, "lib", "name") or dig(tables, "package", "name")
    return name.replace("-", "_") if isinstance(name, str) else ""


# ---------------------------------------------------------------- CMake and Meson


def _top_variables(ctx: InferContext) -> dict[str, str]:
    """Return what every CMake file of the project knows: names of scikit-build-core, and of the whole project."""
    name = ctx.project.display_name.replace("-", "_")
    found = {"SKBUILD_PROJECT_NAME": name, "SKBUILD_PLATLIB_DIR": "."}
    project = _CMAKE_PROJECT.search(ctx.facts.text("CMakeLists.txt") or "")
    if project is not None and "$" not in (named := _expanded(project["name"], found)):
        found |= {"PROJECT_NAME": named, "CMAKE_PROJECT_NAME": named}
    return found


def _cmake(path: str, text: str, known: dict[str, str]) -> Iterator[CompiledModule]:
    """A module that is a target of `install()` lies in its destination. Source: CMake manual, command install."""
    variables = {**known, **{match["name"]: match["value"] for match in _CMAKE_SET.finditer(text)}}
    project = _CMAKE_PROJECT.search(text)
    if project is not None and "$" not in (named := _expanded(project["name"], variables)):
        variables["PROJECT_NAME"] = named
    added = {_expanded(match["name"], variables): match for match in _CMAKE_ADD.finditer(text)}
    for install in _CMAKE_INSTALL.finditer(text):
        words = [_expanded(word.strip('"'), variables) for word in install["arguments"].split()]
        folder = next((after for word, after in pairwise(words) if word == "DESTINATION"), "")
        package = "" if folder in {".", "./"} else folder.strip("/").replace("/", ".")
        for name, match in added.items():
            if folder and name in words:
                line = text.count("\n", 0, match.start("name")) + 1
                yield CompiledModule(name=f"{package}.{name}".lstrip("."), origin=f"{path}:{line}")


def _expanded(word: str, variables: dict[str, str]) -> str:
    """Return the word with the variables in it; what is unknown stays and makes no name."""
    return _CMAKE_NAME.sub(lambda match: variables.get(match["name"]) or match[0], word)


def _meson(path: str, text: str) -> Iterator[CompiledModule]:
    """Source: Meson reference manual, python.extension_module."""
    for match in _MESON_MODULE.finditer(text):
        subdir = _MESON_SUBDIR.search(match["rest"])
        is_placed = subdir is not None or "subdir" not in match["rest"]
        if is_placed and re.search(r"\binstall\s*:\s*true\b", match["rest"]):
            folder = subdir["folder"].strip("/").replace("/", ".") if subdir else ""
            line = text.count("\n", 0, match.start()) + 1
            yield CompiledModule(name=f"{folder}.{match['name']}".lstrip("."), origin=f"{path}:{line}")
