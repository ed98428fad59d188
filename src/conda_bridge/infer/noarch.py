"""Whether the package is noarch: python, and for which platforms it is built where it is not."""

from dataclasses import dataclass

from conda_bridge.infer.abi3.evidence import wheel_abis
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.needed import Need
from conda_bridge.infer.overrides.telling import contradicted, decided, unused
from conda_bridge.infer.pythons import PythonRange
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    Condition,
    Span,
    all_of,
    any_of,
    negate,
    os_in,
    python_in,
)
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Inferred, address
from conda_bridge.model.names import CondaName

__all__ = ["Kind", "infer_kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """noarch or not, and what is skipped where it is not."""

    is_noarch: bool
    skip: tuple[Condition, ...] = ()
    reason: str = ""


@rule("noarch")
def infer_kind(
    ctx: InferContext, native: Native, needs: tuple[Need, ...], python: PythonRange
) -> Inferred[Kind]:
    """Return the kind of package.

    A dependency under a marker keeps the package noarch as long as requiring it everywhere does no harm; one
    that doesn't exist everywhere makes it a package per platform. Source: CFEP 18, conda-forge documentation on
    noarch packages.
    """
    name = conda_name_of(ctx)
    bound = _first_bound(ctx, needs)
    chosen = ctx.overrides.noarch
    if chosen.value if chosen else (not native.is_native and bound is None):
        return _noarch(ctx, bound)
    systems = _required_systems(ctx, needs)
    inferred_skip = tuple(c for c in (negate(systems), python.unsupported) if c != NEVER)
    skip, skip_places, diagnostics = _with_own_skips(ctx, inferred_skip)
    reason, origins = native.reason, native.origins
    if not native.is_native and bound is not None and chosen is None:
        reason, origins = f"{bound.conda_name} isn't available everywhere", bound.origins
        message = f"{reason}, so the package is built per platform although it is pure Python"
        diagnostics += (finding("platform-dependency", message, origin=bound.origins[0]),)
    where = address(name, "build", "skip")
    skips = because(where, Certainty.DERIVED, python.origin, *_bound_origins(ctx, needs))
    if skip_places:
        skips = decided(where, "skip", *skip_places, *(skips.origins if inferred_skip else ()))
    evidence = (skips,) if skip else ()
    value = Kind(is_noarch=False, skip=skip, reason=reason)
    where = address(name, "build", "platform")
    platform = because(where, Certainty.DERIVED, *origins, note=reason)
    if chosen is not None:
        platform = decided(where, "noarch", chosen.origin, *origins, note=reason)
    return Inferred(value=value, evidence=(platform, *evidence), diagnostics=diagnostics)


def _noarch(ctx: InferContext, bound: Need | None) -> Inferred[Kind]:
    where = address(conda_name_of(ctx), "build", "noarch")
    why = because(where, Certainty.DERIVED, note="pure Python, and its dependencies exist everywhere")
    found = [
        unused("a noarch package is built once, so nothing is skipped", item.origin)
        for item in ctx.overrides.skip or ()
    ]
    if (chosen := ctx.overrides.noarch) is not None:
        why = decided(where, "noarch", chosen.origin)
        if bound is not None:
            message = (
                f"{bound.conda_name} isn't available everywhere, but the package is configured to be noarch"
            )
            found.append(contradicted(message, chosen.origin))
    return Inferred(value=Kind(is_noarch=True), evidence=(why,), diagnostics=tuple(found))


def _with_own_skips(
    ctx: InferContext, inferred: tuple[Condition, ...]
) -> tuple[tuple[Condition, ...], tuple[str, ...], tuple[Diagnostic, ...]]:
    """Return all skips, the places of the user's, and a finding on each that is there without them."""
    skip, places, found = list(inferred), list[str](), list[Diagnostic]()
    lowest = ctx.overrides.python_min
    if lowest is not None and lowest.value < ctx.policy.python_min:
        message = f"packages per platform are built for the pythons of {ctx.policy.name}"
        found.append(unused(message, lowest.origin))
    for item in ctx.overrides.skip or ():
        if item.condition in skip:
            found.append(unused(f"{item.text!r} is skipped without it", item.origin))
        else:
            skip.append(item.condition)
            places.append(item.origin)
    return tuple(skip), tuple(places), tuple(found)


def _first_bound(ctx: InferContext, needs: tuple[Need, ...]) -> Need | None:
    """Return the first need that can't be required everywhere."""
    for need in needs:
        if _only_system(ctx, need.conda_name) is not None or _is_python_bound(ctx, need):
            return need
    return None


def _is_python_bound(ctx: InferContext, need: Need) -> bool:
    """Tell whether a need under a python marker is for packages that older pythons can't install."""
    lowest = ctx.policy.lowest_python_of(need.conda_name)
    return lowest is not None and need.condition != ALWAYS and ctx.policy.python_min < lowest


def _only_system(ctx: InferContext, name: CondaName) -> Condition | None:
    system = ctx.policy.only_system_of(name)
    if system is None:
        return None
    return os_in({"linux", "osx"}) if system == "unix" else os_in({system})


def _required_systems(ctx: InferContext, needs: tuple[Need, ...]) -> Condition:
    """Return where all dependencies exist: one that only Windows has skips the others, unless a marker does.

    A system that upstream publishes wheels for has what it needs.
    """
    places: list[Condition] = []
    for need in needs:
        only = _only_system(ctx, need.conda_name)
        if only is not None:
            places.append(any_of(only, negate(need.condition)))
    published = wheel_abis(ctx.facts).built_systems
    systems = any_of(all_of(*places), os_in(published)) if published else all_of(*places)
    pythons = python_in(Span(ctx.policy.python_min, ctx.policy.python_ceiling))
    return ALWAYS if all_of(systems, pythons) == pythons else systems


def _bound_origins(ctx: InferContext, needs: tuple[Need, ...]) -> tuple[str, ...]:
    return tuple(need.origins[0] for need in needs if _only_system(ctx, need.conda_name) is not None)
