"""An output may have a version of its own beside the recipe's."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import read_v0, render_v0
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.evidence import address
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import Output, Recipe, leaves
from conda_bridge.workflows.lines import recipe_lines

SUITE = Recipe(
    name=CondaName("suite"),
    version="2.0",
    outputs=(
        Output(conda_name=CondaName("suite-core"), version="1.10"),
        Output(conda_name=CondaName("suite-cli")),
    ),
)


def test_v1_writes_an_outputs_own_version_beside_its_name() -> None:
    text = render_v1(SUITE, environment=template_environment())

    assert '  - package:\n      name: suite-core\n      version: "1.10"\n  - package:\n' in text
    assert read_v1(text) == SUITE


def test_v0_writes_an_outputs_own_version_beside_its_name() -> None:
    text = render_v0(SUITE, environment=template_environment())

    assert '  - name: suite-core\n    version: "1.10"\n  - name: suite-cli\n' in text
    assert read_v0(text) == SUITE


def test_the_recipes_version_said_again_is_no_own_version() -> None:
    v1 = render_v1(SUITE, environment=template_environment())
    v0 = render_v0(SUITE, environment=template_environment())

    for again in ('"2.0"', "${{ version }}"):
        assert read_v1(v1.replace('"1.10"', again)).outputs[0].version == ""
    for again in ('"2.0"', '"{{ version }}"'):
        assert read_v0(v0.replace('"1.10"', again)).outputs[0].version == ""


def test_a_lone_output_with_a_version_of_its_own_is_listed() -> None:
    lone = Recipe(
        name=CondaName("demo"), version="1", outputs=(Output(conda_name=CondaName("demo"), version="2"),)
    )
    assert "\noutputs:\n" in render_v1(lone, environment=template_environment())


def test_v0_refuses_an_own_version_that_jinja_could_read() -> None:
    odd = Recipe(
        name=CondaName("demo"), version="1", outputs=(Output(conda_name=CondaName("x"), version="{{ x }}"),)
    )
    with pytest.raises(RecipeError, match="version can't be"):
        render_v0(odd, environment=template_environment())


def test_an_own_version_that_is_the_recipes_is_refused() -> None:
    with pytest.raises(ValueError, match="another one"):
        Recipe(name=CondaName("demo"), version="1", outputs=(Output(conda_name=CondaName("x"), version="1"),))


def test_own_names_and_versions_are_lines_that_want_a_reason() -> None:
    lines = recipe_lines(SUITE)

    assert lines[address("suite-core", "package", "version")] == "1.10"
    assert set(leaves(SUITE)) <= set(lines)
