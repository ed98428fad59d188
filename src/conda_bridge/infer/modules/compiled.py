"""The extension modules that a build installs, by their dotted names: of setup.py, Rust, CMake and Meson.

Where a file names no package for its module, none is guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.infer.backend import backend_row
from conda_bridge.infer.crates import crate_manifests, crate_tables
from conda_bridge.infer.modules.installs import (
    Installed,
    cmake_installs,
    cmake_project,
    cmake_variables,
    meson_installs,
    meson_variables,
)
from conda_bridge.infer.modules.names import is_own, is_test, resembles
from conda_bridge.infer.pyproject import dig, tool_table
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.condition import ALWAYS, Condition, negate, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import SourceFacts

__all__ = ["CompiledModule", "PlacedPackage", "compiled_modules", "placed_packages"]

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_OTHER_SYSTEM = re.compile(r".*_(?:\w*bsd|sunos|solaris|aix|hpux|cygwin)", re.IGNORECASE)
"""Names of modules for systems that conda doesn't serve."""
_EXT_PACKAGE = re.compile(r"""\bext_package\s*=\s*["'](?P<name>[\w.]+)["']""")
_CFFI_LIST = re.compile(r"\bcffi_modules[\"']?\s*[=:]\s*\[(?P<scripts>[^\[\]]*)\]")
_CFFI_SCRIPT = re.compile(r"""["'](?:\./)?(?P<path>[\w./-]+\.py):\w+["']""")
_CFFI_SOURCE = re.compile(r"""\.set_source(?:_pkgconfig)?\s*\(\s*["'](?P<name>[\w.]+)["']""")
_MESON = frozenset({"meson-python", "mesonpep517"})
_SYSTEMS = {
    "win": os_in({"win"}),
    "osx": os_in({"osx"}),
    "linux": os_in({"linux"}),
    "unix": os_in({"linux", "osx"}),
}
_OWN_LIBRARIES = ("bin", "cffi", "uniffi")
"""Bindings of maturin without an extension module of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledModule:
    """One extension module."""

    name: str
    """Dotted."""
    origin: str
    condition: Condition = ALWAYS
    """The systems for which it is built."""

    @property
    def is_everywhere(self) -> bool:
        """Tell whether every build has it."""
        return self.condition == ALWAYS

    @property
    def path(self) -> str:
        """Where it lies below the folder of Python modules, without its ending."""
        return self.name.replace(".", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPackage:
    """A package, or a module at the top, that the build's own files install."""

    name: str
    """Dotted."""
    origin: str


def compiled_modules(ctx: InferContext) -> tuple[CompiledModule, ...]:
    """Return the extension modules whose place is known, each once; not those for tests, nor what an option adds."""
    facts = ctx.facts
    row = backend_row(ctx.project, ctx.toolchains)
    is_maturin = row is not None and row.key == "maturin"
    found = [*_rust(facts, is_maturin=is_maturin), *_signalled(facts), *_cffi(facts)]
    found += (
        CompiledModule(name=one.name, origin=f"{path}:{one.line}", condition=_condition(one.guard))
        for path, one in _built(ctx)
        if one.is_module and not one.is_optional
    )
    unique: dict[str, CompiledModule] = {}
    for module in found:
        is_left_out = _is_for_tests(ctx, module.name) or _OTHER_SYSTEM.fullmatch(module.name)
        if _DOTTED.fullmatch(module.name) and not is_left_out:
            unique.setdefault(module.name, module)
    return tuple(unique.values())


def _is_for_tests(ctx: InferContext, name: str) -> bool:
    top, *inner = name.split(".")
    parts = inner if is_own(ctx, top) else (top, *inner)
    return any(is_test(part) or part.startswith(("test", "_test")) for part in parts)


def _condition(guard: str) -> Condition:
    if not guard:
        return ALWAYS
    return negate(_SYSTEMS[guard.removeprefix("!")]) if guard.startswith("!") else _SYSTEMS[guard]


def _signalled(facts: SourceFacts) -> Iterator[CompiledModule]:
    """Names of setup.py, setup.cfg and pyproject.toml, as far as the scanners read them there."""
    package = _EXT_PACKAGE.search(facts.text("setup.py") or "")
    for signal in facts.signals:
        if signal.kind == "extension-module" and not is_vendored_or_test(signal.path):
            token = Token.parse(signal.token)
            name = token.name.removeprefix("src.")
            if package and signal.path == "setup.py" and not name.startswith(f"{package['name']}."):
                name = f"{package['name']}.{name}"
            origin = f"{signal.path}:{signal.line}" if signal.line else signal.path
            yield CompiledModule(name=name, origin=origin, condition=_condition(token.guard))


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


def placed_packages(ctx: InferContext) -> tuple[PlacedPackage, ...]:
    """Return the packages and top modules that CMake and Meson install, without those inside of others."""
    unique: dict[str, PlacedPackage] = {}
    for path, one in _built(ctx):
        name = one.package
        if name not in unique and (one.is_module or resembles(ctx, name) or _is_package(ctx.facts, name)):
            unique[name] = PlacedPackage(name=name, origin=f"{path}:{one.line}")
    return tuple(
        package
        for package in unique.values()
        if _DOTTED.fullmatch(package.name)
        and not any(package.name.startswith(f"{outer}.") for outer in unique)
    )


def _is_package(facts: SourceFacts, name: str) -> bool:
    """Tell whether the source has the package's code somewhere: other folders hold data."""
    ending = f"/{name.replace('.', '/')}/__init__.py"
    return any(f"/{path}".endswith(ending) for path in facts.paths)


def _built(ctx: InferContext) -> Iterator[tuple[str, Installed]]:
    """Yield each file of the build and what it installs; a backend that is known reads its own files only."""
    row = backend_row(ctx.project, ctx.toolchains)
    key = row.key if row is not None else ""
    cmake, meson = _top_variables(ctx), meson_variables(ctx.facts.text("meson.build") or "")
    prefix = dig(tool_table(ctx.facts, "scikit-build"), "wheel", "install-dir")
    for path, text in ctx.facts.texts:
        name = path.rpartition("/")[2]
        if name == "CMakeLists.txt" and key not in _MESON and not is_vendored_or_test(path):
            variables = cmake_variables(text, cmake)
            found = cmake_installs(text, variables, prefix=prefix if isinstance(prefix, str) else "")
            yield from ((path, one) for one in found)
        elif name == "meson.build" and key in {"", *_MESON} and not is_vendored_or_test(path):
            yield from ((path, one) for one in meson_installs(text, meson))


def _top_variables(ctx: InferContext) -> dict[str, str]:
    """Return what every CMake file of the project knows: names of the backend, and of the whole project."""
    name = ctx.project.display_name.replace("-", "_")
    stated = dig(tool_table(ctx.facts, "py-build-cmake"), "module", "name")
    module = stated if isinstance(stated, str) else name
    found = {"SKBUILD_PROJECT_NAME": name, "PY_BUILD_CMAKE_MODULE_NAME": module}
    top = ctx.facts.text("CMakeLists.txt") or ""
    if named := cmake_project(top, cmake_variables(top, found)):
        found |= {"PROJECT_NAME": named, "CMAKE_PROJECT_NAME": named}
    return found
