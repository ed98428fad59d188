"""Every extension point: what the workflows ask of the world, so that tests and other tools can stand in."""

from collections.abc import Iterable
from typing import Protocol

from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.model.events import Event
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.source import FileLink, IndexProject, WheelLinks

__all__ = ["ChannelSource", "Fetcher", "NameSource", "Reporter", "SilentReporter", "WheelInspector"]


class Fetcher(Protocol):
    """Gets files and metadata from package indexes. Thread-safe; every answer is cached where that is sound."""

    def get_project(self, name: PypiName) -> IndexProject:
        """Return the project's page of the first index that has it; indexes are never merged.

        Raises:
            SourceError: `project-not-found`, `index-unreachable`, `offline`.
        """
        ...

    def get_metadata(self, link: FileLink) -> str | None:
        """Return the core metadata of a wheel; None where it can't be had within the size cap.

        Cost: one small request (PEP 658), two or three range requests, or the whole wheel, in this order.

        Raises:
            SourceError: `hash-mismatch`, `index-unreachable`, `offline`.
        """
        ...

    def get_file(self, link: FileLink) -> str:
        """Return the path of the file in the cache, its sha256 verified while it streamed.

        Raises:
            SourceError: `hash-mismatch`, `no-sha256`, `too-large`, `not-served`, `index-unreachable`, `offline`.
        """
        ...

    def get_url(self, url: str) -> str:
        """Return the path of what an https URL serves now, which no index vouches for.

        Raises:
            SourceError: `insecure-url`, `private-address`, `too-large`, `not-served`, `index-unreachable`, `offline`.
        """
        ...


class WheelInspector(Protocol):
    """Looks into published wheels. Thread-safe; what was found out is cached."""

    def get_wheel_links(self, link: FileLink) -> WheelLinks | None:
        """Return the libraries that a wheel links; None where its server serves no parts of files.

        Cost: a few range requests, as many bytes as its extension modules have.

        Raises:
            SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `index-unreachable`, `offline`.
        """
        ...


class NameSource(Protocol):
    """Maps names. Pure after construction; thread-safe."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        """Return one hit a name, in the order asked; never fails for a valid name."""
        ...

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the projects that a conda package may belong to, best first; empty: not a Python package."""
        ...


class ChannelSource(Protocol):
    """Knows what a distributor's channels have. Thread-safe."""

    def find(self, name: CondaName) -> ChannelPackage | None:
        """Return the newest package of that name in the first channel that has one; None: there is none.

        Cost: an index a channel, then one small file; both cached.

        Raises:
            SourceError: `invalid-channel`, `index-unreachable`, `offline`, `hash-mismatch`.
        """
        ...


class Reporter(Protocol):
    """Hears what a workflow does. Called from several threads; must not raise."""

    def report(self, event: Event) -> None:
        """Take note of one event."""
        ...


class SilentReporter:
    """A Reporter that says nothing; the default of every workflow."""

    def report(self, event: Event) -> None:
        """Do nothing."""
