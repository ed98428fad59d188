"""Where packages come from: those that are here, those of the output channel, and wheels that could become packages.

What is made of this machine and what the output channel has are the only offers under their names, since channels are
in strict priority. Of everything else the versions that are packages already come first, so that a second build makes
nothing again and asks no index; `refresh` makes the newest come first once more.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from conda_bridge.distributors.host.needs import Need, Offer, need_of, needs_of_wheel
from conda_bridge.distributors.host.project_names import ProjectNames
from conda_bridge.distributors.host.wheel_index import WheelIndex, WheelOffer, requirements_of
from conda_bridge.errors import TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.translate.untrusted import version_of
from conda_bridge.translate.versions import to_conda_version

__all__ = ["Converted", "Identity", "Offers", "PackagesHere", "conda_version", "order_of"]

_MOST_VERSIONS = 40
"""Tried of one project; a resolution that wants older ones is hopeless, and each costs a request."""

Identity = tuple[CondaName, str]
"""A package and one of its extras; the extra is mostly empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A wheel that became a package."""

    pypi_name: PypiName
    record: PackageRecord
    requires: tuple[str, ...]
    """Its `Requires-Dist` lines, for its extras."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagesHere:
    """The packages that need no wheel to be made."""

    own: tuple[PackageRecord, ...] = ()
    """What is made of this machine."""
    beside: tuple[PackageRecord, ...] = ()
    """Those of the output channel."""
    converted: tuple[Converted, ...] = ()


class Offers:
    """Everything that a resolution may choose from."""

    def __init__(
        self, here: PackagesHere, *, index: WheelIndex, names: ProjectNames, max_wheel_bytes: int
    ) -> None:
        """Choose among the packages here and the wheels of an index, up to a size."""
        self._fixed: dict[CondaName, list[PackageRecord]] = {}
        for record in here.own:
            self._fixed.setdefault(record.conda_name, []).append(record)
        for name in {record.conda_name for record in here.beside}:
            self._fixed[name] = [record for record in here.beside if record.conda_name == name]
        self._converted: dict[CondaName, list[Converted]] = {}
        for each in here.converted:
            self._converted.setdefault(each.record.conda_name, []).append(each)
        self.index = index
        self.target = index.target
        self.max_wheel_bytes = max_wheel_bytes
        self.assumed: set[Identity] = set()
        """What can't be had and is taken for granted from now on."""
        self._names = names
        self._projects: dict[CondaName, PypiName | None] = {}

    # ------------------------------------------------------------ names

    def identity(self, need: Need) -> Identity:
        """Return what a need is about: one package, whichever of its names is asked for."""
        return self.canonical(need), need.extra

    def canonical(self, need: Need) -> CondaName:
        """Return the name of the package that a need is about; others are its aliases."""
        name = need.conda_name
        if name in self._fixed or name in self._converted:
            return name
        project = need.project or self.project_of(name)
        return (self._names.package(project) if project else None) or name

    def project_of(self, name: CondaName) -> PypiName | None:
        """Return the project that a package would be made of; None: it is no Python package."""
        if name not in self._projects:
            self._projects[name] = self._project(name)
        return self._projects[name]

    def _project(self, name: CondaName) -> PypiName | None:
        projects = self._names.projects(name)
        if len(projects) < 2:
            return projects[0] if projects else None
        return next((each for each in projects if self.index.project(each).is_there), projects[0])

    def namesake_of(self, name: CondaName) -> PypiName | None:
        """Return the project of a package's name where nothing but the name's form speaks against it."""
        return self._names.namesake(name)

    def ask_ahead(self, needs: Iterable[Need]) -> None:
        """Let the index fetch what no package here is likely to meet."""
        for need in needs:
            if need.conda_name not in self._fixed and need.conda_name not in self._converted:
                projects = (need.project,) if need.project else self._names.projects(need.conda_name)
                self.index.ask_ahead(projects[:1], self._is_wanted)

    def _is_wanted(self, project: PypiName) -> bool:
        name = self._names.package(project)
        return name is not None and name not in self._fixed and name not in self._converted

    # ------------------------------------------------------------ offers

    def find(
        self, identity: Identity, needs: Sequence[Need], excluded: Container[str] = ()
    ) -> Iterator[Offer]:
        """Yield the versions that meet all needs, best first; pre-releases only where nothing else would do."""
        name, extra = identity
        if self.is_assumed(identity):
            yield Offer(record=_bare_record(name, "0"), extra=extra, is_assumed=True)
            return
        if name in self._fixed:
            found = iter(self._fixed_offers(name, extra))
        else:
            found = self._made_offers(name, extra, needs)
        count, is_final_met = 0, False
        for offer in found:
            is_late = name not in self._fixed and is_prerelease(offer.record.version)
            if count >= _MOST_VERSIONS or (is_late and is_final_met):
                return
            if not all(need.is_met_by(offer.record) for need in needs):
                continue
            if offer.wheel is not None and self.is_too_large(offer.wheel):
                # An older version that is small enough may be years older: better say that the cap is too low.
                return
            is_final_met = is_final_met or not is_late
            count += 1
            if offer.record.version not in excluded:
                yield offer

    def is_assumed(self, identity: Identity) -> bool:
        """Tell whether a package is taken for granted, since it can't be had."""
        return identity in self.assumed or (identity[0], "") in self.assumed

    def is_too_large(self, wheel: WheelOffer) -> bool:
        """Tell whether a wheel is above the cap, as far as the index says its size."""
        return (wheel.link.size_bytes or 0) > self.max_wheel_bytes

    def fixed_versions(self, name: CondaName) -> tuple[str, ...]:
        """Return the versions of what only the machine or the output channel has; empty: neither has it."""
        return tuple(sorted({record.version for record in self._fixed.get(name, ())}))

    def _fixed_offers(self, name: CondaName, extra: str) -> list[Offer]:
        records = sorted(self._fixed[name], key=lambda record: order_of(record.version), reverse=True)
        return [Offer(record=record, extra=extra) for record in records]

    def _made_offers(self, name: CondaName, extra: str, needs: Sequence[Need]) -> Iterator[Offer]:
        here = {each.record.version: each.record for each in self._converted.get(name, ())}
        finals = [version for version in here if not is_prerelease(version)]
        for version in sorted(finals, key=order_of, reverse=True):
            yield Offer(record=here[version], extra=extra)
        project = next((need.project for need in needs if need.project), None) or self.project_of(name)
        for wheel in self.index.project(project).offers if project else ():
            spelled = conda_version(wheel.version)
            if spelled is None or spelled in finals:
                continue
            if spelled in here:
                yield Offer(record=here[spelled], extra=extra)
            else:
                yield Offer(record=_bare_record(name, spelled), wheel=wheel, extra=extra)

    # ------------------------------------------------------------ dependencies

    def needs_of(self, offer: Offer) -> tuple[Need, ...] | None:
        """Return what an offer needs in turn; None where that can't be known, so that it is no candidate."""
        if offer.is_assumed:
            return ()
        requirements = self.requirements(offer)
        if offer.extra:
            return self._with_base(offer, requirements)
        if offer.wheel is None:
            return _needs_of_record(offer)
        if requirements is None:
            return None
        return needs_of_wheel(requirements, markers=self.target.markers, names=self._names, offer=offer)

    def _with_base(
        self, offer: Offer, requirements: tuple[Requirement, ...] | None
    ) -> tuple[Need, ...] | None:
        record = offer.record
        base = Need(
            conda_name=record.conda_name,
            version=f"=={record.version}",
            wanted_by=offer.label,
            project=offer.wheel.pypi_name if offer.wheel else None,
        )
        added = needs_of_wheel(
            requirements or (), markers=self.target.markers, names=self._names, offer=offer
        )
        return None if added is None else (base, *added)

    def requirements(self, offer: Offer) -> tuple[Requirement, ...] | None:
        """Return the `Requires-Dist` of an offer's wheel, that of one which became a package included."""
        if offer.wheel is not None:
            return self.index.requirements(offer.wheel)
        for each in self._converted.get(offer.record.conda_name, ()):
            if each.record.version == offer.record.version:
                return requirements_of(each.requires)
        return None


def _needs_of_record(offer: Offer) -> tuple[Need, ...] | None:
    try:
        needs = [need_of(spec, offer.label) for spec in offer.record.depends]
    except TranslationError:
        return None
    return tuple(need for need in needs if need is not None)


def _bare_record(name: CondaName, version: str) -> PackageRecord:
    return PackageRecord(conda_name=name, version=version, build="")


def conda_version(version: Version) -> str | None:
    """Return a release's version as conda spells it; None for a local version, which is no release."""
    try:
        return to_conda_version(version)
    except TranslationError:
        return None


def is_prerelease(version: str) -> bool:
    """Tell whether a version is of a release that comes before the one it names."""
    return order_of(version).is_prerelease


def order_of(version: str) -> Version:
    """Return what versions are sorted by; those that PEP 440 doesn't know come first, and only programs have them."""
    return version_of(version) or Version("0")
