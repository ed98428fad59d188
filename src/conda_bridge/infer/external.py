"""The table [external] -> compilers, and lines of build, host and run.

An entry stays in the section that it is declared for, unless its package is known to belong elsewhere. Linked
libraries aren't copied into run: conda's packages export what they need there. Markers become conditions for every
platform; what can't be said is a finding, and nothing is dropped without one.

Source: PEP 725; PEP 804; conda-forge documentation on compilers, BLAS, OpenMP and MPI.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from packaging.specifiers import SpecifierSet

from conda_bridge.errors import BridgeError
from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.pythons import PythonRange, within
from conda_bridge.infer.rules import rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, NEVER, Condition, all_of, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Inferred
from conda_bridge.model.external import (
    DepUrl,
    ExternalMetadata,
    ExternalRequirement,
    ExternalRow,
    ExternalSection,
)
from conda_bridge.model.names import CondaName, conda_name, pypi_name
from conda_bridge.model.recipe import CompilerSpec, MatchSpec, Spec, StdlibSpec
from conda_bridge.model.toolchain import RuntimeRow
from conda_bridge.translate.external import best_row, nearest, placed, read_function, renamed_library
from conda_bridge.translate.markers import to_condition
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.names import name_finding
from conda_bridge.translate.versions import to_conda_spec

__all__ = ["External", "infer_external"]

_RULE = "external"
_MOST_NEAREST = 20
"""For so many unknown ids the nearest known one is looked up, which takes milliseconds each."""
_DECISIONS = {
    "dep:virtual/compiler/cuda": (
        "CUDA is a variant of the builds here",
        "add compiler('cuda') to build under the condition cuda_compiler_version != \"None\", with [package.NAME]",
    ),
    "dep:virtual/interface/mpi": (
        "MPI is a variant of the builds here: nompi, mpich or openmpi",
        "choose one with [package.NAME.requirements], or add an mpi key to the recipe's variants",
    ),
}
_INTERFACE = "dep:virtual/interface/"


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """What the table asks for."""

    compilers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(language, origins), sorted; a compiler under a marker is a contribution instead."""
    contributions: tuple[Contribution, ...] = ()
    is_declared: bool = False
    """True where there is a table that lists anything: then what it doesn't list isn't needed, as far as is known."""


@rule(_RULE)
def infer_external(ctx: InferContext, python: PythonRange) -> Inferred[External]:
    """Return what the table [external] asks for; optional sets only where the user chose an extra of that name.

    Raises:
        TranslationError: `complex-marker`.
    """
    metadata = ctx.project.external
    if metadata is None:
        return Inferred(value=External())
    work = _Work(ctx, python)
    chosen = {item.text for item in ctx.overrides.extras or ()}
    for requirement in metadata.requirements:
        if not requirement.is_development and (not requirement.group or requirement.group in chosen):
            work.take(requirement)
    left_out = _left_out(metadata, chosen)
    return Inferred(
        value=External(
            compilers=tuple((name, tuple(work.compilers[name])) for name in sorted(work.compilers)),
            contributions=tuple(_united(work.contributions)),
            is_declared=any(not one.is_development for one in metadata.requirements),
        ),
        diagnostics=(*dict.fromkeys(work.diagnostics), *left_out),
    )


def _left_out(metadata: ExternalMetadata, chosen: set[str]) -> tuple[Diagnostic, ...]:
    """Say which optional sets and groups there are beside the chosen ones."""
    labels: dict[str, None] = {}
    for one in metadata.requirements:
        if one.is_development:
            labels[f"the development group {one.group}"] = None
        elif one.group and one.group not in chosen:
            kind = "extra" if one.section == "run" else f"{one.section} set"
            labels[f"the {kind} {one.group}"] = None
    if not labels:
        return ()
    message = f"optional entries of [external] stay out of the recipe: {', '.join(labels):.300}"
    return (finding("external-groups-left-out", message, origin=metadata.origin),)


def _united(contributions: Iterable[Contribution]) -> Iterable[Contribution]:
    """Yield one contribution a section, package and condition; their bounds hold together."""
    found: dict[tuple[str, Spec | CondaName, Condition], Contribution] = {}
    for one in contributions:
        name = one.spec.conda_name if isinstance(one.spec, MatchSpec) else one.spec
        key = (one.section, name, one.condition)
        other = found.get(key)
        found[key] = one if other is None else _joined(other, one)
    return found.values()


def _joined(one: Contribution, other: Contribution) -> Contribution:
    spec = one.spec
    if isinstance(spec, MatchSpec) and isinstance(other.spec, MatchSpec):
        version = _clauses(spec.version, other.spec.version)
        spec = replace(spec, version=version, build=spec.build or other.spec.build)
    notes = dict.fromkeys(note for note in (one.note, other.note) if note)
    origins = tuple(dict.fromkeys((*one.origins, *other.origins)))
    return replace(one, spec=spec, origins=origins, note="; ".join(notes))


