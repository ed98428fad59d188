"""A recipe that conda-bridge writes and its own source have nothing to say against each other."""

from pathlib import Path

import pytest

from conda_bridge.checks.audit import audit
from conda_bridge.checks.audit_entries import Audit
from conda_bridge.formats.document import document_of
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import render_v0
from conda_bridge.formats.v1 import render_v1
from conda_bridge.model.options import RecipeFormat
from support.auditing import CONTEXT, Names
from support.converting import convert_facts
from support.trees import facts_of_tree

TREES = sorted(path for path in (Path(__file__).parents[1] / "packages").iterdir() if path.is_dir())


@pytest.mark.parametrize("recipe_format", ["v1", "v0"])
@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_own_recipe_passes_its_own_audit(tree: Path, recipe_format: RecipeFormat) -> None:
    conversion = convert_facts(facts_of_tree(tree))
    render = render_v1 if recipe_format == "v1" else render_v0
    text = render(conversion.recipe, environment=template_environment())

    document = document_of(text, path=tree.name, recipe_format=recipe_format)

    assert audit(document, conversion, ctx=CONTEXT, names=Names()) == Audit()
