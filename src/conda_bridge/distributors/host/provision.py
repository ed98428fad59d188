"""Environments that are needed -> packages in the channel of this machine, made as far as they aren't there yet.

First everything is resolved against what is there, which takes no lock. Only where something has to be made one
process at a time does so, after it has looked again: another may have made it meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.host.conversions import (
    Conversion,
    ConvertedWheel,
    Converter,
    Refusal,
    Workshop,
    aliases_of,
    conversions_of,
    convert_all,
    write_alias,
)
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.makers import Makers
from conda_bridge.distributors.host.offers import Converted, Offers, PackagesHere
from conda_bridge.distributors.host.project_names import ProjectNames
from conda_bridge.distributors.host.resolution import Resolution, resolve
from conda_bridge.distributors.host.store import MadePackage, Notes, Store
from conda_bridge.distributors.host.target import target_of
from conda_bridge.distributors.host.wheel_index import WheelIndex
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage, NeededEnvironment, Provided
from conda_bridge.model.counts import counted
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted, WorkFinished
from conda_bridge.model.names import CondaName
from conda_bridge.protocols import Fetcher, Reporter

__all__ = ["SUBJECT", "Means", "Wish", "provide"]

SUBJECT = "host"
"""What people see before the steps of making packages."""
_OF_OTHER_CHANNELS = frozenset({"name-unmapped", "name-dropped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What packages are provided with."""

    facts: HostFacts
    makers: Makers
    store: Store
    fetcher: Fetcher
    names: ProjectNames
    reporter: Reporter
    max_wheel_bytes: int

    def tell(self, step: str) -> None:
        """Report what is being done."""
        self.reporter.report(StepStarted(subject=SUBJECT, step=step))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for."""

    environments: tuple[NeededEnvironment, ...]
    beside: tuple[PackageRecord, ...] = ()
    """Packages of the output channel."""


def provide(means: Means, wish: Wish) -> Provided:
    """See that each environment can be made; see `Distributor.provide`."""
    with closing(WheelIndex(means.fetcher, target_of(means.facts))) as index:
        here = _Here.read(means.store)
        if here.has_own:
            plan = _Plan.make(means, index, here, wish=wish)
            if not plan.is_work:
                return Provided(missing=plan.missing)
        with means.store.work() as folder:
            try:
                return _Workplace(means=means, folder=folder, index=index).provide(wish)
            finally:
                means.reporter.report(WorkFinished(subject=SUBJECT))


# ---------------------------------------------------------------- what is there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """The packages of the channel, and what is noted of them."""

    notes: Notes
    records: dict[str, PackageRecord]

    @classmethod
    def read(cls, store: Store) -> "_Here":
        return cls(notes=store.notes(), records=store.records())

    @property
    def has_own(self) -> bool:
        """Whether the packages of the machine are there."""
        return bool(self.notes.own) and all(name in self.records for name in self.notes.own)

    @property
    def own(self) -> tuple[PackageRecord, ...]:
        return tuple(self.records[name] for name in self.notes.own) if self.has_own else ()

    def made(self, sha256: str) -> tuple[MadePackage, PackageRecord] | None:
        """Return the package that was made of a wheel; None where there is none."""
        made = self.notes.of_wheel(sha256)
        record = self.records.get(made.package) if made else None
        return (made, record) if made and record else None

    def converted(self) -> Iterator[Converted]:
        """Yield the packages that are chosen again: those chosen since choices were last dropped."""
        for made in self.notes.wheels:
            record = self.records.get(made.package)
            if record is not None and made.generation == self.notes.generation:
                yield Converted(pypi_name=made.pypi_name, record=record, requires=made.requires)


# ---------------------------------------------------------------- what has to be done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What each environment is made of, and what has to be made for it."""

    offers: Offers
    resolutions: tuple[Resolution, ...]
    conversions: tuple[Conversion, ...]
    """Of wheels that no package was made of yet, and of those whose packages have to be noted again."""
    missing: tuple[MissingPackage, ...]
    here: _Here

    @classmethod
    def make(
        cls,
        means: Means,
        index: WheelIndex,
        here: _Here,
        *,
        wish: Wish,
        own: Sequence[PackageRecord] = (),
    ) -> "_Plan":
        packages = PackagesHere(
            own=tuple(own) or here.own, beside=wish.beside, converted=tuple(here.converted())
        )
        offers = Offers(packages, index=index, names=means.names, max_wheel_bytes=means.max_wheel_bytes)
        resolutions = tuple(resolve(environment, offers) for environment in wish.environments)
        conversions = {
            conversion.wheel.link.sha256: conversion
            for resolution in resolutions
            for conversion in conversions_of(resolution, offers, means.names)
        }
        missing = dict.fromkeys(missing for resolution in resolutions for missing in resolution.missing)
        return cls(
            offers=offers,
            resolutions=resolutions,
            conversions=tuple(conversions.values()),
            missing=tuple(missing),
            here=here,
        )

    @property
    def is_work(self) -> bool:
        """Whether anything has to be made or noted."""
        return bool(self.conversions) or any(self.aliases({}))

    def aliases(self, made: dict[str, PackageRecord]) -> Iterator[PackageRecord]:
        """Yield the aliases that the channel lacks; `made` are packages by the sha256 of their wheels."""
        for resolution in self.resolutions:
            records = {
                offer.record.conda_name: made.get(offer.wheel.link.sha256) if offer.wheel else offer.record
                for offer in resolution.offers
            }
            there = {name: record for name, record in records.items() if record is not None}
            for alias in aliases_of(resolution.needs, self.offers, there):
                if f"noarch/{alias.stem}.conda" not in self.here.records:
                    yield alias


