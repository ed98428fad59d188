"""`conda-bridge build`: sources and recipes become tested packages in a channel."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Unpack

import click
from click.shell_completion import CompletionItem

from conda_bridge.cli.build_ahead import Engines, import_ahead, ready_engines
from conda_bridge.cli.console import Console
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfiguredArguments,
    backend_option,
    build_options_of,
    common_options,
    complete_path,
    conda_build_option,
    configured_options,
    console_of,
    host_python_option,
    jobs_option,
    license_option,
    maintainer_option,
    member_option,
    wheels_option,
)
from conda_bridge.errors import BridgeError, UsageError

if TYPE_CHECKING:
    from conda_bridge.cli.answers import Failure
    from conda_bridge.cli.build_answers import BuildAnswer
    from conda_bridge.cli.progress import TerminalReporter
    from conda_bridge.model.diagnostic import Diagnostic
    from conda_bridge.model.options import BuildOptions
    from conda_bridge.workflows.build import BuildResult, BuildServices, Installed

__all__ = ["build", "count_text", "exit_status", "failed_source", "interruption_text"]


class BuildArguments(ConfiguredArguments):
    """The command line of `build`."""

    sources: tuple[str, ...]
    output: str | None
    with_missing: bool
    install: str | None
    dry_run: bool
    jobs: int | None
    engine: str | None
    conda_build: str | None
    python: str | None
    max_wheel_size: int
    variants: str | None
    variant: tuple[str, ...]
    no_test: bool
    timeout: float | None
    keep_work: bool
    maintainer: tuple[str, ...]
    member: tuple[str, ...]
    fetch_license: bool | None
    run_backend: bool | None
    inspect_wheels: bool | None


def complete_engine(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of the engines."""
    from conda_bridge.engines import ENGINES  # noqa: PLC0415 - only shells ask for it

    return [CompletionItem(name) for name in ENGINES if name.startswith(incomplete)]


@click.command(
    epilog="""
    \b
    Examples:
      conda-bridge build click                              the newest release, against conda-forge, into channel/
      conda-bridge build click --distributor host           on a machine that reaches no channel
      conda-bridge build click --distributor host --install ./env
      conda-bridge build recipes/click feedstocks/flask     recipes that are there already
      conda-bridge build ./mypackage --with-missing -j 4    and what it needs and nobody has
      conda-bridge build click --variant python=3.12        one python only
      conda-bridge build click --dry-run                    the plan and the commands; builds nothing
      conda-bridge build click --dry-run -q > build.sh      the commands alone, which `bash -e build.sh` runs
    """
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, shell_complete=complete_path)
@click.option(
    "-o",
    "--output",
    metavar="CHANNEL_DIR",
    shell_complete=complete_path,
    help="The channel that the packages go to; created if it isn't there.  [default: channel]",
)
@click.option(
    "--with-missing",
    is_flag=True,
    help="First build what the distributor and the channel lack, if PyPI has it.",
)
@click.option(
    "--install",
    metavar="PREFIX",
    shell_complete=complete_path,
    help="Install what was built, and all that it needs, into this new folder.",
)
@click.option("--dry-run", is_flag=True, help="Show the plan and the commands; nothing is built or written.")
@jobs_option("How many recipes are built at once.", default=1)
@click.option(
    "--engine",
    metavar="NAME",
    shell_complete=complete_engine,
    help="Build with this engine only.  [default: the first installed one that takes the recipe]",
)
@conda_build_option
@host_python_option
@click.option(
    "--max-wheel-size",
    metavar="MB",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="The largest wheel that --distributor host turns into a package.",
)
@click.option(
    "--variants",
    metavar="FILE",
    shell_complete=complete_path,
    help="A pinning file (conda_build_config.yaml) in place of the distributor's own variants.",
)
@click.option(
    "--variant",
    metavar="KEY=VALUE",
    multiple=True,
    help="Build only variants with this value, such as python=3.12; may be repeated.",
)
@click.option("--no-test", is_flag=True, help="Don't run the packages' own tests.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    help="End a build, or a test, that takes longer.  [default: 7200]",
)
@click.option(
    "--keep-work", is_flag=True, help="Keep each recipe's work folder, as CHANNEL_DIR/builds/*.work."
)
@maintainer_option
@member_option
@license_option
@wheels_option
@backend_option
@configured_options
@common_options
def build(**arguments: Unpack[BuildArguments]) -> int:
    """Build and test packages of each SOURCE, and put them into a channel.

    SOURCE is what `recipe` takes (a PyPI requirement, an sdist, a project directory, a URL, git+https://...), or a
    recipe: its folder, its recipe.yaml or meta.yaml, or a feedstock.

    Build scripts are other people's programs. With bubblewrap they have no network and see none of your files; with
    unshare alone they have no network, but see and can change your files; with neither they can do all that you can.
    Each result says which it was. A package is in the channel when it is whole, tested and indexed; logs and
    manifests are in CHANNEL_DIR/builds/.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it

    console = console_of(arguments)
    options = _options(arguments)
    run = _Run(console, arguments, options)
    with progress(console, shows_steps=True) as reporter:
        run.build(reporter)
        run.install(reporter)
    findings = reporter.noticed_beside(d for result in run.results for d in result.diagnostics)
    findings = (*findings, *_decisions(options))
    console.findings(findings)
    if arguments["as_json"]:
        write_answer(_answer(run, findings))
    elif len(run.results) > 1:
        console.note(count_text(run.results, is_dry_run=arguments["dry_run"]), "strong")
    return exit_status(run.results, run.install_error)


def _decisions(options: "BuildOptions") -> "tuple[Diagnostic, ...]":
    """Return what there is to say of the project's choice of indexes and channels."""
    if not (options.recipe.index.origin or options.recipe.distributor_origin):
        return ()
    from conda_bridge.workflows.unused import project_decisions  # noqa: PLC0415 - it imports inference

    return tuple(project_decisions(options.recipe))


