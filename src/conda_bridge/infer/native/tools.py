"""Programs that the build runs, and what compilers' features need beside them -> lines of build and host.

Programs of the build machine belong in build. Those that a hook of the Python backend runs (a package manager of
JavaScript) go where the backend is: in host, and in build when cross-compiling.
"""

import re
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from conda_bridge.infer.backend import build_requirements
from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.crates import crate_manifests
from conda_bridge.infer.native.clues import build_files, firm_rows
from conda_bridge.infer.native.crates import find_crate_tools
from conda_bridge.infer.native.javascript import find_javascript_tools
from conda_bridge.infer.native.programs import (
    build_programs,
    condition_of,
    place_of,
    program_signals,
    program_text,
    stated_signals,
)
from conda_bridge.infer.native.result import Native, Shown
from conda_bridge.infer.native.sources import is_own
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.pythons import PythonRange, within
from conda_bridge.infer.rules import rule
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.condition import ALWAYS, CROSS, NEVER, Condition, all_of, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty, Inferred
from conda_bridge.model.names import CondaName
from conda_bridge.model.project import Declared
from conda_bridge.model.recipe import MatchSpec, Section, spec_key
from conda_bridge.model.source import Signal
from conda_bridge.model.toolchain import RuntimeRow
from conda_bridge.translate.markers import to_condition

__all__ = ["infer_tools"]

_RULE = "native.tools"
_REPAIRING = frozenset({"patchelf"})
_BAZEL_FILES = ("MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel")
_BAZEL = re.compile(r"\bbazel(?:isk)?\b", re.IGNORECASE)
_OTHER_WAY = re.compile(r"openmp_?(?:macos|apple|osx)|libomp\b", re.IGNORECASE)
"""How a build file speaks of a runtime that macOS has elsewhere."""
_LIBRARY_RULES = frozenset({"external", "libraries"})
_LICENSES = (
    ("rust", "cargo-bundle-licenses", "gathers the licences of the bundled crates"),
    ("go-", "go-licenses", "gathers the licences of the Go modules that are linked in"),
)
_UNIX = os_in({"linux", "osx"})
_BUILDERS = frozenset({"cmake", "ninja", "make", "meson"})
_CMAKE = "CMakeLists.txt"
_BUILD_FILES = (_CMAKE, ".cmake", "meson.build")
_WRAPPERS = ("_wrap.c", "_wrap.cpp", "_wrap.cxx", "_wrap.cc")


@rule(_RULE)
def infer_tools(
    ctx: InferContext, native: Native, kind: Kind, python: PythonRange, lines: tuple[Contribution, ...] = ()
) -> Inferred[tuple[Contribution, ...]]:
    """Return the programs that the build runs and the runtimes that its compilers' features need.

    `lines` are those that other rules contribute, external libraries among them.
    """
    hooks = tuple(find_javascript_tools(ctx))
    found = [*_wrapped(ctx, python), *_of_rows(ctx), *_of_licenses(native)]
    if "rust" in native.compilers and crate_manifests(ctx.facts):
        found += [*find_crate_tools(ctx), *_for_crates(lines)]
    found += [shown for shown in hooks if not _is_hook_program(ctx, shown)]
    if native.is_native:
        found += [*_of_programs(ctx), *_of_build_files(ctx), *_of_swig(ctx), *_of_bazel(ctx)]
    beside = [shown for shown in hooks if _is_hook_program(ctx, shown)]
    placed: list[tuple[Shown, Section, Condition]] = [(shown, "build", ALWAYS) for shown in found]
    placed += [(shown, "host", ALWAYS) for shown in beside]
    placed += [(shown, "build", CROSS) for shown in beside if not kind.is_noarch]
    if native.is_native:
        placed += [(shown, "host", ALWAYS) for shown in _runtimes(ctx)]
    where = native.condition if native.is_native else ALWAYS
    return Inferred(
        value=tuple(
            _line(ctx, shown, section, ALWAYS if kind.is_noarch else all_of(where, more))
            for shown, section, more in placed
        )
    )


def _line(ctx: InferContext, shown: Shown, section: Section, where: Condition) -> Contribution:
    row = ctx.toolchains.program_of(shown.name)
    is_unix_only = row is not None and row.is_unix_only
    return Contribution(
        section=section,
        spec=MatchSpec(conda_name=CondaName(shown.name), version=shown.version),
        condition=all_of(where, shown.condition, _UNIX if is_unix_only else ALWAYS),
        certainty=shown.certainty,
        origins=(shown.origin,) if shown.origin else (),
        note=shown.reason,
        rule=_RULE,
    )


