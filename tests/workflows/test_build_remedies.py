"""What the user can do about a recipe whose packages can't be had, or that can't be rendered."""

from pathlib import Path

import pytest

from conda_bridge.workflows.build import BuildResult, builds
from support.building import Workshop
from support.index_server import IndexServer


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server)


def failure_of(shop: Workshop, *sources: str, **chosen: object) -> BuildResult:
    options = shop.options(**chosen)
    *_, result = builds(sources, options=options, services=shop.services(options))
    assert result.error is not None
    return result


def hint_of(shop: Workshop, *sources: str, **chosen: object) -> str:
    result = failure_of(shop, *sources, **chosen)
    assert result.error is not None
    return result.error.hint or ""


def given(shop: Workshop, text: str) -> str:
    """Write a recipe, and return its folder."""
    folder = shop.folder / "given"
    folder.mkdir()
    head = 'package: {name: demo, version: "1.0"}\nbuild: {noarch: python, number: 0}\n'
    (folder / "recipe.yaml").write_text(f"{head}{text}\n", encoding="utf-8")
    return str(folder)


def test_missing_is_built_first_where_an_index_has_it(shop: Workshop) -> None:
    shop.offer("demo", needs=["bottom"])
    shop.offer("bottom")

    assert hint_of(shop, "demo") == "--with-missing builds bottom first"


def test_with_missing_is_not_proposed_for_what_no_index_has(shop: Workshop) -> None:
    shop.offer("demo", needs=["nowhere-at-all"])

    assert hint_of(shop, "demo").startswith("another --distributor")


def test_what_no_index_has_is_told_apart_from_what_one_has(shop: Workshop) -> None:
    shop.offer("demo", needs=["bottom", "nowhere-at-all"])
    shop.offer("bottom")

    assert hint_of(shop, "demo").startswith(
        "--with-missing builds bottom first; for the rest, another --distr"
    )


def test_python_that_is_not_there_is_taken_from_elsewhere(shop: Workshop) -> None:
    shop.distributor.name = "host"
    shop.distributor.pythons = ("3.11.* *_cpython",)
    recipe = given(shop, "requirements: {host: [python >=3.13], run: [python]}")

    hint = hint_of(shop, recipe)

    assert hint.startswith("--python PATH takes another interpreter")
    assert hint.endswith("that is for python 3.11")
