"""All that is known of one distributor, for people who want to see what recipes would be built with."""

from dataclasses import dataclass, replace
from pathlib import Path

from conda_bridge.distributors import host_distributor
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.distributors.pinned import over, passed_over
from conda_bridge.distributors.remote import ChannelSetting, known_variants
from conda_bridge.errors import UsageError
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.options import BuildOptions
from conda_bridge.model.variants import VariantConfig
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.translate.distributors import HOST, distributor_policy
from conda_bridge.workflows.building.context import machine_subdir
from conda_bridge.workflows.distributors import channels_of, services_for, setting_of
from conda_bridge.workflows.services import services_of

__all__ = ["DistributorDetails", "HostDetails", "HostTool", "VariantRow", "show_distributor"]

_SILENT = SilentReporter()


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """A key of the variants."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTool:
    """A compiler or a program of this machine."""

    name: str
    version: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDetails:
    """What this machine gives."""

    interpreter: HostTool
    has_headers: bool
    layout: str
    glibc: str
    is_noarch_only: bool
    """Whether no extension module can be compiled here."""
    compilers: tuple[HostTool, ...]
    programs: tuple[HostTool, ...]
    channel_dir: str
    packages: int
    """In its channel so far."""
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorDetails:
    """What a distributor decides, and what its variants are on one platform."""

    name: str
    channels: tuple[str, ...]
    """URLs and folders without secrets."""
    conventions: str
    name_map: str
    python_min: str
    pythons: tuple[str, ...]
    platforms: tuple[str, ...]
    pinned: int
    """How many packages it pins in host."""
    subdir: str
    """The platform of the variants."""
    variants: tuple[VariantRow, ...]
    zip_keys: tuple[tuple[str, ...], ...]
    variants_origin: str
    """In words, who says so."""
    host: HostDetails | None = None
    """Of `host` only."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variants:
    config: VariantConfig
    origin: str
    host: HostDetails | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def show_distributor(
    name: str,
    options: BuildOptions,
    *,
    subdir: str = "",
    migrations: tuple[str, ...] = (),
    reporter: Reporter = _SILENT,
) -> DistributorDetails:
    """Return what is known of a distributor, on this machine's platform unless `subdir` says another.

    Nothing is asked of the network. Of `host` this machine is looked at, and nothing is made.

    Raises:
        UsageError: `unknown-distributor`; `usage` for `host` on another platform.
        ConfigError: `invalid-pinning`.
        EngineError: no interpreter here can be made into a package.
    """
    policy = distributor_policy(name, options.recipe.distributors)
    platform = subdir or machine_subdir()
    found = _of_channels(policy, options, platform, migrations)
    if policy.name == HOST:
        found = _over(found, _of_host(policy, options, platform, reporter), options.variants_file)
    return DistributorDetails(
        name=policy.name,
        channels=channels_of(policy),
        conventions=policy.conventions or policy.name,
        name_map=policy.name_map,
        python_min=str(policy.python_min),
        pythons=tuple(map(str, policy.pythons)),
        platforms=policy.platforms,
        pinned=len(policy.pinned),
        subdir=platform,
        variants=tuple(VariantRow(key=key, values=values) for key, values in found.config.values),
        zip_keys=found.config.zip_keys,
        variants_origin=found.origin,
        host=found.host,
        diagnostics=found.diagnostics,
    )


def _of_channels(
    policy: DistributorPolicy, options: BuildOptions, subdir: str, migrations: tuple[str, ...]
) -> _Variants:
    setting = setting_of(options, subdir=subdir)
    known = known_variants(
        ChannelSetting(
            policy=policy,
            subdir=subdir,
            cache_dir=setting.cache_dir,
            variants_file=options.variants_file,
            migrations=migrations,
        )
    )
    return _Variants(config=known.variants, origin=known.origin, diagnostics=known.diagnostics)


def _over(file: _Variants, machine: _Variants, path: str) -> _Variants:
    """Return the machine's own variants, over those of a pinning file where there is one."""
    if not path:
        return machine
    return replace(
        machine,
        config=over(file.config, machine.config),
        origin=f"this machine, and {file.origin}",
        diagnostics=(
            *file.diagnostics,
            *machine.diagnostics,
            *passed_over(file.config, machine.config, path=path),
        ),
    )


def _of_host(policy: DistributorPolicy, options: BuildOptions, subdir: str, reporter: Reporter) -> _Variants:
    if subdir != machine_subdir():
        message = f"{HOST} builds for this machine, which is {machine_subdir()}, and not for {subdir}"
        raise UsageError("usage", message)
    recipe = options.recipe
    services = services_for(policy, recipe, services_of(recipe, reporter), reporter)
    host = host_distributor(setting_of(options), services=services)
    facts = host.facts
    records = LocalChannel(host.channel_dir).records() if Path(host.channel_dir).is_dir() else ()
    details = HostDetails(
        interpreter=HostTool(
            name="python", version=facts.interpreter.version, path=facts.interpreter.executable
        ),
        has_headers=facts.interpreter.has_headers,
        layout=facts.interpreter.layout,
        glibc=facts.glibc,
        is_noarch_only=facts.is_noarch_only,
        compilers=tuple(
            HostTool(name=f"{one.language}: {one.kind}", version=one.version, path=one.path)
            for one in facts.compilers
        ),
        programs=tuple(
            HostTool(name=one.conda_name, version=one.version, path=one.paths[0][1] if one.paths else "")
            for one in facts.programs
        ),
        channel_dir=host.channel_dir,
        packages=len(records),
        size_bytes=sum(record.size_bytes for record in records),
    )
    return _Variants(
        config=host.variants(), origin="this machine", host=details, diagnostics=facts.diagnostics
    )
