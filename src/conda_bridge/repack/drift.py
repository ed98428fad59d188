"""METADATA against what the conda package depends on: names, bounds, markers, python.

A difference that only conda's format makes is none: it has no markers, so that a requirement which no python on linux
needs may well be missing there, and a bound may be spelled in another way (`<3.0a0`).

Vocabulary: see `conda_bridge.model.repackaging.Drift`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, TranslationError
from conda_bridge.infer.project.markers import extras_of, has_extra, without_extra
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, PyVersion, Target, all_of, any_of, evaluate
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, PypiName, pypi_name
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.model.repackaging import Drift
from conda_bridge.protocols import NameSource
from conda_bridge.repack.metadata_text import MetadataText, single_line
from conda_bridge.repack.synthesised import is_python
from conda_bridge.translate.markers import to_condition
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.requirements_from_conda import (
    alternatives_of,
    is_virtual,
    projects_of,
    python_condition_of,
    python_condition_of_conda,
)
from conda_bridge.translate.untrusted import check_readable, requirement_of
from conda_bridge.translate.version_sets import admit_the_same

__all__ = ["Need", "drift_findings", "drift_of", "needs_of"]

_PLATFORMS = ("linux-64", "osx-64", "win-64")
_LAST_MINOR = 30
"""Beyond all pythons that a package of today can know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One Requires-Dist, read."""

    text: str
    requirement: Requirement
    pypi_name: PypiName
    condition: Condition | None
    """Where it is needed without any extra; None: nowhere."""
    extras: tuple[str, ...] = ()
    """Those whose marker it has."""

    @property
    def is_for_linux(self) -> bool:
        """Whether some python 3 on linux needs it without an extra."""
        return self.condition is not None and any(
            evaluate(self.condition, Target(platform="linux-64", python=PyVersion((3, minor))))
            for minor in range(_LAST_MINOR)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    """One match spec, read."""

    text: str
    spec: MatchSpec
    projects: tuple[PypiName, ...]


def needs_of(metadata: MetadataText) -> tuple[tuple[Need, ...], tuple[Diagnostic, ...]]:
    """Return the requirements of METADATA; one that can't be read is told and passed over, as it stays there."""
    needs: list[Need] = []
    diagnostics: list[Diagnostic] = []
    for text in metadata.values("requires-dist"):
        try:
            needs.append(_need(" ".join(text.split())))
        except (BridgeError, ValueError) as error:
            message = f"Requires-Dist {shown(text)} stays, but can't be read: {error}"
            diagnostics.append(finding("unreadable-requirement", message[:400], origin="METADATA"))
    return tuple(needs), tuple(diagnostics)


def _need(text: str) -> Need:
    requirement = requirement_of(text)
    name = pypi_name(requirement.name)
    marker = requirement.marker
    if marker is None:
        return Need(text=text, requirement=requirement, pypi_name=name, condition=ALWAYS)
    rest = without_extra(marker, "") if has_extra(marker) else str(marker)
    return Need(
        text=text,
        requirement=requirement,
        pypi_name=name,
        condition=None if rest is None else to_condition(marker).value,
        extras=extras_of(marker) if has_extra(marker) else (),
    )


def drift_of(
    metadata: MetadataText, needs: Iterable[Need], depends: Iterable[str], names: NameSource
) -> tuple[Drift, ...]:
    """Return what METADATA and the match specs of the package say differently, by kind and name."""
    specs = tuple(depends)
    for text in specs:
        check_readable(text)
    pythons = _PythonPin([parse_match_spec(text).value for text in specs if is_python(text)])
    found = [*pythons.drift(metadata.value("requires-python"))]
    comparison = _Comparison(tuple(needs), _read(specs, names), names, pythons)
    found += comparison.drift()
    return tuple(sorted(dict.fromkeys(found), key=lambda row: (row.kind, row.pypi_name)))


def _read(specs: Iterable[str], names: NameSource) -> tuple[_Spec, ...]:
    found: list[_Spec] = []
    for text in specs:
        if is_virtual(text) or is_python(text):
            continue
        spec = parse_match_spec(text).value
        found.append(_Spec(text=text, spec=spec, projects=projects_of(spec.conda_name, names)))
    return tuple(found)


# ---------------------------------------------------------------- python