# ---------------------------------------------------------------- doing it


@dataclass(slots=True, kw_only=True)
class _Workplace:
    """One process at a time makes packages here."""

    means: Means
    folder: Path
    index: WheelIndex
    paths: list[str] = field(default_factory=list)
    """Of the packages to be published."""
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def provide(self, wish: Wish) -> Provided:
        here = _Here.read(self.means.store)
        with ThreadPoolExecutor(1, thread_name_prefix="python") as aside:
            own: list[PackageRecord] = []
            python = None
            if not here.has_own:
                self._tell_own()
                # The interpreter takes seconds, in which everything else is resolved, fetched and converted.
                python = aside.submit(self.means.makers.python, self.means.facts, str(self.folder))
                own = [python_record(self.means.facts), *self._toolchain()]
            plan = _Plan.make(self.means, self.index, here, wish=wish, own=own)
            made, refused = self._convert(plan)
            self.paths += [
                write_alias(alias, str(self.folder)) for alias in _unique(plan.aliases(_records(made)))
            ]
            if python is not None:
                self.paths.append(python.result())
        self._publish(here, made, own)
        return Provided(missing=(*plan.missing, *refused), diagnostics=tuple(self.diagnostics))

    def _tell_own(self) -> None:
        facts = self.means.facts
        compilers = (f"{one.kind} {one.version}".strip() for one in facts.compilers)
        *first, last = dict.fromkeys((f"python {facts.interpreter.version}", *compilers))
        self.means.tell(f"making packages of {' and '.join(filter(None, (', '.join(first), last)))}")

    def _toolchain(self) -> list[PackageRecord]:
        paths = self.means.makers.toolchain(self.means.facts, str(self.folder))
        self.paths += paths
        return [read_record(path) for path in paths]

    def _convert(self, plan: _Plan) -> tuple[dict[str, "_Made"], list[MissingPackage]]:
        """Make what isn't there; what was made before is only noted anew."""
        made: dict[str, _Made] = {}
        refused: list[MissingPackage] = []
        to_do: list[Conversion] = []
        for conversion in plan.conversions:
            found = plan.here.made(conversion.wheel.link.sha256)
            if found is None:
                to_do.append(conversion)
            else:
                made[conversion.wheel.link.sha256] = _Made(conversion=conversion, record=found[1])
        if to_do:
            what = f"{len(to_do)} wheels" if len(to_do) > 1 else to_do[0].wheel.link.filename
            self.means.tell(f"fetching {what}")
        workshop = Workshop(
            fetcher=self.means.fetcher,
            convert=self._told_converter(len(to_do)),
            folder=str(self.folder),
            max_wheel_bytes=self.means.max_wheel_bytes,
        )
        for done in convert_all(to_do, workshop):
            if isinstance(done, Refusal):
                refused.append(_missing(done, plan))
                continue
            conversion, package = done
            made[conversion.wheel.link.sha256] = _Made(conversion=conversion, record=package.record)
            self.paths.append(package.path)
            self.diagnostics += _told(conversion, package)
        return made, refused

    def _told_converter(self, total: int) -> Converter:
        """Return what converts wheels and tells which."""
        convert, started = self.means.makers.converter(self.means.facts), count(1)

        def told(path: str, folder: str, conversion: Conversion) -> ConvertedWheel:
            place = f" ({next(started)} of {total})" if total > 1 else ""
            self.means.tell(f"converting {conversion.wheel.link.filename}{place}")
            return convert(path, folder, conversion)

        return told

    def _publish(self, here: _Here, made: dict[str, "_Made"], own: Sequence[PackageRecord]) -> None:
        """Note what was made, then publish it: a note without its package says nothing."""
        generation = here.notes.generation
        wheels = {sha256: one.note(sha256, generation) for sha256, one in made.items()}
        notes = here.notes.with_wheels(wheels)
        if own:
            notes = notes.with_own(_file_name(record) for record in own)
        self.means.store.write_notes(notes)
        if self.paths:
            self.means.tell(f"publishing {counted(len(self.paths), 'package')}")
            self.means.store.channel.publish(self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    conversion: Conversion
    record: PackageRecord

    def note(self, sha256: str, generation: int) -> MadePackage:
        return MadePackage(
            sha256=sha256,
            pypi_name=self.conversion.wheel.pypi_name,
            package=_file_name(self.record),
            requires=tuple(map(str, self.conversion.requires)),
            generation=generation,
        )


def _told(conversion: Conversion, package: ConvertedWheel) -> Iterator[Diagnostic]:
    """Yield what counts of a conversion for somebody who only wants to build something with the package.

    What was decided for one python or one channel is no loss where there is no other.
    """
    for diagnostic in package.diagnostics:
        if diagnostic.severity != "info" and diagnostic.slug not in _OF_OTHER_CHANNELS:
            yield replace(
                diagnostic, origin=f"{conversion.wheel.link.filename}/{diagnostic.origin}".rstrip("/")
            )


def _records(made: dict[str, _Made]) -> dict[str, PackageRecord]:
    return {sha256: one.record for sha256, one in made.items()}


def _file_name(record: PackageRecord) -> str:
    return f"{record.subdir}/{record.stem}.conda"


def _unique(aliases: Iterable[PackageRecord]) -> list[PackageRecord]:
    return list({alias.stem: alias for alias in aliases}.values())


def python_record(facts: HostFacts) -> PackageRecord:
    """Return what the package of the interpreter will be, as far as resolving needs it."""
    return PackageRecord(
        conda_name=CondaName("python"),
        version=facts.interpreter.version,
        build="0_cpython",
        subdir=facts.subdir,
    )


def _missing(refusal: Refusal, plan: _Plan) -> MissingPackage:
    """Say which package can't be had of a wheel, and who needs it."""
    sha256 = refusal.conversion.wheel.link.sha256
    for resolution in plan.resolutions:
        for offer in resolution.offers:
            if offer.wheel is None or offer.wheel.link.sha256 != sha256:
                continue
            name = offer.record.conda_name
            needs = [need for need in resolution.needs if plan.offers.canonical(need) == name]
            return MissingPackage(
                conda_name=name,
                spec=needs[0].spec if needs else name,
                wanted_by=needs[0].wanted_by if needs else "",
                reason="too-large" if refusal.is_too_large else "no-wheel",
                detail=refusal.reason,
            )
    raise AssertionError("a wheel is converted because an environment needs it")
