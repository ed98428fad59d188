"""`conda-bridge distributor`: who provides packages and toolchains, and what with."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import click
from click.shell_completion import CompletionItem

from conda_bridge.cli.console import Console, Tone, printable, table_lines
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    CommonArguments,
    ConfigArguments,
    ConfiguredArguments,
    common_options,
    complete_distributor,
    complete_path,
    config_option,
    console_of,
    host_python_option,
    offline_option,
    recipe_options_of,
)
from conda_bridge.errors import UsageError

if TYPE_CHECKING:
    from conda_bridge.model.options import BuildOptions
    from conda_bridge.workflows.distributors import DistributorRow, MadeChannel, Refreshed

__all__ = ["distributor"]

Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_FINDINGS = 1
_SUBDIRS = ("linux-64", "linux-aarch64", "linux-ppc64le", "osx-64", "osx-arm64", "win-64", "win-arm64")
_TONES: dict[str, Tone] = {"answers": "good", "unreachable": "warning"}


class NetworkArguments(ConfigArguments):
    """What the subcommands take that may use the network."""

    index_url: tuple[str, ...]
    offline: bool | None


class ListArguments(NetworkArguments):
    """The command line of `distributor list`."""

    ask: bool


class ShowArguments(NetworkArguments):
    """The command line of `distributor show`."""

    name: str
    platform: str | None
    variants: str | None
    migration: tuple[str, ...]
    python: str | None
    all_keys: bool


class MakeArguments(NetworkArguments):
    """The command line of `distributor make`."""

    name: str
    python: str | None
    all_backends: bool


class RefreshArguments(NetworkArguments):
    """The command line of `distributor refresh`."""

    name: str
    python: str | None


class CleanArguments(CommonArguments):
    """The command line of `distributor clean`."""

    is_all: bool
    dry_run: bool


def complete_platform(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the usual platforms."""
    return [CompletionItem(name) for name in _SUBDIRS if name.startswith(incomplete)]


def _network_options(command: Command) -> Command:
    for option in (
        common_options,
        config_option,
        offline_option,
        click.option(
            "--index-url",
            metavar="URL",
            multiple=True,
            help="A simple index to ask for wheels instead of PyPI; may be repeated.",
        ),
    ):
        command = option(command)
    return command


_NAME = click.argument("name", metavar="NAME", shell_complete=complete_distributor)


@click.group(no_args_is_help=False)
def distributor() -> None:
    """Show and make what recipes are built against.

    A distributor has channels, conventions for recipes, and variants: pythons, compilers, the C library. It is chosen
    with --distributor: a name of the list, a channel's URL or folder, or `host`, which is this machine.
    """


@distributor.command(
    "list",
    epilog="""
    \b
    Examples:
      conda-bridge distributor list         those that ship, those of [distributors.NAME], and what builds keep here
      conda-bridge distributor list --ask   and whether their channels answer
    """,
)
@click.option("--ask", is_flag=True, help="See whether the first channel of each answers.")
@_network_options
def list_(**arguments: Unpack[ListArguments]) -> int:
    """List the distributors that have a name, with their channels, and what is kept of `host` with size and age."""
    from conda_bridge.cli.kept_text import print_kept  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.workflows.distributors import list_distributors  # noqa: PLC0415
    from conda_bridge.workflows.kept_folders import kept_folders  # noqa: PLC0415

    console = console_of(arguments)
    recipe = _options(arguments).recipe
    rows = tuple(list_distributors(recipe, is_asking=arguments["ask"]))
    kept = tuple(kept_folders(recipe.network))
    if arguments["as_json"]:
        from conda_bridge.cli.answers import DistributorListAnswer  # noqa: PLC0415

        write_answer(DistributorListAnswer(results=rows, kept=kept))
        return 0
    lines = table_lines([_cells(row) for row in rows], width=console.width)
    for row, line in zip(rows, lines, strict=True):
        console.result(line, _TONES.get(row.status, "plain"))
    print_kept(console, kept)
    return 0


