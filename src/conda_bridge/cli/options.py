"""The options that commands share, and what they amount to: a `Console` and a `RecipeOptions`."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

import click
from click.shell_completion import CompletionItem

from conda_bridge.cli.console import ColorChoice, Console

if TYPE_CHECKING:
    from conda_bridge.config import Layer
    from conda_bridge.model.options import BuildOptions, RecipeFormat, RecipeOptions

__all__ = [
    "BuildChoices",
    "CommonArguments",
    "ConfigArguments",
    "ConfiguredArguments",
    "OwnChoices",
    "backend_option",
    "build_options_of",
    "common_options",
    "complete_distributor",
    "complete_path",
    "conda_build_option",
    "config_option",
    "configuration_of",
    "configured_options",
    "console_of",
    "host_python_option",
    "jobs_option",
    "license_option",
    "maintainer_option",
    "mapping_option",
    "member_option",
    "offline_option",
    "recipe_options_of",
    "wheels_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])


class CommonArguments(TypedDict):
    """What every command takes."""

    as_json: bool
    verbose: bool
    quiet: bool
    color: ColorChoice


class ConfigArguments(CommonArguments):
    """What commands take that read the configuration."""

    config: str | None


class ConfiguredArguments(ConfigArguments):
    """What commands take that read sources."""

    index_url: tuple[str, ...]
    offline: bool | None
    distributor: str | None
    external_mapping: tuple[str, ...]


class OwnChoices(TypedDict, total=False):
    """Options that one command adds to the configured ones; None or absent means not given."""

    output_dir: str | None
    report_dir: str | None
    formats: "tuple[RecipeFormat, ...] | None"
    maintainers: tuple[str, ...] | None
    template_dir: str | None
    members: tuple[str, ...] | None
    jobs: int | None
    run_backend: bool | None
    fetch_license: bool | None
    inspect_wheels: bool | None


class BuildChoices(TypedDict):
    """What only the command line says of builds."""

    engine: str
    conda_build: str
    variants_file: str
    chosen_variants: tuple[tuple[str, str], ...]
    host_python: str
    max_wheel_bytes: int
    is_with_missing: bool
    has_tests: bool
    timeout_s: float
    install_prefix: str
    keeps_work: bool


def common_options(command: Command) -> Command:
    """Add `--json`, `-v`, `-q` and `--color`."""
    for option in (
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            show_default=True,
            help="Colours in the output; auto means on a terminal, unless NO_COLOR is set.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors."),
        click.option(
            "-v", "--verbose", is_flag=True, help="Say more: hints, conventions, steps; tracebacks of bugs."
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            help="One JSON document on stdout, also when the command fails.",
        ),
    ):
        command = option(command)
    return command


def config_option(command: Command) -> Command:
    """Add `--config`."""
    option = click.option(
        "--config",
        metavar="FILE",
        shell_complete=complete_path,
        help="Read this instead of the project's conda-bridge.toml or [tool.conda-bridge].",
    )
    return option(command)


def offline_option(command: Command) -> Command:
    """Add `--offline`."""
    option = click.option(
        "--offline",
        is_flag=True,
        default=None,
        help="Never touch the network: only the disk and the cache.",
    )
    return option(command)


def configured_options(command: Command) -> Command:
    """Add `--index-url`, `--offline`, `--distributor`, `--external-mapping` and `--config`."""
    command = mapping_option(config_option(command))
    for option in (
        click.option(
            "--distributor",
            metavar="NAME",
            shell_complete=complete_distributor,
            help="Whose conventions recipes follow, and whose packages builds use: a name, or a channel's URL or "
            "folder.  [default: conda-forge]",
        ),
        offline_option,
        click.option(
            "--index-url",
            metavar="URL",
            multiple=True,
            help="A simple index to ask instead of PyPI; may be repeated: the first that has a project wins.",
        ),
    ):
        command = option(command)
    return command


def mapping_option(command: Command) -> Command:
    """Add `--external-mapping`."""
    option = click.option(
        "--external-mapping",
        metavar="FILE",
        multiple=True,
        shell_complete=complete_path,
        help="A PEP 804 document whose rows win over those that ship; may be repeated.",
    )
    return option(command)


def backend_option(command: Command) -> Command:
    """Add `--run-backend`."""
    option = click.option(
        "--run-backend",
        is_flag=True,
        default=None,
        help="Also run each source's build backend, in a sandbox, to learn what no file says.",
    )
    return option(command)


def wheels_option(command: Command) -> Command:
    """Add `--inspect-wheels`."""
    option = click.option(
        "--inspect-wheels",
        is_flag=True,
        default=None,
        help="Also look into the version's wheel for Linux: the libraries that it links are evidence, too.",
    )
    return option(command)


def member_option(command: Command) -> Command:
    """Add `--member`."""
    option = click.option(
        "--member",
        metavar="NAME",
        multiple=True,
        help="Take this one only of a directory or repository with several projects: its name or folder; may be repeated.",
    )
    return option(command)


def maintainer_option(command: Command) -> Command:
    """Add `--maintainer`."""
    option = click.option(
        "--maintainer",
        metavar="NAME",
        multiple=True,
        help="A GitHub name for the recipe-maintainers of recipes that are written; may be repeated.",
    )
    return option(command)


def license_option(command: Command) -> Command:
    """Add `--fetch-license`."""
    option = click.option(
        "--fetch-license",
        is_flag=True,
        default=None,
        help="Fetch the licence file that a source lacks from the project's repository, and write it beside the recipe.",
    )
    return option(command)


def jobs_option(text: str, *, default: int) -> Callable[[Command], Command]:
    """Return what adds `--jobs`; `text` says what is done side by side."""
    return click.option(
        "-j", "--jobs", metavar="N", type=click.IntRange(1, 64), help=f"{text}  [default: {default}]"
    )


def conda_build_option(command: Command) -> Command:
    """Add `--conda-build`."""
    option = click.option(
        "--conda-build",
        metavar="PATH",
        shell_complete=complete_path,
        help="The conda-build to use for meta.yaml.  [default: the one on the PATH]",
    )
    return option(command)


def host_python_option(command: Command) -> Command:
    """Add `--python`."""
    option = click.option(
        "--python",
        metavar="PATH",
        shell_complete=complete_path,
        help="The interpreter that --distributor host turns into its python package.  [default: the one that runs conda-bridge]",
    )
    return option(command)


def console_of(arguments: CommonArguments) -> Console:
    """Return the console that the user asked for; under `--json` people are told errors only."""
    color = arguments["color"]
    if color == "auto" and os.environ.get("NO_COLOR"):
        color = "never"
    quiet = arguments["quiet"] or arguments["as_json"]
    return Console(color=color, is_quiet=quiet, is_verbose=arguments["verbose"] and not quiet)


def recipe_options_of(arguments: ConfiguredArguments, **own: Unpack[OwnChoices]) -> "RecipeOptions":
    """Merge the configuration with the command line; `own` is what only one command takes.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
    """
    from conda_bridge.config import Layer  # noqa: PLC0415 - --help needs none of it

    layer = Layer(
        index_urls=arguments["index_url"] or None,
        offline=arguments["offline"],
        distributor=arguments["distributor"],
        external_mappings=arguments["external_mapping"] or None,
        **own,
    )
    return _merged(layer, arguments["config"])


def configuration_of(
    arguments: ConfigArguments, *, external_mappings: tuple[str, ...] = ()
) -> "RecipeOptions":
    """Return what is configured, for commands that read no sources.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
    """
    from conda_bridge.config import Layer  # noqa: PLC0415

    return _merged(Layer(external_mappings=external_mappings or None), arguments["config"])


def build_options_of(
    arguments: ConfiguredArguments,
    *,
    recipe: OwnChoices,
    channel_dir: str | None,
    jobs: int | None,
    chosen: BuildChoices,
) -> "BuildOptions":
    """Merge the configuration with the command line of `build`.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
    """
    from platformdirs import user_config_path  # noqa: PLC0415

    from conda_bridge.config import Layer, load_build_options  # noqa: PLC0415 - --help needs none of it

    layer = Layer(
        index_urls=arguments["index_url"] or None,
        offline=arguments["offline"],
        distributor=arguments["distributor"],
        external_mappings=arguments["external_mapping"] or None,
        channel_dir=channel_dir,
        build_jobs=jobs,
        **recipe,
    )
    options = load_build_options(
        layer,
        config_file=arguments["config"],
        environment=os.environ,
        working_dir=Path.cwd(),
        user_dir=user_config_path("conda-bridge", appauthor=False),
    )
    return replace(options, **chosen)


def _merged(command_line: "Layer", config_file: str | None) -> "RecipeOptions":
    from platformdirs import user_config_path  # noqa: PLC0415

    from conda_bridge.config import load_options  # noqa: PLC0415

    return load_options(
        command_line,
        config_file=config_file,
        environment=os.environ,
        working_dir=Path.cwd(),
        user_dir=user_config_path("conda-bridge", appauthor=False),
    )


def complete_path(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete file names."""
    return [CompletionItem(incomplete, type="file")]


def complete_distributor(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of the known distributors."""
    from conda_bridge.translate.distributors import distributor_names  # noqa: PLC0415

    return [CompletionItem(name) for name in distributor_names() if name.startswith(incomplete)]
