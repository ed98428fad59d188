"""What `build` says, and how it ends; the engine is one that only packs a file."""

import io
import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from conda_bridge.cli.build import build as command
from conda_bridge.cli.build import complete_engine, count_text, exit_status, interruption_text
from conda_bridge.cli.build_answers import BuildAnswer, row_of
from conda_bridge.cli.build_summary import isolation_text, print_result
from conda_bridge.cli.console import Console
from conda_bridge.cli.progress import progress
from conda_bridge.errors import EngineError, SolverError
from conda_bridge.model.build import Isolation
from conda_bridge.model.codes import finding
from conda_bridge.model.events import LogLine, StepStarted, WorkFinished
from conda_bridge.workflows.build import BuildResult, builds
from conda_bridge.workflows.building.values import PlannedRecipe
from conda_bridge.workflows.codec import encode
from conda_bridge.workflows.schemas import json_schema
from support.building import Workshop
from support.cli_runs import RunCli
from support.index_server import IndexServer
from support.schema_check import complaints
from support.terminals import Terminal


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server)


def results_of(shop: Workshop, *sources: str, is_dry_run: bool = False) -> list[BuildResult]:
    options = shop.options(is_with_missing=True)
    return list(builds(sources, options=options, services=shop.services(options), is_dry_run=is_dry_run))


