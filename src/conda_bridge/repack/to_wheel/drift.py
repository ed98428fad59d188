"""METADATA against what the conda package depends on: names, bounds, markers, python.

A difference that only conda's format makes is none: it has no markers, so that a requirement which no python on linux
needs may well be missing there, and a bound may be spelled in another way (`<3.0a0`).

What is asked for is judged where it is asked for: on each kind of system that the package is for, with each python that
both sides are for, all that METADATA asks of one project together is held against all that the package's match specs ask
of it. What an extra of another project needs isn't known: where METADATA asks for one, a package more is no drift.

Vocabulary: see `conda_bridge.model.repackaging.Drift`.

Source: core metadata, Requires-Dist and Requires-Python; PEP 440, PEP 508; CEP 29, match specs; CEP 30, virtual
packages; CEP 43, conditions.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain
from operator import and_

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.errors import TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, Target, all_of, evaluate
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, PypiName, pypi_name
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.model.repackaging import Drift
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.drift_targets import described, targets_of
from conda_bridge.repack.to_wheel.needs import Need, with_own_extras
from conda_bridge.repack.to_wheel.synthesised import is_python
from conda_bridge.repack.wheels.metadata_text import MetadataText, single_line
from conda_bridge.translate.conda_conditions import (
    alternatives_of,
    condition_of_when,
    gate_condition,
    python_condition_of,
    python_condition_of_conda,
)
from conda_bridge.translate.match_specs import keyed_spec
from conda_bridge.translate.requirements_from_conda import is_virtual, projects_of, python_from_conda
from conda_bridge.translate.untrusted import check_readable
from conda_bridge.translate.version_sets import VersionSpace

__all__ = ["drift_findings", "drift_of"]

_OF_BUILDERS = frozenset({"linux-64"})
_CLAUSE_END = re.compile(r"[,|]|$")
_MAX_ANSWERS = 300_000
"""Of markers about systems and pythons."""
_MAX_CLAUSES = 5_000
"""About versions, in requirements and specs of projects that both sides name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    """One match spec, read."""

    text: str
    spec: MatchSpec
    condition: Condition
    projects: tuple[PypiName, ...]


def drift_of(
    metadata: MetadataText, needs: Iterable[Need], depends: Iterable[str], names: NameSource
) -> tuple[tuple[Drift, ...], tuple[Diagnostic, ...]]:
    """Return what METADATA and the match specs of the package say differently, by kind and name, and what may be so.

    Raises:
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`, `complex-marker`.
    """
    specs = tuple(depends)
    for text in specs:
        check_readable(text)
    pinned = {text: python_from_conda(text).spec for text in specs if is_python(text)}
    scope = _Scope(list(pinned.values()), specs, metadata.value("requires-python"))
    resolved = with_own_extras(tuple(needs), pypi_name(metadata.value("name")))
    comparison = _Comparison(resolved, _read(dict.fromkeys(specs), names), names, scope)
    found = dict.fromkeys([*scope.drift(), *comparison.drift()])
    return tuple(sorted(found, key=lambda row: (row.kind, row.pypi_name))), comparison.possible()


def _read(specs: Iterable[str], names: NameSource) -> tuple[_Spec, ...]:
    found: list[_Spec] = []
    for text in specs:
        if is_virtual(text) or is_python(text):
            continue
        keyed = keyed_spec(text)
        when = keyed.keys.get("when")
        condition = ALWAYS if when is None else condition_of_when(when)
        projects = projects_of(keyed.spec.conda_name, names)
        found.append(_Spec(text=text, spec=keyed.spec, condition=condition, projects=projects))
    return tuple(found)


# ---------------------------------------------------------------- pythons and systems


class _Scope:
    """The pythons and systems that the package is for."""

    def __init__(self, specs: list[MatchSpec], depends: Iterable[str], requires_python: str) -> None:
        self._specs = specs
        self._text = ",".join(str(spec).partition(" ")[2] for spec in specs if spec.version or spec.build)
        self._systems = gate_condition(depends)
        self._said = requires_python
        self._is_known = True
        self._required: Condition = ALWAYS
        try:
            self._required = python_condition_of([SpecifierSet(requires_python)])
        except (InvalidSpecifier, TranslationError):
            self._is_known = False
        try:
            self.conditions = [python_condition_of_conda(spec) for spec in specs]
        except TranslationError:
            self.conditions = []

    def drift(self) -> Iterator[Drift]:
        # What METADATA lacks is added to it, which is told apart.
        if not (self._said and self._specs and self._is_known):
            return
        has_build = any(spec.build for spec in self._specs)
        if has_build or self._required != all_of(*self.conditions):
            yield Drift(
                kind="python",
                pypi_name=PypiName("python"),
                metadata=single_line(self._said),
                conda=single_line(self._text),
            )

    @cached_property
    def within(self) -> tuple[Condition, ...]:
        """Where the package and the wheel are for the same, and where the package is for anything."""
        pinned = all_of(self._systems, *self.conditions)
        return (all_of(pinned, self._required), pinned, self._systems)

    @cached_property
    def platforms(self) -> frozenset[str]:
        """Where a package that lacks something says so: the builders of noarch packages run on linux."""
        targets = targets_of((), within=(self._systems,))
        found = frozenset(target.platform for target in targets)
        return found & _OF_BUILDERS or found


