"""Markers are equal in a comparison only where they mean the same, however they are put."""

from itertools import product
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from conda_bridge.repack.wheels.markers_compared import same_marker

Tree: TypeAlias = "str | tuple[str, tuple[Tree, ...]]"

ATOMS = {"p": 'os_name == "x"', "q": 'sys_platform == "x"', "r": 'extra == "x"'}
VARIABLES = ("os_name", "sys_platform", "extra")

trees: st.SearchStrategy[Tree] = st.recursive(
    st.sampled_from(sorted(ATOMS)),
    lambda inner: st.tuples(
        st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
    ),
    max_leaves=7,
)


def plain(tree: Tree) -> str:
    """Return a tree as text with every parenthesis."""
    if isinstance(tree, str):
        return ATOMS[tree]
    operator, parts = tree
    return f" {operator} ".join(f"({plain(part)})" for part in parts)


def terse(tree: Tree) -> str:
    """Return a tree as text with the needed parentheses only, all parts the other way round and quoted otherwise."""
    if isinstance(tree, str):
        return ATOMS[tree].replace('"', "'")
    operator, parts = tree
    texts = [
        f"({terse(part)})"
        if operator == "and" and not isinstance(part, str) and part[0] == "or"
        else terse(part)
        for part in reversed(parts)
    ]
    return f" {operator} ".join(texts)


def meaning(text: str) -> list[bool]:
    """Return what a marker says in each environment."""
    marker = Marker(text)
    return [
        marker.evaluate(dict(zip(VARIABLES, values, strict=True))) for values in product(["x", "y"], repeat=3)
    ]


@given(tree=trees)
def test_one_marker_is_equal_however_it_is_put(tree: Tree) -> None:
    assert same_marker(str(Marker(plain(tree)))) == same_marker(str(Marker(terse(tree))))


@given(left=trees, right=trees)
def test_equal_markers_mean_the_same(left: Tree, right: Tree) -> None:
    if same_marker(str(Marker(plain(left)))) == same_marker(str(Marker(plain(right)))):
        assert meaning(plain(left)) == meaning(plain(right))
