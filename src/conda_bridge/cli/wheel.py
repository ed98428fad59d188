"""`conda-bridge wheel`: noarch conda packages become wheels, or are refused with a reason."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import common_options, complete_path, config_option, console_of, offline_option
from conda_bridge.cli.options_repack import (
    WheelArguments,
    channel_option,
    dry_run_option,
    making_options,
    output_option,
    permitting_options,
    wheel_options_of,
)
from conda_bridge.errors import UsageError

if TYPE_CHECKING:
    from conda_bridge.cli.console import Console
    from conda_bridge.cli.progress import TerminalReporter
    from conda_bridge.cli.repack_answers import WheelAnswer
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.model.options import WheelOptions
    from conda_bridge.workflows.wheel import WheelResult

__all__ = ["wheel"]


@click.command(
    short_help="Turn noarch conda packages into wheels.",
    epilog="""
    \b
    Examples:
      conda-bridge wheel idna-3.4-pyhd8ed1ab_0.conda          a wheel beside you
      conda-bridge wheel pkgs/*.conda -o wheels               many; those that can't be are refused, one by one
      conda-bridge wheel idna=3.4 --channel ./channel         out of a channel
      conda-bridge wheel pkgs/*.conda --index simple          a package index of files for pip install --index-url
      conda-bridge wheel pkgs/*.conda --dry-run --json        what would be made and refused, and why
      conda-bridge explain E801                               what a code means

    Exit status: 0 all became wheels; else that of the one kind of failure, 9 for refusals, 10 for several kinds.
    """,
)
@click.argument("packages", metavar="PACKAGE...", nargs=-1, required=True, shell_complete=complete_path)
@output_option
@click.option(
    "--index",
    metavar="DIR",
    shell_complete=complete_path,
    help="Add the wheels to this static package index; created if it isn't there. Without -o they are nowhere else.",
)
@making_options
@permitting_options
@channel_option
@offline_option
@dry_run_option
@config_option
@common_options
def wheel(**arguments: Unpack[WheelArguments]) -> int:
    """Turn each noarch: python PACKAGE into a wheel for any python 3 and any system.

    PACKAGE is a .conda or .tar.bz2 file, its https URL, or the name of a package in a channel: NAME is the newest
    one, NAME=VERSION and NAME=VERSION=BUILD name others.

    The project's files and its own metadata stay as they are, byte for byte. What would break where the wheel is
    installed is refused, with the reason: nothing makes packages for one platform or compiled files pass; what
    the options below let pass, they say.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it

    console = console_of(arguments)
    options = wheel_options_of(arguments)
    results: list[WheelResult] = []
    with progress(console, shows_steps=True) as reporter:
        _convert(console, arguments, options, reporter, results)
    noticed = reporter.noticed_beside(d for result in results for d in result.diagnostics)
    _finish(console, arguments, options, results, noticed)
    from conda_bridge.cli.repack_summary import exit_status  # noqa: PLC0415

    return exit_status(result.error for result in results if result.error is not None)


def _convert(
    console: "Console",
    arguments: WheelArguments,
    options: "WheelOptions",
    reporter: "TerminalReporter",
    results: "list[WheelResult]",
) -> None:
    from conda_bridge.cli.repack_summary import is_told, print_failure, print_wheel  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415
    from conda_bridge.workflows.wheel import WheelResult, wheels  # noqa: PLC0415

    packages = tuple(dict.fromkeys(arguments["packages"]))
    is_dry_run = arguments["dry_run"]
    try:
        for result in wheels(packages, options=options, reporter=reporter, is_dry_run=is_dry_run):
            results.append(result)
            with reporter.paused():
                if result.error is not None:
                    print_failure(console, result, result.package, [one.error for one in results[:-1]])
                elif not arguments["as_json"] and not is_told(result, results[:-1]):
                    print_wheel(console, result, is_dry_run=is_dry_run)
    except KeyboardInterrupt as interruption:
        made = [result.package for result in results if result.made is not None]
        if made and not is_dry_run:
            interruption.add_note(f"converted: {', '.join(dict.fromkeys(made))}")
        interruption.args = (_answer(arguments, results, (), _index_url(options)),)
        raise
    except UsageError as error:
        # What is wrong with the command is known before the first result; later a disk is full.
        if not results:
            raise
        done = {result.source for result in results}
        left = [WheelResult(source=package, error=error) for package in packages if package not in done]
        if not left:
            raise
        print_failure(console, left[0], "", [one.error for one in results])
        if len(left) > 1:
            console.note(f"not tried: {', '.join(without_credentials(one.source) for one in left[1:])}")
        results.extend(left)


def _finish(
    console: "Console",
    arguments: WheelArguments,
    options: "WheelOptions",
    results: "Sequence[WheelResult]",
    noticed: "Sequence[Diagnostic]",
) -> None:
    from conda_bridge.cli.repack_summary import count_text, grouped  # noqa: PLC0415

    index_url = _index_url(options)
    if arguments["as_json"]:
        write_answer(_answer(arguments, results, noticed, index_url))
        return
    # What is noticed of several builds of one release is said once.
    found: dict[str, dict[Diagnostic, None]] = {}
    for result in results:
        if result.made is not None:
            release = f"{result.made.pypi_name} {result.made.version}"
            found.setdefault(release, {}).update(dict.fromkeys(result.diagnostics))
    told_each = [(release, tuple(rows)) for release, rows in found.items()]
    console.findings((*grouped(told_each, is_verbose=console.is_verbose), *noticed))
    is_any = any(result.made is not None for result in results)
    if index_url and is_any and not arguments["dry_run"]:
        # Of two indexes with one version pip takes the one that is named last.
        console.note(f"install with: pip install --extra-index-url {index_url} NAME")
    if len(results) > 1:
        told = count_text(results, thing="package", is_dry_run=arguments["dry_run"])
        console.note(told, "strong")


def _index_url(options: "WheelOptions") -> str:
    from conda_bridge.workflows.wheel_index import WheelIndex  # noqa: PLC0415

    return WheelIndex(options.index_dir).url if options.index_dir else ""


def _answer(
    arguments: WheelArguments,
    results: "Sequence[WheelResult]",
    noticed: "Sequence[Diagnostic]",
    index_url: str,
) -> "WheelAnswer":
    from conda_bridge.cli.answers import failure_of  # noqa: PLC0415
    from conda_bridge.cli.repack_answers import WheelAnswer, wheel_row_of  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    made = [result for result in results if result.made is not None]
    return WheelAnswer(
        results=tuple(wheel_row_of(result, is_dry_run=arguments["dry_run"]) for result in made),
        index_url=index_url,
        diagnostics=tuple(noticed),
        errors=tuple(
            failure_of(result.error, source=without_credentials(result.source))
            for result in results
            if result.error is not None
        ),
    )
