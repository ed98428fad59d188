"""Compilers that the user adds bring what inferred ones do: the C library, a package per platform, Rust's licences."""

from dataclasses import replace

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.condition import ALWAYS, Condition, any_of
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.overrides import AddedSpec
from conda_bridge.model.recipe import CompilerSpec, spec_key

__all__ = ["stdlib_condition", "with_added_compilers"]

_RUST_NEEDS = "c"


@rule("native.added")
def with_added_compilers(ctx: InferContext, inferred: Inferred[Native]) -> Inferred[Native]:
    """Return what the build needs, with the compilers that the user adds, and evidence for what they bring.

    The line of an added compiler is the override's own. One that is added under a condition brings nothing but
    `stdlib` under the same condition. A package for which a compiler is added where none was found is built per
    platform, unless the user says noarch.
    """
    native = inferred.value
    added = _added(ctx, native)
    if not added:
        return inferred
    name, section = conda_name_of(ctx), "requirements.build"
    origins = tuple(one.origin for one in added)
    languages = {one.spec.language for one in added if isinstance(one.spec, CompilerSpec) and _is_firm(one)}
    evidence: list[Evidence] = []
    implied = {_RUST_NEEDS} - languages - set(native.compilers) if "rust" in languages else set[str]()
    for language in implied:
        where = address(name, section, f"compiler({language})")
        evidence.append(because(where, Certainty.DERIVED, *origins, note="Rust links with it"))
    if not native.compilers:
        where = address(name, section, "stdlib(c)")
        evidence.append(because(where, Certainty.CONVENTION, *origins, note="goes with every compiler"))
    is_said_pure = ctx.overrides.noarch is not None and ctx.overrides.noarch.value
    value = replace(
        native,
        is_native=native.is_native or not (native.compilers or is_said_pure),
        compilers=tuple(sorted({*native.compilers, *languages, *implied})),
        configured=tuple(sorted(languages)),
        reason=native.reason or f"{spec_key(added[0].spec)} is configured",
        origins=native.origins or origins,
    )
    return inferred.map(lambda _: value).adding(evidence=evidence)


def stdlib_condition(ctx: InferContext, native: Native) -> Condition:
    """Return where the C library is needed: wherever there is a compiler."""
    where = ALWAYS if native.configured else native.condition
    inferred = (where,) if native.compilers else ()
    return any_of(*inferred, *(one.condition for one in _added(ctx, native)))


def _added(ctx: InferContext, native: Native) -> tuple[AddedSpec, ...]:
    """Return the compilers that the user adds beside the inferred ones, or in the place of one."""
    section, known = ctx.overrides.build, {f"compiler({language})" for language in native.compilers}
    instead = (
        AddedSpec(spec=one.spec, condition=one.condition or ALWAYS, origin=one.origin)
        for one in section.replace
        if one.key in known
    )
    return tuple(
        one
        for one in (*section.add, *instead)
        if isinstance(one.spec, CompilerSpec) and spec_key(one.spec) not in known
    )


def _is_firm(one: AddedSpec) -> bool:
    return one.condition == ALWAYS
