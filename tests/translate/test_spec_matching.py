"""Conda's order of versions, and which packages a match spec asks for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.errors import TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from conda_bridge.translate.spec_matching import matches, matches_build, matches_version
from conda_bridge.translate.version_order import CondaVersion

# The example of CEP 33, from the lowest on.
ORDERED = (
    "0.4", "0.4.1.rc", "0.4.1", "0.5a1", "0.5b3", "0.5C1", "0.5", "0.9.6", "0.960923", "1.0", "1.1dev1", "1.1_",
    "1.1a1", "1.1.0dev1", "1.1.a1", "1.1.0rc1", "1.1.0", "1.1.0post1", "1.1post1", "1996.07.12", "1!0.4.1",
    "1!3.1.1.6", "2!0.4.1",
)  # fmt: skip


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(ORDERED)))
def test_versions_are_ordered_as_conda_orders_them(lower: str, higher: str) -> None:
    assert CondaVersion.from_text(lower) < CondaVersion.from_text(higher)


@pytest.mark.parametrize(
    ("one", "other"), [("0.4", "0.4.0"), ("0.4.1.rc", "0.4.1.RC"), ("1.1.0dev1", "1.1.dev1"), ("1-2", "1_2")]
)
def test_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    left, right = CondaVersion.from_text(one), CondaVersion.from_text(other)

    assert left == right
    assert hash(left) == hash(right)


@pytest.mark.parametrize("text", ["", "1..2", "1!2!3", "x!1", "+1", "1+", "1 2", "ü", "1$", "9" * 5_000])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(TranslationError):
        CondaVersion.from_text(text)


versions = st.from_regex(r"([0-9]!)?[0-9]{1,2}(\.?(a|rc|dev|post)?[0-9]){0,3}_?(\+[0-9a])?", fullmatch=True)


@given(versions, versions, versions)
def test_order_is_total(one: str, two: str, three: str) -> None:
    parsed = [CondaVersion.from_text(text) for text in (one, two, three)]
    first, second, third = sorted(parsed)

    assert first <= second <= third
    assert first <= third
    assert [first < second, first == second, first > second].count(True) == 1


@pytest.mark.parametrize(
    ("constraint", "met", "unmet"),
    [
        ("", "1", None),
        ("*", "1", None),
        ("1.2", "1.2.0", "1.2.1"),
        ("==1.2", "1.2", "1.2.1"),
        ("=1.2", "1.2.1", "1.20"),
        ("1.2.*", "1.2rc1", "1.3"),
        ("3.1*", "3.1.4", "3.11"),
        (">=1.2,<2", "1.9", "2"),
        (">=1.2,<2.0a0", "1.9", "2.0rc1"),
        (">=3.11,3.11.*", "3.11.4", "3.12"),
        ("1.1|1.3", "1.3", "1.2"),
        ("(1.1|1.3),>1.2", "1.3", "1.1"),
        ("!=1.2.*", "1.3", "1.2.5"),
        ("!=1.2", "1.2.5", "1.2"),
        ("~=1.2.3", "1.2.9", "1.3"),
        (">1", "1.0.1", "1.0"),
        ("<=1!1", "5", "2!0"),
        (">=1.2.*", "1.2", "1.1"),
        ("=1.2+1", "1.2+1.5", "1.2"),
        ("=1.2+1", "1.2+1", "1.3+1"),
        ("=1.2rc", "1.2rc1", "1.2a1"),
        ("=1.2.3", "1.2.3.4", "1.2"),
        ("1.1.0a.*", "1.1.0a5", "1.1.1"),
        ("=1.2.0.1", "1.2.0.1", "1.3.0.1"),
        ("2024a.*", "2024a", "2024b"),
    ],
)
def test_constraint_is_met_as_conda_has_it(constraint: str, met: str, unmet: str | None) -> None:
    assert matches_version(constraint, met)
    assert unmet is None or not matches_version(constraint, unmet)


@pytest.mark.parametrize(
    "constraint", ["1,", "|1", "(1", "1)", "=>1", "^1$", "1.*.2", "(" * 50 + "1" + ")" * 50, "1," * 600 + "1"]
)
def test_what_is_no_plain_constraint_is_refused(constraint: str) -> None:
    with pytest.raises(TranslationError):
        matches_version(constraint, "1")


@pytest.mark.parametrize(
    ("wanted", "build", "fits"),
    [
        ("", "h1_0", True),
        ("*", "h1_0", True),
        ("*_cpython", "h1_0_cpython", True),
        ("*_cpython", "h1_0_pypy", False),
        ("py311*", "py311h1_0", True),
        ("h*_*0", "h1_0", True),
        ("ab*bc", "abc", False),
        ("h1_0", "h1_0", True),
        ("h1_0", "h1_01", False),
        ("a*b*c*d", "a-c-b-d", False),
    ],
)
def test_build_string_fits_its_glob(wanted: str, build: str, fits: bool) -> None:  # noqa: FBT001
    assert matches_build(wanted, build) is fits


def test_version_is_no_text() -> None:
    assert CondaVersion.from_text("1") != "1"


def test_regular_expressions_are_not_evaluated() -> None:
    with pytest.raises(TranslationError):
        matches_build("^(a+)+$", "a" * 50)


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        ("python 3.11.* *_cpython", True),
        ("python=3.11", True),
        ("python 3.11", False),
        ("python >=3.12", False),
        ("python 3.11.* *_cp313", False),
        ("conda-forge::python[version='>=3.10']", True),
        ("pypy", False),
    ],
)
def test_package_is_the_one_that_a_spec_asks_for(spec: str, fits: bool) -> None:  # noqa: FBT001
    record = PackageRecord(conda_name=CondaName("python"), version="3.11.4", build="h1_0_cpython")

    assert matches(spec, record) is fits
