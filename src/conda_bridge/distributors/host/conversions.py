"""Wheels that a resolution chose -> packages, fetched and converted side by side; and aliases for other names.

A conversion is mostly decompressing and compressing, which Python does without its lock: threads do.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from packaging.requirements import Requirement

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.distributors.host.absence import size_reason
from conda_bridge.distributors.host.needs import Need, Offer
from conda_bridge.distributors.host.offers import Offers
from conda_bridge.distributors.host.project_names import ProjectNames
from conda_bridge.distributors.host.resolution import Resolution
from conda_bridge.distributors.host.wheel_index import WheelOffer
from conda_bridge.errors import MetadataError, RepackError, SourceError, TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, NameTable, PypiName, pypi_name
from conda_bridge.protocols import Fetcher

__all__ = [
    "Conversion",
    "ConvertedWheel",
    "Converter",
    "Refusal",
    "Workshop",
    "aliases_of",
    "conversions_of",
    "convert_all",
    "write_alias",
]

_DOWNLOADS = 8
_ALIAS_TIMESTAMP_MS = 1_700_000_000_000
"""Always the same, so that aliases are always the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A wheel to be converted."""

    wheel: WheelOffer
    requires: tuple[Requirement, ...]
    names: NameTable
    """Of the project and of everything that it requires."""
    extras: tuple[tuple[PypiName, tuple[Requirement, ...]], ...] = ()
    """(project, what it requires with all its extras) of what is required with extras, in the versions that were
    chosen together with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedWheel:
    """A package made of a wheel."""

    path: str
    record: PackageRecord
    diagnostics: tuple[Diagnostic, ...] = ()


Converter: TypeAlias = Callable[[str, str, Conversion], ConvertedWheel]
"""Makes a package of a wheel: its path, the folder for the package, what else is known.

Raises what `wheel_to_conda` raises, always because of the wheel.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A wheel that no package can be made of."""

    conversion: Conversion
    reason: str
    is_too_large: bool = False


# ---------------------------------------------------------------- what is converted


def conversions_of(resolution: Resolution, offers: Offers, names: ProjectNames) -> Iterator[Conversion]:
    """Yield what has to be converted for an environment."""
    chosen = {offer.record.conda_name: offer for offer in resolution.offers if not offer.extra}
    extras = _with_extras(resolution, offers, chosen)
    for offer in chosen.values():
        if offer.wheel is None or _lacks_extra(offer, offers, chosen):
            continue
        requires = offers.requirements(offer) or ()
        needed = [*requires, *(requirement for added in extras.values() for requirement in added)]
        projects = [pypi_name(requirement.name) for requirement in needed]
        yield Conversion(
            wheel=offer.wheel,
            requires=requires,
            names=names.table([offer.wheel.pypi_name, *projects]),
            extras=tuple(extras.items()),
        )


def _lacks_extra(offer: Offer, offers: Offers, chosen: Mapping[CondaName, Offer]) -> bool:
    """Tell whether a wheel requires with extras what can't be had: its package would lack what they add for ever."""
    needs = offers.needs_of(offer) or ()
    return any(need.extra and offers.canonical(need) not in chosen for need in needs)


def _with_extras(
    resolution: Resolution, offers: Offers, chosen: Mapping[CondaName, Offer]
) -> dict[PypiName, tuple[Requirement, ...]]:
    """Return what the projects require that somebody asks for with extras, as the chosen versions say it."""
    found: dict[PypiName, tuple[Requirement, ...]] = {}
    for need in resolution.needs:
        offer = chosen.get(offers.canonical(need)) if need.extra else None
        requirements = offers.requirements(offer) if offer else None
        if need.project is not None and requirements is not None:
            found[need.project] = requirements
    return dict(sorted(found.items()))


# ---------------------------------------------------------------- converting


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What conversions work with."""

    fetcher: Fetcher
    convert: Converter
    folder: str
    """Where packages are made."""
    max_wheel_bytes: int
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))


def convert_all(
    conversions: Sequence[Conversion], workshop: Workshop
) -> Iterator[tuple[Conversion, ConvertedWheel] | Refusal]:
    """Fetch and convert wheels, several at once, and yield what became of each, in the order given.

    Raises:
        SourceError: a wheel can't be fetched, or isn't what the index says.
    """
    with (
        ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="wheel") as downloads,
        ThreadPoolExecutor(workshop.threads, thread_name_prefix="convert") as at_work,
    ):
        try:
            fetched = {
                downloads.submit(workshop.fetcher.get_file, conversion.wheel.link): conversion
                for conversion in _large_first(conversions)
            }
            converted: dict[str, Future[ConvertedWheel | Refusal]] = {}
            for path in as_completed(fetched):
                conversion = fetched[path]
                converted[conversion.wheel.link.sha256] = at_work.submit(
                    _convert, conversion, path.result(), workshop
                )
            for conversion in conversions:
                found = converted[conversion.wheel.link.sha256].result()
                yield found if isinstance(found, Refusal) else (conversion, found)
        finally:
            # After a failure nobody waits for the rest.
            downloads.shutdown(wait=False, cancel_futures=True)
            at_work.shutdown(wait=False, cancel_futures=True)


def _large_first(conversions: Sequence[Conversion]) -> list[Conversion]:
    """Begin with what takes longest, so that nothing large is left alone at the end."""
    return sorted(conversions, key=lambda c: (-(c.wheel.link.size_bytes or 0), c.wheel.link.filename))


def _convert(conversion: Conversion, wheel: str, workshop: Workshop) -> ConvertedWheel | Refusal:
    size_bytes = Path(wheel).stat().st_size
    if size_bytes > workshop.max_wheel_bytes:
        reason = size_reason(conversion.wheel.link.filename, size_bytes, workshop.max_wheel_bytes)
        return Refusal(conversion=conversion, reason=reason, is_too_large=True)
    try:
        return workshop.convert(wheel, workshop.folder, conversion)
    except (MetadataError, RepackError, SourceError, TranslationError) as error:
        return Refusal(conversion=conversion, reason=str(error))


# ---------------------------------------------------------------- aliases


def aliases_of(
    needs: Iterable[Need], offers: Offers, records: Mapping[CondaName, PackageRecord]
) -> Iterator[PackageRecord]:
    """Yield the packages that stand for others: `matplotlib` for `matplotlib-base`.

    `records` are those of an environment, by the name that needs are about.
    """
    seen: set[CondaName] = set()
    for need in needs:
        record = records.get(offers.canonical(need))
        if record is None or need.conda_name in {record.conda_name, *seen}:
            continue
        seen.add(need.conda_name)
        yield PackageRecord(
            conda_name=need.conda_name,
            version=record.version,
            build="0",
            noarch="generic",
            depends=(f"{record.conda_name} =={record.version}",),
            license=record.license,
            timestamp_ms=_ALIAS_TIMESTAMP_MS,
        )


def write_alias(alias: PackageRecord, folder: str) -> str:
    """Write an empty package that depends on another, and return its path."""
    path = str(Path(folder, f"{alias.stem}.conda"))
    about = (("summary", f"Stands for {alias.depends[0]}"), ("license", alias.license))
    info = PackageInfo(about=about, is_private=True, level=1)
    write_conda(path, alias, (), info=info)
    return path
