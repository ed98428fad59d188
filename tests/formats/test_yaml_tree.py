"""Strict reading of YAML."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.yaml_tree import MappingNode, ScalarNode, SequenceNode, parse_tree


def test_a_tree_knows_its_lines_and_keeps_scalars_as_text() -> None:
    tree = parse_tree('a:\n  - 1.10\n  - "yes"  # why\nb: |\n  x\n')

    assert tree == MappingNode(
        line=1,
        entries=(
            (
                ScalarNode(text="a", line=1),
                SequenceNode(
                    line=2,
                    items=(
                        ScalarNode(text="1.10", line=2),
                        ScalarNode(text="yes", line=3, is_plain=False),
                    ),
                ),
            ),
            (ScalarNode(text="b", line=4), ScalarNode(text="x\n", line=4, is_plain=False)),
        ),
    )


def test_a_document_start_is_fine() -> None:
    assert parse_tree("---\na") == ScalarNode(text="a", line=2)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: &x 1\nb: *x\n", "line 1"),
        ("a: 1\nb: *x\n", "line 2"),
        ("a: !!python/object/apply:os.system [x]\n", "line 1"),
        ("a: !custom {}\n", "line 1"),
        ("a: ! x\n", "line 1"),
        ("a: 1\nb: 2\na: 3\n", "line 3"),
        ("a:\n  b: 1\n  b: 2\n", "line 3"),
        ("a: 1\n<<: {b: 1}\n", "line 2"),
        ("[a]: 1\n", "line 1"),
        ("a: 1\n---\nb: 1\n", "line 2"),
        ("%YAML 1.1\n---\na: 1\n", "line 2"),
        ("%TAG ! x:\n---\na: 1\n", "line 2"),
        ("a: [1\n", "line 2"),
        ("a: b: c\n", "line 1"),
        ("a:\n\t- b\n", "line 2"),
        ("[" * 100 + "]" * 100, "line 1"),
        ('a: "\\UFFFFFFFF"\n', None),
        ("a: \x01\n", None),
        ("", None),
        ("# nothing\n", None),
        ("a" * 1_000_001, None),
    ],
)
def test_what_a_recipe_has_no_need_of_is_refused(text: str, where: str | None) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_tree(text)

    assert (caught.value.slug, caught.value.where) == ("invalid-yaml", where)


def test_deep_nesting_is_refused_before_it_exhausts_the_stack() -> None:
    with pytest.raises(RecipeError, match="deep nesting"):
        parse_tree("[" * 50_000)