@distributor.command(
    "show",
    epilog="""
    \b
    Examples:
      conda-bridge distributor show conda-forge --platform win-64
      conda-bridge distributor show conda-forge --variants conda_build_config.yaml --all
      conda-bridge distributor show host       what this machine gives
      conda-bridge distributor show ./channel  a channel of your own
    """,
)
@_NAME
@click.option(
    "--platform",
    metavar="SUBDIR",
    shell_complete=complete_platform,
    help="Show the variants of this platform.  [default: this machine's]",
)
@click.option(
    "--variants",
    metavar="FILE",
    shell_complete=complete_path,
    help="Show the variants of a pinning file, with those migrations beside it that are for all packages.",
)
@click.option(
    "--migration",
    metavar="FILE",
    multiple=True,
    shell_complete=complete_path,
    help="Apply this migration to the pinning file, too; may be repeated.",
)
@host_python_option
@click.option(
    "--all", "all_keys", is_flag=True, help="Show all keys of the variants, not only the usual ones."
)
@_network_options
def show(**arguments: Unpack[ShowArguments]) -> int:
    """Show what a distributor decides, and its variants on one platform; the network isn't used."""
    from conda_bridge.cli.distributor_text import print_details  # noqa: PLC0415
    from conda_bridge.workflows.distributor_details import show_distributor  # noqa: PLC0415

    console = console_of(arguments)
    details = show_distributor(
        arguments["name"],
        _options(arguments, variants=arguments["variants"], python=arguments["python"]),
        subdir=arguments["platform"] or "",
        migrations=arguments["migration"],
    )
    if arguments["as_json"]:
        from conda_bridge.cli.answers import DistributorShowAnswer  # noqa: PLC0415

        write_answer(DistributorShowAnswer(results=(details,), diagnostics=details.diagnostics))
        return 0
    print_details(console, details, is_all=arguments["all_keys"])
    console.findings(details.diagnostics)
    return 0


