"""The hook that feedstock repositories use."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from conda_bridge.cli.main import program
from conda_bridge.workflows.surroundings import FORMATS

HOOKS = Path(__file__).parents[1] / ".pre-commit-hooks.yaml"


@pytest.fixture
def hook() -> dict[str, Any]:
    (only,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert isinstance(only, dict)
    return only


def test_entry_takes_file_names(hook: dict[str, Any]) -> None:
    words = shlex.split(hook["entry"])
    command = program.get_command(click.Context(program), words[1])

    assert words[0] == "conda-bridge"
    assert command is not None
    parsed = command.make_context("check", [*words[2:], "recipe/meta.yaml", "other/recipe.yaml"])
    assert parsed.params["recipes"] == ("recipe/meta.yaml", "other/recipe.yaml")
    assert parsed.params["no_audit"]


def test_hook_is_run_for_recipes_and_nothing_else(hook: dict[str, Any]) -> None:
    def is_hooked(path: str) -> bool:
        return re.search(hook["files"], path) is not None

    assert all(is_hooked(name) and is_hooked(f"recipes/x/{name}") for name in FORMATS)
    assert not any(
        is_hooked(path) for path in ("my-recipe.yaml", "recipe.yml", "recipe.yaml.j2", "recipe/x.py")
    )
