"""What the user can do about a recipe whose packages can't be had, or that can't be rendered."""

from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import RecipeError, UsageError
from conda_bridge.model.options import BuildOptions
from conda_bridge.model.variants import VariantConfig
from conda_bridge.workflows.build import BuildResult, builds
from conda_bridge.workflows.building.refusals import refusal_of
from conda_bridge.workflows.building.remedies import suitable_interpreters
from conda_bridge.workflows.building.values import PreparedRecipe
from conda_bridge.workflows.building.variants import chosen_variants
from support.building import FakeDistributor, Workshop
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


def test_distributor_without_any_python_lacks_nothing_else(shop: Workshop) -> None:
    shop.distributor.has = {}
    recipe = given(shop, "requirements: {host: [python >=3.10, pip], run: [python, bottom]}")

    error = failure_of(shop, recipe).error

    assert error is not None
    assert error.message.startswith("fake lacks python ")
    assert "\n" not in error.message
    assert (error.hint or "").startswith("name a distributor that has python")


def test_two_versions_in_one_run_are_told_how_they_can_be_built(shop: Workshop) -> None:
    shop.offer("demo")
    shop.offer("demo", version="2.0")

    options = shop.options()
    results = builds(("demo", "demo==1.0"), options=options, services=shop.services(options))
    hints = [one.error.hint or "" for one in results if one.error]

    assert [hint[:29] for hint in hints] == ["build them one after the othe"]


def test_python_that_is_not_there_is_taken_from_elsewhere(shop: Workshop) -> None:
    shop.distributor.name = "host"
    shop.distributor.pythons = ("3.11.* *_cpython",)
    recipe = given(shop, "requirements: {host: [python >=3.13], run: [python]}")

    hint = hint_of(shop, recipe)

    assert hint.startswith("--python ")
    assert " takes another interpreter of this machine for the host distributor; or build an older" in hint
    assert hint.endswith("that is for python 3.11")


def test_failure_without_a_known_cause_names_the_recipe_that_can_be_mended(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})

    kept = shop.folder / "channel/builds/demo-1.0.failed/recipe/recipe.yaml"
    assert (
        hint_of(shop, "demo") == f"mend the recipe that was written and build it: conda-bridge build {kept}"
    )
    assert kept.is_file()