# ---------------------------------------------------------------- dependencies


class _Comparison:
    """Two lists of dependencies side by side."""

    def __init__(
        self, needs: tuple[Need, ...], specs: tuple[_Spec, ...], names: NameSource, scope: _Scope
    ) -> None:
        self._needs: dict[PypiName, list[Need]] = {}
        self._optional: dict[PypiName, list[Need]] = {}
        for need in needs:
            place = self._optional if need.condition is None else self._needs
            place.setdefault(need.pypi_name, []).append(need)
        chosen = {hit.chosen: hit.pypi_name for hit in names.to_conda(self._needs) if hit.chosen}
        self._specs: dict[PypiName, list[_Spec]] = {}
        for spec in specs:
            self._specs.setdefault(self._project(spec, chosen), []).append(spec)
        self._scope = scope
        self._extras = [need for need in needs if need.condition is not None and need.requirement.extras]
        self._unexplained: list[_Spec] = []
        self._answers = 0
        self._clauses = 0

    def _project(self, spec: _Spec, chosen: dict[CondaName, PypiName]) -> PypiName:
        """Return the project that a spec stands for: one that METADATA needs, as far as either direction says so."""
        known = next((name for name in spec.projects if name in self._needs), None)
        known = known or chosen.get(spec.spec.conda_name)
        known = known or next((name for name in spec.projects if name in self._optional), None)
        return known or next(iter(spec.projects), PypiName(spec.spec.conda_name))

    def drift(self) -> Iterator[Drift]:
        for name, specs in self._specs.items():
            if name in self._needs:
                yield from self._compared(name, self._needs[name], specs)
                continue
            if name not in self._optional and self._extras:
                self._unexplained += specs
                continue
            optional = _texts(self._optional.get(name, ()))
            yield Drift(kind="only-conda", pypi_name=name, metadata=optional, conda=_spec_texts(specs))
        for name, needs in self._needs.items():
            if name not in self._specs and self._is_needed(needs):
                yield Drift(kind="only-metadata", pypi_name=name, metadata=_texts(needs), conda="")

    def possible(self) -> tuple[Diagnostic, ...]:
        """Return what may or may not differ, as far as `drift` met it."""
        if not self._unexplained:
            return ()
        message = (
            f"conda installs '{_spec_texts(self._unexplained)}', which METADATA doesn't ask for itself; an extra "
            f"that it asks for may: '{_texts(self._extras)}'"
        )
        return (finding("extra-may-need", message),)

    def _is_needed(self, needs: list[Need]) -> bool:
        """Tell whether conda's package, which is for every python of its pin, on linux too or behind a gate, should have it."""
        conditions = {need.condition for need in needs if need.condition is not None}
        return ALWAYS in conditions or any(
            evaluate(condition, target)
            for target in self._targets(conditions)
            if target.platform in self._scope.platforms
            for condition in conditions
        )

    def _targets(self, conditions: Collection[Condition]) -> tuple[Target, ...]:
        targets = targets_of(conditions, within=self._scope.within)
        self._answers += len(targets) * len(conditions)
        if self._answers > _MAX_ANSWERS:
            message = "the markers tell more systems and pythons apart than can be compared"
            raise TranslationError("inexpressible-spec", message)
        return targets

    def _count_clauses(self, needs: Iterable[Need], specs: Iterable[_Spec]) -> None:
        unique = {clause for need in needs for clause in need.requirement.specifier}
        self._clauses += len(unique) + sum(len(_CLAUSE_END.findall(spec.spec.version)) for spec in specs)
        if self._clauses > _MAX_CLAUSES:
            message = f"there are more than {_MAX_CLAUSES:,} bounds of versions"
            raise TranslationError("inexpressible-spec", message)

    def _compared(self, name: PypiName, needs: list[Need], specs: list[_Spec]) -> Iterator[Drift]:
        """Judge one project in every region: what is asked for there, all together, against what conda asks for."""
        asked: dict[Condition, list[Requirement]] = {}
        for need in needs:
            if need.condition is not None:
                asked.setdefault(need.condition, []).append(need.requirement)
        offered = dict.fromkeys(spec.condition for spec in specs)
        targets = self._targets({**asked, **offered})
        sides = {target: (_holding(asked, target), _holding(offered, target)) for target in targets}
        self._count_clauses(needs, specs)
        is_same = _sameness(asked, specs)
        verdicts = {
            (ours, theirs): is_same(ours, theirs) for ours, theirs in set(sides.values()) if ours and theirs
        }
        lacking = [target for target, (ours, theirs) in sides.items() if ours and not theirs]
        absent = [target for target, (ours, theirs) in sides.items() if theirs and not ours]
        other = [target for target in targets if not verdicts.get(sides[target], True)]
        if lacking:
            where = described(lacking, targets)
            yield Drift(kind="only-metadata", pypi_name=name, metadata=_texts(needs), conda="", where=where)
        if not absent and not other:
            return
        places = described(other or absent, targets)
        if other and absent:
            places += f", and none {described(absent, targets)}"
        yield Drift(
            kind="bounds" if other else "marker",
            pypi_name=name,
            metadata=_texts(needs),
            conda=_spec_texts(specs),
            where=places,
        )


