"""Recipe <-> `meta.yaml` (v0).

v0 says less than a `Recipe`: `restrict` gives the recipe that it can say, and a finding for each loss.
`read_v0(render_v0(r)) == restrict(r).recipe`, and `render_v0(read_v0(t)) == t` for every text that was written
here.
"""

from typing import TYPE_CHECKING

from conda_bridge.formats.environment import render_template
from conda_bridge.formats.v0_restrict import Restricted, restrict
from conda_bridge.formats.v0_view import view_of
from conda_bridge.model.recipe import Recipe

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["V0_TEMPLATE", "Restricted", "read_v0", "render_v0", "restrict"]

V0_TEMPLATE = "recipe-v0/meta.yaml.j2"


def render_v0(recipe: Recipe, *, environment: "Environment") -> str:
    """Return the text of `meta.yaml`, which ends in one newline; what v0 can't say is restricted first.

    Raises:
        RecipeError: `unrenderable-recipe` for what v0 can't say at all, `template-error` for a user's broken
            template.

    Source: conda-build's documentation of meta.yaml; the layout is that of conda-forge's recipes.
    """
    return render_template(environment, V0_TEMPLATE, recipe=view_of(restrict(recipe).recipe))


def read_v0(text: str) -> Recipe:
    """Return the recipe that `text` says.

    Raises:
        RecipeError: `invalid-yaml` for text that isn't plain YAML once Jinja is set aside, `unmodelled-recipe` for
            what a `Recipe` can't hold; `where` names the line.
    """
    # Who only writes needs no reader.
    from conda_bridge.formats.v0_read import recipe_of  # noqa: PLC0415

    return recipe_of(text)
