"""Whether the project builds native code, with which compilers and tools.

Evidence, strongest first: a backend or plugin that always builds native code; extension modules declared in
setup.py, pyproject.toml or a build hook; the tags of the wheels that upstream published.
"""

import re
from dataclasses import dataclass

from conda_bridge.infer.backend import backend_row, plugins_in_use
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.overrides.telling import contradicted
from conda_bridge.infer.pyproject import dig, tool_table
from conda_bridge.infer.rules import because, rule
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.source import Signal

__all__ = ["Native", "infer_native", "is_vendored_or_test"]

_EXTENSION_KINDS = ("extension-module", "extension")
_COMPILED_SUFFIXES = (".pyx", ".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".rs")
_SOURCE_SUFFIXES = (".pyx", ".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".rs", ".pxd", ".i", ".go")
_SCRIPT_WITH_EXTENSION = re.compile(
    r"\b(?:Extension|cythonize|ext_modules|CMakeExtension|Pybind11Extension)\b"
)
_PLATFORM_HOOK = re.compile(r"(?:pure_python['\"]?\]?\s*=\s*False|infer_tag['\"]?\]?\s*=\s*True)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """What the build of a project needs beside Python."""

    is_native: bool
    compilers: tuple[str, ...] = ()
    """Languages, sorted."""
    tools: tuple[CondaName, ...] = ()
    """Programs of the build machine that the backend's row names."""
    configured: tuple[str, ...] = ()
    """Those of the compilers whose lines are an override's."""
    reason: str = ""
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clue:
    reason: str
    origin: str
    compilers: tuple[str, ...]
    tools: tuple[CondaName, ...] = ()


@rule("native")
def infer_native(ctx: InferContext) -> Inferred[Native]:
    """Return whether the project builds native code; evidence for its compilers and `stdlib`."""
    tags = _wheel_tags(ctx)
    firm = _firm_clues(ctx)
    clues = firm or _source_clues(ctx)
    if clues and (tags == "pure" or _is_said_pure(ctx)):
        return _pure(ctx, clues, needs_tools=bool(firm))
    if not clues and tags == "platform" and _is_said_pure(ctx):
        return Inferred(
            value=Native(is_native=False), diagnostics=(_against(ctx, "wheels are per platform"),)
        )
    if not clues and tags == "platform":
        row = backend_row(ctx.project, ctx.toolchains)
        clues = (
            _Clue(
                reason="published wheels are per platform",
                origin=_index(ctx),
                compilers=row.compilers if row else ("c",),
            ),
        )
    if not clues:
        return Inferred(value=Native(is_native=False), diagnostics=_unbuilt(ctx, tags))
    native = Native(
        is_native=True,
        compilers=tuple(sorted({language for clue in clues for language in clue.compilers})),
        tools=tuple(dict.fromkeys(tool for clue in clues for tool in clue.tools)),
        reason=clues[0].reason,
        origins=tuple(dict.fromkeys(clue.origin for clue in clues)),
    )
    return Inferred(value=native, evidence=_evidence(ctx, native), diagnostics=_unsure(clues, tags))


def _pure(ctx: InferContext, clues: tuple[_Clue, ...], *, needs_tools: bool) -> Inferred[Native]:
    """Return a noarch project; a backend that could build native code still runs its programs and compilers."""
    message = f"{clues[0].reason}, but upstream publishes pure wheels only: built as noarch"
    findings = (finding("optional-extension", message, origin=clues[0].origin),)
    if _is_said_pure(ctx):
        findings = (_against(ctx, f"{clues[0].reason} ({clues[0].origin})"),)
    if not needs_tools:
        return Inferred(value=Native(is_native=False), diagnostics=findings)
    # Meson looks for the compilers of the languages that a project names, CMake for C and C++ unless told otherwise.
    named = _root_languages(ctx)
    languages = named if ctx.facts.has("meson.build") else {lang for clue in clues for lang in clue.compilers}
    native = Native(
        is_native=False,
        compilers=tuple(sorted(languages)),
        tools=tuple(dict.fromkeys(tool for clue in clues for tool in clue.tools)),
        reason=clues[0].reason,
        origins=tuple(dict.fromkeys(clue.origin for clue in clues)),
    )
    return Inferred(value=native, evidence=_evidence(ctx, native), diagnostics=findings)


def _is_said_pure(ctx: InferContext) -> bool:
    return ctx.overrides.noarch is not None and ctx.overrides.noarch.value


def _against(ctx: InferContext, reason: str) -> Diagnostic:
    origin = ctx.overrides.noarch.origin if ctx.overrides.noarch else ""
    return contradicted(f"{reason}, but the package is configured to be noarch", origin)


def _unbuilt(ctx: InferContext, tags: str) -> tuple[Diagnostic, ...]:
    """Say that there are native sources which nothing seems to build, where no published wheel settles it."""
    sources = sorted(
        p for p in ctx.facts.paths if p.endswith(_COMPILED_SUFFIXES) and not is_vendored_or_test(p)
    )
    if not sources or tags:
        return ()
    message = (
        f"{len(sources)} native source files, such as {sources[0]}, but nothing that builds them was found"
    )
    return (finding("native-sources-unbuilt", message, origin=sources[0]),)


def _firm_clues(ctx: InferContext) -> tuple[_Clue, ...]:
    """Backends and plugins that build native code in every project that uses them."""
    found = []
    row = backend_row(ctx.project, ctx.toolchains)
    if row is not None and row.nature == "native":
        origin = ctx.project.build_system.origin or "pyproject.toml"
        languages = _root_languages(ctx) or row.compilers
        found.append(
            _Clue(reason=f"{row.key} builds native code", origin=origin, compilers=languages, tools=row.build)
        )
    for plugin, declared in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains):
        is_backend = row is not None and plugin.pypi_name == row.requirement
        if plugin.nature == "native" and plugin.always_native and not is_backend:
            found.append(
                _Clue(
                    reason=f"{plugin.pypi_name} builds native code",
                    origin=declared.origin,
                    compilers=plugin.compilers,
                    tools=plugin.build,
                )
            )
    return tuple(found)


def _root_languages(ctx: InferContext) -> tuple[str, ...]:
    """Languages that the top build file names; Cython becomes C and Rust links with C."""
    tops = {"CMakeLists.txt", "meson.build"}
    named = {s.token for s in ctx.facts.signals if s.kind == "language" and s.path in tops}
    if "cython" in named:
        named = (named - {"cython"}) | {"c"}
    if "rust" in named:
        named.add("c")
    return tuple(sorted(named))


def _source_clues(ctx: InferContext) -> tuple[_Clue, ...]:
    """What setup.py, pyproject.toml and build hooks say of extension modules."""
    signals = [s for s in ctx.facts.signals if s.kind in _EXTENSION_KINDS and s.path == "setup.py"]
    # A module's name says more than the keyword that lists it.
    signals.sort(key=lambda signal: _EXTENSION_KINDS.index(signal.kind))
    found = [
        _Clue(reason=_extension(signal), origin=f"{signal.path}:{signal.line}", compilers=())
        for signal in signals
    ]
    if dig(tool_table(ctx.facts, "setuptools"), "ext-modules"):
        found.append(
            _Clue(reason="ext-modules", origin="pyproject.toml#/tool/setuptools/ext-modules", compilers=())
        )
    found += _script_clues(ctx)
    has_sources = any(p.endswith(_SOURCE_SUFFIXES) and not is_vendored_or_test(p) for p in ctx.facts.paths)
    plugins = [
        pair for pair in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains) if pair[0].nature == "native"
    ]
    if has_sources:
        found += [
            _Clue(
                reason=f"{plugin.pypi_name} and native sources",
                origin=declared.origin,
                compilers=plugin.compilers,
                tools=plugin.build,
            )
            for plugin, declared in plugins
        ]
    if found and not any(clue.compilers for clue in found):
        row = backend_row(ctx.project, ctx.toolchains)
        default = (row.compilers if row else ()) or ("c",)
        found = [_Clue(reason=c.reason, origin=c.origin, compilers=default, tools=c.tools) for c in found]
    return tuple(found)


def _extension(signal: Signal) -> str:
    return (
        f"extension module {signal.token!r}"
        if signal.kind == "extension-module"
        else f"setup.py: {signal.token}"
    )


def _script_clues(ctx: InferContext) -> list[_Clue]:
    """Poetry's build script and hatchling's own hook run code of the project; their text tells what they build."""
    script = dig(tool_table(ctx.facts, "poetry"), "build")
    path = script if isinstance(script, str) else dig(script, "script")
    found = []
    if isinstance(path, str) and _SCRIPT_WITH_EXTENSION.search(ctx.facts.text(path) or ""):
        found.append(_Clue(reason=f"{path} builds extensions", origin=path, compilers=()))
    hook = dig(tool_table(ctx.facts, "hatch", "build"), "hooks", "custom")
    hook_path = dig(hook, "path") or "hatch_build.py"
    if (
        hook is not None
        and isinstance(hook_path, str)
        and _PLATFORM_HOOK.search(ctx.facts.text(hook_path) or "")
    ):
        found.append(_Clue(reason=f"{hook_path} makes platform wheels", origin=hook_path, compilers=()))
    return found


def _wheel_tags(ctx: InferContext) -> str:
    """Return `pure`, `platform`, `both` or `` (no wheels) for the version's published wheels."""
    wheels = ctx.facts.index.wheels if ctx.facts.index else ()
    kinds = {"pure" if name.endswith("-none-any.whl") else "platform" for name in wheels}
    return "both" if len(kinds) > 1 else next(iter(kinds), "")


def _index(ctx: InferContext) -> str:
    return f"index:{ctx.facts.index.index_url}" if ctx.facts.index else ""


def _evidence(ctx: InferContext, native: Native) -> tuple[Evidence, ...]:
    name = conda_name_of(ctx)
    section = "requirements.build"
    keys = [f"compiler({language})" for language in native.compilers]
    compilers = tuple(
        because(address(name, section, key), Certainty.DERIVED, *native.origins, note=native.reason)
        for key in keys
    )
    if not compilers:
        return ()
    stdlib = because(
        address(name, section, "stdlib(c)"),
        Certainty.CONVENTION,
        *native.origins,
        note="goes with every compiler",
    )
    return (*compilers, stdlib)


def _unsure(clues: tuple[_Clue, ...], tags: str) -> tuple[Diagnostic, ...]:
    if tags != "both":
        return ()
    message = "upstream publishes platform wheels and a pure one: the extension is optional, and this recipe builds it"
    return (finding("extension-built", message, origin=clues[0].origin),)
