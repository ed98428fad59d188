"""The options of commands that repackage, and what they amount to; see `conda_bridge.cli.options`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from conda_bridge.cli.options import Command, ConfigArguments, complete_distributor, complete_path
from conda_bridge.errors import UsageError

if TYPE_CHECKING:
    from conda_bridge.model.options import WheelOptions
    from conda_bridge.workflows.conda import CondaOptions

__all__ = [
    "CondaArguments",
    "WheelArguments",
    "channel_option",
    "conda_options_of",
    "dry_run_option",
    "index_url_option",
    "making_options",
    "output_option",
    "permitting_options",
    "wheel_options_of",
]


class WheelArguments(ConfigArguments):
    """The command line of `wheel`."""

    packages: tuple[str, ...]
    output: str | None
    index: str | None
    deps: Literal["metadata", "conda"] | None
    deflate: Literal["zlib", "libdeflate"] | None
    build_tag: bool
    py2: bool
    drop_scripts: bool
    allow_metapackage: bool
    allow_gated: bool
    strict_drift: bool
    channel: tuple[str, ...]
    distributor: str | None
    offline: bool | None
    dry_run: bool


class CondaArguments(ConfigArguments):
    """The command line of `conda`."""

    wheels: tuple[str, ...]
    output: str | None
    as_channel: bool
    fast: bool
    level: int | None
    widen: bool
    index_url: tuple[str, ...]
    offline: bool | None
    dry_run: bool


def output_option(command: Command) -> Command:
    """Add `-o`."""
    option = click.option(
        "-o",
        "--output",
        metavar="DIR",
        shell_complete=complete_path,
        help="Where they are written.  [default: here]",
    )
    return option(command)


def dry_run_option(command: Command) -> Command:
    """Add `--dry-run`."""
    option = click.option(
        "--dry-run",
        is_flag=True,
        help="Read everything, say what would be made or refused, and write nothing.",
    )
    return option(command)


def index_url_option(command: Command) -> Command:
    """Add `--index-url`."""
    option = click.option(
        "--index-url",
        metavar="URL",
        multiple=True,
        help="A simple index to ask instead of PyPI; may be repeated: the first that has a project wins.",
    )
    return option(command)


def channel_option(command: Command) -> Command:
    """Add `--channel` and `--distributor`."""
    for option in (
        click.option(
            "--distributor",
            metavar="NAME",
            shell_complete=complete_distributor,
            help="Whose channels packages come from that are given by name.  [default: conda-forge]",
        ),
        click.option(
            "--channel",
            metavar="URL",
            multiple=True,
            shell_complete=complete_path,
            help="A channel to look in instead: its name, URL or folder; may be repeated: the first that has a "
            "name wins.",
        ),
    ):
        command = option(command)
    return command


def making_options(command: Command) -> Command:
    """Add what decides how wheels are made."""
    for option in (
        click.option("--py2", is_flag=True, help="Keep the tag py2 of packages that say they suit it."),
        click.option("--build-tag", is_flag=True, help="Make a build number above 0 the wheel's build tag."),
        click.option(
            "--deflate",
            type=click.Choice(["zlib", "libdeflate"]),
            help="What compresses. The same one always gives the same bytes; libdeflate is faster and comes with "
            "conda-bridge[fast].  [default: zlib]",
        ),
        click.option(
            "--deps",
            type=click.Choice(["metadata", "conda"]),
            help="Whose dependencies the wheel has: the project's own metadata's, or the conda package's.  "
            "[default: metadata]",
        ),
    ):
        command = option(command)
    return command


def permitting_options(command: Command) -> Command:
    """Add what decides which packages are refused."""
    for option in (
        click.option(
            "--strict-drift",
            is_flag=True,
            help="Refuse packages whose metadata and conda's record name different dependencies.",
        ),
        click.option(
            "--allow-gated",
            is_flag=True,
            help="Take packages that conda installs on one kind of system only, such as those that need __unix.",
        ),
        click.option(
            "--allow-metapackage", is_flag=True, help="Take packages without files, which only need others."
        ),
        click.option(
            "--drop-scripts",
            is_flag=True,
            help="Leave out scripts that run when a package is installed, which pip never runs.",
        ),
    ):
        command = option(command)
    return command


def wheel_options_of(arguments: WheelArguments) -> "WheelOptions":
    """Merge the configuration with the command line of `wheel`.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
    """
    from dataclasses import replace  # noqa: PLC0415 - --help needs none of it

    from platformdirs import user_config_path  # noqa: PLC0415

    from conda_bridge.config import Layer, WheelLayer, load_wheel_options  # noqa: PLC0415

    said = WheelLayer(
        output_dir=arguments["output"],
        index_dir=arguments["index"],
        dependencies=arguments["deps"],
        deflate=arguments["deflate"],
    )
    options = load_wheel_options(
        Layer(wheel=said, distributor=arguments["distributor"], offline=arguments["offline"], output_dir="."),
        config_file=arguments["config"],
        environment=os.environ,
        working_dir=Path.cwd(),
        user_dir=user_config_path("conda-bridge", appauthor=False),
    )
    setting = replace(
        options.setting,
        has_build_tag=arguments["build_tag"],
        is_for_python2=arguments["py2"],
        drops_scripts=arguments["drop_scripts"],
        allows_metapackage=arguments["allow_metapackage"],
        allows_gated=arguments["allow_gated"],
        is_strict=arguments["strict_drift"],
    )
    return replace(options, setting=setting, channels=arguments["channel"])


def conda_options_of(arguments: CondaArguments) -> "CondaOptions":
    """Merge the configuration with the command line of `conda`.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
        UsageError: `usage` for two levels.
    """
    from platformdirs import user_config_path  # noqa: PLC0415 - --help needs none of it

    from conda_bridge.config import Layer, load_options  # noqa: PLC0415
    from conda_bridge.config.values import epoch_of  # noqa: PLC0415
    from conda_bridge.workflows.conda import DEFAULT_LEVEL, FAST_LEVEL, CondaOptions  # noqa: PLC0415

    if arguments["fast"] and arguments["level"]:
        raise UsageError("usage", "--fast and --level exclude each other")
    recipe = load_options(
        Layer(index_urls=arguments["index_url"] or None, offline=arguments["offline"], output_dir="."),
        config_file=arguments["config"],
        environment=os.environ,
        working_dir=Path.cwd(),
        user_dir=user_config_path("conda-bridge", appauthor=False),
    )
    return CondaOptions(
        recipe=recipe,
        output_dir=arguments["output"] or ".",
        level=arguments["level"] or (FAST_LEVEL if arguments["fast"] else DEFAULT_LEVEL),
        is_widened=arguments["widen"],
        is_channel=arguments["as_channel"],
        source_date_epoch=epoch_of(os.environ),
    )
