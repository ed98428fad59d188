"""Specifiers survive the way to conda and back."""

from itertools import product
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.model.condition import PyVersion, Target, evaluate
from conda_bridge.translate.bounds import hull
from conda_bridge.translate.match_specs import from_conda_spec
from conda_bridge.translate.versions import Style, python_condition, to_conda_spec
from support.effort import examples

RELEASES = ("0", "1", "1.0", "1.2", "1.2.0", "1.2.3", "1.3", "1.10", "2", "2.0.0", "2.1", "1!1", "1!1.2")
SUFFIXES = ("", ".dev1", "a1", "b2", "rc1", "rc1.dev2", ".post1", ".post2.dev1")
GRID = tuple(Version(release + suffix) for release, suffix in product(RELEASES, SUFFIXES))

releases = st.sampled_from(RELEASES)
# `<2.0a0` means `<2.0` to conda's users, and comes back so: SUFFIXES have no a0 and no dev0.
versions = st.builds(str.__add__, releases, st.sampled_from(SUFFIXES))
ordered = st.builds(str.__add__, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), versions)
prefixes = st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), releases)
compatible = versions.filter(lambda text: len(Version(text).release) > 1).map("~={}".format)
specifier_sets = st.lists(st.one_of(ordered, prefixes, compatible), max_size=4).map(
    lambda clauses: SpecifierSet(",".join(clauses))
)


def matches(specifiers: SpecifierSet) -> list[Version]:
    return [version for version in GRID if specifiers.contains(version, prereleases=True)]


@settings(deadline=None, max_examples=examples(80))
@given(specifier_sets, st.sampled_from(get_args(Style)))
def test_a_specifier_comes_back_from_conda_with_the_same_meaning(
    specifiers: SpecifierSet, style: Style
) -> None:
    there = to_conda_spec(specifiers, style=style).value
    back = from_conda_spec(there)
    assert matches(back.value) == matches(specifiers)
    assert back.diagnostics == ()


@settings(deadline=None, max_examples=examples(50))
@given(specifier_sets)
def test_both_styles_come_back_as_the_same_specifiers(specifiers: SpecifierSet) -> None:
    exact, recipe = (from_conda_spec(to_conda_spec(specifiers, style=s).value).value for s in get_args(Style))
    assert matches(exact) == matches(recipe)


@settings(deadline=None, max_examples=examples(50))
@given(st.lists(specifier_sets, min_size=1, max_size=3))
def test_the_hull_holds_every_final_release_of_each_set(sets: list[SpecifierSet]) -> None:
    widest = set(matches(hull(sets)))
    for specifiers in sets:
        assert {v for v in matches(specifiers) if not v.is_prerelease} <= widest


pythons = st.tuples(st.sampled_from([2, 3, 4]), st.integers(0, 14), st.integers(0, 3))
python_texts = pythons.map(lambda parts: ".".join(map(str, parts)))
python_bounds = st.builds(
    str.__add__,
    st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~="]),
    st.one_of(python_texts, python_texts.map(lambda text: text.rpartition(".")[0])),
)
python_prefixes = st.builds("{}3.{}.*".format, st.sampled_from(["==", "!="]), st.integers(0, 14))


@settings(deadline=None, max_examples=examples(80))
@given(
    st.lists(st.one_of(python_bounds, python_prefixes), max_size=4),
    st.lists(pythons, min_size=5, max_size=20),
)
def test_requires_python_holds_where_packaging_says_so(
    clauses: list[str], releases: list[tuple[int, int, int]]
) -> None:
    specifiers = SpecifierSet(",".join(clauses))
    condition = python_condition(specifiers)
    for release in releases:
        target = Target(platform="linux-64", python=PyVersion(release))
        assert evaluate(condition, target) == specifiers.contains(".".join(map(str, release)))
