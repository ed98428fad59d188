"""A recipe that gives nothing here -> why: which pythons it is for, and which there are."""

from collections.abc import Iterable

from conda_bridge.errors import EngineError
from conda_bridge.model.condition import Target, evaluate
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.model.recipe import Recipe
from conda_bridge.workflows.building.causes import model_of
from conda_bridge.workflows.building.context import BuildContext
from conda_bridge.workflows.building.values import PreparedRecipe
from conda_bridge.workflows.building.variants import pythons_of

__all__ = ["skipped_error"]

_MINORS = range(8, 21)
"""Of pythons that somebody may have; an upper bound beyond them is none."""
_HOST = "host"
_ANOTHER_PYTHON = "--python PATH takes another interpreter of this machine for the host distributor"


def skipped_error(recipe: PreparedRecipe, context: BuildContext) -> EngineError:
    """Return the failure of a recipe that skips every variant."""
    here = pythons_of(context.variants)
    suited = _minors(recipe, context)
    distributor = context.services.distributor.name
    message = f"{recipe.name} skips every variant that is built here"
    hint = None
    if suited and not {f"3.{minor}" for minor in suited}.intersection(here):
        message = f"{recipe.name} is for python {_bounds(suited)}, and {distributor} has {', '.join(here)}"
        hint = _ANOTHER_PYTHON if distributor == _HOST else None
    # A converted recipe lies in a folder that goes with us.
    where = None if recipe.conversion else str(recipe.path)
    return EngineError("nothing-to-build", message, where=where, hint=hint)


def _minors(recipe: PreparedRecipe, context: BuildContext) -> list[int]:
    """Return the minor versions of python 3 for which the recipe gives something; none where it can't be told."""
    model = model_of(recipe)
    if model is None:
        return []
    variants = tuple((key, values[0]) for key, values in context.variants.values if values)
    return [
        minor
        for minor in _MINORS
        if _is_built(model, Target(platform=context.subdir, python=PyVersion((3, minor)), variants=variants))
    ]


def _is_built(recipe: Recipe, target: Target) -> bool:
    return any(not any(evaluate(one, target) for one in output.skip) for output in recipe.outputs)


def _bounds(minors: Iterable[int]) -> str:
    """Return minor versions as people say them.

    >>> _bounds([12, 13, 20]), _bounds([9, 10])
    ('>=3.12', '>=3.9,<3.11')
    """
    found = list(minors)
    below = "" if found[-1] == _MINORS[-1] else f",<3.{found[-1] + 1}"
    return f">=3.{found[0]}{below}"
