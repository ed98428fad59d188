import pytest
from packaging.markers import Marker

from conda_bridge.infer.project.markers import and_markers, extras_of, without_extra


@pytest.mark.parametrize(
    ("marker", "extra", "left"),
    [
        ('extra == "x"', "x", ""),
        ('extra == "x"', "", None),
        ('extra == "X_y"', "x-y", ""),
        ('"x" == extra', "x", ""),
        ('extra != "x"', "x", None),
        ('extra != "x"', "", ""),
        ('python_version < "3.11" and extra == "x"', "x", 'python_version < "3.11"'),
        ('extra == "x" or os_name == "nt"', "", 'os_name == "nt"'),
        ('extra == "x" or os_name == "nt"', "x", ""),
        (
            '(os_name == "nt" or os_name == "posix") and extra == "x" and python_version < "4"',
            "x",
            '(os_name == "nt" or os_name == "posix") and python_version < "4"',
        ),
        ('extra == "x" and extra == "y"', "x", None),
        ('(extra == "x" or extra == "y") and os_name == "nt"', "y", 'os_name == "nt"'),
        ('os_name == \'"\' and extra == "x"', "x", "os_name == '\"'"),
    ],
)
def test_a_marker_is_reduced_by_the_extra(marker: str, extra: str, left: str | None) -> None:
    assert without_extra(Marker(marker), extra) == left


def test_an_extra_can_only_be_compared_for_equality() -> None:
    with pytest.raises(ValueError, match="can't be compared"):
        without_extra(Marker('extra in "a b"'), "a")


def test_mentioned_extras_are_listed_once_and_normalised() -> None:
    marker = Marker('extra == "A_b" or (extra == "c" and os_name == "nt") or "a-b" == extra')

    assert extras_of(marker) == ("a-b", "c")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), ""),
        (("", 'os_name == "nt"', ""), 'os_name == "nt"'),
        (('a == "1" or a == "2"', 'b == "3"'), '(a == "1" or a == "2") and b == "3"'),
    ],
)
def test_markers_are_joined_with_the_parentheses_that_they_need(
    texts: tuple[str, ...], expected: str
) -> None:
    assert and_markers(*texts) == expected
