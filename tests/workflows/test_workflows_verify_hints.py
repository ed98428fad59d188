"""Hints of a round trip name what still exists when its folders are gone, and no option that `verify` lacks."""

from dataclasses import replace

import pytest

from conda_bridge.errors import EngineError, RepackError
from conda_bridge.model.codes import finding
from conda_bridge.workflows.verifying.fitting_hints import fitting_error, fitting_finding
from conda_bridge.workflows.verifying.lasting_hints import lasting_error, lasting_finding

GONE = "/scratch/conda-bridge-verify-x"
RECIPE = f"{GONE}/channel/builds/demo-1.0.failed/recipe/recipe.yaml"
KEPT = "the one that `conda-bridge build demo==1.0` keeps"


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (
            f"mend the recipe and build it: conda-bridge build {RECIPE}",
            "mend the recipe and build it: conda-bridge build demo==1.0, which keeps its recipe in the channel",
        ),
        (f"the recipe is {RECIPE}", f"the recipe is {KEPT}"),
        ("install a compiler", "install a compiler"),
        (None, None),
    ],
)
def test_hint_names_no_place_that_is_gone(hint: str | None, told: str | None) -> None:
    error = EngineError("build-failed", "it ended with 1", hint=hint)

    assert lasting_error(error, GONE, "demo==1.0").hint == told


def test_finding_names_no_place_that_is_gone() -> None:
    found = replace(finding("nothing-published", "none"), hint=f"the recipe is {RECIPE}")

    assert lasting_finding(found, GONE, "demo==1.0").hint == f"the recipe is {KEPT}"


@pytest.mark.parametrize(
    ("where", "told"),
    [(f"{GONE}/channel/build.log", None), ("demo-1.0.tar.gz", "demo-1.0.tar.gz"), (None, None)],
)
def test_failure_is_at_no_place_that_is_gone(where: str | None, told: str | None) -> None:
    error = EngineError("build-failed", "it ended with 1", where=where)

    assert lasting_error(error, GONE, "demo==1.0").where == told


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("dependency-drift", "mend the recipe if it should say what METADATA says"),
        ("local-version-kept", ""),
        ("constrains-dropped", finding("constrains-dropped", "x").hint),
    ],
)
def test_finding_names_no_option_of_another_command(slug: str, told: str) -> None:
    assert fitting_finding(finding(slug, "it is so")).hint == told


@pytest.mark.parametrize(
    ("slug", "hint", "told"),
    [
        ("install-script", None, "look at what it does"),
        ("or-spec", None, "ask for one range in the recipe"),
        ("metapackage", None, ""),
        ("corrupt", None, None),
        ("corrupt", "rename it", "rename it"),
    ],
)
def test_failure_names_no_option_of_another_command(slug: str, hint: str | None, told: str | None) -> None:
    error = RepackError(slug, "it is so", hint=hint)

    assert fitting_error(error).hint == told