class _Run:
    """The results of one command line, shown as they come."""

    def __init__(self, console: Console, arguments: BuildArguments, options: "BuildOptions") -> None:
        self._console = console
        self._arguments = arguments
        self._options = options
        self._services: BuildServices | None = None
        self.results: list[BuildResult] = []
        self.installed: Installed | None = None
        self.install_error: BridgeError | None = None

    def build(self, reporter: "TerminalReporter") -> None:
        """Build everything, and show each result."""
        sources = tuple(dict.fromkeys(self._arguments["sources"]))
        with ready_engines(sources, self._options.engine) as ready:
            self._build(sources, reporter, ready)

    def _build(self, sources: tuple[str, ...], reporter: "TerminalReporter", ready: "Engines") -> None:
        from conda_bridge.workflows.build import build_services_of, builds  # noqa: PLC0415

        services = build_services_of(self._options, reporter)
        engines = tuple((name, ready.get(name, engine)) for name, engine in services.engines)
        self._services = services = replace(services, engines=engines)
        is_dry_run = self._arguments["dry_run"]
        # This machine's compilers are asked, and recipes rendered, in children: time enough to import what comes after.
        Thread(target=import_ahead, daemon=True).start()
        try:
            for result in builds(
                sources, options=self._options, reporter=reporter, services=services, is_dry_run=is_dry_run
            ):
                self._take(result, reporter)
        except KeyboardInterrupt as interruption:
            interruption.add_note(interruption_text(self.results, sources))
            raise
        self.results.sort(key=lambda result: result.planned.place)

    def _take(self, result: "BuildResult", reporter: "TerminalReporter") -> None:
        from conda_bridge.cli.build_summary import print_result  # noqa: PLC0415

        earlier = tuple(self.results)
        self.results.append(result)
        with reporter.paused():
            print_result(
                self._console,
                result,
                is_json=self._arguments["as_json"],
                earlier=earlier,
                has_others=len(self._arguments["sources"]) > 1,
            )

    def install(self, reporter: "TerminalReporter") -> None:
        """Install what was asked for, if the user wants that and all of it is there."""
        from conda_bridge.workflows.build import install  # noqa: PLC0415

        prefix = self._options.install_prefix
        if not prefix or self._arguments["dry_run"]:
            return
        if any(result.error for result in self.results):
            self._console.note(f"nothing is installed into {prefix}: not everything was built", "warning")
            return
        try:
            self.installed = install(
                self.results, options=self._options, reporter=reporter, services=self._services
            )
        except BridgeError as error:
            self.install_error = error
            with reporter.paused():
                self._console.failure(error, source="install")
            return
        with reporter.paused():
            from conda_bridge.model.counts import counted  # noqa: PLC0415

            count = len(self.installed.packages)
            text = f"{self._console.styled('installed', 'good')} {counted(count, 'package')} into {prefix}"
            if not self._arguments["as_json"]:
                self._console.result(text)


