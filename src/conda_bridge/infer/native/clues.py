"""What says that a project builds native code, strongest first.

Firm: a backend or plugin that builds some in every project that uses it. From the source: extension modules that
setup.py, pyproject.toml, a build script or a hook declares; a plugin beside native sources.
"""

import re
from collections.abc import Iterator

from conda_bridge.infer.backend import backend_row, plugins_in_use
from conda_bridge.infer.native.programs import (
    EXTENSION_KINDS,
    build_programs,
    idle_extensions,
    place_of,
    program_signals,
)
from conda_bridge.infer.native.sources import is_own, own_sources
from conda_bridge.infer.pyproject import dig, tool_table
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.project import Declared
from conda_bridge.model.source import Signal
from conda_bridge.model.toolchain import BackendRow, PluginRow

__all__ = ["FirmRow", "build_files", "firm_clues", "firm_rows", "has_native_sources", "source_clues"]

FirmRow = tuple[BackendRow | PluginRow, str, str]
"""A row, what people call it, and where the project names it."""

_MORE_SUFFIXES = (".pxd", ".i", ".go", ".rs", ".cu", ".mm")
_SCRIPT_WITH_EXTENSION = re.compile(
    r"\b(?:Extension|cythonize|ext_modules|CMakeExtension|Pybind11Extension)\b"
)
_PLATFORM_HOOK = re.compile(r"(?:pure_python['\"]?\]?\s*=\s*False|infer_tag['\"]?\]?\s*=\s*True)")
_COMMANDS = ("build_ext", "build_py", "build_clib", "build")
_COMPILED = ("c", "cxx", "fortran", "cython")


def firm_rows(ctx: InferContext) -> tuple[FirmRow, ...]:
    """Return the backend and the plugins in use that build native code in every project, unless it says otherwise."""
    found: list[FirmRow] = []
    row = backend_row(ctx.project, ctx.toolchains)
    if row is not None and row.nature == "native" and not _is_switched_off(ctx):
        found.append((row, row.key, ctx.project.build_system.origin or "pyproject.toml"))
    for plugin, declared in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains):
        is_backend = row is not None and plugin.pypi_name == row.requirement
        if plugin.nature == "native" and plugin.always_native and not is_backend:
            found.append((plugin, plugin.pypi_name, declared.origin))
    return tuple(found)


def _is_switched_off(ctx: InferContext) -> bool:
    """Source: scikit-build-core documentation, `wheel.cmake` and overrides."""
    table = tool_table(ctx.facts, "scikit-build")
    overrides = table.get("overrides")
    is_turned_on = any(
        dig(one, "wheel", "cmake") is True for one in (overrides if isinstance(overrides, list) else ())
    )
    return dig(table, "wheel", "cmake") is False and not is_turned_on


def build_files(ctx: InferContext, name: str) -> tuple[str, ...]:
    """Return the `CMakeLists.txt` or all `meson.build` of the project itself that name languages.

    CMake starts from one file, at the top unless the backend is told another folder. Meson's subprojects lie aside.
    """
    own = sorted(path for path in ctx.facts.paths if path.endswith(name) and path.rpartition("/")[2] == name)
    if name == "meson.build":
        return tuple(path for path in own if is_own(ctx, path))
    folder = dig(tool_table(ctx.facts, "scikit-build"), "cmake", "source-dir")
    named = f"{folder.strip('./')}/{name}".lstrip("/") if isinstance(folder, str) else name
    if named in own:
        return (named,)
    depth = min((path.count("/") for path in own), default=0)
    return tuple(path for path in own if path.count("/") == depth)


def firm_clues(ctx: InferContext) -> tuple[tuple[str, str], ...]:
    """Return (reason, origin) of the firm rows; a build file that names no language builds nothing."""
    return tuple(
        (f"{name} builds native code", origin)
        for row, name, origin in firm_rows(ctx)
        if not _is_without_language(ctx, row)
    )


def _is_without_language(ctx: InferContext, row: BackendRow | PluginRow) -> bool:
    """Meson knows no language but those that a project names. Source: Meson reference manual, project()."""
    if row.build_file != "meson.build" or ctx.facts.text(row.build_file) is None:
        return False
    files = set(build_files(ctx, row.build_file))
    return not any(signal.kind == "language" and signal.path in files for signal in ctx.facts.signals)


def source_clues(ctx: InferContext) -> Iterator[tuple[str, str, bool]]:
    """Yield (reason, origin, whether a wheel's tag shows it) of what the source says of extension modules."""
    programs = build_programs(ctx)
    idle = idle_extensions(ctx)
    signals = [s for s in program_signals(ctx) if s.kind in EXTENSION_KINDS and s not in idle]
    # A module's name says more than the keyword that lists it.
    signals.sort(key=lambda signal: EXTENSION_KINDS.index(signal.kind))
    yield from ((_extension(signal), place_of(signal), True) for signal in signals)
    if dig(tool_table(ctx.facts, "setuptools"), "ext-modules"):
        yield "ext-modules", "pyproject.toml#/tool/setuptools/ext-modules", True
    for path in programs:
        text = ctx.facts.text(path) or ""
        if path != "setup.py" and _SCRIPT_WITH_EXTENSION.search(text):
            yield f"{path} builds extensions", path, True
        if path != "setup.py" and _PLATFORM_HOOK.search(text):
            yield f"{path} makes platform wheels", path, True
    yield from ((reason, origin, True) for reason, origin in _plugins_with_sources(ctx))
    yield from _commands(ctx)


def _extension(signal: Signal) -> str:
    if signal.kind == "extension-module":
        return f"extension module {signal.token.partition(' ')[0]!r}"
    return f"{signal.path}: {signal.token}"


def _plugins_with_sources(ctx: InferContext) -> Iterator[tuple[str, str]]:
    rows = tuple(_native_plugins(ctx))
    if rows and has_native_sources(ctx):
        yield from ((f"{row.pypi_name} and native sources", declared.origin) for row, declared in rows)


def _native_plugins(ctx: InferContext) -> Iterator[tuple[PluginRow, Declared]]:
    for row, declared in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains):
        if row.nature == "native":
            yield row, declared


def has_native_sources(ctx: InferContext) -> bool:
    """Tell whether the project has sources of its own in a language that is compiled."""
    if own_sources(ctx):
        return True
    return any(path.endswith(_MORE_SUFFIXES) and is_own(ctx, path) for path in ctx.facts.paths)


def _commands(ctx: InferContext) -> Iterator[tuple[str, str, bool]]:
    """A build command of the project's own beside native sources.

    setuptools tags a wheel by its `ext_modules`, so that what another command compiles into it doesn't show.
    """
    commands = dig(tool_table(ctx.facts, "setuptools"), "cmdclass")
    sources = own_sources(ctx)
    if not isinstance(commands, dict) or not any(sources.get(language) for language in _COMPILED):
        return
    for name in _COMMANDS:
        if isinstance(commands.get(name), str):
            place = f"pyproject.toml#/tool/setuptools/cmdclass/{name}"
            yield f"the command {name} is the project's own, beside native sources", place, False
