"""Recipe <-> `recipe.yaml` (v1).

`read_v1(render_v1(r)) == r` for every recipe that can be written, and `render_v1(read_v1(t)) == t` for
every text that was written here.
"""

from typing import TYPE_CHECKING

from conda_bridge.formats.environment import render_template
from conda_bridge.formats.v1_view import view_of
from conda_bridge.model.recipe import Recipe

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["V1_TEMPLATE", "read_v1", "render_v1"]

V1_TEMPLATE = "recipe-v1/recipe.yaml.j2"


def render_v1(recipe: Recipe, *, environment: "Environment") -> str:
    """Return the text of `recipe.yaml`, which ends in one newline.

    Raises:
        RecipeError: `unrenderable-recipe` for what v1 can't say, `template-error` for a user's broken template.

    Source: CEP 13 and CEP 14; the layout is that of conda-forge's recipes.
    """
    return render_template(environment, V1_TEMPLATE, recipe=view_of(recipe))


def read_v1(text: str) -> Recipe:
    """Return the recipe that `text` says.

    Comments, flow style and other spellings of the same thing are read and not kept.

    Raises:
        RecipeError: `invalid-yaml` for text that isn't plain YAML, `unmodelled-recipe` for what a `Recipe`
            can't hold; `where` names the line.

    Source: CEP 13 and CEP 14.
    """
    # The reader needs ruamel.yaml, which takes 30 ms to import and which nobody needs who only writes.
    from conda_bridge.formats.v1_read import recipe_of  # noqa: PLC0415

    return recipe_of(text)
