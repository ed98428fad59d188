"""Needs -> requirements of a section: one a package for noarch, one a package and condition for platforms."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.infer.needed import Need
from conda_bridge.infer.pythons import PythonRange
from conda_bridge.infer.rules import because
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, NEVER, Condition, PyVersion, Target, any_of, evaluate
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec, Requirement, Section
from conda_bridge.translate.bounds import admits_nothing, hull
from conda_bridge.translate.versions import to_conda_spec

__all__ = ["Place", "merge_everywhere", "merge_per_platform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where requirements go, for their addresses."""

    output: CondaName
    section: Section


def merge_everywhere(
    needs: Iterable[Need], place: Place, policy: DistributorPolicy, python: PythonRange
) -> Inferred[tuple[Requirement, ...]]:
    """Return one unconditional requirement a package: the widest of its bounds over all targets.

    A need that applies to some targets only becomes a requirement for all, with a finding.
    """
    targets = _targets(policy, python)
    requirements: list[Requirement] = []
    evidence: list[Evidence] = []
    diagnostics: list[Diagnostic] = []
    for conda_name, group in _by_name(needs):
        noticed: list[Diagnostic] = []
        specifiers = _widened(conda_name, group, targets, noticed)
        spec = _match_spec(conda_name, specifiers, group, noticed)
        diagnostics += noticed if not group[0].is_displaced else []
        requirements.append(Requirement(spec=spec))
        evidence.append(_evidence(place, conda_name, group))
    return Inferred(value=tuple(requirements), evidence=tuple(evidence), diagnostics=tuple(diagnostics))


def merge_per_platform(needs: Iterable[Need], place: Place) -> Inferred[tuple[Requirement, ...]]:
    """Return one requirement a package and condition; bounds under the same condition hold together.

    Conditions under which a package has the same bounds become one.
    """
    requirements: list[Requirement] = []
    evidence: list[Evidence] = []
    diagnostics: list[Diagnostic] = []
    for conda_name, group in _by_name(needs):
        conditions = tuple(dict.fromkeys(need.condition for need in group))
        wherever: dict[MatchSpec, Condition] = {}
        for condition in conditions:
            same = tuple(need for need in group if need.condition == condition)
            noticed: list[Diagnostic] = []
            spec = _match_spec(conda_name, _together(same), same, noticed)
            diagnostics += noticed if not group[0].is_displaced else []
            wherever[spec] = any_of(wherever.get(spec, NEVER), condition)
        requirements += [Requirement(spec=spec, condition=where) for spec, where in wherever.items()]
        evidence.append(_evidence(place, conda_name, group))
    return Inferred(value=tuple(requirements), evidence=tuple(evidence), diagnostics=tuple(diagnostics))


def _by_name(needs: Iterable[Need]) -> list[tuple[CondaName, tuple[Need, ...]]]:
    """Group by package, in the order in which each first appears."""
    ordered = tuple(needs)
    rank = {name: index for index, name in reversed(list(enumerate(need.conda_name for need in ordered)))}
    arranged = sorted(ordered, key=lambda need: rank[need.conda_name])
    return [(name, tuple(group)) for name, group in groupby(arranged, key=lambda need: need.conda_name)]


def _targets(policy: DistributorPolicy, python: PythonRange) -> tuple[Target, ...]:
    pythons = [v for v in policy.pythons if any(v in span for span in python.feasible)]
    # Bounds between two minors, such as 3.12.4, are seen from their own side.
    pythons += [bound for span in python.feasible for bound in (span.lower,) if bound is not None]
    unique = sorted(set(pythons)) or [PyVersion((3, 12))]
    return tuple(Target(platform=platform, python=v) for platform in policy.platforms for v in unique)


def _widened(
    conda_name: CondaName, group: tuple[Need, ...], targets: tuple[Target, ...], diagnostics: list[Diagnostic]
) -> SpecifierSet:
    if all(need.condition == ALWAYS for need in group):
        return _together(group)
    active = [tuple(need for need in group if evaluate(need.condition, target)) for target in targets]
    seen = dict.fromkeys(needs for needs in active if needs)
    sets = tuple(dict.fromkeys(_together(needs) for needs in seen)) or (_together(group),)
    origin = group[0].origins[0]
    if not all(active):
        message = f"{conda_name} is needed on some targets only; a noarch package requires it everywhere"
        diagnostics.append(finding("marker-widened", message, origin=origin))
    if len(sets) > 1:
        message = f"{conda_name} has different bounds by target; a noarch package takes the widest"
        diagnostics.append(finding("bounds-widened", message, origin=origin))
        return hull(sets)
    return sets[0]


def _together(needs: Iterable[Need]) -> SpecifierSet:
    """Return the bounds of all needs; of several `>=` or several `<` only the one that decides."""
    result = SpecifierSet()
    for need in needs:
        result &= need.specifiers
    texts = dict.fromkeys(str(clause) for clause in sorted(result, key=str))
    for operator, pick in ((">=", max), ("<", min)):
        bounds = {str(clause): Version(clause.version) for clause in result if clause.operator == operator}
        if len(bounds) > 1:
            deciding = pick(bounds, key=bounds.__getitem__)
            texts = {text: None for text in texts if text == deciding or text not in bounds}
    return SpecifierSet(",".join(texts))


def _match_spec(
    conda_name: CondaName, specifiers: SpecifierSet, group: tuple[Need, ...], diagnostics: list[Diagnostic]
) -> MatchSpec:
    translated = to_conda_spec(specifiers, style="recipe")
    origin = group[0].origins[0]
    if admits_nothing(specifiers):
        message = f"no version of {conda_name} meets {specifiers}"
        diagnostics.append(finding("unsatisfiable-bounds", message, origin=origin))
    diagnostics += [
        finding(d.slug, f"{conda_name}: {d.message}", origin=d.origin or origin, hint=d.hint)
        for d in translated.diagnostics
    ]
    return MatchSpec(conda_name=conda_name, version=translated.value)


def _evidence(place: Place, conda_name: CondaName, group: tuple[Need, ...]) -> Evidence:
    order = list(Certainty)
    certainty = max((need.certainty for need in group), key=order.index)
    if any(need.condition != ALWAYS for need in group) and certainty is Certainty.DECLARED:
        certainty = Certainty.DERIVED
    origins = tuple(origin for need in group for origin in need.origins)
    note = "; ".join(dict.fromkeys(need.note for need in group if need.note))
    where = address(place.output, f"requirements.{place.section}", conda_name)
    return because(where, certainty, *origins, note=note)
