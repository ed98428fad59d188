"""The real services of builds, made from the options; nothing is fetched or started before it is needed."""

import shutil
from pathlib import Path

from conda_bridge.archives.typed_paths import expanded
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.engines import CONDA_BUILD, ENGINES, engine_of
from conda_bridge.errors import UsageError
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
        UsageError: `unknown-distributor`; `usage` for an engine or a program that there isn't.
        ConfigError: `invalid-config` for a mapping document of the user's.
    """
    _check_conda_build(options)
    recipe = services_of(options.recipe, reporter)
    names = (options.engine,) if options.engine else tuple(ENGINES)
    return BuildServices(
        recipe=recipe,
        distributor=distributor_for(options, recipe, subdir=machine_subdir(), reporter=reporter),
        engines=tuple((name, engine_of(name, conda_build=options.conda_build)) for name in names),
        channel=LocalChannel(options.channel_dir, reporter=reporter, lock_timeout_s=_LOCK_TIMEOUT_S),
    )


def _check_conda_build(options: BuildOptions) -> None:
    """Refuse a program that isn't there, or that nothing would come of, even where no recipe needs it."""
    path = options.conda_build
    if path and shutil.which(str(expanded(path))) is None:
        hint = (
            "name the program by its path, such as ~/miniforge3/bin/conda-build; or leave --conda-build out"
        )
        raise UsageError("usage", f"--conda-build: there is no program {path!r}", hint=hint)
    if path and options.engine not in {"", CONDA_BUILD}:
        message = f"--conda-build has no effect with --engine {options.engine}"
        raise UsageError("usage", message, hint="leave one of the two out")


def cache_folder(options: BuildOptions) -> Path:
    """Return where everything is cached."""
    return Cache(options.recipe.network.cache_dir).folder
