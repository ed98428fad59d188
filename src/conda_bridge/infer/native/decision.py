"""Whether the project builds native code, with which compilers.

Evidence, strongest first: a backend or plugin that always builds native code; extension modules that setup.py,
pyproject.toml, a build script or a hook declares; the tags of the wheels that upstream published. A wheel whose ABI tag
is `none` holds no extension module: where nothing is compiled either, it brings a program or library that was built
elsewhere, which a distributor has as a package of its own.
"""

from conda_bridge.infer.abi3.evidence import system_of_wheel, wheel_abis
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native.clues import firm_clues, firm_rows, has_native_sources, source_clues
from conda_bridge.infer.native.languages import VARIANT_LANGUAGES, find_languages
from conda_bridge.infer.native.programs import program_text, switched_off
from conda_bridge.infer.native.result import Clue, Native, Shown
from conda_bridge.infer.native.sources import own_sources
from conda_bridge.infer.overrides.telling import contradicted
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address

__all__ = ["infer_native"]

_ASKS_PLATFORM = ("sys.platform", "platform.system", "os.name", "sysconfig.get_platform")


@rule("native")
def infer_native(ctx: InferContext) -> Inferred[Native]:
    """Return whether the project builds native code; evidence for its compilers and `stdlib`."""
    tags = _wheel_tags(ctx)
    firm = tuple(Clue(reason=reason, origin=origin) for reason, origin in firm_clues(ctx))
    clues = firm or tuple(Clue(reason=r, origin=o, is_seen_in_tags=seen) for r, o, seen in source_clues(ctx))
    is_pure = tags == "pure" and all(clue.is_seen_in_tags for clue in clues)
    if clues and (is_pure or _is_said_pure(ctx)):
        return _pure(ctx, clues, needs_tools=bool(firm))
    if not clues and (shown := _shown_by_wheels(ctx, tags)) is not None:
        if _is_said_pure(ctx):
            return Inferred(value=Native(is_native=False), diagnostics=(_against(ctx, shown.reason),))
        clues = (shown,)
    if not clues:
        return Inferred(value=Native(is_native=False), diagnostics=_unbuilt(ctx, tags))
    found = find_languages(ctx)
    off = switched_off(ctx) if clues[0] == _shown_by_wheels(ctx, tags) else ()
    native = Native(
        is_native=True,
        compilers=_names(found),
        condition=_condition(ctx, tags),
        reason=clues[0].reason,
        origins=tuple(dict.fromkeys(clue.origin for clue in clues)),
    )
    return Inferred(
        value=native,
        evidence=_evidence(ctx, native, found),
        diagnostics=(*_unsure(clues, native, tags), *_asked_for(off), *_variants(found)),
    )


def _pure(ctx: InferContext, clues: tuple[Clue, ...], *, needs_tools: bool) -> Inferred[Native]:
    """Return a noarch project; a backend that could build native code still runs its programs and compilers."""
    message = f"{clues[0].reason}, but upstream publishes pure wheels only: built as noarch"
    findings = (finding("optional-extension", message, origin=clues[0].origin),)
    if _is_said_pure(ctx):
        findings = (_against(ctx, f"{clues[0].reason} ({clues[0].origin})"),)
    if not needs_tools:
        return Inferred(value=Native(is_native=False), diagnostics=findings)
    # Meson looks for the compilers of the languages that a project names, CMake for C and C++ unless told otherwise.
    found = tuple(one for one in find_languages(ctx) if one.certainty is not Certainty.GUESSED)
    native = Native(
        is_native=False,
        compilers=_names(found),
        reason=clues[0].reason,
        origins=tuple(dict.fromkeys(clue.origin for clue in clues)),
    )
    return Inferred(value=native, evidence=_evidence(ctx, native, found), diagnostics=findings)


def _names(found: tuple[Shown, ...]) -> tuple[str, ...]:
    return tuple(sorted({one.name for one in found} - VARIANT_LANGUAGES))


def _is_said_pure(ctx: InferContext) -> bool:
    return ctx.overrides.noarch is not None and ctx.overrides.noarch.value


def _against(ctx: InferContext, reason: str) -> Diagnostic:
    origin = ctx.overrides.noarch.origin if ctx.overrides.noarch else ""
    return contradicted(f"{reason}, but the package is configured to be noarch", origin)


def _shown_by_wheels(ctx: InferContext, tags: str) -> Clue | None:
    """Return what wheels alone show: extension modules that nothing in the source declares.

    Beside a pure wheel they are somebody's option, unless there are sources for them and no switch to turn them on.
    """
    has_modules, has_sources = wheel_abis(ctx.facts).has_modules, has_native_sources(ctx)
    reason = "published wheels are per platform"
    if tags == "platform" and (has_modules or has_sources):
        return Clue(reason=reason, origin=_index(ctx))
    if tags == "both" and has_modules and has_sources and not switched_off(ctx):
        return Clue(reason="published wheels have extension modules", origin=_index(ctx))
    return None


