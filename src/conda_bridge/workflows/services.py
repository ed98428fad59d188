"""What workflows ask of the world, made from the options once and shared by all sources."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from conda_bridge.adapters.conda_pypi import CondaPypiMapping
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.external import ExternalMapping
from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.protocols import ChannelSource, Fetcher, NameSource, Reporter, WheelInspector
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.external import external_mapping
from conda_bridge.translate.names import NameMap
from conda_bridge.workflows.external import mapping_of

__all__ = ["Services", "channel_fetcher", "name_source", "services_of"]

_CHANNEL_TIMEOUT_S = 5.0
_LARGEST_CHANNEL_FILE = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The indexes and the name tables; each is thread-safe."""

    fetcher: Fetcher
    names: NameSource
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is missing for good answers, such as conda-pypi's mapping."""
    channels: ChannelSource | None = None
    """The distributor's channels; None: they are not asked."""
    external: Callable[[], ExternalMapping] = external_mapping
    """Returns what external dependencies are called; few projects need it, and reading it costs 30 ms."""
    wheels: WheelInspector | None = None
    """Looks into published wheels; None: they are left alone."""


def services_of(options: RecipeOptions, reporter: Reporter, *, is_wary: bool = False) -> Services:
    """Return the real services; nothing is fetched or read before it is needed.

    `is_wary` is for URLs that others than the user name: those into private networks are refused.

    Raises:
        UsageError: `unknown-distributor`.
        ConfigError: `invalid-config` for a mapping document of the user's.
    """
    from conda_bridge.distributors.channels import Channels  # noqa: PLC0415
    from conda_bridge.sources.fetcher import IndexFetcher  # noqa: PLC0415

    mapping = _mapping()
    policy = distributor_policy(options.distributor, options.distributors)
    fetcher = IndexFetcher(options.index, options.network, reporter, is_wary=is_wary)
    return Services(
        fetcher=fetcher,
        names=NameMap(overrides=options.names, mapped=mapping),
        diagnostics=mapping.diagnostics,
        channels=Channels(
            policy.channels,
            ("noarch", policy.platforms[0]),
            channel_fetcher(policy, options.network, reporter),
        ),
        wheels=fetcher,
        external=_external_mapping(options),
    )


def channel_fetcher(policy: DistributorPolicy, network: NetworkOptions, reporter: Reporter) -> Fetcher:
    """Return what asks a distributor's channels, with the credentials of their URLs and without patience.

    Raises:
        SourceError: `invalid-url`.
    """
    from conda_bridge.distributors.channels import channel_location  # noqa: PLC0415
    from conda_bridge.sources.fetcher import IndexFetcher  # noqa: PLC0415

    places = map(channel_location, policy.channels)
    urls = tuple(place for place in places if place.startswith(("https://", "http://")))
    # What a channel knows is nice to have, or else its lack should be known at once: nobody should wait long for it.
    hasty = replace(network, timeout_s=_CHANNEL_TIMEOUT_S, retries=0, max_file_bytes=_LARGEST_CHANNEL_FILE)
    return IndexFetcher(IndexOptions(urls=urls), hasty, reporter)


def _external_mapping(options: RecipeOptions) -> Callable[[], ExternalMapping]:
    if not options.external_mappings:
        return external_mapping
    # A document of the user's that can't be read is told whether or not it is needed.
    mapping = mapping_of(options.external_mappings)
    return lambda: mapping


def name_source(options: RecipeOptions) -> NameSource:
    """Return the name tables with the user's overrides on top."""
    return NameMap(overrides=options.names, mapped=_mapping())


@cache
def _mapping() -> CondaPypiMapping:
    """The installed mapping doesn't change while a process runs, so it is read once."""
    return CondaPypiMapping.installed()