def _complete_host(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [CompletionItem("host")] if "host".startswith(incomplete) else []


@distributor.command(
    "make",
    epilog="""
    \b
    Examples:
      conda-bridge distributor make host              the interpreter, compilers, programs, pip
      conda-bridge distributor make host --all        and the usual build backends
      conda-bridge distributor make host --python /usr/bin/python3
    """,
)
@click.argument("name", metavar="host", shell_complete=_complete_host)
@host_python_option
@click.option("--all", "all_backends", is_flag=True, help="Make packages of the usual build backends, too.")
@_network_options
def make(**arguments: Unpack[MakeArguments]) -> int:
    """Make the channel of this machine's packages. Builds do so by themselves; this does it beforehand.

    Exit status 1 means that something can't be made.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415
    from conda_bridge.workflows.distributors import make_host  # noqa: PLC0415

    console = console_of(arguments)
    options = _options(arguments, python=arguments["python"])
    _refuse_channels(arguments["name"], options)
    with progress(console, shows_steps=True) as reporter:
        made = make_host(options, is_all=arguments["all_backends"], reporter=reporter)
    if arguments["as_json"]:
        from conda_bridge.cli.answers import DistributorMakeAnswer  # noqa: PLC0415

        write_answer(DistributorMakeAnswer(results=(made,), diagnostics=made.diagnostics))
    else:
        _print_made(console, made)
    return EXIT_FINDINGS if made.missing else 0


@distributor.command(
    "refresh",
    epilog="""
    \b
    Examples:
      conda-bridge distributor refresh conda-forge   its newest pinning, which builds then use
      conda-bridge distributor refresh host          let the next builds choose the newest wheels
    """,
)
@_NAME
@host_python_option
@_network_options
def refresh(**arguments: Unpack[RefreshArguments]) -> int:
    """Get a distributor's newest pinning from its channel; for `host`, forget which versions were chosen."""
    from conda_bridge.cli.progress import progress  # noqa: PLC0415
    from conda_bridge.workflows.distributors import refresh_distributor  # noqa: PLC0415

    console = console_of(arguments)
    options = _options(arguments, python=arguments["python"])
    with progress(console) as reporter:
        refreshed = refresh_distributor(arguments["name"], options, reporter=reporter)
    if arguments["as_json"]:
        from conda_bridge.cli.answers import DistributorRefreshAnswer  # noqa: PLC0415

        write_answer(DistributorRefreshAnswer(results=(refreshed,)))
    else:
        _print_refreshed(console, refreshed)
    return 0


@distributor.command(
    "clean",
    epilog="""
    \b
    Examples:
      conda-bridge distributor clean --dry-run   what would be removed, with its size
      conda-bridge distributor clean             what is of an older format, unused for 30 days or left over
      conda-bridge distributor clean --all       everything; the next builds make what they need
    """,
)
@click.option("--all", "is_all", is_flag=True, help="Remove everything that builds keep, whatever its age.")
@click.option("--dry-run", is_flag=True, help="Show what would be removed.")
@common_options
def clean(**arguments: Unpack[CleanArguments]) -> int:
    """Remove what builds keep on this machine and nobody needs: channels of `host`, unpacked packages.

    Nothing is removed while a build is running. What was fetched from indexes stays; so do output channels.

    Exit status 1 means that something could not be removed.
    """
    from conda_bridge.cli.kept_text import print_cleaned  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.workflows.kept_folders import clean_kept  # noqa: PLC0415

    console = console_of(arguments)
    kept = clean_kept(is_all=arguments["is_all"], is_dry_run=arguments["dry_run"])
    if arguments["as_json"]:
        from conda_bridge.cli.answers import DistributorCleanAnswer  # noqa: PLC0415

        write_answer(DistributorCleanAnswer(results=kept))
    else:
        print_cleaned(console, kept, is_dry_run=arguments["dry_run"])
    return EXIT_FINDINGS if any(not one.is_removed and one.state != "kept" for one in kept) else 0


def _options(
    arguments: NetworkArguments, *, variants: str | None = None, python: str | None = None
) -> "BuildOptions":
    from conda_bridge.model.options import BuildOptions  # noqa: PLC0415

    configured: ConfiguredArguments = {
        "as_json": arguments["as_json"],
        "verbose": arguments["verbose"],
        "quiet": arguments["quiet"],
        "color": arguments["color"],
        "config": arguments["config"],
        "index_url": arguments["index_url"],
        "offline": arguments["offline"],
        "distributor": None,
        "external_mapping": (),
    }
    recipe = recipe_options_of(configured)
    return BuildOptions(recipe=recipe, variants_file=variants or "", host_python=python or "")


def _refuse_channels(name: str, options: "BuildOptions") -> None:
    """Refuse what is no machine.

    Raises:
        UsageError: `usage`, `unknown-distributor`.
    """
    from conda_bridge.translate.distributors import distributor_policy  # noqa: PLC0415

    if name != "host":
        known = distributor_policy(name, options.recipe.distributors)
        raise UsageError(
            "usage",
            f"only host is made; {known.name} is a channel, whose packages builds fetch",
            hint="conda-bridge distributor make host, or build with --distributor NAME, which needs nothing made",
        )


def _cells(row: "DistributorRow") -> tuple[str, ...]:
    name = f"{row.name} (yours)" if row.origin == "own" else row.name
    channels = ", ".join(map(printable, row.channels)) or "this machine"
    pythons = f"python {row.pythons[0]} to {row.pythons[-1]}" if row.channels else "its python"
    remarks = [f"pinning {row.pinning}"] if row.pinning else []
    remarks += [f"like {row.conventions}"] if row.conventions != row.name else []
    remarks += [f"{row.status} ({row.detail})" if row.detail else row.status] if row.status else []
    return name, channels, pythons, printable("; ".join(remarks))


def _print_made(console: Console, made: "MadeChannel") -> None:
    from conda_bridge.model.counts import counted  # noqa: PLC0415 - --help needs none of it

    size = f"{made.size_bytes / 1e6:.1f} MB"
    console.result(f"{printable(made.channel_dir)}   {counted(made.packages, 'package')}, {size}", "strong")
    for lack in made.missing:
        detail = f": {lack.detail}" if lack.detail else ""
        console.result(printable(f"  missing  {lack.spec}, wanted by {lack.wanted_by}{detail}"), "warning")
    console.findings(made.diagnostics)


def _print_refreshed(console: Console, refreshed: "Refreshed") -> None:
    if not refreshed.version:
        console.result(f"{refreshed.name}: the next builds choose the newest versions again")
        return
    text = f"{refreshed.name}: pinning {refreshed.version} of {refreshed.channel}"
    console.result(f"{printable(text)}   {printable(refreshed.path)}")
