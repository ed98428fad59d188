"""A distributor whose packages lie in channels: names, URLs or folders.

Whether a package can be had is decided here as far as one spec decides it; whether all that an environment needs goes
together is the solver's to say. Channels have strict priority: the first that has a name is the only one that counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from conda_bridge.archives.typed_paths import is_dir
from conda_bridge.distributors.channels import Channels, channel_location
from conda_bridge.distributors.pinning_files import PinningQuestion, read_variants
from conda_bridge.distributors.pinnings import KeptPinnings
from conda_bridge.errors import SourceError, TranslationError, UsageError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage, NeededEnvironment, Provided
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import ChannelPackage, DistributorPolicy
from conda_bridge.model.names import CondaName, is_compiler_package
from conda_bridge.model.variants import VariantConfig
from conda_bridge.protocols import Fetcher
from conda_bridge.translate.distributors import distributor_names, is_channel
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.spec_matching import matches
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.translate.variants import default_variants
from conda_bridge.translate.version_order import CondaVersion

__all__ = ["ChannelDistributor", "ChannelSetting", "KnownVariants", "known_variants"]

_NOARCH = "noarch"
_VIRTUAL = "__"
"""How the names begin of what the machine has, and no channel."""
_UNREACHABLE = frozenset({"index-unreachable", "offline", "not-served", "too-large"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSetting:
    """Which channels, and what for."""

    policy: DistributorPolicy
    subdir: str
    cache_dir: str = ""
    """Where pinnings are that `distributor refresh` has got; empty: none is looked for."""
    variants_file: str = ""
    """A real pinning file in place of what is known of the distributor."""
    migrations: tuple[str, ...] = ()
    """Paths of migrations that are applied to a pinning file, beside those that are for all packages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVariants:
    """What a distributor's variants are, and who says so."""

    variants: VariantConfig
    origin: str
    """In words: a file, a package, or our own table."""
    diagnostics: tuple[Diagnostic, ...] = ()


def known_variants(setting: ChannelSetting) -> KnownVariants:
    """Return what the user's pinning file says, else the refreshed pinning, else the row.

    Raises:
        UsageError: `usage` for migrations without a pinning file.
        ConfigError: `invalid-pinning`.
    """
    policy = setting.policy
    if setting.variants_file:
        return _read(Path(setting.variants_file), setting.variants_file, setting)
    kept = KeptPinnings(setting.cache_dir).find(policy.name) if setting.cache_dir else None
    if kept is not None:
        return _read(kept.path, f"{policy.pinning_package} {kept.version} of {kept.channel}", setting)
    if setting.migrations:
        message = f"there is no pinning file that {setting.migrations[0]} could be applied to"
        hint = (
            "name one with --variants, or get the distributor's own with `conda-bridge distributor refresh`"
        )
        raise UsageError("usage", message, hint=hint)
    return KnownVariants(variants=default_variants(policy, setting.subdir), origin=_table_of(policy))


def _table_of(policy: DistributorPolicy) -> str:
    if policy.name in distributor_names():
        return "conda-bridge's own table"
    followed = f"conda-bridge's table for {policy.conventions}"
    return followed if is_channel(policy.name) else f"your configuration, over {followed}"


def _read(path: Path, origin: str, setting: ChannelSetting) -> KnownVariants:
    read = read_variants(path, PinningQuestion(subdir=setting.subdir, migrations=setting.migrations))
    return KnownVariants(variants=read.value, origin=origin, diagnostics=read.diagnostics)


