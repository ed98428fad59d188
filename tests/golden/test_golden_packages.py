"""The tiny source trees of tests/packages/ give the recipes that stand beside this file, offline."""

from pathlib import Path

import pytest

from conda_bridge.config import FILE_NAME, read_file
from conda_bridge.errors import BridgeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import render_v0
from conda_bridge.formats.v1 import render_v1
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides
from conda_bridge.model.recipe import leaves
from support.converting import convert_facts
from support.golden import assert_golden
from support.trees import facts_of_tree

HERE = Path(__file__).resolve().parent
TREES = sorted(path for path in (HERE.parent / "packages").iterdir() if path.is_dir())


def overrides_in(tree: Path) -> PackageOverrides:
    path = tree / FILE_NAME
    return read_file(path).overrides[0] if path.is_file() else NO_OVERRIDES


def converted(tree: Path) -> Conversion:
    try:
        return convert_facts(facts_of_tree(tree), overrides=overrides_in(tree))
    except BridgeError as error:
        pytest.fail(f"{tree.name}: {error}")


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_recipe_is_the_golden_one(tree: Path, *, update_golden: bool) -> None:
    text = render_v1(converted(tree).recipe, environment=template_environment())
    assert_golden(HERE / "packages" / tree.name / "recipe.yaml", text, update=update_golden)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_v0_recipe_is_the_golden_one(tree: Path, *, update_golden: bool) -> None:
    text = render_v0(converted(tree).recipe, environment=template_environment())
    assert_golden(HERE / "packages" / tree.name / "meta.yaml", text, update=update_golden)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_every_leaf_has_evidence(tree: Path) -> None:
    conversion = converted(tree)
    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []
