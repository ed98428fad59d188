"""Declared requirements -> needs: conda names, PyPI specifiers, and the condition that remains.

A *need* is one requirement after its name is mapped and its marker reduced over the feasible pythons, before
it is known whether the package is noarch and so what conditions it may keep.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from conda_bridge.errors import MetadataError, TranslationError
from conda_bridge.infer.project.statements import BACKEND
from conda_bridge.infer.pythons import PythonRange, within
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, NEVER, Condition, Target, all_of, evaluate
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Inferred
from conda_bridge.model.names import CondaName, NameHit
from conda_bridge.model.project import Declared
from conda_bridge.translate.markers import to_condition
from conda_bridge.translate.names import name_finding

__all__ = ["Need", "collect_needs"]

_MAX_NEEDS = 5_000
"""A few lines can ask for very many, where each asks for an extra that asks for all others."""
_MAX_EXTRAS = 500
"""Of the project itself, counted once for each condition under which they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One mapped requirement."""

    conda_name: CondaName
    specifiers: SpecifierSet
    condition: Condition
    origins: tuple[str, ...]
    certainty: Certainty
    note: str = ""
    is_displaced: bool = False
    """True where the user removes or replaces it: nothing more is to be said of it."""


def collect_needs(
    ctx: InferContext,
    declared: Iterable[Declared],
    python: PythonRange,
    displaced: frozenset[str] = frozenset(),
) -> Inferred[tuple[Need, ...]]:
    """Return the needs of the declared requirements, `foo[bar]` expanded where bar's requirements are known.

    `displaced` are the conda names that the user removes or replaces.

    Raises:
        MetadataError: `direct-reference`; `invalid-field` for more requirements than any project has.
        TranslationError: `complex-marker` where the project's extras ask for one another without end.
    """
    needs: list[Need] = []
    diagnostics: list[Diagnostic] = []
    for count, one in enumerate(_expanded(ctx, declared, diagnostics)):
        if count >= _MAX_NEEDS:
            message = f"there are more than {_MAX_NEEDS:,} requirements, those of extras included"
            raise MetadataError("invalid-field", message, where=one.declared.origin)
        noticed: list[Diagnostic] = []
        need = _need(ctx, one, python, noticed)
        is_displaced = need is not None and need.conda_name in displaced
        needs += [replace(need, is_displaced=is_displaced)] if need is not None else []
        diagnostics += noticed if not is_displaced else []
    return Inferred(value=tuple(needs), diagnostics=tuple(diagnostics))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    declared: Declared
    condition: Condition
    via: str = ""
    """`foo[bar]` where the requirement comes from foo's extra."""


def _expanded(
    ctx: InferContext, declared: Iterable[Declared], diagnostics: list[Diagnostic]
) -> Iterator[_Wanted]:
    for one in declared:
        wanted = _Wanted(declared=one, condition=_condition(one, diagnostics))
        if one.pypi_name == ctx.project.pypi_name.value:
            yield from _of_itself(ctx, wanted, diagnostics)
        else:
            yield from _with_extras(ctx, wanted, diagnostics)


def _with_extras(ctx: InferContext, wanted: _Wanted, diagnostics: list[Diagnostic]) -> Iterator[_Wanted]:
    yield wanted
    for extra in sorted(wanted.declared.requirement.extras):
        yield from _extra(ctx, wanted, canonicalize_name(extra), diagnostics)


def _of_itself(ctx: InferContext, wanted: _Wanted, diagnostics: list[Diagnostic]) -> Iterator[_Wanted]:
    """Yield what a requirement on the project itself adds: what its extras need, however they ask for one another."""
    own, origin = ctx.project.pypi_name.value, wanted.declared.origin
    message = f"{wanted.declared.requirement} requires the project itself"
    diagnostics.append(finding("self-requirement", message, origin=origin))
    known = {canonicalize_name(extra.name): extra.requirements for extra in ctx.project.extras}
    pending = [
        (canonicalize_name(name), wanted.condition) for name in sorted(wanted.declared.requirement.extras)
    ]
    for extra, asked in pending:
        if len(pending) > _MAX_EXTRAS:
            raise TranslationError("complex-marker", f"the extras of {own} ask for one another", where=origin)
        for declared in known.get(extra, ()):
            condition = all_of(asked, _condition(declared, diagnostics))
            if declared.pypi_name == own:
                asks = ((canonicalize_name(name), condition) for name in sorted(declared.requirement.extras))
                pending += [ask for ask in asks if ask not in pending]
            else:
                inner = _Wanted(declared=declared, condition=condition, via=f"{own}[{extra}]")
                yield from _with_extras(ctx, inner, diagnostics)


