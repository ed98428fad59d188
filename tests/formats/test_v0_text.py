"""Outside text in a v0 recipe."""

import re

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v0_text import decode, decode_command, encode, encode_command, line
from conda_bridge.model.condition import os_in

# What conda-build takes for a selector. Source: its documentation, "Preprocessing selectors".
_SELECTOR = re.compile(r"#.*\[([^\[\]]+)\][^()]*$|\[([^\[\]]+)\]$")

WIN = os_in({"win"})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("a { b", "a { b"),
        ("a {{ b }}", "a {{ '{' }}{ b }}"),
        ("{% raw %}", "{{ '{' }}% raw %}"),
        ("{# no comment #}", "{{ '{' }}# no comment #}"),
        ("{{{", "{{ '{' }}{{ '{' }}{"),
    ],
)
def test_braces_that_open_jinja_are_expressions(value: str, written: str) -> None:
    assert encode(value) == written
    assert decode(written) == value


def test_brace_before_an_expression_is_one_too() -> None:
    assert encode_command("a {${{ PYTHON }}") == "a {{ '{' }}{{ PYTHON }}"
    assert decode_command("a {{ '{' }}{{ PYTHON }}") == "a {${{ PYTHON }}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("yes", '"yes"'),
        ("1.10", '"1.10"'),
        ("{{ x }}", '''"{{ '{' }}{ x }}"'''),
        ("a {{ x", "a {{ '{' }}{ x"),
        ('say "{%"', '''say "{{ '{' }}%"'''),
        ("a # [win]", r'"a \x23 [win]"'),
        ("see [1]", '"see [1]"'),
        ("{#[win]", r'''"{{ '{' }}\x23[win]"'''),
        ("tab\there", r'"tab\there"'),
    ],
)
def test_line_is_quoted_where_yaml_or_a_selector_asks_for_it(value: str, text: str) -> None:
    assert line(encode(value)) == text
    assert not _SELECTOR.search(f"  summary: {text}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("demo", "demo  # [win]"),
        # The line would be cut at its first `#`.
        ("demo#egg", r'"demo\x23egg"  # [win]'),
        ("demo[x] y", r'"demo\x5bx\x5d y"  # [win]'),
    ],
)
def test_line_with_a_selector_has_no_other_sign_of_one(value: str, text: str) -> None:
    assert line(encode(value), WIN) == text


@pytest.mark.parametrize(
    "written", ["{{ version }}", "{{ x }}", "{% if x %}", "{# c #}", "a {{", "{{ '{' }}{{ x }}"]
)
def test_expressions_are_no_text(written: str) -> None:
    with pytest.raises(RecipeError) as caught:
        decode(written)

    assert caught.value.slug == "unmodelled-recipe"


def test_version_is_put_in_where_it_is_known() -> None:
    assert decode("demo-{{ version }}.tar.gz", version="1.10") == "demo-1.10.tar.gz"


def test_literal_that_would_act_as_a_variable_is_refused() -> None:
    with pytest.raises(RecipeError) as caught:
        decode_command("${{ '{' }}{ PYTHON }}")

    assert caught.value.slug == "unmodelled-recipe"


def test_an_opening_without_its_closing_acts_as_jinja() -> None:
    with pytest.raises(RecipeError, match=r"Jinja acts in ' and \{\{ never closed'"):
        decode("{{ '{' }} and {{ never closed")
