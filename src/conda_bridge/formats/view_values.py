"""Parts of a recipe -> what both formats write of them, or the refusal that neither can."""

import re

from conda_bridge.errors import RecipeError
from conda_bridge.model.condition import variant_is
from conda_bridge.model.recipe import Output, Recipe, RecipeEntryPoint, Script

__all__ = ["ABI3", "build_number_text", "check_env", "entry_point_text", "is_flat", "leading_output"]

ABI3 = variant_is("is_abi3")
"""Holds for the variants in which a version-independent output really is built against the stable ABI."""

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LINE_ENDS = frozenset("\n\r\0")
"""What rattler-build refuses in a variable's value."""
_END_OF_NUMBERS = 10**18
"""rattler-build keeps a build number in 64 bits; `number_of` reads as many digits."""


def is_flat(recipe: Recipe) -> bool:
    """Return whether a recipe is its one output, and thus needs no list of outputs."""
    (first, *others) = recipe.outputs
    return not others and first.conda_name == recipe.name and not first.version


def leading_output(recipe: Recipe) -> Output:
    """Return the output that the recipe is about: the one with its name, else the first."""
    named = (output for output in recipe.outputs if output.conda_name == recipe.name)
    return next(named, recipe.outputs[0])


def build_number_text(number: int) -> str:
    """Return a build number's digits.

    Raises:
        RecipeError: `unrenderable-recipe` where they are more than 18, or the number is negative.
    """
    if not 0 <= number < _END_OF_NUMBERS:
        # Python refuses to write very long numbers: the message can't have it.
        raise RecipeError("unrenderable-recipe", "a build number has 18 digits at most and no sign")
    return str(number)


def check_env(script: Script) -> None:
    """Refuse variables that a script can't set.

    Raises:
        RecipeError: `unrenderable-recipe`.
    """
    names = [name for name, _ in script.env]
    for name, value in script.env:
        if not _ENV_NAME.fullmatch(name) or names.count(name) > 1:
            raise RecipeError(
                "unrenderable-recipe", f"the variable {name!r} isn't one that a script can set once"
            )
        if not _LINE_ENDS.isdisjoint(value):
            raise RecipeError("unrenderable-recipe", f"the variable {name!r} can't hold {value[:80]!r}")


def entry_point_text(entry_point: RecipeEntryPoint) -> str:
    """Return `name = module:attribute`.

    Raises:
        RecipeError: `unrenderable-recipe` where it would be read as another name.
    """
    text = str(entry_point)
    if text.partition(" = ")[0] != entry_point.name:
        raise RecipeError("unrenderable-recipe", f"{text!r} is no entry point")
    return text
