"""What both formats write in the same way, and what neither can."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import read_v0, render_v0
from conda_bridge.formats.v0_conditions import parse_selector
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import Output, Recipe

DEMO = CondaName("demo")


def built(number: int) -> Recipe:
    return Recipe(name=DEMO, version="1", build_number=number, outputs=(Output(conda_name=DEMO),))


def test_the_longest_build_number_survives() -> None:
    recipe = built(10**18 - 1)
    environment = template_environment()

    assert read_v0(render_v0(recipe, environment=environment)) == recipe
    assert read_v1(render_v1(recipe, environment=environment)) == recipe


@pytest.mark.parametrize("number", [-1, 10**18, 16**10_000], ids=["negative", "long", "very long"])
def test_other_build_numbers_are_refused(number: int) -> None:
    for render in (render_v0, render_v1):
        with pytest.raises(RecipeError, match="a build number has 18 digits at most") as caught:
            render(built(number), environment=template_environment())
        assert caught.value.slug == "unrenderable-recipe"


def test_a_selector_with_a_very_long_number_is_refused() -> None:
    with pytest.raises(RecipeError) as caught:
        parse_selector("cuda == " + "9" * 5_000)

    assert caught.value.slug == "unmodelled-recipe"
