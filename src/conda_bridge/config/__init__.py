"""Configuration files, environment and command line become one `RecipeOptions`, or one `BuildOptions`.

Vocabulary: a *layer* is what one place says, None where it says nothing. Later layers win:

    defaults < pip's configuration < the user's file < the project's file < environment < command line

The user's file is `conda-bridge.toml` in the user's configuration folder. The project's file is
`conda-bridge.toml` or the table `[tool.conda-bridge]` of `pyproject.toml`, both in the working directory;
a file named with `--config` takes its place. Lists replace those of earlier layers; name mappings add up,
name by name, and so do overrides, package by package. The maintainers of a `[package.NAME]` win over all but
those of the command line.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from conda_bridge.config.layers import Layer, merge, merged_layer
from conda_bridge.config.places import FILE_NAME, KEYS, VARIABLES, read_environment, read_file
from conda_bridge.config.values import epoch_of, is_from_project, merged_distributors
from conda_bridge.config.wheels import WheelLayer
from conda_bridge.errors import ConfigError
from conda_bridge.model.options import BuildOptions, RecipeOptions, WheelOptions
from conda_bridge.sources.pip_config import read_pip_settings

__all__ = [
    "FILE_NAME",
    "KEYS",
    "VARIABLES",
    "Layer",
    "WheelLayer",
    "load_build_options",
    "load_options",
    "load_wheel_options",
    "merge",
    "read_environment",
    "read_file",
]

_USER_FILE = f"user:{FILE_NAME}"
"""How origins tell the user's file from the project's."""


def load_options(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> RecipeOptions:
    """Read every place that may configure conda-bridge and return the merged options.

    Pip's files are found through `environment` too.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    return _loaded(
        command_line,
        config_file=config_file,
        environment=environment,
        working_dir=working_dir,
        user_dir=user_dir,
    )[0]


def load_build_options(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> BuildOptions:
    """Read every place that may configure conda-bridge and return what they say of builds.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    recipe, said = _loaded(
        command_line,
        config_file=config_file,
        environment=environment,
        working_dir=working_dir,
        user_dir=user_dir,
    )
    options = BuildOptions(recipe=recipe, source_date_epoch=epoch_of(environment))
    if said.channel_dir is not None:
        options = replace(options, channel_dir=said.channel_dir)
    return options if said.build_jobs is None else replace(options, jobs=said.build_jobs)


def load_wheel_options(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> WheelOptions:
    """Read every place that may configure conda-bridge and return what they say of wheels.

    An index alone leaves no second copy of each wheel beside it.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    recipe, layer = _loaded(
        command_line,
        config_file=config_file,
        environment=environment,
        working_dir=working_dir,
        user_dir=user_dir,
    )
    said, defaults = layer.wheel, WheelOptions(recipe=recipe)
    setting = replace(
        defaults.setting,
        dependencies=said.dependencies or defaults.setting.dependencies,
        deflate=said.deflate or defaults.setting.deflate,
        time_s=epoch_of(environment),
    )
    output_dir = said.output_dir or ("" if said.index_dir else defaults.output_dir)
    return replace(defaults, setting=setting, output_dir=output_dir, index_dir=said.index_dir or "")


def _loaded(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> tuple[RecipeOptions, Layer]:
    said = read_environment(environment)
    chosen = merged_layer((said, command_line))
    project = read_file(Path(config_file)) if config_file else _project_layer(working_dir, chosen)
    user_file = user_dir / FILE_NAME
    user = read_file(user_file, label=_USER_FILE) if user_file.is_file() else Layer()
    # Which names of a file for all projects a run needs says nothing about the file.
    user = replace(user, names=tuple(replace(name, origin="") for name in user.names))
    if not config_file:
        # What came with somebody's repository can't put other channels under a name of the user's.
        own = merged_distributors(project.distributors, user.distributors)
        project = replace(project, distributors=own)
    weaker, stronger = (_pip_layer(environment), user), (said, command_line)
    layers = (*weaker, project, *stronger)
    options = merge(layers)
    if not config_file:
        options = _with_origins(options, merge((*weaker, *stronger)), working_dir)
    if command_line.maintainers is not None:
        overrides = tuple(replace(one, maintainers=None) for one in options.overrides)
        options = replace(options, overrides=overrides)
    return options, merged_layer(layers)


def _pip_layer(environment: Mapping[str, str]) -> Layer:
    pip = read_pip_settings(environment)
    return Layer(index_urls=pip.index_urls, certificates=pip.certificates or None)


def _project_layer(working_dir: Path, chosen: Layer) -> Layer:
    """Return what the project's own file says, which may have come with somebody else's repository.

    The folders that it names count only where the user has chosen none.
    """
    layer = _said_by_project(working_dir)
    folders = (
        ("output", chosen.output_dir, layer.output_dir),
        ("channel", chosen.channel_dir, layer.channel_dir),
        ("wheel.output", chosen.wheel.output_dir, layer.wheel.output_dir),
        ("wheel.index", chosen.wheel.index_dir, layer.wheel.index_dir),
    )
    for key, wanted, folder in folders:
        outside = folder is not None and not Path(folder).resolve().is_relative_to(working_dir.resolve())
        if outside and not wanted:
            raise ConfigError(
                "invalid-config",
                f"{key}: a project's own file can't have anything written outside the project's folder",
                where=folder,
                hint="say so with -o, with --config, or in your own configuration file",
            )
    return layer


def _said_by_project(working_dir: Path) -> Layer:
    own, shared = working_dir / FILE_NAME, working_dir / "pyproject.toml"
    # A pyproject.toml that says nothing to us may be broken without disturbing us.
    speaks = shared.is_file() and b"conda-bridge" in shared.read_bytes()
    shared_layer = read_file(shared) if speaks else Layer()
    if not own.is_file():
        return shared_layer
    if shared_layer != Layer():
        raise ConfigError(
            "invalid-config",
            f"both {FILE_NAME} and [tool.conda-bridge] of pyproject.toml configure this project",
            where=str(own),
            hint="keep the settings in one of the two",
        )
    return read_file(own)


def _with_origins(options: RecipeOptions, own: RecipeOptions, working_dir: Path) -> RecipeOptions:
    """Note where the project's file decides whom we ask; `own` is what the user says without it."""
    is_here = (working_dir / FILE_NAME).is_file()
    base = f"{FILE_NAME}#" if is_here else "pyproject.toml#/tool/conda-bridge"
    if options.index != own.index:
        options = replace(options, index=replace(options.index, origin=f"{base}/index-urls"))
    if is_from_project(options, own):
        options = replace(options, distributor_origin=f"{base}/distributor")
    return options
