"""`conda-bridge verify`: proves that what goes through conda comes back as what the project's own build makes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfiguredArguments,
    backend_option,
    build_options_of,
    common_options,
    complete_path,
    configured_options,
    console_of,
    host_python_option,
    member_option,
)

if TYPE_CHECKING:
    from conda_bridge.cli.console import Console
    from conda_bridge.cli.progress import TerminalReporter
    from conda_bridge.cli.verify_answers import VerifyAnswer
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.workflows.verify import VerifyOptions, VerifyResult

__all__ = ["exit_status", "verify"]

EXIT_DIFFERENT = 1


class VerifyArguments(ConfiguredArguments):
    """The command line of `verify`."""

    sources: tuple[str, ...]
    no_published: bool
    keep: str | None
    python: str | None
    member: tuple[str, ...]
    run_backend: bool | None
    timeout: float | None


@click.command(
    short_help="Prove the round trip: sdist, conda package, wheel.",
    epilog="""
    \b
    Examples:
      conda-bridge verify click --distributor host        on a machine that reaches no channel
      conda-bridge verify ./mypackage                      before a recipe is handed in
      conda-bridge verify click==8.1.7 --keep proof        with the package and the wheels to look at
      conda-bridge verify click rich --json > proof.json   every file and every field
      conda-bridge verify click --no-published             with the project's own build only

    Exit status: 0 everything is equal or explained; 1 something differs; else that of the one kind of failure, 10 for
    several kinds, whatever else differs.
    """,
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, shell_complete=complete_path)
@click.option("--no-published", is_flag=True, help="Don't compare with the published wheel.")
@click.option(
    "--keep",
    metavar="DIR",
    shell_complete=complete_path,
    help="Keep the conda package and all wheels, in DIR/NAME-VERSION.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    help="End a build of a conda package that takes longer.  [default: 7200]",
)
@host_python_option
@member_option
@backend_option
@configured_options
@common_options
def verify(**arguments: Unpack[VerifyArguments]) -> int:
    """Prove for each SOURCE that its wheel comes back from conda.

    SOURCE is what `recipe` takes. It is converted, built into a conda package, and that is turned into a wheel. The
    wheel is compared, file by file and field by field of its metadata, with the one that the project's own backend
    makes of the same source in a sandbox, and with the published wheel of the version where there is one for any
    python 3 and any system.

    What differs is explained where there is evidence that it must: a licence that another version of the backend puts
    elsewhere, a file that no sdist has. What no rule explains is different.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it

    console = console_of(arguments)
    options = _options(arguments)
    results: list[VerifyResult] = []
    with progress(console, shows_steps=True) as reporter:
        _verify(console, arguments, options, reporter, results)
    noticed = reporter.noticed_beside(d for result in results for d in result.diagnostics)
    if arguments["as_json"]:
        write_answer(_answer(results, noticed))
    else:
        console.findings(noticed)
        if len(results) > 1:
            from conda_bridge.cli.verify_summary import count_text  # noqa: PLC0415

            console.note(count_text(results), "strong")
    return exit_status(results)


def _verify(
    console: "Console",
    arguments: VerifyArguments,
    options: "VerifyOptions",
    reporter: "TerminalReporter",
    results: "list[VerifyResult]",
) -> None:
    from conda_bridge.cli.verify_summary import print_verdict  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415
    from conda_bridge.workflows.verify import verifications  # noqa: PLC0415

    sources = tuple(dict.fromkeys(arguments["sources"]))
    try:
        for result in verifications(sources, options=options, reporter=reporter):
            results.append(result)
            if arguments["as_json"] and result.error is None:
                continue
            with reporter.paused():
                print_verdict(console, result)
    except KeyboardInterrupt as interruption:
        left = ", ".join(without_credentials(source) for source in sources[len(results) :])
        interruption.add_note(f"not done: {left}")
        interruption.args = (_answer(results, ()),)
        raise


def _options(arguments: VerifyArguments) -> "VerifyOptions":
    from conda_bridge.workflows.verify import VerifyOptions  # noqa: PLC0415

    build = build_options_of(
        arguments,
        recipe={
            "output_dir": ".",
            "members": arguments["member"] or None,
            "run_backend": arguments["run_backend"],
        },
        # It is built into a folder that is gone afterwards.
        channel_dir=".",
        jobs=1,
        chosen={
            "engine": "",
            "conda_build": "",
            "variants_file": "",
            "chosen_variants": (),
            "host_python": arguments["python"] or "",
            "max_wheel_bytes": 200_000_000,
            "is_with_missing": True,
            "has_tests": False,
            "timeout_s": arguments["timeout"] or 7200.0,
            "install_prefix": "",
            "keeps_work": False,
        },
    )
    return VerifyOptions(
        build=build, compares_published=not arguments["no_published"], keep_dir=arguments["keep"] or ""
    )


def _answer(results: "Sequence[VerifyResult]", noticed: "Sequence[Diagnostic]") -> "VerifyAnswer":
    from conda_bridge.cli.answers import failure_of  # noqa: PLC0415
    from conda_bridge.cli.verify_answers import VerifyAnswer, verify_row_of  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    return VerifyAnswer(
        results=tuple(verify_row_of(result) for result in results if result.error is None),
        diagnostics=tuple(noticed),
        errors=tuple(
            failure_of(
                result.error, source=without_credentials(result.subject), detail="\n".join(result.log_lines)
            )
            for result in results
            if result.error is not None
        ),
    )


def exit_status(results: "Sequence[VerifyResult]") -> int:
    """Return what the process ends with: that of the failures, else 1 where something differs."""
    from conda_bridge.cli.repack_summary import exit_status as status_of  # noqa: PLC0415

    if failed := status_of(result.error for result in results if result.error is not None):
        return failed
    return EXIT_DIFFERENT if any(result.verdict == "different" for result in results) else 0
