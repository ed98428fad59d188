"""Scalars of a recipe's text are replaced, and no other byte."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.formats.edit import ScalarEdit, edited_text
from conda_bridge.formats.yaml_tree import ScalarNode
from conda_bridge.model.options import RecipeFormat

NEW = "file:///there/demo-1.0.tar.gz"


def _document(text: str, recipe_format: RecipeFormat = "v1") -> RecipeDocument:
    return document_of(text, path="recipe.yaml", recipe_format=recipe_format)


def _edited(text: str, recipe_format: RecipeFormat = "v1") -> str:
    document = _document(text, recipe_format)
    nodes = [entry.node for entry in document.entries("source", "url")]
    return edited_text(
        document, [ScalarEdit(node=node, text=NEW) for node in nodes if isinstance(node, ScalarNode)]
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("source:\n  url: https://h/a.tgz\n", f"source:\n  url: {NEW}\n"),
        ("source:\n  url: https://h/a.tgz  # why\n", f"source:\n  url: {NEW}  # why\n"),
        ('source:\r\n  url: "https://h/a.tgz"\r\nx: é😀\r\n', f"source:\r\n  url: {NEW}\r\nx: é😀\r\n"),
        ("source:\n  url: 'https://h/it''s.tgz'", f"source:\n  url: {NEW}"),
        ("\ufeffsource:\n  url: https://h/a.tgz\n", f"\ufeffsource:\n  url: {NEW}\n"),
        ("source: {url: https://h/a.tgz, sha256: x}\n", f"source: {{url: {NEW}, sha256: x}}\n"),
        ("source:\n  url: >-\n    https://h/a.tgz\n\n# end\n", f"source:\n  url: {NEW}\n\n# end\n"),
        ("source:\n  url:\n    - https://h/a\n    - https://i/a\n", f"source:\n  url:\n    - {NEW}\n    - {NEW}\n"),
        ("source:\n  url: &u !!str https://h/a\nx: *u\n", f"source:\n  url: &u !!str {NEW}\nx: *u\n"),
        (
            "source:\n  - if: linux\n    then:\n      url: https://h/${{ version }}.tgz\n",
            f"source:\n  - if: linux\n    then:\n      url: {NEW}\n",
        ),
    ],
)  # fmt: skip
def test_value_is_replaced_where_it_stands(before: str, after: str) -> None:
    assert _edited(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{% set v = "1" %}\nsource:\n  url: https://h/{{ v }}.tgz  # [linux]\n  fn: https\n',
            f'{{% set v = "1" %}}\nsource:\n  url: {NEW}  # [linux]\n  fn: https\n',
        ),
        ('source:\n  url: "https://h/{{ v }}.tgz"\n', f'source:\n  url: "{NEW}"\n'),
        (
            "source:\r\n  {% if win %}\r\n  url: https://h/a.zip  # comment\r\n  {% endif %}\r\n",
            f"source:\r\n  {{% if win %}}\r\n  url: {NEW}  # comment\r\n  {{% endif %}}\r\n",
        ),
        (
            "source:\n  - url:\n    - https://h/a  # [win]\n    - https://i/a\n",
            f"source:\n  - url:\n    - {NEW}  # [win]\n    - {NEW}\n",
        ),
    ],
)
def test_value_of_v0_is_replaced_within_jinja_selectors_and_quotes(before: str, after: str) -> None:
    assert _edited(before, "v0") == after


def test_value_of_v0_on_several_lines_is_refused() -> None:
    with pytest.raises(RecipeError) as caught:
        _edited("source:\n  url: https://h/a\n    b.tgz\n", "v0")
    assert (caught.value.slug, caught.value.where) == ("uneditable-recipe", "line 2")


def test_edit_that_would_say_more_than_a_value_is_refused() -> None:
    document = _document("source:\n  url: https://h/a\n")
    [entry] = document.entries("source", "url")
    assert isinstance(entry.node, ScalarNode)
    with pytest.raises(RecipeError, match="more than the value"):
        edited_text(document, [ScalarEdit(node=entry.node, text="a\nbuild: b")])


def test_values_of_v0_that_cannot_be_told_apart_on_one_line_are_refused() -> None:
    with pytest.raises(RecipeError, match="overlap"):
        _edited(
            "source:\n  - {url: https://h/a.tgz}\n  - [{url: https://h/a.tgz}, {url: https://h/a}]\n", "v0"
        )


def test_value_that_is_written_nowhere_is_refused() -> None:
    document = _document("source:\n  url: https://h/a\n")
    with pytest.raises(RecipeError, match="written there"):
        edited_text(document, [ScalarEdit(node=ScalarNode(text="https://h/a", line=2), text=NEW)])


def test_value_on_the_last_line_without_its_end_is_found() -> None:
    assert _edited("source:\n  url: https://h/a", "v0") == f"source:\n  url: {NEW}"
