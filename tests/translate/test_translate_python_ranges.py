import pytest
from packaging.specifiers import SpecifierSet

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import PythonIn, PyVersion, Span
from conda_bridge.translate.python_ranges import python_exclusions
from conda_bridge.translate.versions import python_condition


@pytest.mark.parametrize(
    ("requires_python", "clauses"),
    [
        (">=3.8", ()),
        (">=3.8,!=3.9.*", ("!=3.9.*",)),
        (">=3.8,!=3.9.1", ("!=3.9.1",)),
        (">=3.8,!=3.9.0", ("!=3.9.0",)),
        (">=3.8,!=3.9.*,!=3.10.*", ("!=3.9.*", "!=3.10.*")),
        (">=3.8,!=3.9.*,!=3.10.0,!=3.10.1", ("!=3.9.*", "!=3.10.0", "!=3.10.1")),
        (">=3.8,!=3.9.5,!=3.12.*", ("!=3.9.5", "!=3.12.*")),
        (">=2.7,!=3.*", ("!=3.*",)),
        (">=2.7,!=3.0.*,!=3.1.*,!=3.2.*", ("!=3.0.*", "!=3.1.*", "!=3.2.*")),
    ],
)
def test_holes_in_a_range_are_written_as_few_clauses(requires_python: str, clauses: tuple[str, ...]) -> None:
    condition = python_condition(SpecifierSet(requires_python))
    assert isinstance(condition, PythonIn)
    assert python_exclusions(condition.spans) == clauses


def test_the_clauses_exclude_the_holes_and_nothing_else() -> None:
    condition = python_condition(SpecifierSet(">=3.6,!=3.7.*,!=3.8.0,!=3.8.1,!=3.10.4"))
    assert isinstance(condition, PythonIn)
    text = ",".join((">=3.6", *python_exclusions(condition.spans)))
    assert python_condition(SpecifierSet(text)) == condition


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((3, 9, 5), (3, 11)),
        ((3, 9, 1, 1), (3, 9, 2)),
        ((3, 9, 0, 0, 1), (4,)),
        ((3, 12), (4,)),
        ((3, 9), (3, 99_999_999)),
        ((3,), (3, 9, 5, 1)),
    ],
)
def test_a_hole_without_finite_clauses_is_refused(start: tuple[int, ...], end: tuple[int, ...]) -> None:
    spans = (Span(None, PyVersion(start)), Span(PyVersion(end), None))
    with pytest.raises(TranslationError) as caught:
        python_exclusions(spans)
    assert caught.value.slug == "inexpressible-condition"


@pytest.mark.parametrize("start", [(2, 7), (2, 8), (2, 9, 3), (3,)])
def test_after_2_7_came_3_0(start: tuple[int, ...]) -> None:
    spans = (Span(None, PyVersion(start)), Span(PyVersion((3, 2)), None))
    assert python_exclusions(spans)[start == (2, 7) :] == ("!=3.0.*", "!=3.1.*")
