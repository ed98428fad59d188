"""Whether one build for Python's stable ABI serves all later pythons, and what the recipe then says.

The recipe uses the stable ABI where the project itself builds for it: published wheels' tags are the strongest
evidence and must agree with something in the source, because what only a release script asks for is not there
in a recipe's build. Source: CEP 20; conda-forge documentation on Python's stable ABI.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.infer.abi3.evidence import AbiClaim, WheelAbis, abi_claims, unset_variables, wheel_abis
from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.modules.compiled import CompiledModule, compiled_modules
from conda_bridge.infer.native import Native
from conda_bridge.infer.needed import Need
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.overrides.telling import contradicted, decided, unused
from conda_bridge.infer.pythons import PythonRange
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    OPERATING_SYSTEMS,
    Condition,
    PyVersion,
    Span,
    Target,
    all_of,
    evaluate,
    os_in,
    python_in,
    variant_is,
)
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import PYTHON_MIN, MatchSpec

__all__ = ["NO_ABI3", "STABLE_ABI", "Abi3", "infer_abi3"]

STABLE_ABI = variant_is("is_abi3")
"""Holds where the build uses the stable ABI; free-threaded pythons have none."""
_LATER = variant_is("is_python_min", negated=True)
_PACKAGE = CondaName("python-abi3")
_MOST_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Abi3:
    """How the recipe uses the stable ABI."""

    is_used: bool = False
    python_min: str = ""
    """The one python of the build where that isn't the distributor's lowest."""
    skip: tuple[Condition, ...] = ()
    """Builds that the one for the lowest python makes needless."""
    contributions: tuple[Contribution, ...] = ()
    audited: tuple[CompiledModule, ...] = ()
    """The modules that the recipe's tests hold against the stable ABI."""
    systems: Condition = ALWAYS
    """Where they are built at all."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables that turn it on in the build."""
    origins: tuple[str, ...] = ()


NO_ABI3 = Abi3()


@rule("abi3")
def infer_abi3(
    ctx: InferContext, native: Native, kind: Kind, python: PythonRange, needs: tuple[Need, ...]
) -> Inferred[Abi3]:
    """Return how the recipe uses the stable ABI; evidence for `build/version_independent`."""
    chosen = ctx.overrides.abi3
    if kind.is_noarch or not native.is_native:
        idle = (unused("no extension module is built", chosen.origin),) if chosen else ()
        return Inferred(value=NO_ABI3, diagnostics=idle)
    return _decided(ctx, python, needs).adding(diagnostics=_unset(ctx))


def _decided(ctx: InferContext, python: PythonRange, needs: tuple[Need, ...]) -> Inferred[Abi3]:
    chosen = ctx.overrides.abi3
    wheels, claims = wheel_abis(ctx.facts), abi_claims(ctx)
    found = _judged(wheels, claims)
    if chosen is not None and not chosen.value:
        why = () if found.value else (unused("the stable ABI isn't used without it", chosen.origin),)
        return Inferred(value=NO_ABI3, diagnostics=why)
    floor = _floor(wheels, claims, python)
    obstacle = _obstacle(ctx, floor, python, needs)
    if chosen is None and (not found.value or obstacle):
        told = _blocked(obstacle, claims, wheels) if found.value else found.diagnostics
        return Inferred(value=NO_ABI3, diagnostics=told)
    against = _against(ctx, obstacle=obstacle, is_shown=found.value)
    used = _used(ctx, wheels, claims, max(floor, python.floor))
    return used.adding(diagnostics=against)


def _unset(ctx: InferContext) -> tuple[Diagnostic, ...]:
    message = "the variable {name!a:.60} is about the stable ABI, but not for a source to set"
    return tuple(
        finding("abi3-variable", message.format(name=name), origin=origin)
        for name, origin in unset_variables(ctx.facts)[:_MOST_TOLD]
    )


def _judged(wheels: WheelAbis, claims: tuple[AbiClaim, ...]) -> Inferred[bool]:
    """Return whether the project builds for the stable ABI."""
    if wheels.is_known:
        if wheels.floor is not None and not claims:
            message = f"{wheels.origin} is for the stable ABI, but nothing in the source asks for it"
            return Inferred(value=False, diagnostics=(finding("abi3-unused", message, origin=wheels.origin),))
        return Inferred(value=wheels.floor is not None)
    return Inferred(value=any(claim.is_firm for claim in claims))


def _floor(wheels: WheelAbis, claims: tuple[AbiClaim, ...], python: PythonRange) -> PyVersion:
    """Return the lowest python that gets a module for the stable ABI.

    Where no setting names it, the python that builds decides, unless wheels show that lower ones got other modules.
    """
    stated = [claim.floor for claim in claims if claim.floor is not None]
    if stated:
        return min(stated)
    if wheels.floor is not None and any(lower < wheels.floor for lower in wheels.pythons):
        return wheels.floor
    return python.floor