def _extra(
    ctx: InferContext, parent: _Wanted, extra: str, diagnostics: list[Diagnostic]
) -> Iterator[_Wanted]:
    name = parent.declared.pypi_name
    via = f"{name}[{extra}]"
    row = ctx.toolchains.plugin_of(name)
    if row is not None and extra in row.included_extras:
        return
    known = next((e for e in ctx.extras if e.pypi_name == name and e.extra == extra), None)
    if known is None:
        message = f"{via}: what the extra needs isn't known here, only {name} itself is required"
        diagnostics.append(finding("extra-not-expanded", message, origin=parent.declared.origin))
        return
    for declared in known.requirements:
        condition = all_of(parent.condition, _condition(declared, diagnostics))
        yield _Wanted(
            declared=Declared(requirement=declared.requirement, origin=parent.declared.origin),
            condition=condition,
            via=via,
        )


def _condition(declared: Declared, diagnostics: list[Diagnostic]) -> Condition:
    marker = declared.requirement.marker
    if marker is None:
        return ALWAYS
    result = to_condition(marker)
    diagnostics += (
        replace(d, message=f"{declared.requirement.name}: {d.message}", origin=declared.origin)
        for d in result.diagnostics
    )
    return result.value


def _need(
    ctx: InferContext, wanted: _Wanted, python: PythonRange, diagnostics: list[Diagnostic]
) -> Need | None:
    requirement, origin = wanted.declared.requirement, wanted.declared.origin
    if requirement.url:
        raise MetadataError(
            "direct-reference",
            f"{requirement.name} is required from {requirement.url!r}; recipes only depend on packages of their channels",
            where=origin,
        )
    condition = within(wanted.condition, python.feasible)
    if condition == NEVER:
        message = f"{requirement} never applies to the pythons and platforms that the recipe supports"
        diagnostics.append(finding("requirement-never-applies", message, origin=origin))
        return None
    hit = ctx.names.get(wanted.declared.pypi_name)
    if wanted.via and hit.confidence == "low" and not _holds_everywhere(ctx, condition, python):
        message = (
            f"{hit.pypi_name}, through {wanted.via}, is left out: some targets only, and no table knows it"
        )
        diagnostics.append(finding("extra-requirement-left-out", message, origin=origin))
        return None
    diagnostics += _name_findings(hit, origin)
    if hit.chosen is None:
        return None
    return Need(
        conda_name=hit.chosen,
        specifiers=requirement.specifier,
        condition=condition,
        origins=(origin, *_places(ctx, hit)),
        certainty=_certainty(hit, wanted),
        note=_note(hit, wanted),
    )


def _holds_everywhere(ctx: InferContext, condition: Condition, python: PythonRange) -> bool:
    """Tell whether a condition holds on every platform for some feasible python."""
    versions = [v for v in ctx.policy.pythons if any(v in span for span in python.feasible)]
    return all(
        any(evaluate(condition, Target(platform=platform, python=v)) for v in versions)
        for platform in ctx.policy.platforms
    )


def _places(ctx: InferContext, hit: NameHit) -> tuple[str, ...]:
    """Return where the user says what this package's dependency is called."""
    return tuple(setting.origin for setting in ctx.overrides.names if setting.key == hit.pypi_name)


def _certainty(hit: NameHit, wanted: _Wanted) -> Certainty:
    if hit.source == "override":
        return Certainty.OVERRIDE
    if hit.confidence == "low":
        return Certainty.GUESSED
    # What one build came out as holds on its platform, perhaps not on all.
    is_computed = wanted.declared.origin.startswith(f"{BACKEND}#")
    is_derived = wanted.via or is_computed or str(hit.chosen) != hit.pypi_name
    return Certainty.DERIVED if is_derived else Certainty.DECLARED


def _note(hit: NameHit, wanted: _Wanted) -> str:
    notes = []
    if hit.confidence == "low":
        notes.append("no table knows the name; it is taken as it is")
    if str(hit.chosen) != hit.pypi_name:
        notes.append(f"{hit.pypi_name} by {hit.source}")
    if wanted.via:
        notes.append(f"through {wanted.via}")
    return "; ".join(notes)


def _name_findings(hit: NameHit, origin: str) -> tuple[Diagnostic, ...]:
    found = name_finding(hit)
    return (replace(found, origin=origin),) if found is not None else ()
