"""Declared dependencies -> the run section."""

from dataclasses import replace

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.merging import Place, merge_everywhere, merge_per_platform
from conda_bridge.infer.needed import Need, collect_needs
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.overrides.sections import edited_section
from conda_bridge.infer.overrides.selection import chosen_extras
from conda_bridge.infer.pythons import PythonRange
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec, PythonMinSpec, Requirement, Section

__all__ = ["infer_constraints", "infer_needs", "infer_run"]


@rule("needs")
def infer_needs(ctx: InferContext, python: PythonRange) -> Inferred[tuple[Need, ...]]:
    """Return what the package needs at run time: the dependencies, and those of the chosen extras.

    Raises:
        MetadataError: `direct-reference`.
        TranslationError: `complex-marker`.
    """
    displaced = ctx.overrides.run.displaced
    declared = collect_needs(ctx, ctx.project.dependencies, python, displaced)
    value, diagnostics = list(declared.value), list(declared.diagnostics)
    for extra in chosen_extras(ctx.project, ctx.overrides):
        added = collect_needs(ctx, (extra,), python, displaced)
        value += [_as_chosen(need, extra.origin) for need in added.value]
        diagnostics += [d for d in added.diagnostics if d.slug != "self-requirement"]
    return Inferred(value=tuple(value), diagnostics=tuple(diagnostics))


def _as_chosen(need: Need, origin: str) -> Need:
    return replace(need, certainty=Certainty.OVERRIDE, origins=(origin, *need.origins))


@rule("requirements.run_constraints")
def infer_constraints(ctx: InferContext, kind: Kind) -> Inferred[tuple[Requirement, ...]]:
    """Return the constraints, of which only the user knows."""
    nothing: Inferred[tuple[Requirement, ...]] = Inferred(value=())
    where: tuple[CondaName, Section] = (conda_name_of(ctx), "run_constraints")
    return edited_section(nothing, ctx.overrides.run_constraints, where, is_noarch=kind.is_noarch)


@rule("requirements.run")
def infer_run(
    ctx: InferContext, needs: tuple[Need, ...], kind: Kind, python: PythonRange
) -> Inferred[tuple[Requirement, ...]]:
    """Return the run section: python first, then upstream's order."""
    place = Place(output=conda_name_of(ctx), section="run")
    others = tuple(need for need in needs if need.conda_name != "python")
    if kind.is_noarch:
        merged = merge_everywhere(others, place, ctx.policy, python)
        first = Requirement(spec=PythonMinSpec(is_exact=False, upper=python.upper, extra=python.extra))
    else:
        merged = merge_per_platform(others, place)
        first = Requirement(spec=MatchSpec(conda_name=CondaName("python")))
    return Inferred(
        value=(first, *merged.value),
        evidence=(_python_evidence(ctx, place, kind, python), *merged.evidence),
        diagnostics=(*merged.diagnostics, *_extras_finding(ctx)),
    )


def _python_evidence(ctx: InferContext, place: Place, kind: Kind, python: PythonRange) -> Evidence:
    where = address(place.output, f"requirements.{place.section}", "python")
    known = ctx.project.requires_python
    if known is None:
        return because(where, Certainty.CONVENTION, note="upstream declares no python range")
    if not kind.is_noarch:
        note = "built for each python of the distributor; bounds are skips"
    elif python.raises_floor or python.upper or python.extra:
        note = f"upstream: {known.value}"
    else:
        note = f"{known.value} says no more than the distributor's python_min {ctx.policy.python_min}"
    return because(where, Certainty.DERIVED, known.origin, note=note)


def _extras_finding(ctx: InferContext) -> tuple[Diagnostic, ...]:
    chosen = {item.text for item in ctx.overrides.extras or ()}
    named = [extra.name for extra in ctx.project.extras if extra.requirements and extra.name not in chosen]
    if not named:
        return ()
    message = f"optional dependencies stay out of the recipe: extras {', '.join(named)}"
    return (finding("extras-left-out", message),)