def _unbuilt(ctx: InferContext, tags: str) -> tuple[Diagnostic, ...]:
    """Say what isn't built: what a switch turns on, what wheels bring ready-made, or sources that nothing builds."""
    off = switched_off(ctx)
    if off:
        place, switch = off[0]
        message = f"{switch} turns extension modules on, which are off by default: built as noarch"
        return (finding("optional-extension", message, origin=place),)
    if tags in {"platform", "both"}:
        return (_brought(ctx),)
    sources = sorted(path for paths in own_sources(ctx).values() for path in paths)
    if not sources or tags or firm_rows(ctx):
        return ()
    message = (
        f"{len(sources)} native source files, such as {sources[0]}, but nothing that builds them was found"
    )
    return (finding("native-sources-unbuilt", message, origin=sources[0]),)


def _brought(ctx: InferContext) -> Diagnostic:
    """Tell that wheels bring what no source of the project's builds."""
    wheels = wheel_abis(ctx.facts)
    systems = ", ".join(sorted(wheels.built_systems)) or "some platforms"
    first = next((name for name in _wheels(ctx) if not _is_pure_wheel(name)), "")
    what = "extension modules" if wheels.has_modules else "a program or library"
    message = (
        f"upstream's wheels for {systems} bring {what} that nothing in the source builds: built as noarch"
    )
    return finding("wheels-bring-binary", message, origin=first)


def _wheel_tags(ctx: InferContext) -> str:
    """Return `pure`, `platform`, `both` or `` (no wheels) for the version's published wheels."""
    kinds = {"pure" if _is_pure_wheel(name) else "platform" for name in _wheels(ctx)}
    return "both" if len(kinds) > 1 else next(iter(kinds), "")


def _wheels(ctx: InferContext) -> tuple[str, ...]:
    return ctx.facts.index.wheels if ctx.facts.index else ()


def _is_pure_wheel(name: str) -> bool:
    return name.endswith("-none-any.whl")


def _condition(ctx: InferContext, tags: str) -> Condition:
    """Return where native code is built: where platform wheels are published, if a pure one serves the rest.

    setup.py must ask for the platform, too, and Linux be among the rest: else upstream may only have left out wheels.
    """
    if tags != "both" or not any(word in program_text(ctx) for word in _ASKS_PLATFORM):
        return ALWAYS
    tail = [name.removesuffix(".whl").rpartition("-")[2] for name in _wheels(ctx) if not _is_pure_wheel(name)]
    systems = set(filter(None, map(system_of_wheel, tail)))
    return os_in(systems) if systems and "linux" not in systems else ALWAYS


def _index(ctx: InferContext) -> str:
    return f"index:{ctx.facts.index.index_url}" if ctx.facts.index else ""


def _evidence(ctx: InferContext, native: Native, found: tuple[Shown, ...]) -> tuple[Evidence, ...]:
    """Each compiler has what shows it; `stdlib` has all of it."""
    output, section = conda_name_of(ctx), "requirements.build"
    evidence = []
    for language in native.compilers:
        shown = [one for one in found if one.name == language]
        where = address(output, section, f"compiler({language})")
        origins = (one.origin for one in shown)
        notes = dict.fromkeys((shown[0].reason, native.reason))
        certainty = shown[0].certainty
        evidence.append(because(where, certainty, *origins, *native.origins[:1], note="; ".join(notes)))
    if not evidence:
        return ()
    where = address(output, section, "stdlib(c)")
    note = "goes with every compiler"
    return (*evidence, because(where, Certainty.CONVENTION, *native.origins, note=note))


def _unsure(clues: tuple[Clue, ...], native: Native, tags: str) -> tuple[Diagnostic, ...]:
    if tags != "both":
        return ()
    message = "upstream publishes platform wheels and a pure one: the extension is optional, and this recipe builds it"
    if native.condition != ALWAYS:
        message = "upstream publishes a pure wheel, and platform wheels for some systems: this recipe compiles there only"
    return (finding("extension-built", message, origin=clues[0].origin),)


def _asked_for(off: tuple[tuple[str, str], ...]) -> tuple[Diagnostic, ...]:
    """Tell the switch without which the build makes a pure package, although upstream's wheels are compiled."""
    if not off:
        return ()
    place, switch = off[0]
    message = f"{switch} turns extension modules on, which published wheels have: the build needs it"
    return (finding("extension-switch", message, origin=place),)


def _variants(found: tuple[Shown, ...]) -> tuple[Diagnostic, ...]:
    """A language that distributors build as a variant is a decision of the maintainer's."""
    shown = {one.name: one for one in reversed(found) if one.name in VARIANT_LANGUAGES}
    return tuple(
        finding(
            "variant-language", f"{one.reason}: {name} is a variant of the builds here", origin=one.origin
        )
        for name, one in sorted(shown.items())
    )
