import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.checks.audit_bounds import admits, compare_bounds


@pytest.mark.parametrize(
    ("recipe", "upstream", "expected"),
    [
        ("", "", "equal"),
        ("*", "", "equal"),
        (">=1.0", ">=1", "equal"),
        (">=1.0,<2.0a0", ">=1,<2", "equal"),
        ("1.2.*", ">=1.2,<1.3", "equal"),
        (">=1.4.2,1.4.*", ">=1.4.2,<1.5", "equal"),
        ("=1.2", "1.2.*", "equal"),
        (">=1,!=1.5", "!=1.5,>=1", "equal"),
        (">=2024.1", ">=2024.01", "equal"),
        ("1.*|2.*", ">=1,<3", "equal"),
        (">=1", ">=1.5", "looser"),
        ("", ">=1", "looser"),
        (">=1", ">=1,!=1.5", "looser"),
        ("<1.3", "<=1.2", "looser"),
        ("1.2.3.*", "==1.2.3", "looser"),
        ("1.*|3.*", "1.*", "looser"),
        (">=1!1", ">=1!2", "looser"),
        (">1.2", ">=1.2", "tighter"),
        (">=2", "", "tighter"),
        (">=2,<3", ">=2,<=3", "tighter"),
        (">=1,<3", ">=2,<4", "different"),
        ("<9e", ">=1", "unknown"),
        (">=1" + "0" * 500, ">=1", "unknown"),
        (">=1", "not a constraint", "unknown"),
    ],
)
def test_constraints_are_compared_by_what_they_admit(recipe: str, upstream: str, expected: str) -> None:
    assert compare_bounds(recipe, upstream) == expected


VERSIONS = st.lists(st.integers(0, 12), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
CLAUSES = st.builds("{}{}".format, st.sampled_from([">=", ">", "<", "<=", "!=", "=="]), VERSIONS)
CONSTRAINTS = st.lists(CLAUSES, max_size=3).map(",".join)
OPPOSITES = {"looser": "tighter", "tighter": "looser"}


@given(CONSTRAINTS, CONSTRAINTS, VERSIONS)
def test_no_version_contradicts_the_comparison(recipe: str, upstream: str, version: str) -> None:
    comparison = compare_bounds(recipe, upstream)

    assert compare_bounds(upstream, recipe) == OPPOSITES.get(comparison, comparison)
    if admits(recipe, version) and not admits(upstream, version):
        assert comparison in {"looser", "different"}
    if admits(upstream, version) and not admits(recipe, version):
        assert comparison in {"tighter", "different"}


def test_constraint_that_cannot_be_read_lets_every_version_in() -> None:
    assert admits("9e.f", "1.0")
    assert not admits(">=2", "1.0")
