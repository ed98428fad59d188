"""Where packages and toolchains come from: channels, or this machine."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.protocols import Distributor, Fetcher, NameSource, Reporter, SilentReporter
from conda_bridge.translate.distributors import HOST, distributor_policy

if TYPE_CHECKING:
    from conda_bridge.distributors.host.distributor import HostDistributor

__all__ = ["DistributorServices", "DistributorSetting", "distributor_of", "host_distributor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorSetting:
    """What the user decides about distributors."""

    subdir: str
    """The platform that is built for."""
    cache_dir: str
    """Where pinnings and the packages of this machine are kept."""
    own: tuple[DistributorPolicy, ...] = ()
    """The user's own distributors."""
    variants_file: str = ""
    """A real pinning file; empty means what is known of the distributor."""
    host_python: str = ""
    """The interpreter that `host` is made from; empty means the running one."""
    max_wheel_bytes: int = 200_000_000
    """The largest wheel that `host` converts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorServices:
    """What distributors ask of the world."""

    channels: Fetcher
    """Asks channels, in a hurry and with their credentials."""
    index: Fetcher
    """Asks package indexes."""
    names: NameSource
    reporter: Reporter = field(default_factory=SilentReporter)


def distributor_of(name: str, setting: DistributorSetting, *, services: DistributorServices) -> Distributor:
    """Return the distributor of a name: one of the user's own, a row, a channel's URL or folder, or `host`.

    Nothing is asked and nothing is made before it is needed.

    Raises:
        UsageError: `unknown-distributor`.
    """
    policy = distributor_policy(name, setting.own)
    if policy.name == HOST:
        if setting.variants_file:
            from conda_bridge.distributors.pinned import PinnedDistributor  # noqa: PLC0415

            machine = host_distributor(setting, services=services)
            return PinnedDistributor(
                machine,
                variants_file=setting.variants_file,
                subdir=setting.subdir,
                reporter=services.reporter,
            )
        return host_distributor(setting, services=services)
    # Each kind needs much that the other doesn't.
    from conda_bridge.distributors.remote import ChannelDistributor, ChannelSetting  # noqa: PLC0415

    channel_setting = ChannelSetting(
        policy=policy,
        subdir=setting.subdir,
        cache_dir=setting.cache_dir,
        variants_file=setting.variants_file,
    )
    return ChannelDistributor(channel_setting, fetcher=services.channels)


def host_distributor(setting: DistributorSetting, *, services: DistributorServices) -> "HostDistributor":
    """Return the distributor that makes its packages of this machine."""
    from conda_bridge.distributors.host.distributor import HostDistributor, HostSetting  # noqa: PLC0415
    from conda_bridge.distributors.host.makers import host_makers  # noqa: PLC0415
    from conda_bridge.distributors.host.remembered import remembering  # noqa: PLC0415

    host_setting = HostSetting(
        cache_dir=setting.cache_dir,
        python=setting.host_python,
        max_wheel_bytes=setting.max_wheel_bytes,
        makers=remembering(host_makers(), setting.cache_dir),
    )
    return HostDistributor(
        host_setting, fetcher=services.index, names=services.names, reporter=services.reporter
    )
