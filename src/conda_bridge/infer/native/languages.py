"""Which languages a native project compiles, and what shows each.

They are united from the build files of its backends, the plugins, what setup.py, build scripts and hooks say, and the
suffixes of its own sources. Cython becomes C, or C++ where it says so; Rust and Fortran link with C.
"""

import re
from collections.abc import Iterable, Iterator

from conda_bridge.infer.backend import backend_row, plugins_in_use
from conda_bridge.infer.native.clues import build_files, firm_rows
from conda_bridge.infer.native.crates import crate_compilers
from conda_bridge.infer.native.javascript import rust_scripts
from conda_bridge.infer.native.programs import (
    place_of,
    program_signals,
    program_text,
    stated_signals,
    switched_off,
)
from conda_bridge.infer.native.result import Shown
from conda_bridge.infer.native.sources import is_own, own_sources
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.source import Signal

__all__ = ["VARIANT_LANGUAGES", "find_languages"]

VARIANT_LANGUAGES = frozenset({"cuda"})
"""A distributor builds them as variants, which no recipe gets by itself."""
_CGO_WORDS = ("c-shared", "c-archive", "cgo", "golang", "gopy")
_CMAKE = "CMakeLists.txt"
_CARGO = re.compile(r"""["'](?:cargo|rustc)["'\s]""")
_MAX_ORIGINS = 5
_VAGUE = ("?", "*", "[")


def find_languages(ctx: InferContext) -> tuple[Shown, ...]:
    """Return the compilers with what shows them, several for one compiler; a guess where nothing shows any."""
    firm = firm_rows(ctx)
    found = [*_of_firm_rows(ctx), *_of_plugins(ctx)]
    names_all = any(row.build_file for row, _, _ in firm) and bool(found)
    found += _of_programs(ctx)
    is_switched = not firm and not _has_extensions(ctx)
    switched = tuple(_of_switched(ctx)) if is_switched else ()
    found += switched
    if not names_all and not switched and (not firm or _has_extensions(ctx)):
        found += _of_sources(ctx, found)
    found += _of_build_scripts(ctx)
    known = tuple(one for shown in found for one in _compilers(ctx, shown))
    return _limited(known) or tuple(_guessed(ctx))


def _compilers(ctx: InferContext, shown: Shown) -> Iterator[Shown]:
    """Yield the compilers of a language; a variant's is kept under its own name."""
    row = ctx.toolchains.language_of(_go(ctx) if shown.name == "go" else shown.name)
    for index, name in enumerate(row.compilers if row else (shown.name,)):
        reason = shown.reason if index == 0 else f"{shown.name} links with it"
        yield Shown(name=name, reason=reason, origin=shown.origin, certainty=shown.certainty)


def _go(ctx: InferContext) -> str:
    """An extension module needs cgo, a program of its own doesn't."""
    text = program_text(ctx).lower()
    plugins = (row.pypi_name for row, _ in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains))
    return (
        "go-cgo"
        if any(word in text or word in name for word in _CGO_WORDS for name in (*plugins, ""))
        else "go-nocgo"
    )


def _of_firm_rows(ctx: InferContext) -> Iterator[Shown]:
    for row, name, origin in firm_rows(ctx):
        named = tuple(_of_build_files(ctx, row.build_file)) if row.build_file else ()
        yield from named
        if not named and not (
            row.build_file and ctx.facts.text(row.build_file) is not None and row.build_file != _CMAKE
        ):
            for language in row.compilers:
                yield Shown(name=language, reason=f"{name} builds native code", origin=origin)


def _of_build_files(ctx: InferContext, name: str) -> Iterator[Shown]:
    files = set(build_files(ctx, name))
    cython: Signal | None = None
    for signal in ctx.facts.signals:
        if signal.kind != "language" or signal.path not in files:
            continue
        if signal.token == "cython":
            cython = signal
        else:
            yield _named(signal)
    if cython is not None:
        yield from _of_cython(
            ctx, own_sources(ctx).get("cython", ()), is_cxx=False, fallback=place_of(cython)
        )


def _named(signal: Signal) -> Shown:
    return Shown(name=signal.token, reason=f"{signal.path} names it", origin=place_of(signal))


def _of_plugins(ctx: InferContext) -> Iterator[Shown]:
    """Plugins whose bindings are written in one language; what Cython or cffi compile, the sources tell."""
    for row, declared in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains):
        if row.nature == "native" and not row.always_native and row.compilers == ("cxx",):
            yield Shown(name="cxx", reason=f"{row.pypi_name} binds C++", origin=declared.origin)


def _of_programs(ctx: InferContext) -> Iterator[Shown]:
    """What setup.py, build scripts and hooks say; Cython says by its sources what it becomes."""
    unsaid = {"cython", "c", *_switched_languages(ctx)}
    unsaid |= set() if _can_build_rust(ctx) else {"rust"}
    for signal in stated_signals(ctx):
        if signal.kind == "language" and signal.token not in unsaid:
            yield _named(signal)
        elif signal.kind == "f2py":
            yield Shown(name="fortran", reason="f2py compiles Fortran", origin=place_of(signal))
    for signal in ctx.facts.signals:
        if signal.kind == "language" and signal.path.endswith("build.rs") and is_own(ctx, signal.path):
            yield _named(signal)
    if any("rust" in row.compilers for row, _, _ in firm_rows(ctx)):
        yield from crate_compilers(ctx)
    for path in rust_scripts(ctx):
        yield Shown(name="rust", reason="a build script compiles WebAssembly", origin=path)


