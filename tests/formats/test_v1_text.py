"""What may act as Jinja in a v1 recipe, and what is read as what."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v1_text import (
    decode,
    decode_command,
    decode_path,
    encode,
    encode_command,
    encode_path,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain {text} 100%", "plain {text} 100%"),
        ("${{ x }}", "${{ '${{' }} x }}"),
        ("{{ x }}", "${{ '{{' }} x }}"),
        ("{% raw %}{# c #}", "${{ '{%' }} raw %}${{ '{#' }} c #}"),
        ("$${{{", "$${{ '${{' }}{"),
        ("${{ version }}", "${{ '${{' }} version }}"),
    ],
)
def test_what_would_act_is_written_as_a_literal(text: str, written: str) -> None:
    assert encode(text) == written
    assert decode(written) == text


def test_the_version_is_known_where_it_is_given() -> None:
    assert decode("demo-${{ version }}.tar.gz", version="1.2") == "demo-1.2.tar.gz"


def test_jinja_that_rattler_build_leaves_alone_is_text() -> None:
    assert decode("use {{ x }} and {% y %}") == "use {{ x }} and {% y %}"


@pytest.mark.parametrize(
    "written",
    [
        "${{ version }}",
        "a ${{ name }}",
        "${{ env.get('HOME') }}",
        "${{ '${{' }} {{ x",
        "${{ 'other' }}",
        "${{ x",
    ],
)
def test_an_expression_where_text_is_expected_is_refused(written: str) -> None:
    with pytest.raises(RecipeError) as caught:
        decode(written)

    assert caught.value.slug == "unmodelled-recipe"


def test_a_command_keeps_the_engines_variables() -> None:
    command = "${{ PYTHON }} -m pip install . --prefix ${{ PREFIX }}"

    assert encode_command(command) == command
    assert decode_command(command) == command


def test_other_expressions_in_a_command_are_text() -> None:
    command = "echo ${{ env.get('X') }} ${{PYTHON}} ${{ PYTHON | upper }}"

    assert encode_command(command) == (
        "echo ${{ '${{' }} env.get('X') }} ${{ '${{' }}PYTHON}} ${{ '${{' }} PYTHON | upper }}"
    )


@pytest.mark.parametrize(
    "written", ["${{ name }}", "${{ '${{' }} PYTHON }}", "echo {% raw %}", "echo {{ x }}"]
)
def test_a_command_that_would_act_otherwise_when_written_again_is_refused(written: str) -> None:
    with pytest.raises(RecipeError) as caught:
        decode_command(written)

    assert caught.value.slug == "unmodelled-recipe"


def test_a_path_is_written_as_the_pattern_that_matches_it_alone() -> None:
    assert encode_path(r"a*b?[c]{d}\e") == r"a[*]b[?][[]c[]][{]d[}][\]e"
    assert decode_path(r"a[*]b[?][[]c[]][{]d[}][\]e") == r"a*b?[c]{d}\e"


@pytest.mark.parametrize("pattern", ["LICENSE*", "licenses/**/*", "LICENSE[12]", "{A,B}"])
def test_a_pattern_for_several_files_is_refused(pattern: str) -> None:
    with pytest.raises(RecipeError) as caught:
        decode_path(pattern)

    assert caught.value.slug == "unmodelled-recipe"