def _of_licenses(native: Native) -> Iterator[Shown]:
    """What gathers the licences of the code that these languages link in."""
    for prefix, program, reason in _LICENSES:
        if any(language.startswith(prefix) for language in native.compilers):
            yield Shown(name=program, reason=reason, origin=native.origins[0], certainty=Certainty.CONVENTION)


def _is_hook_program(ctx: InferContext, shown: Shown) -> bool:
    row = ctx.toolchains.program_of(shown.name)
    return row is not None and row.is_hook_program


def _for_crates(lines: Iterable[Contribution]) -> Iterator[Shown]:
    """Crates that link a library of the system ask pkg-config where it is, but on Windows."""
    for line in lines:
        if line.section == "host" and line.rule in _LIBRARY_RULES:
            reason = f"crates find {spec_key(line.spec)} with it"
            origin = line.origins[0] if line.origins else ""
            yield Shown(
                name="pkg-config", reason=reason, origin=origin, condition=all_of(_UNIX, line.condition)
            )
            return


def _wrapped(ctx: InferContext, python: PythonRange) -> Iterator[Shown]:
    """Programs that build requirements wrap, but for those that no python of the recipe needs."""
    for declared in build_requirements(ctx.facts, ctx.project, ctx.toolchains):
        tool = ctx.toolchains.tool_of(declared.pypi_name)
        marker = declared.requirement.marker
        applies = marker is None or within(to_condition(marker).value, python.feasible) != NEVER
        if tool is not None and applies:
            reason = "a program, which conda has as a package"
            yield Shown(
                name=tool.conda_name, reason=reason, origin=declared.origin, certainty=Certainty.DECLARED
            )
        if applies:
            yield from _wrapped_by_extras(ctx, declared)


def _wrapped_by_extras(ctx: InferContext, declared: Declared) -> Iterator[Shown]:
    """Programs that an extra of a build requirement brings, but for those that only repair wheels."""
    asked = {canonicalize_name(extra) for extra in declared.requirement.extras}
    for known in ctx.extras:
        if known.pypi_name != declared.pypi_name or known.extra not in asked:
            continue
        for one in known.requirements:
            tool = ctx.toolchains.tool_of(one.pypi_name)
            if tool is not None and tool.conda_name not in _REPAIRING:
                reason = f"a program, through {known.pypi_name}[{known.extra}]"
                yield Shown(name=tool.conda_name, reason=reason, origin=declared.origin)


def _of_rows(ctx: InferContext) -> Iterator[Shown]:
    for row, name, origin in firm_rows(ctx):
        for tool in row.build:
            yield Shown(name=tool, reason=f"{name} runs it", origin=origin)


def _of_programs(ctx: InferContext) -> Iterator[Shown]:
    """Programs that setup.py, build scripts and hooks call; CMake needs one that does its building."""
    called: dict[str, tuple[Signal, Token]] = {}
    for signal in program_signals(ctx):
        token = Token.parse(signal.token)
        is_called = not token.is_optional or token.name in _BUILDERS
        if signal.kind == "tool" and is_called and ctx.toolchains.program_of(token.name) is not None:
            called.setdefault(token.name, (signal, token))
    for name, (signal, token) in called.items():
        if not (name in _BUILDERS and token.is_optional and not _has_cmake(ctx)):
            reason = f"{signal.path} runs it"
            yield Shown(name=name, reason=reason, origin=place_of(signal), condition=condition_of(token))
    if "cmake" in called and not firm_rows(ctx) and not {"ninja", "make"} & called.keys():
        signal, token = called["cmake"]
        yield _builder(ctx, signal, token)


def _has_cmake(ctx: InferContext) -> bool:
    return bool(build_files(ctx, _CMAKE))


def _builder(ctx: InferContext, signal: Signal, token: Token) -> Shown:
    """Return what does CMake's building: Ninja where the code asks for it, else make, CMake's default on Unix."""
    origin, condition = place_of(signal), condition_of(token)
    if "ninja" in program_text(ctx).lower():
        return Shown(name="ninja", reason="CMake is told to use it", origin=origin, condition=condition)
    return Shown(name="make", reason="CMake's default on Unix", origin=origin, condition=condition)


