"""What v0 can say of a recipe survives being written and read, as the very same value and text."""

import yaml
from hypothesis import HealthCheck, example, given, settings
from jinja2 import Environment, StrictUndefined

from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import read_v0, render_v0, restrict
from conda_bridge.formats.v0_conditions import parse_selector, selector_text
from conda_bridge.formats.v0_limits import restrict_condition
from conda_bridge.formats.v0_specs import parse_spec, restrict_spec, spec_text
from conda_bridge.formats.v0_text import decode, decode_command, encode, encode_command, line
from conda_bridge.model.condition import Condition
from conda_bridge.model.recipe import Recipe, Spec
from support.effort import examples
from support.strategies import commands, conditions, has_names_of_v0, hostile_text, recipes, specs

WHOLE = settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=examples(50), deadline=None)

NAMED = recipes().filter(has_names_of_v0)


@WHOLE
@given(NAMED)
def test_what_v0_says_of_a_recipe_survives_writing_and_reading(recipe: Recipe) -> None:
    text = render_v0(recipe, environment=template_environment())

    # Writing is a function, so a text of ours survives reading and writing as well.
    assert read_v0(text) == restrict(recipe).recipe


@WHOLE
@given(NAMED)
def test_restricting_again_changes_nothing(recipe: Recipe) -> None:
    once = restrict(recipe).recipe

    assert restrict(once).recipe == once
    assert render_v0(once, environment=template_environment()) == render_v0(
        recipe, environment=template_environment()
    )


@MANY
@given(conditions)
def test_a_condition_survives_as_a_selector(condition: Condition) -> None:
    said = restrict_condition(condition)

    assert parse_selector(selector_text(said)) == said


@MANY
@given(conditions)
def test_a_selector_can_stand_in_a_line(condition: Condition) -> None:
    selector = selector_text(restrict_condition(condition))

    assert not set("[]{}#\n") & set(selector)


@MANY
@given(specs)
def test_a_spec_survives_as_text(spec: Spec) -> None:
    said, _ = restrict_spec(spec)

    assert parse_spec(spec_text(said)) == said


@MANY
@given(hostile_text)
@example("{{{%{#{")
def test_outside_text_survives_as_expressions(text: str) -> None:
    assert decode(encode(text)) == text


@MANY
@given(hostile_text)
@example("{{{%{#{")
@example('"{{ x }}" # [win]')
def test_a_line_is_its_text_to_who_renders_it_first(text: str) -> None:
    written = line(encode(text))

    rendered = (
        Environment(undefined=StrictUndefined, autoescape=False)
        .from_string(f"key: {written}\nend: 1")
        .render()
    )
    assert yaml.safe_load(rendered) == {"key": text, "end": 1}


@MANY
@given(commands)
def test_a_script_line_survives_with_its_variables(command: str) -> None:
    assert decode_command(encode_command(command)) == command
