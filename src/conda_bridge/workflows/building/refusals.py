"""What an engine says when it refuses a recipe -> what its user can make of it."""

import re

from conda_bridge.errors import BridgeError, EngineError, RecipeError
from conda_bridge.workflows.building.values import PreparedRecipe

__all__ = ["refusal_of"]

_CIRCLE = re.compile(r'CycleDetected \{ packages: "(?P<names>[^"]{1,1000})"')
"""rattler-build sorts a recipe's outputs by what they need in build and host."""


def refusal_of(error: RecipeError, recipe: PreparedRecipe) -> BridgeError:
    """Return the failure of rendering a recipe in words of ours, where there are better ones."""
    circle = _CIRCLE.search(error.message)
    # A converted recipe lies in a folder that goes with us.
    where = None if recipe.conversion else error.where
    if circle is not None:
        return EngineError(
            "build-circle",
            f"outputs of the recipe need one another to be built: {circle['names']}",
            where=where,
            hint="let one of them do without the others in its build and host requirements",
        )
    if error.slug != "engine-refuses-recipe" or error.hint is not None or recipe.conversion is not None:
        return error
    return RecipeError(
        error.slug,
        error.message,
        where=error.where,
        hint=f"conda-bridge check {recipe.path} may say more of it",
    )