class _PythonPin:
    """The pythons that the package is for."""

    def __init__(self, specs: list[MatchSpec]) -> None:
        self._specs = specs
        self._text = ",".join(filter(None, (spec.version for spec in specs)))
        try:
            self.conditions = [python_condition_of_conda(spec) for spec in specs]
        except TranslationError:
            self.conditions = []

    def drift(self, requires_python: str) -> Iterator[Drift]:
        if not requires_python or not self._specs:
            # What METADATA lacks is added to it, which is told apart.
            return
        try:
            said = python_condition_of([SpecifierSet(requires_python)])
        except (InvalidSpecifier, TranslationError):
            return
        if said != all_of(*self.conditions):
            yield Drift(
                kind="python",
                pypi_name=PypiName("python"),
                metadata=single_line(requires_python),
                conda=single_line(self._text),
            )

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The platforms with each python 3 that the package installs on."""
        pinned = all_of(*self.conditions)
        every = (
            Target(platform=platform, python=PyVersion((3, minor)))
            for platform, minor in product(_PLATFORMS, range(_LAST_MINOR))
        )
        return tuple(target for target in every if evaluate(pinned, target))


# ---------------------------------------------------------------- dependencies


class _Comparison:
    """Two lists of dependencies side by side."""

    def __init__(
        self, needs: tuple[Need, ...], specs: tuple[_Spec, ...], names: NameSource, pythons: _PythonPin
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
        self._pythons = pythons

    def _project(self, spec: _Spec, chosen: dict[CondaName, PypiName]) -> PypiName:
        """Return the project that a spec stands for: one that METADATA needs, as far as either direction says so."""
        known = next((name for name in spec.projects if name in self._needs), None)
        known = known or chosen.get(spec.spec.conda_name)
        known = known or next((name for name in spec.projects if name in self._optional), None)
        return known or next(iter(spec.projects), PypiName(spec.spec.conda_name))

    def drift(self) -> Iterator[Drift]:
        for name, specs in self._specs.items():
            conda = single_line(", ".join(spec.text for spec in specs))
            if name not in self._needs:
                optional = _texts(self._optional.get(name, ()))
                yield Drift(kind="only-conda", pypi_name=name, metadata=optional, conda=conda)
                continue
            yield from self._compared(name, self._needs[name], specs, conda)
        for name, needs in self._needs.items():
            if name not in self._specs and self._is_needed(needs):
                yield Drift(kind="only-metadata", pypi_name=name, metadata=_texts(needs), conda="")

    def _is_needed(self, needs: list[Need]) -> bool:
        """Tell whether conda's package, which is for every python of its pin on linux too, should have it."""
        condition = any_of(*(need.condition for need in needs if need.condition is not None))
        return condition == ALWAYS or any(
            evaluate(condition, target) for target in self._pythons.targets if target.os == "linux"
        )

    def _compared(self, name: PypiName, needs: list[Need], specs: list[_Spec], conda: str) -> Iterator[Drift]:
        condition = any_of(*(need.condition for need in needs if need.condition is not None))
        if condition != ALWAYS and not all(evaluate(condition, t) for t in self._pythons.targets):
            yield Drift(kind="marker", pypi_name=name, metadata=_texts(needs), conda=conda)
        if not any(_same_bounds(need, specs) for need in needs):
            yield Drift(kind="bounds", pypi_name=name, metadata=_texts(needs), conda=conda)


def _same_bounds(need: Need, specs: list[_Spec]) -> bool:
    try:
        alternatives = [alternatives_of(spec.spec)[0] for spec in specs]
        if len(alternatives) > 1 and any(len(one) > 1 for one in alternatives):
            return False
        joined = alternatives[0] if len(alternatives) == 1 else (_all([one[0] for one in alternatives]),)
        return admit_the_same([need.requirement.specifier], joined)
    except (TranslationError, ValueError):
        return False


def _all(sets: list[SpecifierSet]) -> SpecifierSet:
    joined = SpecifierSet()
    for one in sets:
        joined &= one
    return joined


def _texts(needs: Iterable[Need]) -> str:
    return single_line(", ".join(need.text for need in needs))


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
            return f"METADATA asks for '{row.metadata}', which the conda package lacks; {taken}"
        case "bounds":
            return f"METADATA asks for '{row.metadata}', conda for '{row.conda}': other versions; {taken}"
        case "marker":
            return f"METADATA asks for '{row.metadata}' only where its marker holds, conda always ('{row.conda}'); {taken}"
        case "python":
            pinned = f"python {row.conda}" if row.conda else "any python"
            return f"METADATA is for python {row.metadata}, the conda package for {pinned}; {taken}"
