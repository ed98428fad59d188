"""Outputs can be file names, and packages are what the recipe gives."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from conda_bridge.errors import EngineError, RecipeError
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.model.names import CondaName
from conda_bridge.workflows.building.environments import will_be_record
from conda_bridge.workflows.building.outputs import (
    check_built,
    check_place,
    check_rendered,
    check_sources,
    outside_sources,
)

OUTPUT = RenderedOutput(conda_name=CondaName("demo"), version="1.0", build="h1_0", build_number=0)


@pytest.mark.parametrize(
    "changes",
    [
        *({"conda_name": name} for name in (".x", "..", ".locks", "a/b", "Demo", "", "d" * 250)),
        *({"version": version} for version in ("", "1/2", "1-2", "1.*", "1\n")),
        *({"build": build} for build in ("", "../h_0", "h-0", "h 0")),
    ],
)
def test_what_no_file_can_be_called_is_no_output(changes: dict[str, str]) -> None:
    with pytest.raises(RecipeError) as caught:
        check_rendered([replace(OUTPUT, **changes)], is_final=True, recipe="recipe.yaml")  # type: ignore[arg-type]
    assert caught.value.slug == "invalid-output"


def test_usual_outputs_are_fine() -> None:
    usual = replace(OUTPUT, conda_name=CondaName("_x86_64-microarch-level"), version="1!2.0+cu118")
    check_rendered([OUTPUT, usual], is_final=True, recipe="recipe.yaml")
    check_rendered([replace(OUTPUT, build="")], is_final=False, recipe="meta.yaml")


@pytest.mark.parametrize(
    "changes",
    [
        {"conda_name": "python"},
        {"version": "2.0"},
        {"build": "h2_0"},
        {"build_number": 1},
        {"subdir": "linux-64"},
    ],
)
def test_package_that_the_recipe_does_not_give_is_refused(changes: dict[str, object]) -> None:
    record = replace(will_be_record(OUTPUT), **changes)  # type: ignore[arg-type]
    with pytest.raises(EngineError) as caught:
        check_built([record], [OUTPUT], is_final=True)
    assert caught.value.slug == "unexpected-output"


def test_unfinished_build_string_is_not_compared() -> None:
    check_built([replace(will_be_record(OUTPUT), build="h2_0")], [OUTPUT], is_final=False)


def test_build_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(EngineError, match="no package"):
        check_built([], [OUTPUT], is_final=True)


@pytest.mark.parametrize("where", ["../secret", "link"])
def test_file_outside_of_the_recipe_is_no_source(where: str, tmp_path: Path) -> None:
    (tmp_path / "recipe").mkdir()
    (tmp_path / "secret").write_text("key")
    (tmp_path / "recipe/link").symlink_to(tmp_path / "secret")
    inside = RenderedSource(kind="url", urls=((tmp_path / "recipe/a.tar.gz").as_uri(),))
    outside = RenderedSource(kind="url", urls=("https://h/a", f"file://{tmp_path}/recipe/{where}"))

    check_sources([replace(OUTPUT, sources=(inside,))], tmp_path / "recipe/recipe.yaml")
    with pytest.raises(EngineError) as caught:
        check_sources([replace(OUTPUT, sources=(inside, outside))], tmp_path / "recipe/recipe.yaml")
    assert caught.value.slug == "foreign-file"


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("path", "{home}/.ssh"), ("path", "../.ssh/id_rsa"), ("git", "file://{home}/.secret"), ("path", "{home}"),
        ("path", ".."), ("path", "/"), ("path", "link"), ("git", "FILE://{home}/.secret"),
    ],
)  # fmt: skip
def test_private_files_are_no_source(
    kind: Literal["path", "git"], url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "recipe").mkdir()
    (tmp_path / "recipe/link").symlink_to("../.ssh")
    source = RenderedSource(kind=kind, urls=(url.format(home=tmp_path),))

    with pytest.raises(EngineError) as caught:
        check_sources([replace(OUTPUT, sources=(source,))], tmp_path / "recipe/recipe.yaml")

    assert caught.value.slug == "foreign-file"


def test_project_outside_of_the_recipe_is_a_source_that_is_told(tmp_path: Path) -> None:
    recipe = tmp_path / ".hidden/demo/recipe/recipe.yaml"
    sources = [
        RenderedSource(kind="path", urls=("..",)),
        RenderedSource(kind="path", urls=("patches",)),
        RenderedSource(kind="git", urls=((tmp_path / "other").as_uri(),)),
        RenderedSource(kind="git", urls=("https://example.org/x.git",)),
    ]
    outputs = [replace(OUTPUT, sources=tuple(sources))]

    check_sources(outputs, recipe)

    assert outside_sources(outputs, recipe) == (str(tmp_path / ".hidden/demo"), str(tmp_path / "other"))


def test_path_that_is_too_long_for_prefixes_is_refused() -> None:
    longest = Path("/" + "d" * (254 - len("/bld/rattler-build_demo/host_env_")))

    check_place([OUTPUT], longest)
    with pytest.raises(EngineError, match="1 bytes too many") as caught:
        check_place([OUTPUT], Path(f"{longest}d"))
    assert caught.value.slug == "path-too-long"


def test_file_outside_of_the_recipe_whose_hash_the_recipe_says_is_a_source(tmp_path: Path) -> None:
    source = RenderedSource(kind="url", urls=((tmp_path / "demo-1.0.tar.gz").as_uri(),), sha256="0" * 64)

    check_sources([replace(OUTPUT, sources=(source,))], tmp_path / "recipe/meta.yaml")
