"""Compilers that [external] declares count beside those that the tree shows."""

from dataclasses import replace

from conda_bridge.infer.external import External
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.recipe import CompilerSpec

__all__ = ["with_declared_compilers"]


@rule("native.declared")
def with_declared_compilers(
    ctx: InferContext, inferred: Inferred[Native], external: External
) -> Inferred[Native]:
    """Return what the build needs, with the compilers that the project declares.

    They make a package per platform, unless upstream publishes pure wheels only or the user says noarch: then
    whatever they build is optional.
    """
    origins = _origins(external)
    if not origins:
        return inferred
    native = inferred.value
    if not native.is_native and _is_pure(ctx):
        message = "compilers are declared, but the package is noarch"
        return inferred.adding(
            diagnostics=(finding("external-compilers-unused", message, origin=origins[0]),)
        )
    value = replace(
        native,
        is_native=True,
        compilers=tuple(sorted({*native.compilers, *(language for language, _ in _wanted(ctx, external))})),
        reason=native.reason or "[external] declares compilers",
        origins=tuple(dict.fromkeys((*native.origins, *origins))),
    )
    return inferred.map(lambda _: value).adding(evidence=_evidence(ctx, native, external))


def _wanted(ctx: InferContext, external: External) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the declared compilers and those that these link with, each with where it is declared."""
    found: dict[str, tuple[str, ...]] = {}
    for language, origins in external.compilers:
        row = ctx.toolchains.language_of(language)
        for name in row.compilers if row else (language,):
            found.setdefault(name, origins)
    return tuple(found.items())


def _origins(external: External) -> tuple[str, ...]:
    found = [origin for _, places in external.compilers for origin in places]
    found += [o for one in external.contributions if isinstance(one.spec, CompilerSpec) for o in one.origins]
    return tuple(dict.fromkeys(found))


def _is_pure(ctx: InferContext) -> bool:
    if ctx.overrides.noarch is not None:
        return ctx.overrides.noarch.value
    wheels = ctx.facts.index.wheels if ctx.facts.index else ()
    return bool(wheels) and all(name.endswith("-none-any.whl") for name in wheels)


def _evidence(ctx: InferContext, native: Native, external: External) -> tuple[Evidence, ...]:
    name, section = conda_name_of(ctx), "requirements.build"
    found = [
        because(address(name, section, f"compiler({language})"), Certainty.DECLARED, *origins)
        for language, origins in _wanted(ctx, external)
    ]
    if external.compilers and not native.compilers:
        where = address(name, section, "stdlib(c)")
        note = "goes with every compiler"
        found.append(because(where, Certainty.CONVENTION, *_origins(external), note=note))
    return tuple(found)
