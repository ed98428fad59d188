import json
from pathlib import Path

import pytest

from support.cli_runs import MakeSdist, RunCli


@pytest.fixture
def recipe_dir(work: Path, cli: RunCli, make_sdist: MakeSdist) -> Path:
    """A recipe of our own making in `out/demo`."""
    make_sdist()
    assert cli("recipe", "./demo-1.0.tar.gz", "--offline", "-o", "out").status == 0
    return work / "out/demo"


def test_every_line_is_shown_by_section_with_certainty_and_place(cli: RunCli, recipe_dir: Path) -> None:
    done = cli("explain", str(recipe_dir))

    lines = done.out.splitlines()
    assert lines[0] == "demo 1.0   demo-1.0.tar.gz"
    sections = [line for line in lines if line and not line.startswith((" ", "demo"))]
    assert sections == [
        "package",
        "source",
        "build",
        "requirements.host",
        "requirements.run",
        "tests",
        "about",
    ]
    (requests,) = [line for line in lines if line.startswith("  requests ")]
    assert requests.split() == ["requests", ">=2", "declared", "PKG-INFO#/Requires-Dist/0"]


def test_few_lines_are_shown_with_everything_that_is_known(cli: RunCli, recipe_dir: Path) -> None:
    done = cli("explain", str(recipe_dir), "requests")

    assert "demo/requirements.run/requests" in done.out
    assert "  line       requests >=2" in done.out
    assert "  certainty  declared" in done.out
    assert "  rule       " in done.out
    assert "  origin     PKG-INFO#/Requires-Dist/0" in done.out


def test_verbose_names_the_rules(cli: RunCli, recipe_dir: Path) -> None:
    quiet, loud = cli("explain", str(recipe_dir)), cli("explain", str(recipe_dir), "-v")

    assert "[" not in quiet.out
    assert "[" in loud.out


def test_what_explains_no_line_is_named_in_brackets(work: Path, cli: RunCli) -> None:
    project = work / "project"
    project.mkdir()
    (project / "setup.py").write_text(
        "from setuptools import Extension, setup\n"
        "setup(name='demo', version='1', ext_modules=[Extension('demo', ['demo.c'])])\n"
    )
    (project / "demo.c").write_text("")

    assert "  (platform) " in cli("explain", "./project", "--offline").out


def test_report_answers_in_json_with_the_lines_asked_for(cli: RunCli, recipe_dir: Path) -> None:
    document = json.loads(cli("explain", str(recipe_dir), "requests", "--json").out)

    assert document["schema"] == "conda-bridge.explain/1"
    (report,) = document["results"]
    assert report["files"][0]["path"] == "demo/recipe.yaml"
    (reason,) = report["evidence"]
    assert (reason["address"], reason["value"]) == ("demo/requirements.run/requests", "requests >=2")


def test_unknown_line_is_a_usage_error_with_the_nearest(cli: RunCli, recipe_dir: Path) -> None:
    done = cli("explain", str(recipe_dir), "request")

    assert done.status == 2
    assert "error[E111]" in done.err
    assert "did you mean 'requests'" in done.err


def test_code_is_looked_up(cli: RunCli) -> None:
    failure, warning = cli("explain", "E203"), cli("explain", "W112")

    assert failure.status == warning.status == 0
    assert failure.out.startswith("E203 hash-mismatch: the bytes are not those")
    assert "exit: 3" in failure.out
    assert "exit: 0, or 1 under --strict" in warning.out


@pytest.mark.parametrize("code", ["E999", "E9999", "W00412"])
def test_unknown_code_is_a_usage_error(cli: RunCli, code: str) -> None:
    done = cli("explain", code, "--offline")

    assert done.status == 2
    assert f"there is no code '{code}'" in done.err


def test_case_of_a_code_is_of_no_account(cli: RunCli) -> None:
    assert cli("explain", "w112").out == cli("explain", "W112").out


@pytest.mark.parametrize(
    ("code", "near"), [("E14", "E141, E142, E143"), ("e20", "E201, E202, E203"), ("W00412", "W412")]
)
def test_what_looks_like_a_code_is_answered_with_those_that_are_near(
    cli: RunCli, code: str, near: str
) -> None:
    done = cli("explain", code, "--offline")

    assert f"there is no code '{code.upper()}'" in done.err
    assert near in done.err


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("R-033", "lint-stdlib"),
        ("R0-001", "lint-selector-form"),
        ("CBC-001", "lint-macos"),
        ("E528", "sha256"),
    ],
)
def test_ids_of_linters_are_looked_up_too(cli: RunCli, code: str, told: str) -> None:
    done = cli("explain", code)

    assert done.out.startswith(f"{code} {told}")
    assert "exit: 1, where `check` finds it" in done.out


def test_code_answers_in_json(cli: RunCli) -> None:
    (row,) = json.loads(cli("explain", "E203", "--json").out)["results"]

    assert (row["code"], row["slug"], row["exit_status"]) == ("E203", "hash-mismatch", 3)


def test_warning_of_a_command_without_strict_names_what_makes_it_fail(cli: RunCli) -> None:
    drift, other = cli("explain", "W820"), cli("explain", "W821")

    assert "exit: 0, or 9 under --strict-drift" in drift.out
    assert "--strict" not in other.out
