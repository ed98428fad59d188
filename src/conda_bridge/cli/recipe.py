"""`conda-bridge recipe`: sources become recipes on disk."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.console import Console
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfiguredArguments,
    backend_option,
    common_options,
    complete_path,
    configured_options,
    console_of,
    jobs_option,
    license_option,
    maintainer_option,
    member_option,
    recipe_options_of,
    wheels_option,
)
from conda_bridge.errors import UsageError

if TYPE_CHECKING:
    from conda_bridge.cli.answers import RecipeAnswer
    from conda_bridge.model.conversion import Conversion
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.model.options import RecipeOptions
    from conda_bridge.protocols import Reporter
    from conda_bridge.workflows.recipe import RecipeResult

__all__ = ["recipe"]

EXIT_FINDINGS = 1


class RecipeArguments(ConfiguredArguments):
    """The command line of `recipe`."""

    sources: tuple[str, ...]
    output: str | None
    format: str | None
    maintainer: tuple[str, ...]
    report: str | None
    strict: bool
    save_facts: str | None
    template_dir: str | None
    member: tuple[str, ...]
    dry_run: bool
    jobs: int | None
    run_backend: bool | None
    fetch_license: bool | None
    inspect_wheels: bool | None


@click.command(
    epilog="""
    \b
    Examples:
      conda-bridge recipe click                       the newest release on PyPI
      conda-bridge recipe "click>=8,<9" -o recipes    the newest that matches, into recipes/click/
      conda-bridge recipe dist/mypackage-1.0.tar.gz   an sdist
      conda-bridge recipe . --dry-run                 a project directory; shows the recipe, writes nothing
      conda-bridge recipe click --format both         recipe.yaml, and meta.yaml in v0/click/
      conda-bridge recipe git+https://github.com/pallets/click@8.1.7
    """
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, shell_complete=complete_path)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="Write recipes to DIR/<conda name>/.  [default: the working directory]",
)
@click.option(
    "--format",
    type=click.Choice(["v1", "v0", "both"]),
    help="The recipe format: v1 is recipe.yaml, v0 is meta.yaml; with both, v0 goes to DIR/v0/.  [default: v1]",
)
@maintainer_option
@click.option(
    "--report", metavar="DIR", help="Write the reports (<conda name>.bridge.json) here.  [default: as -o]"
)
@click.option(
    "--strict", is_flag=True, help="Exit with 1 when there are warnings; the recipe is written anyway."
)
@click.option(
    "--save-facts",
    metavar="FILE",
    help="Also save what was read of the one SOURCE, as FILE (*.facts.json), which can be a SOURCE later on.",
)
@member_option
@click.option("--template-dir", metavar="DIR", help="Templates here win over the shipped ones.")
@license_option
@click.option("--dry-run", is_flag=True, help="Show the recipe files instead of writing them.")
@jobs_option("How many sources are converted at once.", default=4)
@wheels_option
@backend_option
@configured_options
@common_options
def recipe(**arguments: Unpack[RecipeArguments]) -> int:
    """Write a conda recipe for each SOURCE.

    SOURCE is a PyPI requirement, a path to an sdist or a project directory, an https URL of an sdist, or
    git+https://...@ref. Nothing of a source is executed, unless you say --run-backend.

    Beside each recipe's folder goes a report, which says for every line of the recipe why it is there; see
    `conda-bridge explain`.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.workflows.unused import project_decisions  # noqa: PLC0415 - likewise

    console = console_of(arguments)
    options = _options(arguments)
    results: list[RecipeResult] = []
    with progress(console) as reporter:
        for result in _results(arguments, options, reporter):
            with reporter.paused():
                _show(console, result, options, is_json=arguments["as_json"])
            results.append(result)
    unassigned = reporter.noticed_beside(d for result in results for d in result.diagnostics)
    unassigned = (*unassigned, *project_decisions(options), *_unused(results, options))
    console.findings(unassigned)
    if arguments["as_json"]:
        write_answer(_answer(results, unassigned, is_dry_run=arguments["dry_run"]))
    elif len(results) > 1:
        _show_count(console, results)
    return _exit_status(results, is_strict=arguments["strict"])


def _options(arguments: RecipeArguments) -> "RecipeOptions":
    from conda_bridge.model.options import FORMATS  # noqa: PLC0415

    if arguments["save_facts"] and (len(arguments["sources"]) > 1 or arguments["dry_run"]):
        raise UsageError("usage", "--save-facts takes exactly one SOURCE, and no --dry-run")
    return recipe_options_of(
        arguments,
        output_dir=arguments["output"],
        report_dir=arguments["report"],
        formats=None if arguments["format"] is None else FORMATS[arguments["format"]],
        maintainers=arguments["maintainer"] or None,
        template_dir=arguments["template_dir"],
        members=arguments["member"] or None,
        jobs=arguments["jobs"],
        run_backend=arguments["run_backend"],
        fetch_license=arguments["fetch_license"],
        inspect_wheels=arguments["inspect_wheels"],
    )


