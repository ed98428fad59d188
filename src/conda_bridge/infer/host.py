"""Build requirements -> the host and build sections."""

from collections.abc import Mapping
from dataclasses import replace

from packaging.requirements import Requirement as PypiRequirement

from conda_bridge.infer.backend import backend_row, host_requirements
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.merging import Place, merge_everywhere, merge_per_platform
from conda_bridge.infer.native import Native
from conda_bridge.infer.needed import Need, collect_needs
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.overrides.compilers import stdlib_condition
from conda_bridge.infer.pythons import PythonRange
from conda_bridge.infer.rules import because, rule
from conda_bridge.infer.setup_imports import header_requirements, imported_requirements
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, CROSS, NEVER, Target, all_of, evaluate
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.project import Declared
from conda_bridge.model.recipe import (
    CompilerSpec,
    CrossPythonSpec,
    MatchSpec,
    PythonMinSpec,
    Requirement,
    StdlibSpec,
)

__all__ = ["infer_build", "infer_host"]

_PYTHON = CondaName("python")
_PIP = CondaName("pip")
_IMPLIED: dict[PypiName, str] = {
    PypiName("wheel"): "backends write wheels without it",
    PypiName("pip"): "every recipe has it",
    PypiName("python"): "every recipe has it",
}


@rule("requirements.host")
def infer_host(ctx: InferContext, kind: Kind, python: PythonRange) -> Inferred[tuple[Requirement, ...]]:
    """Return the host section: python, pip, the backend and all that it needs to run.

    Raises:
        MetadataError: `direct-reference`, `invalid-requirement`.
    """
    place = Place(output=conda_name_of(ctx), section="host")
    wanted, implied = _split(ctx, kind)
    collected = collect_needs(ctx, wanted, python, ctx.overrides.host.displaced)
    notes = _undeclared(ctx)
    programs = {tool.conda_name for tool in ctx.toolchains.tools}
    # Those that extras of requirements bring, too, belong to the build machine.
    needs = collected.map(
        lambda found: tuple(_as_derived(need, notes) for need in found if need.conda_name not in programs)
    )
    if kind.is_noarch:
        relevant = tuple(need for need in needs.value if _holds_at_floor(ctx, need, python))
        merged = merge_everywhere(relevant, place, ctx.policy, python)
        requirements = (_noarch_python(), *merged.value, _bare(_PIP))
    else:
        unpinned = tuple(_without_pin(ctx, need) for need in needs.value)
        merged = merge_per_platform(unpinned, place)
        requirements = (_bare(_PYTHON), _bare(_PIP), *merged.value)
    return Inferred(
        value=requirements,
        evidence=(*_conventional(place), *merged.evidence),
        diagnostics=(*implied, *needs.diagnostics, *merged.diagnostics, *_backend_findings(ctx)),
    )


@rule("requirements.build")
def infer_build(
    ctx: InferContext, native: Native, host: tuple[Requirement, ...], kind: Kind
) -> Inferred[tuple[Requirement, ...]]:
    """Return the build section without the programs: what cross-compiling needs, and compilers."""
    specs: list[Requirement] = []
    evidence: list[Evidence] = []
    where = native.condition
    if native.is_native or (native.compilers and not kind.is_noarch):
        cross = _cross_specs(ctx, host)
        specs += [replace(one, condition=all_of(one.condition, where)) for one in cross.value]
        evidence += cross.evidence
    inferred = (language for language in native.compilers if language not in native.configured)
    specs += [Requirement(spec=CompilerSpec(language=language), condition=where) for language in inferred]
    if (condition := stdlib_condition(ctx, native)) != NEVER:
        specs.append(Requirement(spec=StdlibSpec(), condition=ALWAYS if kind.is_noarch else condition))
    return Inferred(value=tuple(specs), evidence=tuple(evidence))


def _split(ctx: InferContext, kind: Kind) -> tuple[tuple[Declared, ...], tuple[Diagnostic, ...]]:
    """Separate what host needs from what it has anyway and from programs, which go to build."""
    wanted: list[Declared] = []
    findings: list[Diagnostic] = []
    # A pure package compiles nothing, whatever sources it carries.
    headers = {one.origin for one in header_requirements(ctx.facts, ctx.project, ctx.toolchains)}
    for declared in host_requirements(ctx.facts, ctx.project, ctx.toolchains):
        name = declared.pypi_name
        if name in _IMPLIED:
            message = f"build requirement {declared.requirement} is left out: {_IMPLIED[name]}"
            findings.append(finding("build-requirement-implied", message, origin=declared.origin))
        elif (target := ctx.toolchains.abi_of(name)) is not None:
            wanted += [] if kind.is_noarch else [replace(declared, requirement=PypiRequirement(target))]
            message = f"build requirement {name} only chooses a {target} to compile against"
            findings.append(finding("abi-requirement", message, origin=declared.origin))
        elif (tool := ctx.toolchains.tool_of(name)) is None:
            wanted += [] if kind.is_noarch and declared.origin in headers else [declared]
        elif declared.requirement.specifier:
            message = (
                f"the bounds of {declared.requirement} are left out: {tool.conda_name} is the program itself"
            )
            findings.append(finding("tool-bounds", message, origin=declared.origin))
    return tuple(wanted), tuple(findings)


