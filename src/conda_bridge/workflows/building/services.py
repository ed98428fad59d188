"""The real services of builds, made from the options; nothing is fetched or started before it is needed."""

from pathlib import Path

from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.engines import ENGINES, engine_of
from conda_bridge.model.options import BuildOptions
from conda_bridge.protocols import Reporter
from conda_bridge.sources.cache import Cache
from conda_bridge.workflows.building.context import BuildServices, machine_subdir
from conda_bridge.workflows.distributors import distributor_for
from conda_bridge.workflows.services import services_of

__all__ = ["build_services_of", "cache_folder"]

_LOCK_TIMEOUT_S = 7200.0
"""So long another build of the same recipe into the same channel is waited for."""


def build_services_of(options: BuildOptions, reporter: Reporter) -> BuildServices:
    """Return the services.

    Raises:
        UsageError: `unknown-distributor`, `unknown-engine`.
        ConfigError: `invalid-config` for a mapping document of the user's.
    """
    recipe = services_of(options.recipe, reporter)
    names = (options.engine,) if options.engine else tuple(ENGINES)
    return BuildServices(
        recipe=recipe,
        distributor=distributor_for(options, recipe, subdir=machine_subdir(), reporter=reporter),
        engines=tuple((name, engine_of(name, conda_build=options.conda_build)) for name in names),
        channel=LocalChannel(options.channel_dir, reporter=reporter, lock_timeout_s=_LOCK_TIMEOUT_S),
    )


def cache_folder(options: BuildOptions) -> Path:
    """Return where everything is cached."""
    return Cache(options.recipe.network.cache_dir).folder