class ChannelDistributor:
    """A `Distributor` of channels."""

    def __init__(self, setting: ChannelSetting, *, fetcher: Fetcher) -> None:
        """Ask the channels through `fetcher`, which should be in a hurry: nothing is asked twice."""
        self._setting = setting
        self._channels = Channels(setting.policy.channels, (setting.subdir, _NOARCH), fetcher)

    @property
    def name(self) -> str:
        """The row's name, or the channel without its secrets."""
        return self._setting.policy.name

    def channels(self) -> tuple[str, ...]:
        """Return the URLs of the channels, with credentials where the user has given them so."""
        return tuple(map(_url, self._setting.policy.channels))

    def variants(self) -> VariantConfig:
        """Return its variants; see `known_variants`."""
        return self._known.variants

    @cached_property
    def _known(self) -> KnownVariants:
        return known_variants(self._setting)

    def readable(self) -> tuple[str, ...]:
        """Return nothing: packages of channels point into no folder of this machine."""
        return ()

    def tools(self) -> tuple[str, ...]:
        """Return nothing: engines find what they call."""
        return ()

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        """See which specs no package satisfies; see `Distributor`. Without environments, see that it can be reached.

        Raises:
            UsageError: `unknown-distributor` for a channel's folder that isn't there.
            SourceError: `distributor-unreachable`, `invalid-channel`.
        """
        self._see_folder()
        missing: dict[MissingPackage, None] = {}
        wanted = [(spec, one.label) for one in environments for spec in one.specs]
        asked = ""
        try:
            self._channels.reach()
            for spec, label in wanted:
                asked = f" for {spec} ({label})"
                missing.update(dict.fromkeys(self._lacks(spec, label, beside)))
        except SourceError as error:
            raise self._unreachable(error, asked) from error
        return Provided(missing=tuple(missing), diagnostics=self._known.diagnostics)

    def _see_folder(self) -> None:
        """See that a folder which is named as the distributor is there."""
        name = self.name
        location = channel_location(self._setting.policy.channels[0])
        if is_channel(name) and "://" not in location and not is_dir(Path(location)):
            hint = "check the path: it is relative to the folder that you are in"
            raise UsageError("unknown-distributor", f"there is no folder {name!r}", hint=hint)

    def _lacks(self, spec: str, wanted_by: str, beside: Sequence[PackageRecord]) -> Iterator[MissingPackage]:
        try:
            name = parse_match_spec(spec).value.conda_name
        except TranslationError:
            return  # the solver's to judge, as are constraints that can't be evaluated below
        if name.startswith(_VIRTUAL):
            return
        own = [record for record in beside if record.conda_name == name]
        offered: Sequence[PackageRecord | ChannelPackage] = own or self._channels.packages(name)
        if any(_is_met(spec, package) for package in offered):
            return
        newest = max(offered, key=lambda package: _order(package.version), default=None)
        reason, detail = _absence(name, newest, spec)
        yield MissingPackage(conda_name=name, spec=spec, wanted_by=wanted_by, reason=reason, detail=detail)

    def _unreachable(self, error: SourceError, asked: str) -> SourceError:
        if error.slug not in _UNREACHABLE:
            return error
        first = channel_label(self._setting.policy.channels[0])
        where = channel_label(error.where) if error.where else first
        return SourceError(
            "distributor-unreachable", f"{self.name} can't be asked{asked}: {error.message}", where=where
        )


def _is_met(spec: str, package: PackageRecord | ChannelPackage) -> bool:
    try:
        return matches(spec, package)
    except TranslationError:
        return True


def _absence(
    name: CondaName, newest: PackageRecord | ChannelPackage | None, spec: str
) -> tuple[Literal["absent", "version", "not-python"], str]:
    if newest is not None:
        return "version", _newest(newest, spec)
    if is_compiler_package(name):
        return "not-python", "none of its channels has such a compiler"
    return "absent", ""


def _newest(package: PackageRecord | ChannelPackage, spec: str) -> str:
    wanted: CondaName | str = parse_match_spec(spec).value.build
    build = f", build {package.build}" if wanted else ""
    return f"the newest is {package.version}{build}"


def _order(version: str) -> tuple[bool, CondaVersion | str]:
    try:
        return True, CondaVersion.from_text(version)
    except TranslationError:
        return False, version


def _url(channel: str) -> str:
    location = channel_location(channel)
    return location if "://" in location else Path(location).absolute().as_uri()