def _of_switched(ctx: InferContext) -> Iterator[Shown]:
    """Languages of extensions that a switch turns on, for a package whose wheels are all built with it."""
    for signal in program_signals(ctx):
        if signal.kind == "switched-language" and signal.token != "cython":
            yield _named(signal)


def _switched_languages(ctx: InferContext) -> Iterator[str]:
    """Yield the languages that an option which nobody gives has in its name: `--rust-backend`."""
    for _, switch in switched_off(ctx):
        yield from re.split(r"[^a-z]+", switch.lower())


def _can_build_rust(ctx: InferContext) -> bool:
    """Tell whether RustExtension can work: code that the declared requirements don't allow is somebody's option."""
    system = ctx.project.build_system
    is_required = any(
        "rust" in row.compilers for row, _ in plugins_in_use(ctx.facts, ctx.project, ctx.toolchains)
    )
    return is_required or not system.is_declared or _CARGO.search(program_text(ctx)) is not None


def _of_sources(ctx: InferContext, known: Iterable[Shown]) -> Iterator[Shown]:
    """Suffixes of the sources that extensions list; of all own ones where the list is computed or there is none."""
    listed = [signal for signal in stated_signals(ctx) if signal.kind == "extension-source"]
    is_cxx = any(one.name == "cxx" for one in known)
    is_whole = listed and not any(mark in signal.token for signal in listed for mark in _VAGUE)
    cython: list[str] = []
    for signal in listed:
        row = ctx.toolchains.language_of_source(signal.token)
        if signal.token.endswith(".i"):
            language = "cxx" if "-c++" in program_text(ctx) else "c"
            yield Shown(name=language, reason=f"SWIG wraps {signal.token}", origin=place_of(signal))
        elif row is not None and row.key == "cython":
            cython.append(signal.token)
        elif row is not None and not _is_generated(ctx, signal.token):
            yield Shown(name=row.key, reason=f"{signal.token} is compiled", origin=place_of(signal))
    own = own_sources(ctx)
    if not is_whole:
        # setuptools compiles no Fortran; a build that knows no extension modules may.
        ours = own.keys() - ({"cython", "fortran"} if listed or _has_extensions(ctx) else {"cython"})
        for language in sorted(ours):
            path = own[language][0]
            yield Shown(name=language, reason=f"the tree has sources such as {path}", origin=path)
        cython += own.get("cython", ())
    elif any(_is_generated(ctx, signal.token) for signal in listed):
        cython += own.get("cython", ())
    yield from _of_cython(ctx, tuple(dict.fromkeys(cython)), is_cxx=is_cxx)


def _has_extensions(ctx: InferContext) -> bool:
    return any(signal.kind in {"extension", "extension-module"} for signal in stated_signals(ctx))


def _is_generated(ctx: InferContext, path: str) -> bool:
    """Tell whether Cython writes the file: its own source stands beside it."""
    return ctx.facts.has(f"{path.rpartition('.')[0]}.pyx")


def _of_cython(
    ctx: InferContext, paths: tuple[str, ...], *, is_cxx: bool, fallback: str = ""
) -> Iterator[Shown]:
    """A .pyx becomes C++ where it says so, where its C++ was shipped, or where the build compiles nothing but C++."""
    directives = {s.path: s for s in ctx.facts.signals if s.kind == "language" and s.token == "cxx"}
    for path in paths:
        stem = path.rpartition(".")[0]
        if path in directives:
            yield Shown(name="cxx", reason=f"{path} asks for C++", origin=place_of(directives[path]))
        elif any(ctx.facts.has(f"{stem}{suffix}") for suffix in (".cpp", ".cc", ".cxx")):
            yield Shown(name="cxx", reason=f"Cython wrote {stem} in C++", origin=path)
        elif not is_cxx or ctx.facts.has(f"{stem}.c"):
            yield Shown(
                name="c", reason=f"Cython compiles {path}", origin=path if ctx.facts.has(path) else fallback
            )
    if not paths and fallback:
        yield Shown(name="c", reason="Cython compiles to C", origin=fallback)


def _of_build_scripts(ctx: InferContext) -> Iterator[Shown]:
    """CMake that setup.py runs compiles the languages of the nearest CMakeLists.txt."""
    for signal in program_signals(ctx):
        if signal.kind == "tool" and Token.parse(signal.token).name == "cmake":
            yield from _of_build_files(ctx, _CMAKE)
            return


def _limited(found: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Keep a handful of origins for each compiler; a hundred files say no more than the first few."""
    kept: dict[str, list[Shown]] = {}
    for one in found:
        ones = kept.setdefault(one.name, [])
        if len(ones) < _MAX_ORIGINS and all(one.origin != other.origin for other in ones):
            ones.append(one)
    return tuple(one for name in sorted(kept) for one in kept[name])


def _guessed(ctx: InferContext) -> Iterator[Shown]:
    """Nothing says which language it is: what the plugins in use compile, else what the backend's projects mostly do."""
    row = backend_row(ctx.project, ctx.toolchains)
    plugins = plugins_in_use(ctx.facts, ctx.project, ctx.toolchains)
    places = [
        (plugin.compilers, f"{plugin.pypi_name} compiles it", declared.origin) for plugin, declared in plugins
    ]
    origin = ctx.project.build_system.origin or "pyproject.toml"
    places.append(((row.compilers if row else ()) or ("c",), "nothing says which language it is", origin))
    for compilers, reason, place in places:
        if compilers:
            for language in compilers:
                yield Shown(name=language, reason=reason, origin=place, certainty=Certainty.GUESSED)
            return
