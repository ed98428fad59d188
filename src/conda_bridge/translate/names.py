"""PyPI project names <-> conda package names, each with candidates, source and confidence.

To conda the sources are asked in this order: the user's overrides, the curated table, a lexicon (what a channel's
packages say of themselves), a published mapping, and last the name itself. Then the renames are applied, which
replace packages that recipes should not depend on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.options import NameOverride
from conda_bridge.translate.name_lexicon import SPLIT_SUFFIXES, NameLexicon, own_name, owners, stripped_names
from conda_bridge.translate.name_table import CuratedNames, Rename, curated_names

__all__ = ["NameMap", "NameMapping", "curated_names", "name_finding"]


class NameMapping(Protocol):
    """A published mapping from projects to packages, such as conda-pypi's. Thread-safe."""

    @property
    def data_version(self) -> str:
        """Which snapshot it is, for instance `conda-pypi 0.13.1`."""
        ...

    def conda_names(self, names: Iterable[PypiName]) -> Mapping[PypiName, CondaName]:
        """Return the packages of those projects that it knows."""
        ...

    def pypi_names(self, names: Iterable[CondaName]) -> Mapping[CondaName, tuple[PypiName, ...]]:
        """Return the projects of those packages that it knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """What the published mapping says of the names at hand."""

    packages: Mapping[PypiName, CondaName]
    namesakes: Mapping[CondaName, tuple[PypiName, ...]]
    """For projects that it doesn't know: the projects of the package that has their name; for others: of theirs."""


