"""Every extension point: what the workflows ask of the world, so that tests and other tools can stand in."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import (
    BuildJob,
    BuildOutcome,
    EngineCapabilities,
    NeededEnvironment,
    Provided,
    RenderedOutput,
    RenderJob,
    TestJob,
    TestOutcome,
)
from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.model.events import Event
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.source import FileLink, IndexProject, WheelLinks
from conda_bridge.model.variants import VariantConfig

__all__ = [
    "ChannelSource",
    "Distributor",
    "Engine",
    "Fetcher",
    "NameSource",
    "Reporter",
    "SilentReporter",
    "WheelInspector",
]


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


class Distributor(Protocol):
    """Provides the packages and the toolchain that recipes are built against. Thread-safe."""

    @property
    def name(self) -> str:
        """Its name in the table, or the URL or folder that stands for it."""
        ...

    def channels(self) -> tuple[str, ...]:
        """Return the URLs of its channels, the first wins."""
        ...

    def variants(self) -> VariantConfig:
        """Return its own facts: pythons, python_min, compilers, stdlib.

        Raises:
            SourceError: the channel can't be reached, or no interpreter can be made into a package.
        """
        ...

    def readable(self) -> tuple[str, ...]:
        """Return the folders of this machine that its packages point into."""
        ...

    def tools(self) -> tuple[str, ...]:
        """Return folders with programs that engines call; may fetch them."""
        ...

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        """See that each environment can be made from the channels, and return what can't be had.

        `beside` are packages of the output channel, which win over the distributor's own. What is missing is a
        value; a failure is one of the machine or the network.

        Cost: for `host`, a conversion of each wheel that no earlier call needed.

        Raises:
            SourceError: `distributor-unreachable`, and what fetching raises.
        """
        ...


class Engine(Protocol):
    """Runs recipes. Thread-safe; each call works in children of its own, which end with it."""

    def capabilities(self) -> EngineCapabilities:
        """Return what it can do here.

        Raises:
            EngineError: `engine-missing`.
        """
        ...

    def render(self, job: RenderJob) -> tuple[RenderedOutput, ...]:
        """Return the packages that a recipe gives, in the order in which they are built; nothing of it is run.

        Raises:
            EngineError: `engine-missing`, `engine-crashed`, `build-timeout`.
            RecipeError: `unrenderable-recipe`.
        """
        ...

    def build(self, job: BuildJob, reporter: "Reporter") -> BuildOutcome:
        """Build all outputs in `job.output_dir`; no test is run.

        Raises:
            SolverError: `unsatisfiable`.
            EngineError: `build-failed`, `build-timeout`, `engine-crashed`, `engine-missing`; `where` is the log.
        """
        ...

    def test(self, job: TestJob, reporter: "Reporter") -> TestOutcome:
        """Run the tests that a package carries.

        Raises:
            EngineError: `build-timeout`, `engine-crashed`, `engine-missing`; `where` is the log.
        """
        ...

    def command(self, job: RenderJob | BuildJob | TestJob) -> str:
        """Return shell text that does by hand what the job asks for; nothing is written or run."""
        ...

    def stop(self) -> None:
        """End every child that calls in other threads wait for, and fail those that come later.

        Such a call raises KeyboardInterrupt, as if the user had interrupted it.
        """
        ...


@runtime_checkable
class ReadyEngine(Protocol):
    """An Engine that can get ready for a job before it is asked."""

    def expecting(self, job: RenderJob | TestJob, *, is_now: bool = False) -> AbstractContextManager[None]:
        """Have a child ready for a job that this thread will ask for; it ends if another one is asked for next, or none.

        It is started while the next job of this thread is worked out, or now. Whatever stands in its way is no
        failure: then the job starts a child itself.
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
