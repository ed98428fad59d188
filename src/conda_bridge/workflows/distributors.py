"""Distributors, made from the options; and what the command `distributor` does with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conda_bridge.distributors import (
    DistributorServices,
    DistributorSetting,
    distributor_of,
    host_distributor,
)
from conda_bridge.distributors.channels import Channels, channel_location
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import SourceError
from conda_bridge.model.build import MissingPackage
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.options import BuildOptions, RecipeOptions
from conda_bridge.processes.cache_use import cache_used
from conda_bridge.protocols import Distributor, Reporter, SilentReporter
from conda_bridge.sources.cache import Cache
from conda_bridge.translate.distributors import HOST, distributor_names, distributor_policy
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.building.context import machine_subdir
from conda_bridge.workflows.services import Services, channel_fetcher, services_of

__all__ = [
    "DistributorRow",
    "MadeChannel",
    "Refreshed",
    "channels_of",
    "distributor_for",
    "list_distributors",
    "make_host",
    "refresh_distributor",
    "services_for",
    "setting_of",
]

_SILENT = SilentReporter()

_Status = Literal["", "answers", "unreachable"]
_NOT_ASKED: tuple[_Status, str] = ("", "")

Origin = Literal["table", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorRow:
    """A distributor that can be chosen by its name."""

    name: str
    channels: tuple[str, ...]
    """URLs and folders without secrets; none: its packages are made on this machine."""
    conventions: str
    """Whose recipe conventions it follows; its own name where they are its own."""
    python_min: str
    pythons: tuple[str, ...]
    origin: Origin
    """own: the user's configuration says it."""
    pinning: str = ""
    """The version of the pinning that was got with `distributor refresh`."""
    status: _Status = ""
    """Empty where the channels weren't asked."""
    detail: str = ""
    """Why it can't be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeChannel:
    """A channel of this machine's packages."""

    channel_dir: str
    packages: int
    size_bytes: int
    missing: tuple[MissingPackage, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh has got."""

    name: str
    version: str = ""
    """Of the pinning; empty where choices were dropped instead."""
    path: str = ""
    channel: str = ""


# ---------------------------------------------------------------- making distributors


def setting_of(options: BuildOptions, *, subdir: str = "") -> DistributorSetting:
    """Return what the options decide about distributors; `subdir` is this machine's where it is empty."""
    return DistributorSetting(
        subdir=subdir or machine_subdir(),
        cache_dir=str(Cache(options.recipe.network.cache_dir).folder),
        own=options.recipe.distributors,
        variants_file=options.variants_file,
        host_python=options.host_python,
        max_wheel_bytes=options.max_wheel_bytes,
    )


def distributor_for(
    options: BuildOptions, services: Services, *, subdir: str = "", reporter: Reporter = _SILENT
) -> Distributor:
    """Return the chosen distributor; nothing is asked and nothing is made before it is needed.

    Raises:
        UsageError: `unknown-distributor`.
        SourceError: `invalid-url`.
    """
    recipe = options.recipe
    policy = distributor_policy(recipe.distributor, recipe.distributors)
    return distributor_of(
        recipe.distributor,
        setting_of(options, subdir=subdir),
        services=services_for(policy, recipe, services, reporter),
    )


def services_for(
    policy: DistributorPolicy, options: RecipeOptions, services: Services, reporter: Reporter
) -> DistributorServices:
    """Return what a distributor asks of the world."""
    return DistributorServices(
        channels=channel_fetcher(policy, options.network, reporter),
        index=services.fetcher,
        names=services.names,
        reporter=reporter,
    )


# ---------------------------------------------------------------- the command


def list_distributors(options: RecipeOptions, *, is_asking: bool = False) -> Iterator[DistributorRow]:
    """Yield every distributor that has a name; their first channels are asked only where `is_asking`."""
    from conda_bridge.distributors.pinnings import KeptPinnings  # noqa: PLC0415 - builds need no pinning file

    kept = KeptPinnings(str(Cache(options.network.cache_dir).folder))
    own = {policy.name for policy in options.distributors}
    for name in distributor_names(options.distributors):
        policy = distributor_policy(name, options.distributors)
        status, detail = _asked(policy, options) if is_asking and policy.channels else _NOT_ASKED
        pinning = kept.find(name)
        yield DistributorRow(
            name=name,
            channels=channels_of(policy),
            conventions=policy.conventions or name,
            python_min=str(policy.python_min),
            pythons=tuple(map(str, policy.pythons)),
            origin="own" if name in own else "table",
            pinning="" if pinning is None else pinning.version,
            status=status,
            detail=detail,
        )


def channels_of(policy: DistributorPolicy) -> tuple[str, ...]:
    """Return where the channels of a distributor are, without secrets."""
    return tuple(channel_label(channel_location(channel)) for channel in policy.channels)


def _asked(policy: DistributorPolicy, options: RecipeOptions) -> tuple[_Status, str]:
    try:
        fetcher = channel_fetcher(policy, options.network, _SILENT)
        Channels(policy.channels, ("noarch",), fetcher).reach()
    except SourceError as error:
        return "unreachable", error.message
    return "answers", ""


def make_host(options: BuildOptions, *, is_all: bool, reporter: Reporter = _SILENT) -> MadeChannel:
    """Make the channel of this machine's packages, with `is_all` the usual build backends, too.

    Raises:
        EngineError, SourceError: as `HostDistributor.make`.
    """
    recipe = options.recipe
    services = services_for(distributor_policy(HOST), recipe, services_of(recipe, reporter), reporter)
    setting = setting_of(options)
    host = host_distributor(setting, services=services)
    with cache_used(setting.cache_dir):
        made = host.make(is_all=is_all)
        records = LocalChannel(host.channel_dir).records()
    return MadeChannel(
        channel_dir=host.channel_dir,
        packages=len(records),
        size_bytes=sum(record.size_bytes for record in records),
        missing=made.missing,
        diagnostics=made.diagnostics,
    )


def refresh_distributor(name: str, options: BuildOptions, *, reporter: Reporter = _SILENT) -> Refreshed:
    """Get a distributor's newest pinning; of `host`, let the next builds choose the newest packages again.

    Raises:
        UsageError: `unknown-distributor`, `no-pinning`.
        SourceError: `distributor-unreachable`, and what the channel and its package raise.
        EngineError: as `HostDistributor.refresh`.
    """
    recipe = options.recipe
    policy = distributor_policy(name, recipe.distributors)
    if policy.name == HOST:
        services = services_for(policy, recipe, services_of(recipe, reporter), reporter)
        setting = setting_of(options)
        with cache_used(setting.cache_dir):
            host_distributor(setting, services=services).refresh()
        return Refreshed(name=HOST)
    from conda_bridge.distributors.pinnings import KeptPinnings  # noqa: PLC0415 - as above

    try:
        kept = KeptPinnings(str(Cache(recipe.network.cache_dir).folder)).refresh(
            policy, channel_fetcher(policy, recipe.network, reporter)
        )
    except SourceError as error:
        if error.slug not in {"index-unreachable", "offline"}:
            raise
        # No pinning is needed to build, and nothing that was got before is lost.
        hint = "builds go on with what is known of it; --variants FILE names a pinning file of your own"
        raise SourceError("distributor-unreachable", error.message, where=policy.name, hint=hint) from error
    return Refreshed(name=policy.name, version=kept.version, path=str(kept.path), channel=kept.channel)