def _holds_at_floor(ctx: InferContext, need: Need, python: PythonRange) -> bool:
    """A noarch package is built once, with the lowest python: only that python's needs count."""
    lower = python.feasible[0].lower or python.floor
    return any(
        evaluate(need.condition, Target(platform=platform, python=lower)) for platform in ctx.policy.platforms
    )


def _without_pin(ctx: InferContext, need: Need) -> Need:
    """The distributor pins some packages itself; a version beside its pin is a mistake (CF-006)."""
    if need.conda_name not in ctx.policy.pinned:
        return need
    return Need(
        conda_name=need.conda_name,
        specifiers=type(need.specifiers)(),
        condition=need.condition,
        origins=need.origins,
        certainty=Certainty.DERIVED,
        note="; ".join(note for note in (need.note, "the distributor pins the version") if note),
    )


def _undeclared(ctx: InferContext) -> dict[str, str]:
    """Return the origins of what is needed although nothing declares it, with the reasons."""
    headers = header_requirements(ctx.facts, ctx.project, ctx.toolchains)
    imported = imported_requirements(ctx.facts, ctx.project, ctx.toolchains)
    notes = {one.origin: _note_of_use(one) for one in headers}
    is_own = bool(ctx.project.build_system.backend_path)
    reason = "the build backend in the source asks for it" if is_own else "setup.py imports it"
    return notes | {one.origin: reason for one in imported}


def _note_of_use(declared: Declared) -> str:
    return "it writes the C of this module" if declared.pypi_name == "cython" else "its headers are used"


def _as_derived(need: Need, notes: Mapping[str, str]) -> Need:
    note = notes.get(need.origins[0])
    if note is None or need.certainty is not Certainty.DECLARED:
        return need
    return replace(need, certainty=Certainty.DERIVED, note=note)


def _cross_specs(ctx: InferContext, host: tuple[Requirement, ...]) -> Inferred[tuple[Requirement, ...]]:
    """Return python and those of host's requirements that the build machine runs when cross-compiling."""
    name = conda_name_of(ctx)
    found = [
        Requirement(spec=spec, condition=CROSS) for spec in (MatchSpec(conda_name=_PYTHON), CrossPythonSpec())
    ]
    evidence = [
        because(address(name, "requirements.build", key), Certainty.CONVENTION, note="for cross-compiling")
        for key in ("python", "cross-python")
    ]
    runs = _run_on_build_machine(ctx)
    for requirement in host:
        spec = requirement.spec
        if isinstance(spec, MatchSpec) and spec.conda_name in runs:
            found.append(replace(requirement, condition=all_of(CROSS, requirement.condition)))
            where = address(name, "requirements.build", spec.conda_name)
            note = "the build machine runs it when cross-compiling"
            evidence.append(because(where, Certainty.DERIVED, runs[spec.conda_name], note=note))
    return Inferred(value=tuple(dict.fromkeys(found)), evidence=tuple(dict.fromkeys(evidence)))


def _run_on_build_machine(ctx: InferContext) -> dict[CondaName, str]:
    """Return the packages that a cross build runs, and where they are required."""
    row = backend_row(ctx.project, ctx.toolchains)
    found: dict[CondaName, str] = {}
    for declared in host_requirements(ctx.facts, ctx.project, ctx.toolchains):
        plugin = ctx.toolchains.plugin_of(declared.pypi_name)
        is_backend = row is not None and row.runs_in_cross_build and row.requirement == declared.pypi_name
        chosen = ctx.names.get(declared.pypi_name).chosen
        if chosen is not None and (is_backend or (plugin is not None and plugin.runs_in_cross_build)):
            found.setdefault(chosen, declared.origin)
    return found


def _conventional(place: Place) -> tuple[Evidence, Evidence]:
    section = f"requirements.{place.section}"
    return (
        because(
            address(place.output, section, "python"),
            Certainty.CONVENTION,
            note="the python that the package is built for",
        ),
        because(address(place.output, section, "pip"), Certainty.CONVENTION, note="runs the backend"),
    )


def _backend_findings(ctx: InferContext) -> tuple[Diagnostic, ...]:
    system = ctx.project.build_system
    row = backend_row(ctx.project, ctx.toolchains)
    if row is None:
        message = f"nothing is known of the build backend {system.backend!r}; its requirements are taken as declared"
        return (finding("unknown-backend", message, origin=system.origin),)
    return ()


def _noarch_python() -> Requirement:
    return Requirement(spec=PythonMinSpec(is_exact=True))


def _bare(name: CondaName) -> Requirement:
    return Requirement(spec=MatchSpec(conda_name=name))
