import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from conda_bridge.cli.main import program
from conda_bridge.config import KEYS, VARIABLES, read_file
from conda_bridge.model.codes import all_codes

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")


def fenced(marker: str) -> list[str]:
    """The lines of the bash fence that follows a marker directly, as `.ci/run` takes them."""
    match = re.search(rf"^<!-- {marker} -->\n```bash\n(.*?)\n```$", TEXT, re.DOTALL | re.MULTILINE)
    assert match, marker
    return match.group(1).splitlines()


def command_lines() -> list[str]:
    """Every command line of ours in the fences, prompts taken off, output left out."""
    fences = re.findall(r"^```(?:bash|console)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ") for fence in fences for line in fence.splitlines()]
    return [line for line in lines if line.startswith("conda-bridge ")]


@pytest.mark.parametrize("line", command_lines())
def test_command_lines_of_the_readme_can_be_parsed(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    group: click.Command = program
    context = click.Context(program, info_name="conda-bridge")
    while isinstance(group, click.Group):
        found = group.get_command(context, words[0])
        assert found is not None, words[0]
        group, words = found, words[1:]

    parsed = group.make_context("conda-bridge", words)

    assert parsed.params


def test_options_that_the_readme_names_exist() -> None:
    known = set()
    pending: list[click.Command] = [program]
    while pending:
        command = pending.pop()
        known |= {option for parameter in command.params for option in parameter.opts}
        if isinstance(command, click.Group):
            context = click.Context(command)
            pending += [
                c for name in command.list_commands(context) if (c := command.get_command(context, name))
            ]

    assert set(re.findall(r"`(--[a-z0-9-]+)", TEXT)) <= known | {"--help"}


def test_test_command_is_found_by_the_gate() -> None:
    assert fenced("test-command")[-1].startswith("pytest -q")
    assert any(line.startswith("conda-bridge build ") for line in fenced("main-command"))


def test_configuration_of_the_readme_is_valid_and_complete(tmp_path: Path) -> None:
    example, overrides = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    path = tmp_path / "conda-bridge.toml"
    path.write_text(example)

    layer = read_file(path)

    assert layer.distributor == "conda-forge"
    assert [override.conda_name for override in layer.names] == [None, "pytorch"]
    assert all(re.search(rf"^\[?{key}\b", example, re.MULTILINE) for key in KEYS)
    path.write_text(overrides)
    (package,) = read_file(path).overrides
    silent = {field.name for field in fields(package) if getattr(package, field.name) == field.default}
    assert silent == {"build", "host", "run_constraints"}
    assert all(variable in TEXT for variable in VARIABLES)


def test_every_exit_status_of_the_codes_in_use_is_in_the_table() -> None:
    listed = {int(status) for status in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}

    assert {code.exit_status for code in all_codes()} <= listed
    assert {1, 70, 130, 141} <= listed
