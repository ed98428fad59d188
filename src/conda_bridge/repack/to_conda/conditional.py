"""Requires-Dist of a wheel -> requirements with the conditions under which they are needed, extras resolved.

Nothing is decided for a target: a marker becomes a condition on the system and on python. What `x[y]` stands for is
merged in, as far as the metadata of x is given, under the condition of whoever asks for it. A package for all machines
can't know the machine: what only some need counts as needed on all.

Source: core metadata, Requires-Dist and Provides-Extra; PEP 508, environment markers; PEP 685, extra names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from conda_bridge.errors import MetadataError
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
from conda_bridge.repack.to_conda.regions import Regions
from conda_bridge.repack.to_conda.wheel_target import ExtraMetadata
from conda_bridge.translate.log_lines import shortened
from conda_bridge.translate.markers import to_condition

__all__ = ["Conditional", "ConditionalSets", "read_conditional_sets"]

_MAX_STEPS = 1_000_000
"""Requirements that are looked at for all extras together: hundreds of extras that all name each other have fewer."""


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
        needed=reader.needed(),
        extras=reader.extras(),
        wanted=tuple(reader.wanted),
        diagnostics=(*own.diagnostics, *reader.diagnostics.values()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A requirement whose marker is read."""

    declared: Declared
    condition: Condition
    """Of its own marker."""
    noticed: tuple[Diagnostic, ...]
    """What is to be said where it is asked for."""
    behind: tuple[tuple[PypiName, str], ...]
    """(project, extra) that it asks for."""


class _Reader:
    """Follows requirements into the extras that they name."""

    def __init__(
        self, own_name: PypiName, own: RequirementSets, known: Mapping[PypiName, ExtraMetadata]
    ) -> None:
        self.wanted: dict[tuple[Declared, str], None] = {}
        self.diagnostics: dict[str, Diagnostic] = {}
        self._own_name = own_name
        self._known = known
        self._markers: dict[str, tuple[Condition, tuple[Diagnostic, ...]]] = {}
        self._extras: dict[PypiName, dict[str, tuple[_Row, ...]]] = {}
        self._needed = tuple(map(self._row, own.dependencies))
        self._extras[own_name] = {
            extra.name: tuple(map(self._row, extra.requirements)) for extra in own.extras
        }
        self._regions = Regions(row.condition for row in self._reachable())
        self._steps = 0

    def needed(self) -> tuple[Conditional, ...]:
        """Return what the project requires, each project's demand once, with those behind their extras."""
        return self._expanded(self._needed)

    def extras(self) -> tuple[tuple[str, tuple[Conditional, ...]], ...]:
        """Return the same for each of its extras."""
        return tuple(
            (name, self._expanded(rows)) for name, rows in sorted(self._extras[self._own_name].items())
        )

    def _expanded(self, requirements: Sequence[_Row]) -> tuple[Conditional, ...]:
        """Follow requirements where they hold: each extra is asked again only for where nobody had asked yet."""
        regions = self._regions
        found: dict[str, tuple[Declared, int]] = {}
        asked: dict[tuple[PypiName, str], int] = {}
        waiting = [(requirements, regions.bits(ALWAYS))]
        while waiting:
            rows, outer = waiting.pop(0)
            self._count(len(rows))
            for row in rows:
                where = outer & regions.bits(row.condition)
                self._note(row)
                if not where:
                    continue
                declared = row.declared
                if declared.pypi_name != self._own_name:
                    key = f"{declared.pypi_name} {declared.requirement.specifier}"
                    first, earlier = found.get(key, (declared, 0))
                    found[key] = (first, earlier | where)
                for target in row.behind:
                    new = where & ~asked.get(target, 0)
                    if new:
                        asked[target] = asked.get(target, 0) | new
                        waiting.append((self._behind(declared, target), new))
        return tuple(
            Conditional(declared=declared, condition=regions.condition(where))
            for declared, where in found.values()
        )

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            message = f"its extras ask for each other in more than {_MAX_STEPS:,} ways"
            raise MetadataError("invalid-requirement", message)

    # ------------------------------------------------------------ rows

    def _row(self, declared: Declared) -> _Row:
        marker = declared.requirement.marker
        condition, noticed = self._read(marker) if marker else (ALWAYS, ())
        anywhere = _on_any_machine(condition)
        if anywhere != condition:
            message = f"'{_shown(declared)}' counts for all machines: no noarch package tells them apart"
            noticed = (*noticed, finding("machine-marker", message, origin=declared.origin))
        if anywhere == NEVER and not noticed:
            message = f"'{_shown(declared)}' is needed nowhere that this package can be, and is left out"
            noticed = (finding("dependency-nowhere", message, origin=declared.origin),)
        names = sorted({str(canonicalize_name(extra)) for extra in declared.requirement.extras})
        behind = tuple((declared.pypi_name, name) for name in names)
        return _Row(declared, anywhere, noticed, behind)

    def _read(self, marker: Marker) -> tuple[Condition, tuple[Diagnostic, ...]]:
        text = str(marker)
        if text not in self._markers:
            condition = to_condition(marker)
            self._markers[text] = condition.value, condition.diagnostics
        return self._markers[text]

    def _note(self, row: _Row) -> None:
        for diagnostic in row.noticed:
            self.diagnostics.setdefault(diagnostic.message, diagnostic)

    def _reachable(self) -> Iterator[_Row]:
        """Yield every requirement that somebody may ask for, wherever that is."""
        waiting = [self._needed, *self._extras[self._own_name].values()]
        seen: set[tuple[PypiName, str]] = {(self._own_name, name) for name in self._extras[self._own_name]}
        while waiting:
            for row in waiting.pop():
                yield row
                for target in row.behind:
                    if target not in seen:
                        seen.add(target)
                        waiting.append(self._extras_of(target[0]).get(target[1], ()))

    # ------------------------------------------------------------ extras

    def _behind(self, declared: Declared, target: tuple[PypiName, str]) -> tuple[_Row, ...]:
        project, extra = target
        if project != self._own_name and project not in self._known:
            self.wanted[declared, extra] = None
        found = self._extras_of(project).get(extra)
        if found is None:
            message = f"{_shown(declared)}: what the extra {extra!r} needs isn't known and is left out"
            self.diagnostics.setdefault(message, finding("extra-unknown", message, origin=declared.origin))
        return found or ()

    def _extras_of(self, project: PypiName) -> Mapping[str, tuple[_Row, ...]]:
        if project not in self._extras:
            if project not in self._known:
                return {}
            lines = (
                RequirementLine(text=text, origin=f"{project}#/Requires-Dist/{index}")
                for index, text in enumerate(self._known[project].requirements)
            )
            sets = read_requirements(lines, ())
            self._extras[project] = {
                extra.name: tuple(map(self._row, extra.requirements)) for extra in sets.extras
            }
        return self._extras[project]


def _shown(declared: Declared) -> str:
    return shortened(str(declared.requirement))


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
