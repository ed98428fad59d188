"""Requires-Dist of a wheel -> requirements with the conditions under which they are needed, extras resolved.

Nothing is decided for a target: a marker becomes a condition on the system and on python. What `x[y]` stands for is
merged in, as far as the metadata of x is given, under the condition of whoever asks for it. A package for all machines
can't know the machine: what only some need counts as needed on all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from conda_bridge.infer.project.requirements import RequirementSets, read_requirements
from conda_bridge.infer.project.statements import RequirementLine, Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    ArchIs,
    Condition,
    all_of,
    any_of,
)
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import Declared
from conda_bridge.repack.wheel_target import ExtraMetadata
from conda_bridge.translate.markers import to_condition

__all__ = ["Conditional", "ConditionalSets", "read_conditional_sets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """A requirement, and where it is needed."""

    declared: Declared
    """Its own marker and extras say nothing more."""
    condition: Condition
    """On the system and on python; never `NEVER`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalSets:
    """What a project needs, and what its extras add."""

    needed: tuple[Conditional, ...]
    extras: tuple[tuple[str, tuple[Conditional, ...]], ...]
    """By name, sorted; an extra that adds nothing is there, too."""
    wanted: tuple[tuple[Declared, str], ...]
    """(requirement, extra) of others' extras whose metadata isn't given."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def names(self) -> tuple[PypiName, ...]:
        """The projects, each once, in order."""
        rows = (*self.needed, *(row for _, added in self.extras for row in added))
        return tuple(dict.fromkeys(row.declared.pypi_name for row in rows))


def read_conditional_sets(
    metadata: Statement, *, own_name: PypiName, extras: Iterable[ExtraMetadata] = ()
) -> ConditionalSets:
    """Return what a wheel needs wherever it is installed.

    Raises:
        MetadataError: `invalid-requirement`, `direct-reference`, `extra-collision`.
        TranslationError: `complex-marker`.
    """
    own = read_requirements(metadata.dependencies or (), metadata.extras or ())
    reader = _Reader(own_name, own, {row.pypi_name: row for row in extras})
    return ConditionalSets(
        needed=reader.expanded(own.dependencies),
        extras=tuple(
            (extra.name, reader.expanded(extra.requirements))
            for extra in sorted(own.extras, key=lambda extra: extra.name)
        ),
        wanted=tuple(reader.wanted),
        diagnostics=(*own.diagnostics, *reader.diagnostics.values()),
    )


class _Reader:
    """Follows requirements into the extras that they name."""

    def __init__(
        self, own_name: PypiName, own: RequirementSets, known: Mapping[PypiName, ExtraMetadata]
    ) -> None:
        self.wanted: dict[tuple[Declared, str], None] = {}
        self.diagnostics: dict[str, Diagnostic] = {}
        self._own_name = own_name
        self._sets = {own_name: own}
        self._known = known
        self._conditions: dict[str, Condition] = {}

    def expanded(self, requirements: Iterable[Declared]) -> tuple[Conditional, ...]:
        """Return the requirements, each project's demand once, with those behind their extras."""
        found: dict[str, tuple[Declared, list[Condition]]] = {}
        asked: dict[tuple[PypiName, str], Condition] = {}
        waiting: list[tuple[Declared, Condition]] = [(declared, ALWAYS) for declared in requirements]
        for declared, outer in waiting:
            condition = all_of(outer, self._condition(declared))
            if condition == NEVER:
                continue
            if declared.pypi_name != self._own_name:
                key = f"{declared.pypi_name} {declared.requirement.specifier}"
                found.setdefault(key, (declared, []))[1].append(condition)
            for project, extra in self._extras_of(declared):
                wider = any_of(asked.get((project, extra), NEVER), condition)
                # Extras may name each other in a circle: who asks for nothing new ends it.
                if wider != asked.get((project, extra)):
                    asked[project, extra] = wider
                    waiting += [(one, wider) for one in self._behind(declared, extra)]
        return tuple(
            Conditional(declared=declared, condition=any_of(*conditions))
            for declared, conditions in found.values()
        )

    def _condition(self, declared: Declared) -> Condition:
        marker = declared.requirement.marker
        if marker is None:
            return ALWAYS
        if str(marker) not in self._conditions:
            self._conditions[str(marker)] = self._read(marker, declared)
        return self._conditions[str(marker)]

    def _read(self, marker: Marker, declared: Declared) -> Condition:
        condition = to_condition(marker)
        for diagnostic in condition.diagnostics:
            self.diagnostics.setdefault(diagnostic.message, diagnostic)
        anywhere = _on_any_machine(condition.value)
        if anywhere != condition.value:
            message = f"'{declared.requirement}' counts for all machines: no noarch package tells them apart"
            self.diagnostics.setdefault(message, finding("machine-marker", message, origin=declared.origin))
        return anywhere

    @staticmethod
    def _extras_of(declared: Declared) -> Iterator[tuple[PypiName, str]]:
        for name in sorted(canonicalize_name(extra) for extra in declared.requirement.extras):
            yield declared.pypi_name, name

    def _behind(self, declared: Declared, extra: str) -> tuple[Declared, ...]:
        project = declared.pypi_name
        if project not in self._sets and project not in self._known:
            self.wanted[declared, extra] = None
        sets = self._sets_of(project)
        found = next((row.requirements for row in sets.extras if row.name == extra), None)
        if found is None:
            message = f"{declared.requirement}: what the extra {extra!r} needs isn't known and is left out"
            self.diagnostics.setdefault(message, finding("extra-unknown", message, origin=declared.origin))
        return found or ()

    def _sets_of(self, project: PypiName) -> RequirementSets:
        if project not in self._sets:
            if project not in self._known:
                return RequirementSets()
            lines = (
                RequirementLine(text=text, origin=f"{project}#/Requires-Dist/{index}")
                for index, text in enumerate(self._known[project].requirements)
            )
            self._sets[project] = read_requirements(lines, ())
        return self._sets[project]


def _on_any_machine(condition: Condition) -> Condition:
    """Return where the condition holds on some machine: every condition on machines is taken as true."""
    match condition:
        case ArchIs():
            return ALWAYS
        case AllOf(members):
            return all_of(*map(_on_any_machine, members))
        case AnyOf(members):
            return any_of(*map(_on_any_machine, members))
        case _:
            return condition