def interruption_text(results: "Sequence[BuildResult]", sources: "Sequence[str]") -> str:
    """Return what there is and what there isn't when a run is interrupted."""
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    told = {result.subject for result in results}
    groups = {
        "in the channel": [result.planned.key for result in results if result.packages],
        "failed": [without_credentials(result.planned.key) for result in results if result.error],
        "not done": [without_credentials(source) for source in sources if source not in told],
    }
    return "; ".join(f"{label}: {', '.join(names)}" for label, names in groups.items() if names)


def exit_status(results: "Sequence[BuildResult]", install_error: BridgeError | None = None) -> int:
    """Return what the process ends with: that of the one kind of failure, or that of several.

    What was passed over fails for the reason of another one.
    """
    from conda_bridge.model.codes import code_of  # noqa: PLC0415 - reading the table costs milliseconds

    errors = [result.error for result in results if result.error and not result.is_passed_over]
    errors += [install_error] if install_error else []
    statuses = {code_of(error.slug).exit_status for error in errors}
    if len(statuses) > 1:
        return code_of("several-failed").exit_status
    return statuses.pop() if statuses else 0


def _options(arguments: BuildArguments) -> "BuildOptions":
    return build_options_of(
        arguments,
        recipe={
            # Recipes go into the channel: where else they would is of no account.
            "output_dir": ".",
            "maintainers": arguments["maintainer"] or None,
            "members": arguments["member"] or None,
            "run_backend": arguments["run_backend"],
            "fetch_license": arguments["fetch_license"],
            "inspect_wheels": arguments["inspect_wheels"],
        },
        channel_dir=arguments["output"],
        jobs=arguments["jobs"],
        chosen={
            "engine": arguments["engine"] or "",
            "conda_build": arguments["conda_build"] or "",
            "variants_file": arguments["variants"] or "",
            "chosen_variants": tuple(map(_variant, arguments["variant"])),
            "host_python": arguments["python"] or "",
            "max_wheel_bytes": arguments["max_wheel_size"] * 1_000_000,
            "is_with_missing": arguments["with_missing"],
            "has_tests": not arguments["no_test"],
            "timeout_s": arguments["timeout"] or 7200.0,
            "install_prefix": arguments["install"] or "",
            "keeps_work": arguments["keep_work"],
        },
    )


def _variant(text: str) -> tuple[str, str]:
    key, mark, value = text.partition("=")
    if not (mark and key.strip() and value.strip()):
        raise UsageError("usage", f"--variant takes KEY=VALUE, such as python=3.12, not {text!r}")
    return key.strip(), value.strip()


def count_text(results: "Sequence[BuildResult]", *, is_dry_run: bool) -> str:
    """Return how many recipes were built, and which weren't."""
    from conda_bridge.model.codes import code_of  # noqa: PLC0415 - reading the table costs milliseconds
    from conda_bridge.model.counts import counted  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    failed = [
        f"{without_credentials(result.planned.key)} ({code_of(result.error.slug).number})"
        for result in results
        if result.error is not None and not result.is_passed_over
    ]
    passed_over = [without_credentials(result.planned.key) for result in results if result.is_passed_over]
    done = len(results) - len(failed) - len(passed_over)
    parts = [f"{done} of {counted(len(results), 'recipe')} {'planned' if is_dry_run else 'built'}"]
    parts += [f"failed: {', '.join(failed)}"] if failed else []
    parts += [f"not begun: {', '.join(passed_over)}"] if passed_over else []
    return "; ".join(parts)


def _answer(run: _Run, findings: "Sequence[Diagnostic]") -> "BuildAnswer":
    from conda_bridge.cli.answers import failure_of  # noqa: PLC0415
    from conda_bridge.cli.build_answers import BuildAnswer, row_of  # noqa: PLC0415

    failures = [failed_source(result) for result in run.results if result.error is not None]
    failures += [failure_of(run.install_error, source="install")] if run.install_error else []
    return BuildAnswer(
        results=tuple(map(row_of, run.results)),
        installed=run.installed,
        diagnostics=tuple(findings),
        errors=tuple(failures),
    )


def failed_source(result: "BuildResult") -> "Failure":
    """Return why a recipe failed as documents carry it: what people read as the message, the log's end beside it."""
    from conda_bridge.cli.answers import failure_of  # noqa: PLC0415
    from conda_bridge.workflows.building.explained import explained  # noqa: PLC0415
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    error, lines, _ = explained(result)
    assert result.error is not None
    told = type(error)(error.slug, error.message, where=result.error.where, hint=error.hint)
    return failure_of(told, source=without_credentials(result.subject), detail="\n".join(lines))
