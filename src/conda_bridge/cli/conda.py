"""`conda-bridge conda`: pure wheels become noarch conda packages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import common_options, complete_path, config_option, console_of, offline_option
from conda_bridge.cli.options_repack import (
    CondaArguments,
    conda_options_of,
    dry_run_option,
    index_url_option,
    output_option,
)

if TYPE_CHECKING:
    from conda_bridge.cli.console import Console
    from conda_bridge.cli.repack_answers import CondaAnswer
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.workflows.conda import CondaOptions, CondaResult

__all__ = ["conda"]


@click.command(
    short_help="Turn pure wheels into noarch conda packages.",
    epilog="""
    \b
    Examples:
      conda-bridge conda idna-3.10-py3-none-any.whl      a package beside you
      conda-bridge conda idna==3.10 flask -o packages    wheels of releases on PyPI
      conda-bridge conda dist/*.whl -o channel --as-channel   made a channel
      conda-bridge conda dist/*.whl --fast               large ones 8 times faster, 6 to 20 % larger
      conda-bridge conda flask --widen                   one package, whatever the markers of its dependencies
      conda-bridge conda flask --dry-run                 what would be made, for which pythons

    Exit status: 0 all became packages; else that of the one kind of failure, 9 for refusals, 10 for several kinds.
    """,
)
@click.argument("wheels", metavar="WHEEL...", nargs=-1, required=True, shell_complete=complete_path)
@output_option
@click.option(
    "--as-channel",
    is_flag=True,
    help="Make the output folder a channel, or add to the one that is there: noarch/ and its index.",
)
@click.option("--fast", is_flag=True, help="Compress at level 9: --level 9.")
@click.option(
    "--level", metavar="N", type=click.IntRange(1, 22), help="Compress at this level of zstd.  [default: 19]"
)
@click.option(
    "--widen",
    is_flag=True,
    help="One package a wheel: a dependency that some system or python needs is one of all.",
)
@index_url_option
@offline_option
@dry_run_option
@config_option
@common_options
def conda(**arguments: Unpack[CondaArguments]) -> int:
    """Turn each WHEEL into noarch packages that conda installs as pip would install the wheel.

    WHEEL is a file, its https URL, or a requirement such as click==8.1.7, whose release has a pure wheel.

    Where dependencies hold on some systems or pythons only, there is a package for each case, all with the same
    files, and the solver takes the one that fits. Wheels with compiled files are refused.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.cli.repack_summary import exit_status, print_failure, print_packages  # noqa: PLC0415
    from conda_bridge.workflows.conda import conda as converted  # noqa: PLC0415

    console = console_of(arguments)
    options = conda_options_of(arguments)
    wheels = tuple(dict.fromkeys(arguments["wheels"]))
    is_dry_run = arguments["dry_run"]
    results: list[CondaResult] = []
    with progress(console, shows_steps=True) as reporter:
        try:
            for result in converted(wheels, options=options, reporter=reporter, is_dry_run=is_dry_run):
                results.append(result)
                with reporter.paused():
                    if result.error is not None:
                        print_failure(console, result, result.wheel, [one.error for one in results[:-1]])
                    elif not arguments["as_json"]:
                        print_packages(console, result, is_dry_run=is_dry_run)
        except KeyboardInterrupt as interruption:
            if (made := [result.wheel for result in results if result.packages]) and not is_dry_run:
                interruption.add_note(f"converted: {', '.join(dict.fromkeys(made))}")
            interruption.args = (_answer(results, (), is_dry_run=is_dry_run),)
            raise
    noticed = reporter.noticed_beside(d for result in results for d in result.diagnostics)
    _finish(console, arguments, results, noticed, channel_url=_channel_url(options))
    return exit_status(result.error for result in results if result.error is not None)


def _channel_url(options: "CondaOptions") -> str:
    from conda_bridge.distributors.local_channel import LocalChannel  # noqa: PLC0415

    return LocalChannel(options.output_dir).url if options.is_channel else ""


def _finish(
    console: "Console",
    arguments: CondaArguments,
    results: "Sequence[CondaResult]",
    noticed: "Sequence[Diagnostic]",
    *,
    channel_url: str,
) -> None:
    from conda_bridge.cli.repack_summary import count_text, grouped  # noqa: PLC0415

    if arguments["as_json"]:
        write_answer(_answer(results, noticed, is_dry_run=arguments["dry_run"]))
        return
    own = [result for result in results if not result.same_as]
    found = [(result.wheel, result.diagnostics) for result in own if result.error is None]
    console.findings((*grouped(found, is_verbose=console.is_verbose), *noticed))
    if channel_url and any(result.packages for result in own) and not arguments["dry_run"]:
        console.note(f"install with: conda install -c {channel_url} NAME")
    if len(own) > 1:
        told = count_text(own, thing="wheel", is_dry_run=arguments["dry_run"])
        console.note(told, "strong")


def _answer(
    results: "Sequence[CondaResult]", noticed: "Sequence[Diagnostic]", *, is_dry_run: bool
) -> "CondaAnswer":
    from conda_bridge.cli.answers import failure_of  # noqa: PLC0415
    from conda_bridge.cli.repack_answers import CondaAnswer, conda_row_of  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    return CondaAnswer(
        results=tuple(
            conda_row_of(result, is_dry_run=is_dry_run) for result in results if result.error is None
        ),
        diagnostics=tuple(noticed),
        errors=tuple(
            failure_of(result.error, source=without_credentials(result.source))
            for result in results
            if result.error is not None
        ),
    )