class NameMap:
    """The NameSource of every workflow."""

    def __init__(
        self,
        *,
        overrides: Iterable[NameOverride] = (),
        curated: CuratedNames | None = None,
        lexicon: NameLexicon | None = None,
        mapped: NameMapping | None = None,
        renames: Iterable[Rename] | None = None,
    ) -> None:
        """Combine the sources.

        Args:
            overrides: the user's choices; the last one for a name wins.
            curated: None means the table that ships with conda-bridge.
            lexicon: what the distributor's channel, or a mapping in the cache, knows.
            mapped: a published mapping.
            renames: None means the curated table's, which are conda-forge's.
        """
        self._curated = curated_names() if curated is None else curated
        self._overrides = {row.pypi_name: row.conda_name for row in overrides}
        self._rows = {row.pypi_name: row for row in self._curated.projects}
        self._aliases = {row.pypi_name for row in self._curated.projects if row.is_alias}
        self._packages = {row.conda_name: row for row in self._curated.packages}
        self._holders: dict[CondaName, tuple[PypiName, ...]] = {}
        for row in self._curated.projects:
            if not row.is_alias:
                self._holders[row.conda_name] = (*self._holders.get(row.conda_name, ()), row.pypi_name)
        self._lexicon = lexicon
        self._mapped = mapped
        chosen = self._curated.renames if renames is None else renames
        self._renames = {row.conda_name: row for row in chosen}

    # ------------------------------------------------------------ PyPI -> conda

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        """Return one hit a name, in the order asked."""
        asked = tuple(names)
        answers = self._ask([name for name in asked if name not in self._overrides])
        return tuple(self._hit(name, answers) for name in asked)

    def _ask(self, names: list[PypiName]) -> _Answers:
        if self._mapped is None:
            return _Answers(packages={}, namesakes={})
        packages = self._mapped.conda_names(names)
        unknown = [CondaName(name) for name in names if name not in packages and name not in self._rows]
        differing = [package for name, package in packages.items() if own_name(package) != name]
        asked = tuple(dict.fromkeys((*unknown, *differing)))
        return _Answers(packages=packages, namesakes=self._mapped.pypi_names(asked))

    def _hit(self, name: PypiName, answers: _Answers) -> NameHit:
        if name in self._overrides:
            return self._override_hit(name)
        hit = (
            self._curated_hit(name, answers)
            or self._lexicon_hit(name)
            or self._mapped_hit(name, answers)
            or self._identity_hit(name, answers)
        )
        return self._renamed(hit)

    def _override_hit(self, name: PypiName) -> NameHit:
        # The user has the last word: overrides are not renamed.
        chosen = self._overrides[name] or None
        return NameHit(
            pypi_name=name,
            chosen=chosen,
            candidates=(chosen,) if chosen else (),
            source="override",
            confidence="certain",
            reason="the user's choice",
        )

    def _curated_hit(self, name: PypiName, answers: _Answers) -> NameHit | None:
        row = self._rows.get(name)
        if row is None:
            return None
        others = [
            *self._lexicon_packages(name),
            *([answers.packages[name]] if name in answers.packages else []),
        ]
        return NameHit(
            pypi_name=name,
            chosen=row.conda_name,
            own_name=CondaName(name) if row.is_split or row.is_alias else None,
            candidates=tuple(dict.fromkeys([row.conda_name, *others])),
            source="curated",
            confidence="high",
            reason=row.reason,
        )

    def _lexicon_packages(self, name: PypiName) -> tuple[CondaName, ...]:
        return self._lexicon.packages_of(name) if self._lexicon else ()

    def _lexicon_hit(self, name: PypiName) -> NameHit | None:
        packages = self._lexicon_packages(name)
        if self._lexicon is None or not packages:
            return None
        is_own = own_name(packages[0]) == name
        return NameHit(
            pypi_name=name,
            chosen=packages[0],
            candidates=packages,
            source=self._lexicon.source,
            confidence="high" if is_own or len(packages) == 1 else "medium",
            data_version=self._lexicon.data_version,
            reason="" if is_own else f"the package {packages[0]} holds the project",
        )

    def _mapped_hit(self, name: PypiName, answers: _Answers) -> NameHit | None:
        chosen = answers.packages.get(name)
        if chosen is None or self._mapped is None:
            return None
        is_own = own_name(chosen) == name
        is_affixed = name in stripped_names(chosen)
        belongs_to = owners(chosen, answers.namesakes.get(chosen, ()))
        return NameHit(
            pypi_name=name,
            chosen=chosen,
            own_name=CondaName(name) if belongs_to and name not in belongs_to else None,
            candidates=(chosen,),
            source="conda-pypi",
            confidence="high" if is_own or is_affixed else "medium",
            data_version=self._mapped.data_version,
            reason="" if is_own else f"the mapping says {chosen}",
        )

    def _identity_hit(self, name: PypiName, answers: _Answers) -> NameHit:
        same = CondaName(name)
        collision = self._collision(same, answers)
        twin = CondaName(name.replace("-", "_"))
        prefixed = CondaName(f"python-{name}")
        return NameHit(
            pypi_name=name,
            chosen=same,
            candidates=tuple(dict.fromkeys((same, twin, prefixed))),
            source="identity",
            confidence="low",
            reason=collision or "no table knows the project; conda mostly keeps the name",
            is_collision=bool(collision),
        )

    def _collision(self, name: CondaName, answers: _Answers) -> str:
        """Return why the package of that name is something else; empty where nothing says so."""
        if name in self._curated.not_python:
            return f"conda's {name} is no Python package"
        held = self._lexicon.projects_of(name) if self._lexicon else None
        if held is None:
            others = answers.namesakes.get(name, ())
            held = tuple(project for project in others if project not in self._aliases) or None
        if held is None:
            return ""
        return f"conda's {name} holds {', '.join(held)}" if held else f"conda's {name} is no Python package"

    def _renamed(self, hit: NameHit) -> NameHit:
        row = self._renames.get(hit.chosen) if hit.chosen else None
        if row is None:
            return hit
        first = (row.replacement,) if row.replacement else ()
        is_twin = row.replacement is not None and own_name(row.replacement) == hit.pypi_name
        return replace(
            hit,
            chosen=row.replacement,
            own_name=hit.own_name or (None if is_twin else row.conda_name),
            source="curated",
            candidates=tuple(dict.fromkeys((*first, *hit.candidates))),
            confidence="high",
            reason=f"instead of {row.conda_name}: {row.reason}",
            is_collision=False,
        )

    # ------------------------------------------------------------ conda -> PyPI

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the projects that a conda package may belong to, best first; empty: not a Python package."""
        overridden = [project for project, package in self._overrides.items() if package == name]
        if overridden:
            return owners(name, overridden)
        known = self._known_projects(name)
        if known is not None:
            return known
        return self._guessed_projects(name)

    def _known_projects(self, name: CondaName) -> tuple[PypiName, ...] | None:
        row = self._packages.get(name)
        if row is not None:
            return (row.pypi_name,) if row.pypi_name else ()
        if name in self._curated.not_python:
            return ()
        if name in self._holders:
            return self._holders[name]
        held = self._lexicon.projects_of(name) if self._lexicon else None
        if held is not None:
            return held
        mapped = self._mapped.pypi_names([name]).get(name, ()) if self._mapped else ()
        return owners(name, mapped) or None

    def _guessed_projects(self, name: CondaName) -> tuple[PypiName, ...]:
        own = own_name(name)
        if own is None or self._curated.looks_unlike_python(name):
            return ()
        origins = [own_name(row.conda_name) for row in self._renames.values() if row.replacement == name]
        guesses = dict.fromkeys([*filter(None, origins), own, *stripped_names(name)])
        known = self._ask([guess for guess in guesses if guess not in self._rows]).packages
        possible = [guess for guess in guesses if self._may_hold(name, guess, known.get(guess))]
        # A project that exists for certain goes before names that are only formed after the package's.
        return tuple(sorted(possible, key=lambda guess: guess not in known))

    def _may_hold(self, package: CondaName, project: PypiName, mapped: CondaName | None) -> bool:
        """Tell whether nothing says that the project is in another package only."""
        if project in self._rows or project in self._overrides:
            return False
        if mapped is None or mapped == package:
            return True
        if mapped in self._renames and self._renames[mapped].replacement == package:
            return True
        is_split = package.endswith(SPLIT_SUFFIXES)
        return own_name(mapped) == project and (is_split or own_name(package) == project)


def name_finding(hit: NameHit) -> Diagnostic | None:
    """Return what should be said of a hit; None where it is beyond doubt.

    `origin` is left empty: the caller knows which requirement asked.
    """
    if hit.is_collision:
        return finding(
            "name-collision", f"{hit.pypi_name} was mapped to conda's {hit.chosen}, but {hit.reason}"
        )
    if hit.source == "identity":
        return finding("name-unmapped", f"{hit.pypi_name} was mapped to itself: {hit.reason}")
    if hit.chosen is None and hit.source != "override":
        return finding("name-dropped", f"the dependency on {hit.pypi_name} was dropped: {hit.reason}")
    return None
