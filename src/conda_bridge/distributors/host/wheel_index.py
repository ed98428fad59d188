"""Projects of package indexes -> the wheels of theirs that suit, and what those require.

Everything is asked for once, and ahead of time where it is likely to be needed: a resolution asks one project after
the other, and waits for the index each time.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock

from packaging.requirements import Requirement
from packaging.version import Version

from conda_bridge.distributors.host.target import Target
from conda_bridge.errors import MetadataError, SourceError
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher
from conda_bridge.translate.untrusted import marker_holds, requirement_of, version_of

__all__ = ["ProjectWheels", "WheelIndex", "WheelOffer", "requirements_of"]

_BUILD_NUMBER = re.compile("[0-9]{1,255}")
_THREADS = 8
_SOURCE_SUFFIXES = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelOffer:
    """The best wheel of one release."""

    pypi_name: PypiName
    version: Version
    link: FileLink


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectWheels:
    """What a project has for the target."""

    pypi_name: PypiName
    is_there: bool
    offers: tuple[WheelOffer, ...] = ()
    """Newest first, final releases before all pre-releases."""
    others: tuple[Version, ...] = ()
    """Releases without a wheel that suits, newest first, those that are only sources included."""

    @property
    def newest(self) -> Version | None:
        """The newest final release of any form; a pre-release where there are no others; None: none at all."""
        versions = [*(offer.version for offer in self.offers), *self.others]
        return max(versions, key=lambda version: (not version.is_prerelease, version), default=None)


class WheelIndex:
    """The projects of the configured indexes, as far as they suit a target. Thread-safe; to be closed."""

    def __init__(self, fetcher: Fetcher, target: Target) -> None:
        self._fetcher = fetcher
        self.target = target
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="index")
        self._projects: dict[PypiName, Future[ProjectWheels]] = {}
        self._metadata: dict[str, Future[tuple[Requirement, ...] | None]] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Forget what is still being asked ahead of time."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def project(self, name: PypiName) -> ProjectWheels:
        """Return what a project has.

        Raises:
            SourceError: `index-unreachable`, `offline`, `invalid-index-page`.
        """
        return self._asked(name).result()

    def requirements(self, offer: WheelOffer) -> tuple[Requirement, ...] | None:
        """Return what a wheel requires, markers and extras included.

        None where its metadata can't be had, or say what can't be read: then the release is no candidate.

        Raises:
            SourceError: `hash-mismatch`, `index-unreachable`, `offline`.
        """
        return self._read(offer).result()

    def ask_ahead(self, names: Iterable[PypiName], is_wanted: Callable[[PypiName], bool]) -> None:
        """Begin to fetch projects, the metadata of their newest wheels, and so on with what those require.

        Most of it will be asked for; `is_wanted` says of what surely not. A failure shows when it is asked for.
        """
        for name in names:
            with self._lock:
                is_known = name in self._projects
            if is_known or not is_wanted(name):
                continue
            try:
                self._asked(name).add_done_callback(partial(self._read_newest, is_wanted=is_wanted))
            except RuntimeError:  # the pool is being shut down: nobody will ask
                return

    def _read_newest(self, asked: Future[ProjectWheels], *, is_wanted: Callable[[PypiName], bool]) -> None:
        if asked.cancelled() or asked.exception() is not None:
            return
        for offer in asked.result().offers[:1]:
            try:
                self._read(offer).add_done_callback(partial(self._ask_required, is_wanted=is_wanted))
            except RuntimeError:
                return

    def _ask_required(
        self, read: Future[tuple[Requirement, ...] | None], *, is_wanted: Callable[[PypiName], bool]
    ) -> None:
        if read.cancelled() or read.exception() is not None:
            return
        try:
            required = [
                pypi_name(requirement.name)
                for requirement in read.result() or ()
                if requirement.marker is None or marker_holds(requirement.marker, self.target.markers)
            ]
        except MetadataError:  # no candidate, as will show when it is asked for
            return
        self.ask_ahead(required, is_wanted)

    def _asked(self, name: PypiName) -> Future[ProjectWheels]:
        with self._lock:
            if name not in self._projects:
                self._projects[name] = self._pool.submit(self._find, name)
            return self._projects[name]

    def _read(self, offer: WheelOffer) -> Future[tuple[Requirement, ...] | None]:
        key = offer.link.url
        with self._lock:
            if key not in self._metadata:
                self._metadata[key] = self._pool.submit(self._requirements, offer)
            return self._metadata[key]

    def _requirements(self, offer: WheelOffer) -> tuple[Requirement, ...] | None:
        text = self._fetcher.get_metadata(offer.link)
        if text is None:
            return None
        # What is in the cache needs no reader of metadata.
        from conda_bridge.infer.project.core_metadata import read_headers  # noqa: PLC0415

        try:
            headers = read_headers(text, file=f"{offer.link.filename}/METADATA")
        except MetadataError:
            return None
        required = headers.one("requires-python")
        if required is not None and not self.target.admits(required.value):
            return None
        return requirements_of(known.value for known in headers.all("requires-dist"))

    # ------------------------------------------------------------ pages

    def _find(self, name: PypiName) -> ProjectWheels:
        try:
            page = self._fetcher.get_project(name)
        except SourceError as error:
            if error.slug != "project-not-found":
                raise
            return ProjectWheels(pypi_name=name, is_there=False)
        if page.status == "quarantined":
            return ProjectWheels(pypi_name=name, is_there=False)
        wheels: dict[Version, list[FileLink]] = {}
        sources: set[Version] = set()
        for version, link in _versions(page.files, name):
            if link.filename.endswith(".whl"):
                wheels.setdefault(version, []).append(link)
            else:
                sources.add(version)
        best = {version: self._best(links) for version, links in wheels.items()}
        offers = [
            WheelOffer(pypi_name=name, version=version, link=link) for version, link in best.items() if link
        ]
        offers.sort(key=lambda offer: (not offer.version.is_prerelease, offer.version), reverse=True)
        others = (sources | wheels.keys()) - {offer.version for offer in offers}
        return ProjectWheels(
            pypi_name=name, is_there=True, offers=tuple(offers), others=tuple(sorted(others, reverse=True))
        )

    def _best(self, links: Iterable[FileLink]) -> FileLink | None:
        ranked = [
            (rank, _build_order(link.filename), link.filename, link)
            for link in links
            if link.sha256
            and (rank := self.target.rank(link.filename)) is not None
            and self.target.admits(link.requires_python)
        ]
        return min(ranked)[3] if ranked else None


def requirements_of(lines: Iterable[str]) -> tuple[Requirement, ...] | None:
    """Return the requirements of `Requires-Dist` lines; None where one of them can't be met by any index."""
    try:
        found = tuple(requirement_of(line) for line in lines)
    except MetadataError:
        return None
    return None if any(requirement.url for requirement in found) else found


def _versions(links: Iterable[FileLink], name: PypiName) -> Iterator[tuple[Version, FileLink]]:
    """Yield the files that are not yanked, with their versions; those whose names tell none are passed over."""
    known: dict[str, Version | None] = {}
    for link in links:
        text = _version_text(link.filename, name) if link.yanked is None else ""
        if text not in known:
            known[text] = version_of(text)
        version = known[text]
        if version is not None:
            yield version, link


def _version_text(filename: str, name: PypiName) -> str:
    if filename.endswith(".whl"):
        parts = filename.split("-", 2)
        return parts[1] if len(parts) == 3 else ""
    for suffix in _SOURCE_SUFFIXES:
        if filename.endswith(suffix):
            # Names of sources may hold dashes, and versions of old ones, too: the name's length tells.
            return filename.removesuffix(suffix)[len(name) + 1 :]
    return ""


def _build_order(filename: str) -> tuple[int, str]:
    """Order by the build tag, the highest first. Source: PEP 427."""
    parts = filename.removesuffix(".whl").split("-")
    build = parts[2] if len(parts) == 6 else ""
    number = _BUILD_NUMBER.match(build)
    return -int(number[0]) if number else 0, build
