"""Requires-Python and the distributor's pythons -> the range that a recipe supports, and how it says so.

Vocabulary: the *floor* is the lowest python of the recipe as major.minor; *feasible* pythons are those that
both upstream and the distributor support.
"""

from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.overrides.telling import contradicted, decided, unused
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    PythonIn,
    PyVersion,
    Span,
    all_of,
    any_of,
    negate,
    python_in,
)
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.recipe import PYTHON_MIN
from conda_bridge.translate.python_ranges import python_exclusions
from conda_bridge.translate.versions import python_condition

__all__ = ["PythonRange", "infer_python", "within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonRange:
    """The pythons that a recipe supports."""

    floor: PyVersion
    """major.minor."""
    raises_floor: bool
    """True where the floor isn't the distributor's python_min: upstream's is above it, or the user sets another."""
    upper: str = ""
    """Upstream's exclusive upper bound; empty where it has none or it says nothing."""
    extra: str = ""
    """Further clauses on python, such as `!=3.12.0` or `>=3.11.4`."""
    feasible: tuple[Span, ...]
    """Pythons that upstream and the distributor both support."""
    unsupported: Condition = NEVER
    """Where a platform build is skipped."""
    origin: str = ""
    """Where upstream says it; empty where it says nothing."""


@rule("python-range")
def infer_python(ctx: InferContext) -> Inferred[PythonRange]:
    """Return the python range; evidence for `context/python_min` where the recipe raises it."""
    policy = ctx.policy
    known = ctx.project.requires_python
    specifiers = known.value if known else SpecifierSet()
    upstream = python_condition(specifiers)
    chosen = ctx.overrides.python_min
    ceiling = python_in(Span(chosen.value if chosen else policy.python_min, policy.python_ceiling))
    feasible = _spans(all_of(upstream, ceiling))
    origin = known.origin if known else ""
    if not feasible:
        return Inferred(value=_any_python(ctx, origin), diagnostics=(_infeasible(ctx, specifiers, origin),))
    lowest = feasible[0].lower or policy.python_min
    floor = PyVersion(lowest.release[:2] if len(lowest.release) > 1 else (*lowest.release, 0))
    last = feasible[-1].upper
    python = PythonRange(
        floor=floor,
        raises_floor=policy.python_min != floor,
        upper=str(last) if last is not None and last < policy.python_ceiling else "",
        extra=_extra_clauses(feasible, lowest, floor),
        feasible=feasible,
        unsupported=_unsupported(feasible, policy.python_min, policy.python_ceiling),
        origin=origin,
    )
    evidence: tuple[Evidence, ...] = ()
    where = address(conda_name_of(ctx), "context", PYTHON_MIN)
    if chosen is not None and python.raises_floor and chosen.value == floor:
        evidence = (decided(where, "python-min", chosen.origin, origin),)
    elif python.raises_floor:
        note = f"upstream needs python {specifiers}, above the distributor's {policy.python_min}"
        evidence = (because(where, Certainty.DERIVED, origin, note=note),)
    found = _floor_findings(ctx, upstream, floor)
    if not _is_built_for(ctx, feasible):
        found = (_infeasible(ctx, specifiers, origin), *found)
    return Inferred(value=python, evidence=evidence, diagnostics=found)


def _floor_findings(ctx: InferContext, upstream: Condition, floor: PyVersion) -> tuple[Diagnostic, ...]:
    """Say where the user's lowest python can't be had or is the one that inference finds."""
    chosen = ctx.overrides.python_min
    if chosen is None:
        return ()
    if chosen.value < floor:
        message = f"upstream doesn't install on python {chosen.value}: the lowest is {floor}"
        return (contradicted(message, chosen.origin),)
    inferred = _spans(all_of(upstream, python_in(Span(ctx.policy.python_min, ctx.policy.python_ceiling))))
    lowest = inferred[0].lower if inferred else None
    if lowest is not None and lowest.release[:2] == floor.release[:2]:
        return (unused(f"python {floor} is the lowest without it", chosen.origin),)
    return ()


def within(condition: Condition, feasible: tuple[Span, ...]) -> Condition:
    """Reduce a condition to what it still says when python is known to be feasible.

    A bound that every feasible python meets disappears; one that none meets makes the condition NEVER.
    """
    match condition:
        case PythonIn():
            inside = all_of(condition, python_in(*feasible))
            if inside in {NEVER, python_in(*feasible)}:
                return NEVER if inside == NEVER else ALWAYS
            return python_in(*(_trim(span, feasible) for span in _spans(inside)))
        case AllOf(members):
            return all_of(*(within(member, feasible) for member in members))
        case AnyOf(members):
            return any_of(*(within(member, feasible) for member in members))
        case _:
            return condition


def _trim(span: Span, feasible: tuple[Span, ...]) -> Span:
    lower = None if span.lower == feasible[0].lower else span.lower
    upper = None if span.upper == feasible[-1].upper else span.upper
    return Span(lower, upper)


def _spans(condition: Condition) -> tuple[Span, ...]:
    match condition:
        case PythonIn(spans):
            return spans
        case _:
            return (Span(),) if condition == ALWAYS else ()


def _extra_clauses(feasible: tuple[Span, ...], lowest: PyVersion, floor: PyVersion) -> str:
    """Return what the floor and the upper bound don't say: a patch-level floor, and holes in the range."""
    clauses = [f">={lowest}"] if floor < lowest else []
    return ",".join((*clauses, *python_exclusions(feasible)))


def _unsupported(feasible: tuple[Span, ...], python_min: PyVersion, ceiling: PyVersion) -> Condition:
    everything = python_in(Span(python_min, ceiling))
    outside = all_of(negate(python_in(*feasible)), everything)
    return within(outside, (Span(python_min, ceiling),))


def _is_built_for(ctx: InferContext, feasible: tuple[Span, ...]) -> bool:
    """Tell whether the distributor builds for any feasible python; those to come may be feasible, too."""
    minors = (Span(python, PyVersion(_next_minor(python))) for python in ctx.policy.pythons)
    return all_of(python_in(*feasible), python_in(*minors)) != NEVER


def _next_minor(python: PyVersion) -> tuple[int, int]:
    major, minor = (*python.release, 0)[:2]
    return (major, minor + 1)


def _infeasible(ctx: InferContext, specifiers: SpecifierSet, origin: str) -> Diagnostic:
    policy, chosen = ctx.policy, ctx.overrides.python_min
    needed = f"upstream needs python {specifiers}" if specifiers else ""
    configured = f"python-min is configured to be {chosen.value}" if chosen else ""
    message = (
        f"{' and '.join(filter(None, (needed, configured)))}, "
        f"but {policy.name} builds for {policy.pythons[0]} to {policy.pythons[-1]}"
    )
    return finding("python-infeasible", message, origin=origin or (chosen.origin if chosen else ""))


def _any_python(ctx: InferContext, origin: str) -> PythonRange:
    policy = ctx.policy
    return PythonRange(
        floor=policy.python_min,
        raises_floor=False,
        feasible=(Span(policy.python_min, policy.python_ceiling),),
        origin=origin,
    )
