"""Whether the package is noarch: python, and for which platforms it is built where it is not."""

from dataclasses import dataclass

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.needed import Need
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
    if not native.is_native and bound is None:
        why = because(
            address(name, "build", "noarch"),
            Certainty.DERIVED,
            note="pure Python, and its dependencies exist everywhere",
        )
        return Inferred(value=Kind(is_noarch=True), evidence=(why,))
    systems = _required_systems(ctx, needs)
    skip = tuple(c for c in (negate(systems), python.unsupported) if c != NEVER)
    diagnostics: tuple[Diagnostic, ...] = ()
    reason, origins = native.reason, native.origins
    if not native.is_native and bound is not None:
        reason, origins = f"{bound.conda_name} isn't available everywhere", bound.origins
        message = f"{reason}, so the package is built per platform although it is pure Python"
        diagnostics = (finding("platform-dependency", message, origin=bound.origins[0]),)
    skips = because(
        address(name, "build", "skip"), Certainty.DERIVED, python.origin, *_bound_origins(ctx, needs)
    )
    evidence = (skips,) if skip else ()
    value = Kind(is_noarch=False, skip=skip, reason=reason)
    platform = because(address(name, "build", "platform"), Certainty.DERIVED, *origins, note=reason)
    return Inferred(value=value, evidence=(platform, *evidence), diagnostics=diagnostics)


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
    """Return where all dependencies exist: one that only Windows has skips the others, unless a marker does."""
    places: list[Condition] = []
    for need in needs:
        only = _only_system(ctx, need.conda_name)
        if only is not None:
            places.append(any_of(only, negate(need.condition)))
    systems = all_of(*places)
    pythons = python_in(Span(ctx.policy.python_min, ctx.policy.python_ceiling))
    return ALWAYS if all_of(systems, pythons) == pythons else systems


def _bound_origins(ctx: InferContext, needs: tuple[Need, ...]) -> tuple[str, ...]:
    return tuple(need.origins[0] for need in needs if _only_system(ctx, need.conda_name) is not None)
