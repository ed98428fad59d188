"""A recipe whose build or tests failed -> what is known of it that explains its log, and what its user can do."""

from pathlib import Path

from conda_bridge.errors import BridgeError
from conda_bridge.formats.v1 import read_v1
from conda_bridge.model.recipe import PythonTest, Recipe
from conda_bridge.protocols import NameSource
from conda_bridge.workflows.building.values import PreparedRecipe
from conda_bridge.workflows.hints import HintFacts, HintPlace

__all__ = ["hint_facts", "model_of", "remedy_in_recipe"]


def hint_facts(
    recipe: PreparedRecipe, *, is_test: bool, log: str, kept: Path, names: NameSource
) -> HintFacts:
    """Return what explains a log; `kept` is the recipe's file that the user can edit."""
    outputs = recipe.outputs
    return HintFacts(
        own_modules=_own_modules(recipe),
        build_specs=tuple(spec for output in outputs for spec in output.build_specs),
        host_specs=tuple(spec for output in outputs for spec in output.host_specs),
        run_specs=tuple(spec for output in outputs for spec in output.run_specs),
        is_test=is_test,
        log=log,
        names=names,
        place=HintPlace(recipe=str(kept), package=_table(recipe)),
    )


def remedy_in_recipe(error: BridgeError, recipe: PreparedRecipe, kept: Path) -> str | None:
    """Return what to do where no cause is known; None: what the failure says itself."""
    if error.slug not in {"build-failed", "tests-failed"} or error.hint is not None:
        return error.hint
    what = "mend the recipe" if recipe.conversion is None else "mend the recipe that was written"
    remedy = f"{what} and build it: conda-bridge build {kept}"
    return f"{remedy}; --no-test publishes it all the same" if error.slug == "tests-failed" else remedy


def _table(recipe: PreparedRecipe) -> str:
    """Return the table of a converted recipe's overrides; empty where there are several, or none."""
    model = recipe.conversion.recipe if recipe.conversion else None
    return recipe.name if model is not None and len(model.outputs) == 1 else ""


def _own_modules(recipe: PreparedRecipe) -> tuple[str, ...]:
    """Return the top-level modules that the packages should have: those that are tested, or called as they are."""
    model = model_of(recipe)
    tests = [one for output in model.outputs for one in output.tests] if model else []
    imports = [name for test in tests if isinstance(test, PythonTest) for name in test.imports]
    called = [str(output.conda_name).replace("-", "_") for output in recipe.outputs]
    return tuple(dict.fromkeys(name.partition(".")[0] for name in (*imports, *called)))


def model_of(recipe: PreparedRecipe) -> Recipe | None:
    """Return a recipe's model; None where only the engine can read it."""
    if recipe.conversion is not None:
        return recipe.conversion.recipe
    if recipe.format != "v1":
        return None
    try:
        return read_v1(recipe.path.read_text(encoding="utf-8"))
    except (BridgeError, OSError, UnicodeDecodeError):
        return None
