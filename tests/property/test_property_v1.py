"""Everything that a recipe can hold survives being written and read, as the very same value and text."""

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.scalars import quoted, scalar
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.formats.v1_conditions import condition_text, parse_condition
from conda_bridge.formats.v1_specs import parse_spec, spec_text
from conda_bridge.formats.v1_text import decode, decode_command, encode, encode_command
from conda_bridge.model.condition import Condition
from conda_bridge.model.recipe import Recipe, Spec
from support.effort import examples
from support.strategies import commands, conditions, hostile_text, recipes, specs

WHOLE = settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=examples(100), deadline=None)


@WHOLE
@given(recipes())
def test_a_recipe_survives_writing_and_reading(recipe: Recipe) -> None:
    text = render_v1(recipe, environment=template_environment())

    # Writing is a function, so a text of ours survives reading and writing as well.
    assert read_v1(text) == recipe


@MANY
@given(conditions)
def test_a_condition_survives_as_text(condition: Condition) -> None:
    assert parse_condition(condition_text(condition)) == condition


@MANY
@given(specs)
def test_a_spec_survives_as_text(spec: Spec) -> None:
    assert parse_spec(spec_text(spec)) == spec


@MANY
@given(hostile_text)
def test_outside_text_survives_as_literals(text: str) -> None:
    assert decode(encode(text)) == text


@MANY
@given(commands)
def test_a_script_line_survives_with_its_variables(command: str) -> None:
    assert decode_command(encode_command(command)) == command


@MANY
@given(hostile_text)
@example("")
@example("a # b [win]")
def test_a_scalar_is_its_text_to_both_yaml_readers(text: str) -> None:
    for written in (scalar(text), quoted(text)):
        document = f"key: {written}\nlist:\n  - {written}\n"

        assert yaml.safe_load(document) == {"key": text, "list": [text]}
        assert YAML(typ="safe", pure=True).load(document) == {"key": text, "list": [text]}


@MANY
@given(hostile_text)
def test_a_scalar_stays_on_one_line(text: str) -> None:
    assert len(f"{scalar(text)}{quoted(text)}".splitlines()) == 1


@MANY
@given(st.text(max_size=20), hostile_text)
def test_a_quoted_scalar_has_nothing_that_starts_a_selector(before: str, after: str) -> None:
    written = scalar(f"{before}# [win] {after}")

    assert "#" not in written
