"""Overrides on the command line: they survive regeneration, are explained, and those that do nothing are told."""

import json
import re
from pathlib import Path

import pytest

from support.cli_runs import MakeSdist, RunCli

CONFIG = """\
[package.demo]
maintainers = ["own"]
[package.demo.requirements.run]
add = ["added >=1"]
remove = ["requests"]
[package.demo.about]
summary = "Said by the user"
[package.unrelated]
noarch = false
"""


@pytest.fixture
def sdist(work: Path, make_sdist: MakeSdist) -> str:
    (work / "conda-bridge.toml").write_text(CONFIG)
    make_sdist()
    return "./demo-1.0.tar.gz"


def test_overrides_are_in_the_recipe_every_time_it_is_written(work: Path, cli: RunCli, sdist: str) -> None:
    first_run = cli("recipe", sdist, "--offline")
    first = (work / "demo/recipe.yaml").read_text()
    second_run = cli("recipe", sdist, "--offline")

    assert (first_run.status, second_run.status) == (0, 0)
    assert (work / "demo/recipe.yaml").read_text() == first
    assert "- added >=1" in first
    assert "- requests" not in first
    assert "summary: Said by the user" in first
    assert "- own" in first
    assert "W120" not in first_run.err
    assert re.search(r"run +no requests +as configured: removed: requests >=2", first_run.out)


def test_new_version_keeps_the_overrides(work: Path, cli: RunCli, sdist: str, make_sdist: MakeSdist) -> None:
    cli("recipe", sdist, "--offline")
    make_sdist(requires="requests>=3")

    assert cli("recipe", sdist, "--offline").status == 0
    assert "- added >=1" in (work / "demo/recipe.yaml").read_text()


def test_command_line_names_other_maintainers(work: Path, cli: RunCli, sdist: str) -> None:
    cli("recipe", sdist, "--offline", "--maintainer", "me")

    text = (work / "demo/recipe.yaml").read_text()
    assert "- me" in text
    assert "- own" not in text


def test_explain_shows_overrides_with_their_place_and_dropped_lines(cli: RunCli, sdist: str) -> None:
    cli("recipe", sdist, "--offline")

    shown = cli("explain", "demo", "run")

    assert "override" in shown.out
    assert "conda-bridge.toml#/package/demo/requirements/run/add/0" in shown.out
    assert "removed: requests >=2" in shown.out


def test_report_carries_the_evidence(work: Path, cli: RunCli, sdist: str) -> None:
    cli("recipe", sdist, "--offline")

    report = json.loads((work / "demo.bridge.json").read_text())
    (row,) = (row for row in report["evidence"] if row["address"] == "demo/requirements.run/added")
    assert (row["certainty"], row["rule"]) == ("override", "override.requirements")


def test_override_that_changes_nothing_is_a_finding_and_strict_counts_it(
    work: Path, cli: RunCli, sdist: str
) -> None:
    (work / "conda-bridge.toml").write_text("package.demo.requirements.run.remove = ['nothing']")

    done = cli("recipe", sdist, "--offline", "--strict")

    assert done.status == 1
    assert "W120" in done.err
    assert "conda-bridge.toml#/package/demo/requirements/run/remove/0" in done.err


def test_impossible_override_names_file_and_key(work: Path, cli: RunCli, sdist: str) -> None:
    (work / "conda-bridge.toml").write_text("package.demo.skip = ['win ~']")

    done = cli("recipe", sdist, "--offline")

    assert done.status == 2
    assert "E115" in done.err
    assert "conda-bridge.toml: package.demo.skip.0" in done.err
    assert not (work / "demo").exists()


def test_name_of_the_project_s_own_file_that_no_source_needs_is_told(
    work: Path, cli: RunCli, sdist: str
) -> None:
    names = '[names.pypi-to-conda]\nrequests = "requests"\nnobody = "x"\n'
    (work / "conda-bridge.toml").write_text(names)
    own = cli("recipe", sdist, "--offline", "-v")
    (work / "conda-bridge.toml").unlink()
    user = work.parent / "home/.config/conda-bridge/conda-bridge.toml"
    user.parent.mkdir(parents=True)
    user.write_text(names)
    shared = cli("recipe", sdist, "--offline", "-v")

    assert "I124" in own.err
    assert "nothing in this run requires nobody" in own.err
    assert "I124" not in shared.err


def test_table_whose_name_is_mistyped_is_told(cli: RunCli, work: Path, make_sdist: MakeSdist) -> None:
    make_sdist("demonstration")
    (work / "conda-bridge.toml").write_text(
        "[package.demonstraton]\nbuild-number = 1\n[package.another]\nbuild-number = 1\n"
    )

    run = cli("recipe", "./demonstration-1.0.tar.gz", "--offline")

    assert "W125" in run.err
    assert "did you mean demonstration?" in run.err
    assert "another" not in run.err