def _obstacle(ctx: InferContext, floor: PyVersion, python: PythonRange, needs: tuple[Need, ...]) -> str:
    """Return why one build can't serve all pythons of the recipe; empty where it can."""
    if python.floor < floor:
        return f"it begins with python {floor}, and the lower ones need builds of their own"
    if python.upper or python.extra:
        return "upstream excludes some later pythons"
    for need in needs:
        at_lowest = any(
            evaluate(need.condition, Target(platform=platform, python=python.floor))
            for platform in ctx.policy.platforms
        )
        if not at_lowest:
            return f"{need.conda_name} is needed by later pythons only"
    return "" if compiled_modules(ctx) else "where its modules are installed isn't known"


def _blocked(obstacle: str, claims: tuple[AbiClaim, ...], wheels: WheelAbis) -> tuple[Diagnostic, ...]:
    origin = claims[0].origin if claims else wheels.origin
    message = f"upstream builds for the stable ABI, but the recipe builds for each python: {obstacle}"
    return (finding("abi3-unused", message, origin=origin),)


def _against(ctx: InferContext, *, obstacle: str, is_shown: bool) -> tuple[Diagnostic, ...]:
    """Say where the user wants the stable ABI although something speaks against it, or without need."""
    chosen = ctx.overrides.abi3
    if chosen is None:
        return ()
    if obstacle:
        return (contradicted(f"the stable ABI is configured, but {obstacle}", chosen.origin),)
    if not is_shown:
        message = "the stable ABI is configured, but nothing shows that the build is for it"
        return (contradicted(message, chosen.origin),)
    return (unused("the stable ABI is used without it", chosen.origin),)


def _used(
    ctx: InferContext, wheels: WheelAbis, claims: tuple[AbiClaim, ...], lowest: PyVersion
) -> Inferred[Abi3]:
    name, chosen = conda_name_of(ctx), ctx.overrides.abi3
    origins = tuple(dict.fromkeys((*(claim.origin for claim in claims), wheels.origin)))
    is_raised = lowest != ctx.policy.python_min
    line = Contribution(
        section="host",
        spec=MatchSpec(conda_name=_PACKAGE),
        condition=STABLE_ABI,
        certainty=Certainty.DERIVED,
        origins=tuple(filter(None, origins)),
        note="exports that any later python will do",
        rule="abi3",
    )
    where = address(name, "build", "version_independent")
    note = f"one module serves python {lowest} and all later ones"
    why = because(where, Certainty.DERIVED, *origins, note=note)
    if chosen is not None and not claims:
        why = decided(where, "abi3", chosen.origin, *origins, note=note)
    skip = because(address(name, "build", "skip"), Certainty.DERIVED, *origins, note="one build is enough")
    evidence = [why, skip]
    if is_raised:
        where = address(name, "context", PYTHON_MIN)
        evidence.append(because(where, Certainty.DERIVED, *origins, note="the one python that is built for"))
    env = {variable: (value, claim.origin) for claim in claims for variable, value in claim.env}
    evidence += _why_set(name, env)
    only_some = wheels.has_pure and wheels.systems not in {frozenset(), OPERATING_SYSTEMS}
    value = Abi3(
        is_used=True,
        python_min=str(lowest) if is_raised else "",
        skip=_skip(lowest, is_raised=is_raised),
        contributions=(line,),
        audited=compiled_modules(ctx),
        systems=os_in(wheels.systems) if only_some else ALWAYS,
        env=tuple((variable, value) for variable, (value, _) in env.items()),
        origins=tuple(filter(None, origins)),
    )
    found = () if value.audited else (_unaudited(origins),)
    return Inferred(value=value, evidence=tuple(evidence), diagnostics=found)


def _why_set(name: CondaName, env: dict[str, tuple[str, str]]) -> Iterator[Evidence]:
    for variable, (_, origin) in env.items():
        where = address(name, "build", f"env.{variable}")
        yield because(where, Certainty.DERIVED, origin, note="turns the stable ABI on")


def _skip(lowest: PyVersion, *, is_raised: bool) -> tuple[Condition, ...]:
    """Return which builds the one for the lowest python stands for; `is_python_min` knows only the distributor's."""
    if not is_raised:
        return (all_of(STABLE_ABI, _LATER),)
    major, minor = (*lowest.release, 0)[:2]
    later = python_in(Span(PyVersion((major, minor + 1)), None))
    earlier = python_in(Span(None, lowest))
    return tuple(c for c in (earlier, all_of(STABLE_ABI, later)) if c != NEVER)


def _unaudited(origins: tuple[str, ...]) -> Diagnostic:
    message = (
        "where the compiled modules are installed isn't known, so no test holds them against the stable ABI"
    )
    return finding("abi3-unaudited", message, origin=next(filter(None, origins), ""))
