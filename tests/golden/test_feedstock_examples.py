"""The real projects of feedstock-examples/ give the recipes that stand there."""

import tomllib
from pathlib import Path

import pytest

from conda_bridge import Conversion, RecipeOptions, convert
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.recipe import UrlSource, leaves
from conda_bridge.workflows.recipe import render_recipe
from support.golden import assert_golden

EXAMPLES = Path(__file__).resolve().parents[2] / "feedstock-examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/source.toml"))
OPTIONS = RecipeOptions(maintainers=("conda-bridge",), formats=("v1", "v0"))

pytestmark = pytest.mark.network


@pytest.fixture(scope="module", params=NAMES)
def example(request: pytest.FixtureRequest) -> tuple[Path, Conversion]:
    folder = EXAMPLES / str(request.param)
    source = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))
    conversion = convert(f"{source['name']}=={source['version']}", options=OPTIONS)
    (fetched,) = conversion.recipe.sources
    assert isinstance(fetched, UrlSource)
    assert fetched.sha256 == source["sha256"]
    return folder, conversion


def test_recipes_are_the_golden_ones(example: tuple[Path, Conversion], *, update_golden: bool) -> None:
    folder, conversion = example
    (_, v1), (_, v0) = render_recipe(conversion, options=OPTIONS).files
    assert_golden(folder / "recipe-v1" / "recipe.yaml", v1, update=update_golden)
    assert_golden(folder / "recipe-v0" / "meta.yaml", v0, update=update_golden)


def test_every_leaf_has_evidence(example: tuple[Path, Conversion]) -> None:
    _, conversion = example
    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []


def test_every_file_of_an_origin_is_in_the_facts(example: tuple[Path, Conversion]) -> None:
    _, conversion = example
    facts = conversion.facts
    known = {*facts.paths, facts.label}
    if facts.index is not None:
        known |= {*facts.index.wheels, f"{facts.index.wheel_metadata_file}/METADATA"}
    origins = {origin for evidence in conversion.evidence for origin in evidence.origins}
    files = {origin.partition("#")[0].rpartition(":")[0] or origin.partition("#")[0] for origin in origins}
    foreign = {file for file in files if file not in known and not file.startswith(("http", "index"))}
    assert foreign == set()


def test_what_is_declared_has_an_origin(example: tuple[Path, Conversion]) -> None:
    _, conversion = example
    bare = [e.address for e in conversion.evidence if e.certainty is Certainty.DECLARED and not e.origins]
    assert bare == []


def test_example_says_what_it_shows(example: tuple[Path, Conversion]) -> None:
    folder, _ = example
    assert len((folder / "WHY.md").read_text(encoding="utf-8").splitlines()) > 3