def _results(
    arguments: RecipeArguments, options: "RecipeOptions", reporter: "Reporter"
) -> "Iterator[RecipeResult]":
    from conda_bridge.workflows.convert import read_source  # noqa: PLC0415
    from conda_bridge.workflows.facts import save_facts  # noqa: PLC0415
    from conda_bridge.workflows.recipe import recipes  # noqa: PLC0415

    sources = tuple(dict.fromkeys(arguments["sources"]))
    facts_file = arguments["save_facts"]
    if not facts_file:
        yield from recipes(sources, options=options, reporter=reporter, is_dry_run=arguments["dry_run"])
        return
    # The facts are saved before inference, so that a failure of inference can be replayed.
    facts = read_source(sources[0], options=options, reporter=reporter)
    save_facts(facts, facts_file)
    # A backend that hasn't answered is asked again, which for files of this machine a facts file is no reason for.
    replayed = sources[0] if options.run_backend and facts.backend is None else facts_file
    for result in recipes((replayed,), options=options, reporter=reporter):
        yield replace(result, source=sources[0])


def _show(console: Console, result: "RecipeResult", options: "RecipeOptions", *, is_json: bool) -> None:
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    if result.error is not None or result.conversion is None:
        assert result.error is not None
        console.failure(result.error, source=without_credentials(result.source))
        return
    if not console.is_quiet:
        _show_details(console, result, result.conversion, options)
    elif not result.is_written and not is_json:
        for _, text in result.files:
            console.result(text.rstrip("\n"))


def _show_details(
    console: Console, result: "RecipeResult", conversion: "Conversion", options: "RecipeOptions"
) -> None:
    from conda_bridge.cli.summary import print_summary  # noqa: PLC0415

    print_summary(console, conversion)
    console.findings(result.diagnostics)
    for path, text in result.files:
        if result.is_written:
            # One report explains all files.
            reasons = f"   {_how_to_explain(console, result, options)}" if path == result.files[-1][0] else ""
            console.result(f"{console.styled('wrote', 'good')} {path}{reasons}")
        else:
            console.result(f"would write {path}:", "strong")
            console.result(text.rstrip("\n"))


def _how_to_explain(console: Console, result: "RecipeResult", options: "RecipeOptions") -> str:
    folder = Path(result.files[0][0]).parent
    subject = result.report if options.report_dir else str(folder)
    return console.styled(f"reasons: conda-bridge explain {shlex.quote(subject)}", "dim")


def _unused(results: "Sequence[RecipeResult]", options: "RecipeOptions") -> "tuple[Diagnostic, ...]":
    from conda_bridge.workflows.unused import mistyped_packages, unused_names  # noqa: PLC0415

    conversions = [result.conversion for result in results if result.conversion is not None]
    # What failed may have needed the rest.
    if len(conversions) < len(results):
        return ()
    return (*unused_names(conversions, options), *mistyped_packages(conversions, options))


def _show_count(console: Console, results: "Sequence[RecipeResult]") -> None:
    failed = sum(result.error is not None for result in results)
    done = len(results) - failed
    console.note(
        f"{done} of {len(results)} sources done" + (f", {failed} failed" if failed else ""), "strong"
    )


def _answer(
    results: "Sequence[RecipeResult]", diagnostics: "Sequence[Diagnostic]", *, is_dry_run: bool
) -> "RecipeAnswer":
    from conda_bridge.cli.answers import RecipeAnswer, RecipeFile, RecipeRow, failure_of  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    rows = tuple(
        RecipeRow(
            source=without_credentials(result.source),
            conda_name=result.conversion.recipe.name,
            version=result.conversion.recipe.version,
            is_written=result.is_written,
            files=tuple(
                RecipeFile(path=path, text=text if is_dry_run else "") for path, text in result.files
            ),
            report=result.report,
            diagnostics=result.diagnostics,
        )
        for result in results
        if result.conversion is not None and result.error is None
    )
    failures = tuple(
        failure_of(result.error, source=without_credentials(result.source))
        for result in results
        if result.error
    )
    return RecipeAnswer(results=rows, diagnostics=tuple(diagnostics), errors=failures)


def _exit_status(results: "Sequence[RecipeResult]", *, is_strict: bool) -> int:
    from conda_bridge.model.codes import code_of  # noqa: PLC0415 - reading the table costs milliseconds

    statuses = {code_of(result.error.slug).exit_status for result in results if result.error is not None}
    if len(statuses) > 1:
        return code_of("several-failed").exit_status
    if statuses:
        return statuses.pop()
    has_warnings = any(d.severity != "info" for result in results for d in result.diagnostics)
    return EXIT_FINDINGS if is_strict and has_warnings else 0