def shown(results: list[BuildResult], capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    capsys.readouterr()
    for result in results:
        print_result(Console(), result, is_json=False)
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_built_package_is_a_block_of_what_was_done(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.offer("demo")

    out, _ = shown(results_of(shop, "demo"), capsys)

    lines = out.splitlines()
    assert lines[0].startswith("demo 1.0   sdist ")
    assert "  engine   fake 1, no network, your files visible (none)" in lines
    assert "  host     1 package: pip 1" in lines
    assert any(line.startswith("  steps    ") for line in lines)
    assert "  tests    1 passed" in lines
    assert lines[-1].startswith(f"built {shop.folder}/channel/noarch/demo-1.0-py_0.conda   ")
    assert "sha256" not in lines[-1]


def test_tests_that_were_not_run_are_told(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.offer("demo")
    options = replace(shop.options(), has_tests=False)

    out, _ = shown(list(builds(("demo",), options=options, services=shop.services(options))), capsys)

    assert "  tests    not run (--no-test)" in out.splitlines()


def test_failure_says_what_why_and_shows_the_end_of_the_log(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})

    _, err = shown(results_of(shop, "demo"), capsys)

    log = f"{shop.folder}/channel/builds/demo-1.0.failed/build.log"
    assert "error[E701]: demo: the build failed" in err
    assert f"  why: the very cause\n  log: {log}\n         building demo\n         the very cause\n" in err


@pytest.mark.parametrize(("has_others", "told"), [(True, ["demo:"]), (False, [])])
def test_findings_of_several_say_whose_they_are(
    shop: Workshop, capsys: pytest.CaptureFixture[str], *, has_others: bool, told: list[str]
) -> None:
    shop.offer("demo")
    [result] = results_of(shop, "demo")
    warned = replace(result, diagnostics=(finding("unread-file", "setup.py: odd", origin="setup.py"),))
    capsys.readouterr()

    print_result(Console(), warned, is_json=False, has_others=has_others)

    err = capsys.readouterr().err.splitlines()
    assert [*err[:-1]] == told
    assert "W321" in err[-1]


def test_folder_of_dots_is_told_by_its_project(
    shop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop.folder / "here").mkdir()
    (shop.folder / "here/pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "demo"\nversion = "1.0"\nlicense = "MIT"\n'
    )
    monkeypatch.chdir(shop.folder / "here")
    shop.engine.failing = frozenset({"demo"})

    _, err = shown(results_of(shop, "."), capsys)

    assert "error[E701]: demo: the build failed" in err
    assert [job.subject for job in shop.engine.jobs] == ["demo"]


def test_known_cause_is_why_and_its_remedy_stands_after_the_log(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    shop.engine.says = "ld: cannot find -lz: No such file or directory"

    _, err = shown(results_of(shop, "demo"), capsys)

    labels = [line[2:5] for line in err.splitlines() if line[2:5] in {"why", "log", "do:"}]
    assert labels == ["why", "log", "do:"]
    assert "  why: -lz isn't found" in err
    assert err.count("-lz isn't found") == 1


def test_timeout_says_itself_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("error: something that was survived\n")
    late = EngineError(
        "build-timeout", "it did not end within 5 s; the last lines of the log:\n  x", where=str(log)
    )
    planned = PlannedRecipe(key="demo", subject="demo", is_asked=True)

    print_result(
        Console(), BuildResult(subject="demo", planned=planned, error=late, log=str(log)), is_json=False
    )

    err = capsys.readouterr().err
    assert f"  why: it did not end within 5 s\n  log: {log}\n         error: something" in err
    assert err.rstrip().endswith("do:  --timeout gives it more time")


def test_package_that_others_need_says_who(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.offer("top", needs=["bottom>=1"])
    shop.offer("bottom")

    out, _ = shown(results_of(shop, "top"), capsys)

    assert "  for      top (run: bottom >=1)\n" in out
    assert "  after    bottom\n" in out


def test_dry_run_shows_outputs_and_commands(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.offer("demo")

    out, _ = shown(results_of(shop, "demo", is_dry_run=True), capsys)

    assert "  output   demo 1.0 py_0 (noarch)   python py_0\n" in out
    assert f" -m conda_bridge recipe demo==1.0 -o {shop.folder}/cache/build/work/" in out


def test_answer_fits_its_schema(shop: Workshop) -> None:
    shop.offer("top", needs=["bottom"])
    shop.offer("bottom")

    answer = BuildAnswer(results=tuple(map(row_of, results_of(shop, "top"))))
    document: Any = json.loads(json.dumps(encode(answer, BuildAnswer)))

    assert complaints(document, json_schema(BuildAnswer)) == []
    bottom, top = document["results"]
    assert (bottom["is_asked"], bottom["wants"][0]["by"]) == (False, "top")
    assert top["needs"] == ["bottom"]
    assert top["packages"][0]["conda_name"] == "top"
    assert top["is_built"] is True
    assert document["errors"] == []


def test_exit_status_is_that_of_the_one_cause(shop: Workshop) -> None:
    shop.offer("top", needs=["bottom"])
    shop.offer("bottom")
    assert exit_status(results_of(shop, "top")) == 0

    shop.engine.failing = frozenset({"bottom"})
    other = Workshop(folder=shop.folder / "other", index=shop.index, engine=shop.engine)
    other.folder.mkdir()
    failed = results_of(other, "top")

    assert exit_status(failed) == 8
    assert exit_status(failed, EngineError("build-timeout", "late")) == 8
    assert exit_status(failed, SolverError("unsatisfiable", "no")) == 10


def test_isolation_is_told_in_words() -> None:
    weak = Isolation(kind="session", has_network=True, are_files_hidden=False, can_leave_orphans=True)

    assert isolation_text(weak) == "with network, your files visible, orphans: possible (session)"


def test_files_that_a_recipe_takes_are_named_where_it_is_said_what_was_hidden() -> None:
    good = Isolation(kind="bubblewrap", has_network=False, are_files_hidden=True, can_leave_orphans=False)

    assert isolation_text(good, ["/srv/a", "/srv/b"]) == (
        "no network, your files hidden but /srv/a and /srv/b (bubblewrap)"
    )


def test_running_builds_have_a_line_each_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress(Console(), shows_steps=True) as reporter:
        for subject in ("one", "[red]two\x1b"):
            reporter.report(StepStarted(subject=subject, step="building"))
        reporter.report(WorkFinished(subject="one"))
        reporter.report(WorkFinished(subject="unheard of"))

    written = terminal.getvalue()
    assert "[red]two\\x1b" in written
    assert "building" in written
    assert "0:00:00" in written
    assert " one " not in written


def test_without_a_terminal_steps_and_log_are_lines_when_verbose(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {False: io.StringIO(), True: io.StringIO()}
    for is_verbose, file in files.items():
        monkeypatch.setattr(sys, "stderr", file)
        with progress(Console(is_verbose=is_verbose), shows_steps=True) as reporter:
            reporter.report(StepStarted(subject="one", step="building"))
            reporter.report(LogLine(subject="one", text="gcc -c x.c"))

    assert files[False].getvalue() == ""
    assert files[True].getvalue() == "   0.0 s  one: building\none| gcc -c x.c\n"


@pytest.mark.parametrize("text", ["python", "=3.12", "python="])
def test_variant_without_key_or_value_is_refused(cli: RunCli, text: str) -> None:
    done = cli("build", "demo", "--variant", text)

    assert done.status == 2
    assert "--variant takes KEY=VALUE" in done.err


def test_engine_that_there_is_not_is_refused_with_those_that_there_are(cli: RunCli) -> None:
    done = cli("build", "demo", "--engine", "make")

    assert done.status == 2
    assert "rattler-build" in done.err


def test_recipe_that_there_is_not_is_refused(cli: RunCli, work: Path) -> None:
    done = cli("build", "nowhere/recipe.yaml", "--distributor", "./nothing")

    assert done.status == 2
    assert not (work / "channel").exists()


def test_every_option_has_help_and_engines_are_completed() -> None:
    context = click.Context(command)

    assert all(one.help for one in command.params if isinstance(one, click.Option))
    assert "rattler-build" in [item.value for item in complete_engine(context, command.params[0], "rat")]


def test_interruption_says_what_is_in_the_channel_and_what_is_not(shop: Workshop) -> None:
    for name in ("good", "bad"):
        shop.offer(name)
    shop.engine.failing = frozenset({"bad"})

    text = interruption_text(results_of(shop, "good", "bad"), ["good", "bad", "late"])

    assert text == "in the channel: good; failed: bad; not done: late"


def test_interruption_names_what_was_built_for_others_by_then(shop: Workshop) -> None:
    shop.offer("top", needs=["piston"])
    shop.offer("piston")

    def interrupt(name: str) -> None:
        if name == "top":
            raise KeyboardInterrupt

    shop.engine.during = interrupt
    options = shop.options(is_with_missing=True)
    results: list[BuildResult] = []
    with suppress(KeyboardInterrupt):
        for result in builds(["top"], options=options, services=shop.services(options)):
            results.append(result)  # noqa: PERF402 - what is there before the interruption counts

    assert interruption_text(results, ["top"]) == "in the channel: piston; not done: top"


def test_end_of_a_batch_names_the_failures(shop: Workshop) -> None:
    for name in ("good", "bad"):
        shop.offer(name)
    shop.offer("top", needs=["bad"])
    shop.engine.failing = frozenset({"bad"})

    text = count_text(results_of(shop, "good", "bad", "top"), is_dry_run=False)

    assert text == "1 of 3 recipes built; failed: bad (E701); not begun: top"


def test_engine_and_what_is_of_the_whole_run_are_told_once(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        shop.offer(name)
    found = tuple(finding(slug, "said") for slug in ("several-indexes", "several-indexes", "startup-file"))
    results = [replace(one, diagnostics=found) for one in results_of(shop, "one", "two")]
    # Of a failure no engine is told.
    results.insert(0, replace(results[0], error=EngineError("tests-failed", "no"), diagnostics=()))

    capsys.readouterr()
    for number, result in enumerate(results):
        print_result(Console(), result, is_json=False, earlier=results[:number])

    captured = capsys.readouterr()
    assert captured.out.count("engine   fake 1") == 1
    assert captured.err.count("W236") == 2
    assert "W801" not in captured.err
    assert "3 more findings with -v" in captured.err


def test_folder_that_the_user_named_is_known_to_be_on_no_index(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.offer("demo")
    (result,) = results_of(shop, "demo")
    result = replace(result, diagnostics=(finding("local-source", "said"),))

    for subject in ("demo", str(shop.folder)):
        print_result(Console(), replace(result, subject=subject), is_json=False)

    assert capsys.readouterr().err.count("W239") == 1


@pytest.mark.parametrize("columns", [40, 80])
def test_lines_are_broken_between_items_for_a_narrow_terminal(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    shop.engine.environment = tuple(f"c/noarch/a-package-{number}-1.{number}-0.conda" for number in range(9))
    shop.offer("demo")
    (result,) = results_of(shop, "demo")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))

    print_result(Console(), result, is_json=False)

    lines = terminal.getvalue().splitlines()
    path = result.packages[0].path
    too_long = [line for line in lines if len(click.unstyle(line)) > columns and path not in line]
    assert too_long == []
    assert "..." not in terminal.getvalue()
    first = next(number for number, line in enumerate(lines) if line.startswith("  host     9 packages: "))
    assert lines[first].endswith(",")
    assert lines[first + 1].startswith("           a-package-")
    assert lines[-1].startswith("      ")