def _of_build_files(ctx: InferContext) -> Iterator[Shown]:
    """Programs that the backend's own build files look for and can't do without."""
    names = {row.build_file for row, _, _ in firm_rows(ctx) if row.build_file}
    if any(s.kind == "tool" and Token.parse(s.token).name == "cmake" for s in program_signals(ctx)):
        names.add(_CMAKE)
    files = {path for name in sorted(names) for path in build_files(ctx, name)}
    for signal in ctx.facts.signals:
        token = Token.parse(signal.token) if signal.kind == "tool" and signal.path in files else None
        if token is not None and not token.is_optional and ctx.toolchains.program_of(token.name) is not None:
            reason = f"{signal.path} looks for it"
            yield Shown(
                name=token.name, reason=reason, origin=place_of(signal), condition=condition_of(token)
            )


def _of_swig(ctx: InferContext) -> Iterator[Shown]:
    """An extension lists an interface file whose wrapper isn't in the source."""
    for signal in stated_signals(ctx):
        stem, _, suffix = signal.token.rpartition(".")
        if signal.kind != "extension-source" or suffix != "i":
            continue
        if not any(ctx.facts.has(f"{stem}{wrapper}") for wrapper in _WRAPPERS):
            yield Shown(
                name="swig", reason=f"it writes the wrapper of {signal.token}", origin=place_of(signal)
            )


def _of_bazel(ctx: InferContext) -> Iterator[Shown]:
    """Bazel is called through wrappers of all kinds; a workspace beside code that names it shows its use."""
    workspace = next((name for name in _BAZEL_FILES if ctx.facts.has(name)), "")
    if workspace and _BAZEL.search(program_text(ctx)):
        yield Shown(name="bazel", reason="the build runs it", origin=workspace)


def _runtimes(ctx: InferContext) -> Iterator[Shown]:
    """What a feature of compilers such as OpenMP links, where build files or build code turn it on."""
    for row in ctx.toolchains.runtimes:
        uses = tuple(_uses(ctx, row))
        for system, package in row.packages:
            there = os_in({system})
            origin = next((place for place, where in uses if all_of(where, there) != NEVER), "")
            if origin:
                yield Shown(
                    name=package, reason=f"the runtime of {row.key} there", origin=origin, condition=there
                )


def _uses(ctx: InferContext, row: RuntimeRow) -> Iterator[tuple[str, Condition]]:
    """Yield where the feature is turned on, and for which systems; build files may have it as an option that is off."""
    kinds = {row.key: (row.key,), **dict(row.tokens)}
    programs = set(build_programs(ctx))
    is_off = _is_off_by_default(ctx, row.key)
    for signal in (*program_signals(ctx), *ctx.facts.signals):
        token = Token.parse(signal.token)
        is_read = signal.path in programs or (signal.path.endswith(_BUILD_FILES) and not is_off)
        is_firm = is_read and not token.is_optional and is_own(ctx, signal.path)
        if is_firm and token.name in kinds.get(signal.kind, ()):
            is_elsewhere = _OTHER_WAY.search(ctx.facts.text(signal.path) or "") is not None
            yield place_of(signal), ALWAYS if is_elsewhere else condition_of(token)
    for path in sorted(programs):
        for number, line in enumerate((ctx.facts.text(path) or "").splitlines(), start=1):
            if any(word in line.partition("#")[0] for word in row.words):
                yield f"{path}:{number}", ALWAYS


def _is_off_by_default(ctx: InferContext, feature: str) -> bool:
    """Tell whether an option of CMake's or Meson's that is called after the feature is off unless asked for."""
    files = ("meson.options", "meson_options.txt", *build_files(ctx, _CMAKE))
    text = "\n".join(ctx.facts.text(path) or "" for path in files)
    named = rf"[\w-]*{re.escape(feature)}[\w-]*"
    meson = rf"option\(\s*'{named}'[^)]*\bvalue\s*:\s*(?:false|'disabled')"
    cmake = rf"option\s*\(\s*{named}\s+\"[^\"]*\"\s+(?:OFF|NO|FALSE|0)\b"
    return re.search(f"{meson}|{cmake}", text, re.IGNORECASE) is not None
