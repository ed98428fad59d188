"""Recipes that people wrote: read exactly, or refused with a line."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v1 import read_v1, render_v1
from support.rattler_render import PLATFORMS, render_texts


@pytest.fixture(scope="module")
def merged_recipes(bench_dir: Path) -> dict[str, str]:
    """The v1 recipes of the benchmark, by folder."""
    with tarfile.open(bench_dir / "recipes_dev.tar.gz") as archive:
        return {
            Path(member.name).parent.name: file.read().decode()
            for member in archive
            if member.name.endswith("/recipe.yaml") and (file := archive.extractfile(member)) is not None
        }


def test_a_merged_recipe_is_read_or_refused_with_its_line(merged_recipes: dict[str, str]) -> None:
    refused: dict[str, str | None] = {}
    for name, text in merged_recipes.items():
        try:
            read_v1(text)
        except RecipeError as error:
            refused[name] = error.where

    assert [name for name, where in refused.items() if not (where or "").startswith("line ")] == []
    assert len(refused) <= 12


@pytest.mark.engine
def test_a_merged_recipe_that_is_read_means_the_same_when_written_again(
    merged_recipes: dict[str, str],
) -> None:
    readable = {name: text for name, text in merged_recipes.items() if _is_readable(text)}
    rewritten = [render_v1(read_v1(text), environment=template_environment()) for text in readable.values()]

    theirs, ours = render_texts(readable.values()), render_texts(rewritten)

    for name, before, after in zip(readable, theirs, ours, strict=True):
        for platform in PLATFORMS:
            assert before[platform].problem == after[platform].problem == "", name
            assert _meanings(after[platform].outputs) == _meanings(before[platform].outputs), (name, platform)


def _is_readable(text: str) -> bool:
    try:
        read_v1(text)
    except RecipeError:
        return False
    return True


def _meanings(outputs: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [{key: _meaning(value) for key, value in output.items() if key != "context"} for output in outputs]


def _meaning(value: Any) -> Any:
    """Lists of one and scripts of nothing but content have two spellings."""
    if isinstance(value, list):
        return _meaning(value[0]) if len(value) == 1 else [_meaning(item) for item in value]
    if isinstance(value, dict):
        return _meaning(value["content"]) if value.keys() == {"content"} else _meanings((value,))[0]
    return value
