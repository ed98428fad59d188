"""`conda-bridge check`: what a reviewer, the linter and upstream's release say of recipes, and installers of wheels."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Unpack

import click

from conda_bridge.cli.console import SEVERITY_TONES, SEVERITY_WORDS, Console, printable
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfiguredArguments,
    common_options,
    complete_path,
    configured_options,
    console_of,
    jobs_option,
    recipe_options_of,
)
from conda_bridge.errors import UsageError

if TYPE_CHECKING:
    from conda_bridge.cli.answers import CheckAnswer
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.workflows.check import CheckResult

__all__ = ["check"]

EXIT_FINDINGS = 1


class CheckArguments(ConfiguredArguments):
    """The command line of `check`."""

    recipes: tuple[str, ...]
    format: Literal["text", "github", "sarif"]
    no_audit: bool
    strict: bool
    jobs: int | None


@click.command(
    epilog="""
    \b
    Examples:
      conda-bridge check recipes/click               a recipe's folder
      conda-bridge check . --strict                  a feedstock; warnings fail, too
      conda-bridge check recipe/meta.yaml --no-audit lint only, nothing is fetched
      conda-bridge check dist/*.whl                  wheels for any platform: names, RECORD, leftovers, native code
      conda-bridge check recipes/* --format github   annotations for a pull request
      conda-bridge check recipes/* --format sarif > check.sarif
      conda-bridge explain R-033                     what a code means

    Exit status: 0 nothing found but warnings and notes; 1 an error was found, or a warning under --strict.
    That a recipe could not be compared is a warning, unless --offline forbids to fetch its release.
    """
)
@click.argument(
    "recipes", metavar="RECIPE_DIR|WHEEL...", nargs=-1, required=True, shell_complete=complete_path
)
@click.option(
    "--format",
    type=click.Choice(["text", "github", "sarif"]),
    default="text",
    show_default=True,
    help="For people, as annotations of GitHub Actions, or as SARIF 2.1.0.",
)
@click.option("--no-audit", is_flag=True, help="Lint only: don't compare with upstream's release.")
@click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings, too.")
@jobs_option("How many recipes are compared with upstream at once.", default=4)
@configured_options
@common_options
def check(**arguments: Unpack[CheckArguments]) -> int:
    """Lint recipes and compare them with the releases that they package; read wheels for what is wrong with them.

    RECIPE_DIR is a folder with a recipe.yaml or a meta.yaml, a feedstock, or the recipe file itself. The lint
    says what conda-forge's linter would say, under the same ids. The audit converts the release that the
    recipe names and tells which requirements are missing, extra, looser, tighter, renamed or unused, and why.
    A WHEEL is decompressed whole and held against its RECORD and the rules of py3-none-any wheels.
    Nothing is written and nothing is executed.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.workflows.check import checks  # noqa: PLC0415
    from conda_bridge.workflows.unused import project_decisions  # noqa: PLC0415

    if arguments["as_json"] and arguments["format"] != "text":
        raise UsageError("usage", "--json and --format exclude each other")
    console = console_of(arguments)
    # Nothing is written: where the project has its recipes written is of no account.
    options = recipe_options_of(arguments, jobs=arguments["jobs"], output_dir=".")
    if not (console.is_quiet or arguments["no_audit"]):
        console.findings(project_decisions(options))
    paths = tuple(dict.fromkeys(arguments["recipes"]))
    results: list[CheckResult] = []
    with progress(console) as reporter:
        for result in checks(paths, options=options, reporter=reporter, is_audited=not arguments["no_audit"]):
            with reporter.paused():
                _show(console, result, arguments)
            results.append(result)
    _finish(console, results, arguments)
    return _exit_status(results, is_strict=arguments["strict"])


def _show(console: Console, result: "CheckResult", arguments: CheckArguments) -> None:
    """Write what can be written as soon as a recipe is done."""
    if result.error is not None:
        console.failure(result.error, source=result.path)
    if arguments["as_json"] or arguments["format"] == "sarif":
        return
    if arguments["format"] == "github":
        from conda_bridge.cli.annotations import annotations  # noqa: PLC0415
        from conda_bridge.model.codes import diagnostic_of  # noqa: PLC0415

        failed = () if result.error is None else (diagnostic_of(result.error),)
        for line in annotations((*failed, *_shown(console, result.diagnostics))):
            console.result(line)
        return
    _print_findings(console, result.diagnostics)


def _finish(console: Console, results: "Sequence[CheckResult]", arguments: CheckArguments) -> None:
    if arguments["as_json"]:
        write_answer(_answer(results))
    elif arguments["format"] == "sarif":
        from conda_bridge.cli.sarif import write_sarif  # noqa: PLC0415

        write_sarif(results)
    else:
        console.note(_summary(results, is_verbose=console.is_verbose), "strong")


def _print_findings(console: Console, diagnostics: "Sequence[Diagnostic]") -> None:
    told: set[str] = set()
    for diagnostic in _shown(console, diagnostics):
        place = printable(diagnostic.origin) + (f":{diagnostic.line}" if diagnostic.line else "")
        label = f"{SEVERITY_WORDS[diagnostic.severity]}[{diagnostic.code}]"
        tone = SEVERITY_TONES[diagnostic.severity]
        console.result(f"{place}: {console.styled(label, tone)} {printable(diagnostic.message)}")
        if diagnostic.hint and diagnostic.hint not in told and not console.is_quiet:
            told.add(diagnostic.hint)
            console.result(f"  do: {printable(diagnostic.hint)}", "dim")


def _shown(console: Console, diagnostics: "Iterable[Diagnostic]") -> "Iterator[Diagnostic]":
    """Yield what is shown: mere information only when verbose, but always that there was no audit."""
    for diagnostic in diagnostics:
        if diagnostic.severity != "info" or console.is_verbose or diagnostic.slug == "not-audited":
            yield diagnostic


def _summary(results: "Sequence[CheckResult]", *, is_verbose: bool) -> str:
    done = [result for result in results if result.error is None]
    counts = Counter(d.severity for result in done for d in result.diagnostics)
    parts = [_count(counts["error"], "error"), _count(counts["warning"], "warning")]
    hidden = "" if is_verbose or not counts["info"] else " (-v shows them)"
    told = f"{', '.join(parts)}, {_count(counts['info'], 'note')}{hidden}"
    failed = f", {len(results) - len(done)} not read" if len(done) < len(results) else ""
    wheels = sum(result.path.endswith(".whl") for result in done)
    of_recipes = _count(len(done) - wheels, "recipe") if wheels < len(done) or not wheels else ""
    what = " and ".join(filter(None, (of_recipes, _count(wheels, "wheel") if wheels else "")))
    return f"{what} checked{failed}: {told}"


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _answer(results: "Sequence[CheckResult]") -> "CheckAnswer":
    from conda_bridge.cli.answers import CheckAnswer, CheckRow, failure_of  # noqa: PLC0415

    return CheckAnswer(
        results=tuple(
            CheckRow(
                path=result.path,
                files=result.files,
                upstream=result.upstream,
                diagnostics=result.diagnostics,
                audit=result.entries,
            )
            for result in results
            if result.error is None
        ),
        errors=tuple(failure_of(result.error, source=result.path) for result in results if result.error),
    )


def _exit_status(results: "Sequence[CheckResult]", *, is_strict: bool) -> int:
    from conda_bridge.model.codes import code_of  # noqa: PLC0415 - reading the table costs milliseconds

    statuses = {code_of(result.error.slug).exit_status for result in results if result.error is not None}
    if len(statuses) > 1:
        return code_of("several-failed").exit_status
    if statuses:
        return statuses.pop()
    bad = {"error", "warning"} if is_strict else {"error"}
    return EXIT_FINDINGS if any(d.severity in bad for result in results for d in result.diagnostics) else 0
