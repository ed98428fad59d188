"""What the command line says of a source with several projects."""

import json
from pathlib import Path

import pytest

from support.cli_runs import RunCli

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "It is {name}"
requires-python = ">=3.10"
license = "MIT"
dependencies = {requires}
"""


def workspace(folder: Path, **projects: tuple[str, list[str]]) -> None:
    folder.mkdir()
    (folder / "LICENSE").write_text("MIT License\n")
    for module, (version, requires) in projects.items():
        name = module.replace("_", "-")
        package = folder / name / "src" / module
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        text = PROJECT.format(name=name, version=version, requires=requires)
        (folder / name / "pyproject.toml").write_text(text)


@pytest.fixture
def acme(work: Path) -> Path:
    """A tree with a project and a command for it."""
    workspace(work / "acme", acme=("1.4", ["rich"]), acme_cli=("0.2", ["acme"]))
    return work / "acme"


def test_each_output_has_rows_of_its_own(cli: RunCli, acme: Path) -> None:
    outcome = cli("recipe", f"./{acme.name}", "--offline")
    lines = outcome.out.splitlines()

    assert lines[0] == "acme 1.4   directory, on this machine only, 2 outputs"
    second = lines.index("acme-cli 0.2")
    assert lines[1] == "acme 1.4"
    assert any(line.split()[:2] == ["run", "rich"] for line in lines[:second])
    assert any("built beside it from the same source" in line for line in lines[second:])
    assert lines[-1].startswith("wrote acme/recipe.yaml")


def test_many_outputs_are_told_in_a_line_each(cli: RunCli, work: Path) -> None:
    projects = {f"part_{letter}": ("1.0", ["rich", "attrs"]) for letter in "abcde"}
    workspace(work / "parts", **projects)
    short = cli("recipe", "./parts", "--offline", "--dry-run").out.splitlines()

    assert short[:3] == [
        "part 1.0   directory, on this machine only, 5 outputs",
        "  part-a 1.0  noarch    rich, attrs",
        "  part-b 1.0  noarch    rich, attrs",
    ]
    assert "part-b 1.0" in cli("recipe", "./parts", "--offline", "--dry-run", "-v").out.splitlines()


def test_member_takes_single_projects(cli: RunCli, acme: Path) -> None:
    outcome = cli("recipe", f"./{acme.name}", "--offline", "--member", "acme-cli", "--json")
    (row,) = json.loads(outcome.out)["results"]

    assert (outcome.status, row["conda_name"], row["version"]) == (0, "acme-cli", "0.2")


def test_unknown_member_is_a_wrong_command_line(cli: RunCli, acme: Path) -> None:
    outcome = cli("recipe", f"./{acme.name}", "--offline", "--member", "acme-gui")

    assert outcome.status == 2
    assert "acme has no project 'acme-gui'; it has acme, acme-cli" in outcome.err


def test_explain_tells_whose_line_it_is(cli: RunCli, acme: Path) -> None:
    cli("recipe", f"./{acme.name}", "--offline", "-q")
    lines = cli("explain", "acme").out.splitlines()

    assert {"acme: requirements.run", "acme-cli: requirements.run", "acme: source"} <= set(lines)
    assert cli("explain", f"./{acme.name}", "--offline", "--member", "acme").status == 0


def test_every_output_is_looked_for_in_the_overrides(cli: RunCli, acme: Path) -> None:
    Path("conda-bridge.toml").write_text('[package.acme-cli.requirements.run]\nadd = ["extra-one"]\n')
    outcome = cli("recipe", f"./{acme.name}", "--offline", "--dry-run")

    assert "- extra-one" in outcome.out
    assert "matched nothing" not in outcome.err
