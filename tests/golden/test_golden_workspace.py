"""The invented workspace of tests/workspaces/ gives the recipes of feedstock-examples/workspace/, offline."""

from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.options import NetworkOptions, RecipeOptions
from conda_bridge.model.recipe import leaves
from conda_bridge.model.source import GitOrigin, GitRef
from conda_bridge.protocols import SilentReporter
from conda_bridge.workflows.convert import convert, read_source
from conda_bridge.workflows.facts import save_facts
from conda_bridge.workflows.recipe import render_recipe
from conda_bridge.workflows.services import services_of
from support.golden import assert_golden
from support.rattler_render import render_texts

TREE = Path(__file__).resolve().parents[1] / "workspaces" / "lattice"
EXAMPLE = Path(__file__).resolve().parents[2] / "feedstock-examples" / "workspace"
URL = "https://git.example.org/lattice/lattice"
OPTIONS = RecipeOptions(
    maintainers=("conda-bridge",), formats=("v1", "v0"), network=NetworkOptions(offline=True)
)


@pytest.fixture(scope="module")
def conversion(tmp_path_factory: pytest.TempPathFactory) -> Conversion:
    """The workspace as if it had been cloned: facts of a repository are read from a file."""
    services = replace(services_of(OPTIONS, SilentReporter()), channels=None)
    facts = read_source(str(TREE), options=OPTIONS, services=services)
    cloned = replace(
        facts,
        ref=GitRef(text=f"git+{URL}@v2.1.0", url=URL, revision="v2.1.0"),
        origin=GitOrigin(url=URL, commit="0123456789abcdef" * 2 + "01234567", requested_revision="v2.1.0"),
    )
    path = tmp_path_factory.mktemp("facts") / "lattice.facts.json"
    save_facts(cloned, str(path))
    return convert(str(path), options=OPTIONS, services=services)


def test_recipes_are_the_golden_ones(conversion: Conversion, *, update_golden: bool) -> None:
    (_, v1), (_, v0) = render_recipe(conversion, options=OPTIONS).files

    assert_golden(EXAMPLE / "recipe-v1" / "recipe.yaml", v1, update=update_golden)
    assert_golden(EXAMPLE / "recipe-v0" / "meta.yaml", v0, update=update_golden)


def test_every_leaf_has_evidence(conversion: Conversion) -> None:
    explained = {evidence.address for evidence in conversion.evidence}

    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []


def test_every_origin_is_a_file_of_the_tree(conversion: Conversion) -> None:
    origins = {origin for evidence in conversion.evidence for origin in evidence.origins}
    files = {origin.partition("#")[0] for origin in origins if not origin.startswith("git+")}
    paths = {path.rpartition(":")[0] if path.rpartition(":")[2].isdecimal() else path for path in files}

    assert {path for path in paths if not (TREE / path).exists()} == set()


def test_what_is_declared_has_an_origin(conversion: Conversion) -> None:
    assert [
        e.address for e in conversion.evidence if e.certainty is Certainty.DECLARED and not e.origins
    ] == []


@pytest.mark.engine
def test_rattler_build_accepts_every_output(conversion: Conversion) -> None:
    platforms = ("linux-64", "linux-aarch64", "osx-arm64", "win-64")
    (rendered,) = render_texts([render_recipe(conversion, options=OPTIONS).files[0][1]], platforms)
    packages = {
        (output["package"]["name"], output["package"]["version"])
        for one in rendered.values()
        for output in one.outputs
    }

    assert [one.problem for one in rendered.values()] == [""] * len(platforms)
    assert packages == {("lattice", "2.1.0"), ("lattice-cli", "0.4.2")}


def test_the_recipe_is_clean(conversion: Conversion) -> None:
    found = render_recipe(conversion, options=OPTIONS).diagnostics

    assert [one for one in found if one.severity != "info"] == []