def _clauses(*versions: str) -> str:
    return ",".join(dict.fromkeys(clause for text in versions for clause in text.split(",") if clause))


@dataclass(slots=True)
class _Work:
    """The recipe's share of the table while it is read."""

    ctx: InferContext
    python: PythonRange
    compilers: dict[str, list[str]] = field(default_factory=dict)
    contributions: list[Contribution] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    unknown: int = 0

    def take(self, requirement: ExternalRequirement) -> None:
        """Take one entry."""
        condition = self._condition(requirement)
        if condition == NEVER:
            message = f"{requirement.dep} never applies to the pythons and platforms that the recipe supports"
            self._note("requirement-never-applies", message, requirement)
            return
        requirement = replace(requirement, dep=self._without_frills(requirement))
        if requirement.dep.kind == "pypi":
            self._take_project(requirement, condition)
            return
        rows = self.ctx.external.of(requirement.dep.id)
        runtime = self._runtime(rows)
        if runtime is not None:
            self._take_runtime(requirement, condition, runtime)
        elif rows:
            self._take_row(requirement, condition, best_row(rows))
        else:
            self._take_unknown(requirement, condition)

    # ------------------------------------------------------------ what an entry is

    def _condition(self, requirement: ExternalRequirement) -> Condition:
        if requirement.marker is None:
            return ALWAYS
        result = to_condition(requirement.marker, extras=frozenset(filter(None, (requirement.group,))))
        self.diagnostics += (
            replace(d, message=f"{requirement.dep}: {d.message}", origin=requirement.origin)
            for d in result.diagnostics
        )
        return within(result.value, self.python.feasible)

    def _without_frills(self, requirement: ExternalRequirement) -> DepUrl:
        """Return a DepURL as far as packages here can follow it."""
        dep = requirement.dep
        if dep.qualifiers or dep.subpath:
            message = f"qualifiers and subpath of {dep} are left out: packages here have none"
            self._note("external-version-dropped", message, requirement)
        rows = self.ctx.external.of(dep.id)
        is_unversioned = best_row(rows).unversioned if rows else dep.kind == "virtual"
        if not dep.versions or not is_unversioned:
            return dep
        message = f"the version of {dep} is left out: packages that provide it count otherwise"
        self._note("external-version-dropped", message, requirement)
        return replace(dep, versions=SpecifierSet())

    def _take_project(self, requirement: ExternalRequirement, condition: Condition) -> None:
        """Take `dep:pypi/x`, which the name tables know."""
        try:
            hit = self.ctx.names.get(pypi_name(requirement.dep.name))
        except BridgeError as error:
            self._note("unknown-external", f"{requirement.dep}: {error.message}", requirement)
            return
        found = name_finding(hit)
        self.diagnostics += [replace(found, origin=requirement.origin)] if found is not None else []
        if hit.chosen is None:
            message = f"{requirement.dep} is left out: {hit.reason or 'conda needs no package for it'}"
            self._note("unpackaged-external", message, requirement)
            return
        certainty = Certainty.GUESSED if hit.confidence == "low" else Certainty.DERIVED
        spec = MatchSpec(conda_name=hit.chosen)
        self._add(
            requirement,
            (requirement.section, spec),
            condition,
            (certainty, f"{requirement.dep.id} by {hit.source}"),
        )

    def _runtime(self, rows: tuple[ExternalRow, ...]) -> RuntimeRow | None:
        """Return the toolchains' row of an interface that compilers implement; None where the user maps it."""
        name = rows[0].id.removeprefix(_INTERFACE) if rows and not rows[0].origin else ""
        return next((row for row in self.ctx.toolchains.runtimes if row.key == name), None)

    def _take_runtime(
        self, requirement: ExternalRequirement, condition: Condition, runtime: RuntimeRow
    ) -> None:
        for system, package in runtime.packages:
            there = all_of(condition, os_in({system}))
            if there != NEVER:
                why = (Certainty.DERIVED, f"{requirement.dep.id}: the runtime of {runtime.key} there")
                self._add(requirement, ("host", MatchSpec(conda_name=package)), there, why)

    def _take_row(self, requirement: ExternalRequirement, condition: Condition, row: ExternalRow) -> None:
        section, specs = placed(row, requirement.section)
        if not specs:
            self._take_unpackaged(requirement, row)
            return
        if section != requirement.section and not all(map(read_function, specs)):
            message = f"{requirement.dep.id} is declared for {requirement.section}; {', '.join(specs)} belongs in {section}"
            self._note("external-misplaced", message, requirement)
        for text in specs:
            function = read_function(text)
            if function is not None:
                self._add_function(function, requirement, condition)
            else:
                self._add_package(text, (section, row), requirement, condition)

    def _take_unpackaged(self, requirement: ExternalRequirement, row: ExternalRow) -> None:
        reason, hint = _DECISIONS.get(row.id, ("no package provides it", None))
        message = f"{requirement.dep.id} is left out: {reason}"
        self.diagnostics.append(finding("unpackaged-external", message, origin=requirement.origin, hint=hint))

    def _take_unknown(self, requirement: ExternalRequirement, condition: Condition) -> None:
        """Say that no mapping knows an id; a generic name is mostly the package's own name."""
        dep = requirement.dep
        self.unknown += 1
        near = nearest(dep.id, self.ctx.external) if self.unknown <= _MOST_NEAREST else ""
        meant = f"; the nearest known id is {near}" if near else ""
        spec = _same_name(dep.name) if dep.kind == "generic" else None
        taken = "its name is taken as it is" if spec else "it is left out"
        self._note("unknown-external", f"no mapping knows {dep.id}: {taken}{meant}", requirement)
        if spec is not None:
            why = (Certainty.GUESSED, "no mapping knows the id; its name is taken as it is")
            self._add(requirement, (requirement.section, spec), condition, why)

    # ------------------------------------------------------------ what becomes of it

    def _add_function(self, spec: Spec, requirement: ExternalRequirement, condition: Condition) -> None:
        if isinstance(spec, CompilerSpec) and condition == ALWAYS:
            self.compilers.setdefault(spec.language, []).append(requirement.origin)
        elif not isinstance(spec, StdlibSpec) or condition != ALWAYS:
            self._add(requirement, ("build", spec), condition, (Certainty.DERIVED, requirement.dep.id))

    def _add_package(
        self,
        text: str,
        place: tuple[ExternalSection, ExternalRow],
        requirement: ExternalRequirement,
        condition: Condition,
    ) -> None:
        section, row = place
        spec = parse_match_spec(text).value
        new, why = renamed_library(spec.conda_name)
        note = " by ".join(filter(None, (requirement.dep.id, row.origin)))
        if why:
            self._renamed(spec, new, why, requirement)
            note = f"{note}; instead of {spec.conda_name}: {why}"
        if new is None:
            return
        own = str(new) == requirement.dep.name and condition == ALWAYS and not row.origin
        certainty = Certainty.DECLARED if own else Certainty.DERIVED
        self._add(requirement, (section, replace(spec, conda_name=new)), condition, (certainty, note))

    def _renamed(
        self, spec: MatchSpec, new: CondaName | None, why: str, requirement: ExternalRequirement
    ) -> None:
        if new is None:
            message = f"{requirement.dep.id} is left out: {spec.conda_name} is {why}"
            self._note("unpackaged-external", message, requirement)

    def _add(
        self,
        requirement: ExternalRequirement,
        line: tuple[ExternalSection, Spec],
        condition: Condition,
        why: tuple[Certainty, str],
    ) -> None:
        section, spec = line
        if isinstance(spec, MatchSpec):
            if spec.conda_name == "python" and section == "build":
                message = (
                    f"{requirement.dep.id} is left out of build: python belongs there in cross builds only"
                )
                self._note("external-misplaced", message, requirement)
                return
            spec = self._bounded(spec, section, requirement)
        self.contributions.append(
            Contribution(
                section=section,
                spec=spec,
                condition=condition,
                certainty=why[0],
                origins=(requirement.origin,),
                note=why[1],
                rule=_RULE,
            )
        )

    def _bounded(
        self, spec: MatchSpec, section: ExternalSection, requirement: ExternalRequirement
    ) -> MatchSpec:
        """Return a package with the versions that are asked for, unless the distributor pins it in host."""
        dep = requirement.dep
        if not dep.versions:
            return spec
        if section == "host" and spec.conda_name in self.ctx.policy.pinned:
            message = f"the version of {dep} is left out: {self.ctx.policy.name} pins {spec.conda_name}"
            self._note("external-version-dropped", message, requirement)
            return spec
        translated = to_conda_spec(dep.versions, style="recipe")
        self.diagnostics += (
            replace(d, message=f"{spec.conda_name}: {d.message}", origin=requirement.origin)
            for d in translated.diagnostics
        )
        return replace(spec, version=_clauses(spec.version, translated.value))

    def _note(self, slug: str, message: str, requirement: ExternalRequirement) -> None:
        self.diagnostics.append(finding(slug, message, origin=requirement.origin))


def _same_name(name: str) -> MatchSpec | None:
    try:
        return MatchSpec(conda_name=conda_name(name))
    except BridgeError:
        return None
