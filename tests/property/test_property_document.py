"""Any text is a document or refused with a code; and a document of ours is the recipe that we wrote."""

from typing import get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.expressions import UnknownExpression, evaluate
from conda_bridge.formats.selectors import split_selector
from conda_bridge.formats.v0 import render_v0, restrict
from conda_bridge.formats.v1 import render_v1
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.recipe import Recipe
from support.effort import examples
from support.strategies import has_names_of_v0, recipes

WHOLE = settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=examples(100), deadline=2_000)

_FRAGMENTS = (
    *(
        "requirements:",
        "  run:",
        "    - a",
        "outputs:",
        "context:",
        "build: {script: x}",
        "- name: b",
        "if: win",
    ),
    *("then: a", "else: [b]", "{% if x %}", "{% else %}", "{% endif %}", "{% for x in y %}", "{% endfor %}"),
    *(
        "{% set a = 'b' %}",
        "{% macro m() %}",
        "{% endmacro %}",
        "{{ a }}",
        "${{ a }}",
        "{{",
        "}}",
        "{#",
        "#}",
        "%}",
    ),
    *("# [win]", "[win]", "# x", "|", ">", "&a", "*a", "<<: *a", "!!str", '"', "'", ":", "- ", "? "),
    *("\t", "\r", "\ufeff", "\x00", "\x85", "\u2028", "\ue000", "---", "%YAML", "\ud800"),
)
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_FRAGMENTS) | st.text(max_size=3), max_size=25).map("".join),
    st.lists(st.sampled_from(_FRAGMENTS) | st.text(max_size=3), max_size=25).map("\n".join),
)
formats = st.sampled_from(get_args(RecipeFormat))


def visited(document: RecipeDocument) -> int:
    """Look at everything that rules look at."""
    for output in document.outputs:
        document.items("build", "script", within=output.node)
    found = (*document.items("outputs"), *document.entries("requirements"), *document.nodes("build"))
    return len(found) + document.key_line("about")


def outcome(text: str, recipe_format: RecipeFormat) -> str:
    try:
        visited(document_of(text, path="x", recipe_format=recipe_format))
    except RecipeError as error:
        return error.slug
    return "document"


@MANY
@given(texts, formats)
def test_any_text_is_a_document_or_refused(text: str, recipe_format: RecipeFormat) -> None:
    assert outcome(text, recipe_format) in {"document", "invalid-yaml"}


@MANY
@given(texts)
def test_any_text_is_a_value_or_unknown(text: str) -> None:
    try:
        value = evaluate(text, {"a": "b", "n": 1, "l": ("x",)})
    except UnknownExpression:
        return
    assert isinstance(value, str | int | float | tuple)


@MANY
@given(st.text(alphabet="ab [](){}#:-\"'\t", max_size=20))
def test_a_selector_and_its_line_are_parts_of_what_was_written(written: str) -> None:
    line, selector = split_selector(written)

    assert line.rstrip("\"'") in written
    assert f"[{selector}]" in written or not selector


@WHOLE
@given(recipes(), formats)
def test_a_document_of_ours_is_the_recipe_that_was_written(
    recipe: Recipe, recipe_format: RecipeFormat
) -> None:
    assume(recipe_format == "v1" or has_names_of_v0(recipe))
    render, said = (render_v1, recipe) if recipe_format == "v1" else (render_v0, restrict(recipe).recipe)
    text = render(recipe, environment=template_environment())

    document = document_of(text, path="x", recipe_format=recipe_format)

    assert document.as_recipe() == said
    lines = text.splitlines()
    for output in document.outputs:
        for _, items in output.requirements:
            assert [item for item in items if not lines[item.line - 1].strip()] == []


@pytest.mark.parametrize("recipe_format", get_args(RecipeFormat))
@pytest.mark.parametrize(
    "unit",
    [
        "{{",
        '{{"}}"\n',
        "{%",
        "{#",
        "[a",
        "[a]#",
        "a # [\n",
        "{% if x %}\n",
        "{% elif x %}\n",
        "[",
        "&a ",
        "*a ",
    ],
)
def test_hostile_texts_are_read_in_linear_time(unit: str, recipe_format: RecipeFormat) -> None:
    # Quadratic work on so many characters would take minutes.
    text = unit * (100_000 // len(unit))

    with pytest.raises(RecipeError):
        document_of(text, path="x", recipe_format=recipe_format)
