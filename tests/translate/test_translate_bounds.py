import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.translate.bounds import admits_nothing, hull, release_text


@pytest.mark.parametrize(
    ("sets", "widest"),
    [
        ([], ""),
        ([">=1,<2"], ">=1,<2"),
        ([">=1", ">=2"], ">=1"),
        ([">1", ">=1"], ">=1"),
        (["<1", "<=1"], "<=1"),
        (["<1", "<2"], "<2"),
        ([">=1", "<2"], ""),
        ([">=1,>=1.5", ">=2"], ">=1.5"),
        (["<3,<2", "<1"], "<2"),
        (["==1.2", "==1.5"], ">=1.2,<=1.5"),
        (["==1.2.*", "==1.4.*"], ">=1.2,<1.5"),
        (["~=1.4.2", "==1.*"], ">=1,<2"),
        (["==1!1.*", "==1!2.*"], ">=1!1,<1!3"),
        (["==1!1.2.*"], ">=1!1.2,<1!1.3"),
        ([">=1,!=1.5,!=1.6", ">=2,!=1.5"], ">=1,!=1.5"),
        (["===1.0", "==1.0"], ""),
        (["==1.9.*", "==1.8"], ">=1.8,<1.10"),
    ],
)
def test_the_hull_is_the_narrowest_range_that_holds_every_set(sets: list[str], widest: str) -> None:
    assert hull(map(SpecifierSet, sets)) == SpecifierSet(widest)


def test_the_clause_that_wins_keeps_its_text() -> None:
    assert str(hull([SpecifierSet(">=1.0.0"), SpecifierSet(">=2")])) == ">=1.0.0"


def test_the_text_of_a_release_has_the_epoch_but_no_suffix() -> None:
    assert release_text(Version("1!2.3rc1")) == "1!2.3"
    assert release_text(Version("2.3.4.post1"), length=-1) == "2.3"


@pytest.mark.parametrize(
    "bounds",
    [
        ">=1,<1", ">1,<=1", ">1,<1", ">=2,<1", "==1,==2", "==1.*,>=2", "~=1.2,<1.2", "==1,!=1", "==1.0,!=1.*",
        "<0", ">=1!1,<5", "==1.0+a,<1.0",
    ],
)  # fmt: skip
def test_bounds_that_contradict_each_other_admit_nothing(bounds: str) -> None:
    assert admits_nothing(SpecifierSet(bounds))


@pytest.mark.parametrize(
    "bounds",
    [
        "", ">=1", "<1", "<=0", "<0.1", ">=1,<=1", "==1", "==1.0,==1.0.0", "==1.0+a,==1.0", ">=1,<1.0.1", "===x,<1",
        ">=1,!=1", "~=1.2,!=1.2", "==1.*,!=1.2.*", ">=1rc1,<=1rc1", "==0",
    ],
)  # fmt: skip
def test_bounds_that_leave_a_version_admit_something(bounds: str) -> None:
    assert not admits_nothing(SpecifierSet(bounds))