def test_recipe_beside_a_log_is_not_lost_when_it_fails_again(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    failure_of(shop, "demo")
    kept = shop.folder / "channel/builds/demo-1.0.failed/recipe/recipe.yaml"
    edited = f"{kept.read_text(encoding='utf-8')}# mended\n"
    kept.write_text(edited, encoding="utf-8")

    failure_of(shop, str(kept))

    assert kept.read_text(encoding="utf-8") == edited


def test_test_that_fails_names_the_recipe_and_the_way_round(shop: Workshop) -> None:
    recipe = given(shop, "requirements: {host: [python], run: [python]}")
    shop.engine.failing_tests = frozenset({"demo"})

    hint = hint_of(shop, recipe)

    assert f"conda-bridge build {recipe}/recipe.yaml" in hint
    assert hint.endswith("--no-test publishes it all the same")


def test_module_that_the_package_lacks_is_told_as_its_own(shop: Workshop) -> None:
    shop.offer("my-demo")
    shop.engine.failing = frozenset({"my-demo"})
    shop.engine.says = "ModuleNotFoundError: No module named 'my_demo'"

    assert hint_of(shop, "my-demo").startswith("the build imports my_demo, which is the project's own")


def test_what_is_to_be_added_is_shown_as_the_configuration_has_it(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    shop.engine.says = "ld: cannot find -lz: No such file or directory"

    assert '[package.demo.requirements.host]\n  add = ["zlib"]\n' in hint_of(shop, "demo")


@pytest.mark.parametrize(
    ("said", "slug", "told"),
    [
        (
            'Render error: TopologicalSort(CycleDetected { packages: "left, right" })',
            "build-circle",
            "outputs of the recipe need one another to be built: left, right",
        ),
        ("syntax error", "engine-refuses-recipe", "syntax error"),
    ],
)
def test_refusal_of_an_engine_is_told_in_our_words_where_we_have_some(
    said: str, slug: str, told: str
) -> None:
    recipe = PreparedRecipe(subject="x", name="x", version="1", format="v1", path=Path("r/recipe.yaml"))

    error = refusal_of(RecipeError("engine-refuses-recipe", said, where="r/recipe.yaml"), recipe)

    assert (error.slug, error.message, error.where) == (slug, told, "r/recipe.yaml")
    assert error.hint


def test_other_python_than_the_host_s_is_another_interpreter() -> None:
    variants = VariantConfig(values=(("python", ("3.11.* *_cpython",)),))

    with pytest.raises(UsageError) as caught:
        chosen_variants(variants, [("python", "3.12")])

    assert "--python PATH takes another" in (caught.value.hint or "")


def test_interpreter_that_suits_is_named(tmp_path: Path) -> None:
    for minor in (11, 12, 13, 14):
        path = tmp_path / f"python3.{minor}"
        path.write_bytes(b"\x7fELF")
        path.chmod(0o755)

    found = suitable_interpreters(["python >=3.12", "python <3.14", "python 3.13.*"], {"PATH": str(tmp_path)})

    assert found == ("python3.13",)


def test_circle_of_recipes_is_told_as_a_sentence(shop: Workshop) -> None:
    shop.offer("left", builds_with=["right"])
    shop.offer("right", builds_with=["left"])
    options = shop.options()

    results = list(builds(["left", "right"], options=options, services=shop.services(options)))

    told = [one.error.message for one in results if one.error and one.error.slug == "build-circle"]
    assert told == ["none can be built before the others: left needs right, which needs left"]


def workspace_of(shop: Workshop) -> str:
    """Write two projects of which one needs the other, offer a stranger's of the same name, and return their folder."""
    for name, needed in (("cli", '"core"'), ("core", "")):
        folder = shop.folder / "ws" / name
        (folder / f"src/{name}").mkdir(parents=True)
        (folder / f"src/{name}/__init__.py").touch()
        (folder / "pyproject.toml").write_text(
            f'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
            f'[project]\nname = "{name}"\nversion = "1.1"\nlicense = "MIT"\nrequires-python = ">=3.9"\n'
            f"dependencies = [{needed}]\n",
            encoding="utf-8",
        )
    shop.offer("core", version="7.0")
    return str(shop.folder / "ws")


def members(shop: Workshop, *names: str, **chosen: object) -> BuildOptions:
    options = shop.options(**chosen)
    return replace(options, recipe=replace(options.recipe, members=names))


def test_project_of_the_same_source_is_no_stranger_of_the_index(shop: Workshop) -> None:
    source = workspace_of(shop)
    options = members(shop, "cli")

    (result,) = builds([source], options=options, services=shop.services(options))

    assert result.error is not None
    assert result.error.hint == f"core is a project of {source} itself: add --member core"


def test_missing_project_of_the_same_source_is_built_from_it(shop: Workshop) -> None:
    source = workspace_of(shop)
    options = members(shop, "cli", is_with_missing=True)

    core, cli = builds([source], options=options, services=shop.services(options))

    assert (core.error, cli.error) == (None, None)
    assert [Path(one.path).name for one in core.packages] == ["core-1.1-py_0.conda"]


def test_stranger_who_stands_in_for_a_project_of_the_same_source_is_told(shop: Workshop) -> None:
    source = workspace_of(shop)
    shop.distributor = FakeDistributor(has={**shop.distributor.has, "core": "7.0"})
    options = members(shop, "cli")

    (result,) = builds([source], options=options, services=shop.services(options))

    assert result.error is None
    (told,) = (one for one in result.planned.diagnostics if one.slug == "namesake")
    assert told.message == f"core comes from fake, though {source} has a project of that name"
    assert told.hint == "--member core builds that one, too"


def test_projects_of_one_source_that_are_built_together_are_no_strangers(shop: Workshop) -> None:
    source = workspace_of(shop)
    shop.distributor = FakeDistributor(has={**shop.distributor.has, "core": "7.0"})
    options = members(shop, "cli", "core")

    (result,) = builds([source], options=options, services=shop.services(options))

    assert (result.error, result.planned.diagnostics) == (None, ())


def test_members_are_none_of_what_is_built_for_them(shop: Workshop) -> None:
    source = workspace_of(shop)
    path = Path(source, "cli/pyproject.toml")
    path.write_text(path.read_text().replace('"core"', '"bottom"'))
    shop.offer("bottom")
    options = members(shop, "cli", is_with_missing=True)

    bottom, cli = builds([source], options=options, services=shop.services(options))

    assert (bottom.error, cli.error) == (None, None)
