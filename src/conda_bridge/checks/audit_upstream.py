"""What upstream's release says about packages: which it asks for, where, under what names, and what says so."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from conda_bridge.checks.audit_targets import is_cross
from conda_bridge.checks.audit_wants import Want, folded_name, upstream_wants
from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import ALWAYS, Condition, Target, any_of, evaluate
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty, Evidence, address
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.project import Declared
from conda_bridge.model.recipe import SECTIONS, Section
from conda_bridge.protocols import NameSource
from conda_bridge.translate.markers import to_condition

__all__ = ["UNSAID", "UpstreamSide"]

UNSAID = frozenset({"python", "pip", "python-abi3", "python-gil"})
"""What recipes have whatever upstream says."""

_MOST_PLACES = 2
"""Where upstream says a thing several times, so many places are named."""
_VIA = re.compile(r"through (\S+\[\S+\])")


@dataclass(frozen=True)
class UpstreamSide:
    """A conversion, asked about packages by their conda names."""

    conversion: Conversion
    names: NameSource

    # ------------------------------------------------------------ what it asks for

    def wants(self, section: Section) -> tuple[Want, ...]:
        """Return what is held against a recipe: no habits of conda."""
        return tuple(
            want
            for want in self._all_wants(section)
            if self._is_judged(section, want.name) and not is_cross(want)
        )

    def cross_wants(self) -> tuple[Want, ...]:
        """Return what the build section has for cross-compiling, python too."""
        return tuple(want for want in self._all_wants("build") if is_cross(want))

    @cached_property
    def declared_for_build(self) -> frozenset[str]:
        """What upstream itself says that it builds with, but for what conda's recipes leave out."""
        declared = {self._chosen(one) for one in self.conversion.project.build_system.requires}
        return frozenset(want.name for want in self._all_wants("host") if want.name in declared)

    @cached_property
    def has_rust(self) -> bool:
        """Whether upstream's build compiles Rust."""
        return any(want.name == "compiler(rust)" for want in self._all_wants("build"))

    def guessed(self, section: Section) -> frozenset[str]:
        """Return the names that no table knows."""
        return frozenset(
            want.name
            for want in self.wants(section)
            if (found := self._evidence_of(section, want.name)) and found.certainty is Certainty.GUESSED
        )

    def known(self, section: Section) -> frozenset[str]:
        """Return the names that are neither extra nor unused in a section."""
        sections: tuple[Section, ...] = ("run",) if section == "run" else SECTIONS
        named = {want.name for one in sections for want in self._all_wants(one)}
        if section != "run":
            named |= {self._chosen(one) for one in self.conversion.project.build_system.requires}
        return frozenset(named | UNSAID | {self.conversion.recipe.name})

    @cached_property
    def varying(self) -> frozenset[str]:
        """The names that are required several times, under different markers."""
        required = [self._chosen(declared) for declared in self.conversion.project.dependencies]
        return frozenset(name for name in required if required.count(name) > 1)

    def is_needed(self, name: str, target: Target) -> bool:
        """Tell whether upstream's markers ask for a package on a target."""
        return evaluate(self._conditions.get(name, ALWAYS), target)

    @cached_property
    def unknown_dependencies(self) -> str:
        """Why the dependencies aren't known; empty where they are."""
        dynamic = self.conversion.project.dynamic
        return next((field.reason for field in dynamic if field.field == "Requires-Dist"), "")

    # ------------------------------------------------------------ names

    def is_python(self, name: str) -> bool:
        """Tell whether a conda package is known to hold a Python project."""
        hits = self.names.to_conda(self._projects_of(name))
        return any(hit.confidence != "low" and name in {hit.chosen, *hit.candidates} for hit in hits)

    def names_of(self, name: str) -> frozenset[str]:
        """Return by what upstream's package may be known: names without separators, and projects."""
        forms = {form for hit in self.conversion.names if hit.chosen == name for form in hit.candidates}
        return frozenset(map(folded_name, {name, *forms})) | self._project_keys(self._projects_of(name))

    def name_keys(self, name: str) -> frozenset[str]:
        """Return by what a recipe's package is known: its name, and the project that it most likely holds."""
        return frozenset({folded_name(name)}) | self._project_keys(self._projects_of(name)[:1])

    # ------------------------------------------------------------ reasons

    def reason(self, section: Section, name: str) -> str:
        """Return what says that upstream needs a package, or what upstream has to do with it at all."""
        found = self._evidence_of(section, name)
        if found is None:
            return self._reason_against(name)
        notes = "; ".join(dict.fromkeys(found.note.split("; ")))
        places = ", ".join(found.origins[:_MOST_PLACES])
        if found.certainty is Certainty.GUESSED and (projects := self._pypi_names(name)):
            return f"declared: {places} (PyPI's {projects}, whose name on conda no table knows)"
        told = f"{found.certainty}: {places or notes}"
        return f"{told} ({notes})" if notes and places else told

    def via(self, section: Section, name: str) -> str:
        """Return the other project's extra through which upstream asks for a package; empty without one."""
        found = self._evidence_of(section, name)
        through = found and _VIA.search(found.note)
        return through[1] if through else ""

    # ------------------------------------------------------------ helpers

    def _all_wants(self, section: Section) -> tuple[Want, ...]:
        return upstream_wants(self.conversion.recipe.outputs[0].requirements.section(section))

    def _is_judged(self, section: Section, name: str) -> bool:
        found = self._evidence_of(section, name)
        return found is not None and name not in UNSAID and found.certainty is not Certainty.CONVENTION

    def _evidence_of(self, section: Section, name: str) -> Evidence | None:
        return self._evidence.get(address(self.conversion.recipe.name, f"requirements.{section}", name))

    @cached_property
    def _evidence(self) -> dict[str, Evidence]:
        return {one.address: one for one in reversed(self.conversion.evidence)}

    @cached_property
    def _conditions(self) -> dict[str, Condition]:
        # An inferred noarch recipe asks for a package everywhere, whatever the markers say.
        found: dict[str, Condition] = {}
        project = self.conversion.project
        for declared in (*project.dependencies, *project.build_system.requires):
            name, condition = self._chosen(declared), _condition(declared)
            found[name] = any_of(found[name], condition) if name in found else condition
        return found

    def _chosen(self, declared: Declared) -> str:
        return self.conversion.names.get(declared.pypi_name).chosen or ""

    def _pypi_names(self, name: str) -> str:
        return ", ".join(repr(str(hit.pypi_name)) for hit in self.conversion.names.hits if hit.chosen == name)

    def _projects_of(self, name: str) -> tuple[PypiName, ...]:
        return self.names.to_pypi(CondaName(name)) if "(" not in name else ()

    @staticmethod
    def _project_keys(projects: Iterable[PypiName]) -> frozenset[str]:
        return frozenset(f"pypi:{project}" for project in projects)

    def _reason_against(self, name: str) -> str:
        projects = set(self._projects_of(name))
        mentions = (
            f"{where}: {declared.origin}"
            for where, declared in self._mentions()
            if declared.pypi_name in projects
        )
        return next(mentions, "upstream's metadata doesn't mention it")

    def _mentions(self) -> Iterator[tuple[str, Declared]]:
        project = self.conversion.project
        yield from (("upstream asks for it on other targets only", one) for one in project.dependencies)
        for extra in project.extras:
            told = f"only upstream's extra {extra.name!r} asks for it"
            yield from ((told, one) for one in extra.requirements)
        yield from (("upstream builds with it", one) for one in project.build_system.requires)


def _condition(declared: Declared) -> Condition:
    marker = declared.requirement.marker
    try:
        return ALWAYS if marker is None else to_condition(marker).value
    except TranslationError:
        return ALWAYS
