"""Which child is started before it is known for sure what it will be asked."""

from pathlib import Path

import pytest

from conda_bridge.cli.build_ahead import ready_engines
from conda_bridge.engines.rattler_build import RattlerBuildEngine


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of a feedstock."""
    (tmp_path / "recipe").mkdir()
    path = tmp_path / "recipe/recipe.yaml"
    path.write_text("package: {name: small, version: '1'}\n")
    return path


@pytest.mark.parametrize("source", ["", "recipe", "recipe/recipe.yaml"])
@pytest.mark.engine
def test_recipe_has_an_engine_that_is_getting_ready(tmp_path: Path, recipe: Path, source: str) -> None:
    assert recipe.is_file()
    with ready_engines([str(tmp_path / source)], "") as engines:
        assert [type(engine) for engine in engines.values()] == [RattlerBuildEngine]


@pytest.mark.parametrize("source", ["click", "click==8", "./nowhere", "https://example.org/recipe.yaml"])
def test_nothing_is_started_for_other_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)

    with ready_engines([source], "") as engines:
        assert engines == {}


def test_nothing_is_started_for_another_engine(recipe: Path) -> None:
    with ready_engines([str(recipe)], "conda-build") as engines:
        assert engines == {}


def test_nothing_is_started_for_several_sources(recipe: Path) -> None:
    with ready_engines([str(recipe), "click"], "") as engines:
        assert engines == {}
