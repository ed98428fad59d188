"""Strict reading of YAML."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.yaml_tree import Leniency, MappingNode, Node, ScalarNode, SequenceNode, parse_tree

LENIENT = Leniency(aliases=True, core_tags=True, repeats=True)


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
        ("a" * 500_001, None),
    ],
)
def test_what_a_recipe_has_no_need_of_is_refused(text: str, where: str | None) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_tree(text)

    assert (caught.value.slug, caught.value.where) == ("invalid-yaml", where)


def test_deep_nesting_is_refused_before_it_exhausts_the_stack() -> None:
    with pytest.raises(RecipeError, match="deep nesting"):
        parse_tree("[" * 50_000)


def texts_under(node: Node, key: str) -> list[str]:
    assert isinstance(node, MappingNode)
    return [value.text for name, value in node.entries if name.text == key and isinstance(value, ScalarNode)]


def test_a_lenient_tree_has_repeated_keys_in_their_order() -> None:
    assert texts_under(parse_tree("a: 1\nb: 2\na: 3\n", leniency=LENIENT), "a") == ["1", "3"]


def test_a_lenient_tree_has_what_aliases_stand_for_at_its_own_lines() -> None:
    tree = parse_tree("a: &x\n  - 1\nb: *x\n", leniency=LENIENT)

    assert isinstance(tree, MappingNode)
    assert tree.entries[1][1] == SequenceNode(line=1, items=(ScalarNode(text="1", line=2),))


def test_merge_keys_give_way_to_a_mappings_own_entries() -> None:
    tree = parse_tree(
        "a: &x {b: 1, c: 2}\nd: &y {c: 3, e: 4}\nf:\n  <<: [*x, *y]\n  b: 5\n", leniency=LENIENT
    )

    assert isinstance(tree, MappingNode)
    merged = tree.entries[2][1]
    assert [texts_under(merged, key) for key in "bce"] == [["5"], ["2"], ["4"]]


def test_tags_of_yamls_own_types_make_text() -> None:
    assert parse_tree("!!str 1", leniency=LENIENT) == ScalarNode(text="1", line=1, is_plain=False)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: *x\n", "line 1"),
        ("a: &x [*x]\n", "line 1"),
        ("a: !!python/object/apply:os.system [x]\n", "line 1"),
        ("a: &x 1\n<<: *x\n", "line 1"),
        ("a: &x {b: 1}\n? *x\n: 1\n", "line 1"),
        # Each list holds the one before it nine times.
        (
            "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]\n" for n in range(9)),
            "line 5",
        ),
        # Each list holds the one before it once.
        ("".join(f"a{n}: &a{n} [{f'*a{n - 1}' if n else 'x'}]\n" for n in range(90)), "line 40"),
    ],
)
def test_what_a_lenient_tree_refuses(text: str, where: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_tree(text, leniency=LENIENT)

    assert (caught.value.slug, caught.value.where) == ("invalid-yaml", where)
