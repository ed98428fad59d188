"""Requires-Dist of a wheel -> the match specs that its package depends on.

Markers are evaluated for the target: as its own python would where that python is known, else as conditions, which
say what a package can know. Conda knows no extras of a dependency: what `x[y]` stands for is merged in, as far as the
metadata of x is given; what a project requires of itself is an extra of its own, and never a dependency.

Source: core metadata, Requires-Dist; PEP 508; CEP 29, match specs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from conda_bridge.infer.project.requirements import RequirementSets, read_requirements
from conda_bridge.infer.project.statements import RequirementLine, Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, NEVER, Condition, Target, evaluate
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import NameTable, PypiName
from conda_bridge.model.project import Declared
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.repack.to_conda.wheel_target import ExtraMetadata, WheelTarget
from conda_bridge.translate.markers import to_condition
from conda_bridge.translate.names import name_finding
from conda_bridge.translate.untrusted import marker_holds
from conda_bridge.translate.versions import to_conda_spec

__all__ = ["Requirements", "depends_of", "read_wheel_requirements", "spec_text"]

_READING_ORDER = {"<": 1, "!": 2}
_PYTHONS = tuple(PyVersion((3, minor)) for minor in range(6, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a project needs on a target, extras resolved."""

    needed: tuple[Declared, ...]
    """Their markers hold."""
    undecided: tuple[Declared, ...]
    """Whether they are needed differs between the platforms or pythons that the package installs on."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def names(self) -> tuple[PypiName, ...]:
        """The projects, each once, in order."""
        return tuple(dict.fromkeys(declared.pypi_name for declared in self.needed))


def read_wheel_requirements(
    metadata: Statement,
    target: WheelTarget,
    *,
    own_name: PypiName,
    extras: Iterable[ExtraMetadata] = (),
    is_any_platform: bool = True,
) -> Requirements:
    """Return what a wheel needs on a target; `is_any_platform` tells whether its package installs elsewhere, too.

    Raises:
        MetadataError: `invalid-requirement`, `direct-reference`, `extra-collision`.
        TranslationError: `complex-marker`.
    """
    own = read_requirements(metadata.dependencies or (), metadata.extras or ())
    known = {row.pypi_name: row for row in extras}
    reader = _Reader(target, known, own_name=own_name, is_any_platform=is_any_platform)
    reader.sets[own_name] = own
    reader.add(own.dependencies)
    return Requirements(
        needed=tuple(reader.needed.values()),
        undecided=tuple(reader.undecided),
        diagnostics=(*own.diagnostics, *reader.diagnostics.values()),
    )


def depends_of(
    needed: Iterable[Declared], names: NameTable
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """Return the match specs, sorted, and what was noticed.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    specs: set[str] = set()
    diagnostics: dict[Diagnostic, None] = {}
    for declared in needed:
        hit = names.get(declared.pypi_name)
        found = name_finding(hit)
        if found is not None:
            diagnostics[found] = None
        spec = to_conda_spec(declared.requirement.specifier, style="exact")
        diagnostics.update(dict.fromkeys(spec.diagnostics))
        if hit.chosen is not None:
            specs.add(spec_text(hit.chosen, spec.value))
    bounded = {spec.partition(" ")[0] for spec in specs if " " in spec}
    return tuple(sorted(specs - bounded)), tuple(diagnostics)


def spec_text(name: str, constraint: str) -> str:
    """Return the match spec, lower bounds first, as people write it.

    >>> spec_text("idna", "!=2.7,<4a0,>=2.5")
    'idna >=2.5,<4a0,!=2.7'
    """
    clauses = sorted(constraint.split(","), key=lambda clause: _READING_ORDER.get(clause[:1], 0))
    return f"{name} {','.join(clauses)}".rstrip()


class _Reader:
    """Follows requirements into the extras that they name."""

    def __init__(
        self,
        target: WheelTarget,
        known: Mapping[PypiName, ExtraMetadata],
        *,
        own_name: PypiName,
        is_any_platform: bool,
    ) -> None:
        self.needed: dict[str, Declared] = {}
        self.undecided: list[Declared] = []
        self.diagnostics: dict[str, Diagnostic] = {}
        self.sets: dict[PypiName, RequirementSets] = {}
        self._target = target.target
        self._markers = dict(target.markers)
        self._known = known
        self._own_name = own_name
        self._is_any_platform = is_any_platform
        self._seen: set[tuple[PypiName, str]] = set()

    def add(self, requirements: Iterable[Declared]) -> None:
        waiting = list(requirements)
        for declared in waiting:
            if not self._is_needed(declared):
                continue
            if declared.pypi_name != self._own_name:
                self.needed.setdefault(str(declared.requirement), declared)
            waiting += self._behind_extras(declared)

    def _is_needed(self, declared: Declared) -> bool:
        marker = declared.requirement.marker
        if marker is None:
            return True
        if self._markers:
            return marker_holds(marker, self._markers)
        condition = to_condition(marker)
        for diagnostic in condition.diagnostics:
            self.diagnostics.setdefault(diagnostic.message, diagnostic)
        if condition.value not in {ALWAYS, NEVER} and self._varies(condition.value):
            self.undecided.append(declared)
        return evaluate(condition.value, self._target)

    def _varies(self, condition: Condition) -> bool:
        if self._is_any_platform:
            return True
        here = self._target
        targets = (Target(platform=here.platform, python=python) for python in _PYTHONS)
        return len({evaluate(condition, target) for target in targets}) > 1

    def _behind_extras(self, declared: Declared) -> Iterator[Declared]:
        project = declared.pypi_name
        for extra in sorted(canonicalize_name(name) for name in declared.requirement.extras):
            if (project, extra) in self._seen:
                continue
            self._seen.add((project, extra))
            found = self._extra(project, extra)
            if found is None:
                message = (
                    f"{declared.requirement}: what the extra {extra!r} needs isn't known and is left out"
                )
                self.diagnostics.setdefault(
                    message, finding("extra-unknown", message, origin=declared.origin)
                )
            yield from found or ()

    def _extra(self, project: PypiName, extra: str) -> tuple[Declared, ...] | None:
        if project not in self.sets and project in self._known:
            lines = (
                RequirementLine(text=text, origin=f"{project}#/Requires-Dist/{index}")
                for index, text in enumerate(self._known[project].requirements)
            )
            self.sets[project] = read_requirements(lines, ())
        sets = self.sets.get(project)
        rows = sets.extras if sets else ()
        return next((row.requirements for row in rows if row.name == extra), None)