def _holding(conditions: Iterable[Condition], target: Target) -> frozenset[Condition]:
    return frozenset(one for one in conditions if evaluate(one, target))


def _sameness(
    asked: Mapping[Condition, list[Requirement]], specs: list[_Spec]
) -> Callable[[frozenset[Condition], frozenset[Condition]], bool]:
    """Return what tells whether conda admits the versions that METADATA asks for where some conditions of each hold.

    Raises:
        TranslationError: `inexpressible-spec` for more bounds than anybody writes; one that PyPI has no form for
            is another than METADATA's.
    """
    sets = {condition: [one.specifier for one in found] for condition, found in asked.items()}
    try:
        unique = {(spec.condition, spec.spec): None for spec in specs}
        theirs = [(condition, alternatives_of(spec)[0]) for condition, spec in unique]
    except (TranslationError, ValueError):
        return lambda _, __: False
    linked = {condition for condition, found in asked.items() if any(one.url for one in found)}
    space = VersionSpace(
        (*chain.from_iterable(sets.values()), *chain.from_iterable(one for _, one in theirs))
    )
    ours = {condition: space.all_of(found) for condition, found in sets.items()}
    offered = [(condition, space.any_of(found)) for condition, found in theirs]

    def is_same(chosen: frozenset[Condition], given: frozenset[Condition]) -> bool:
        conda = reduce(and_, (one for condition, one in offered if condition in given))
        return linked.isdisjoint(chosen) and reduce(and_, (ours[one] for one in chosen)) == conda

    return is_same


def _texts(needs: Iterable[Need]) -> str:
    return single_line(", ".join(dict.fromkeys(need.text for need in needs)))


def _spec_texts(specs: Iterable[_Spec]) -> str:
    return single_line(", ".join(dict.fromkeys(spec.text for spec in specs)))


# ---------------------------------------------------------------- in words


def drift_findings(rows: Iterable[Drift], *, takes_conda: bool) -> tuple[Diagnostic, ...]:
    """Return each row in words that whoever packages the project understands.

    Args:
        rows: what differs.
        takes_conda: whether the wheel says what conda says.
    """
    return tuple(finding("dependency-drift", _words(row, takes_conda=takes_conda)) for row in rows)


def _words(row: Drift, *, takes_conda: bool) -> str:
    taken = "the wheel has conda's" if takes_conda else "the wheel keeps METADATA's"
    match row.kind:
        case "only-conda" if row.metadata:
            return f"conda always installs '{row.conda}', which METADATA has as an extra: '{row.metadata}'; {taken}"
        case "only-conda":
            return f"conda installs '{row.conda}', which METADATA doesn't ask for; {taken}"
        case "only-metadata":
            places = f" {row.where}" if row.where else ""
            return f"METADATA asks for '{row.metadata}', which the conda package lacks{places}; {taken}"
        case "bounds":
            places = f" {row.where}" if row.where else ""
            return f"METADATA asks for '{row.metadata}', conda for '{row.conda}': other versions{places}; {taken}"
        case "marker":
            places = f" also {row.where}" if row.where else ", and it holds nowhere that the package is for"
            return (
                f"METADATA asks for '{row.metadata}' only where its marker holds, conda for '{row.conda}'"
                f"{places}; {taken}"
            )
        case "python":
            pinned = f"python {row.conda}" if row.conda else "any python"
            return f"METADATA is for python {row.metadata}, the conda package for {pinned}; {taken}"
