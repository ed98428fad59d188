"""Requires-Python -> floor, bounds, skips and what markers still say."""

import pytest
from packaging.version import Version

from conda_bridge.infer.pythons import within
from conda_bridge.model.condition import ALWAYS, NEVER, PyVersion, Span, all_of, any_of, os_in, python_in
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.recipe import PythonMinSpec
from support.converting import PYPROJECT, convert_texts, slugs_of


def converted(requires_python: str, *, native: bool = False) -> Conversion:
    text = PYPROJECT.replace(">=3.9", requires_python)
    if native:
        text = text.replace("hatchling>=1.27", "maturin>=1").replace("hatchling.build", "maturin")
    return convert_texts({"pyproject.toml": text, "demo/__init__.py": ""})


def python_of(conversion: Conversion) -> PythonMinSpec:
    spec = conversion.recipe.outputs[0].requirements.run[0].spec
    assert isinstance(spec, PythonMinSpec)
    return spec


@pytest.mark.parametrize(
    ("requires_python", "python_min", "upper", "extra"),
    [
        (">=3.8", "", "", ""),
        (">=3.10", "", "", ""),
        (">=3.11", "3.11", "", ""),
        (">=3.8,<4", "", "", ""),
        (">=3.8,<4.0", "", "", ""),
        (">=3.9,<3.13", "", "3.13", ""),
        ("~=3.11", "3.11", "", ""),
        ("==3.12.*", "3.12", "3.13", ""),
        (">=3.11.4", "3.11", "", ">=3.11.4"),
        (">=3.10,!=3.12.0", "", "", "!=3.12.0"),
        (">=3.10,!=3.11.*", "", "", "!=3.11.*"),
        (">=3", "", "", ""),
    ],
)
def test_noarch_range(requires_python: str, python_min: str, upper: str, extra: str) -> None:
    conversion = converted(requires_python)
    spec = python_of(conversion)
    assert (conversion.recipe.python_min, spec.upper, spec.extra) == (python_min, upper, extra)


@pytest.mark.parametrize(
    ("requires_python", "spans"),
    [
        (">=3.8", []),
        (">=3.11", [Span(None, PyVersion((3, 11)))]),
        (">=3.9,<3.14", [Span(PyVersion((3, 14)), None)]),
        (">=3.11,<3.13", [Span(None, PyVersion((3, 11))), Span(PyVersion((3, 13)), None)]),
    ],
)
def test_platform_build_skips_what_upstream_does_not_support(requires_python: str, spans: list[Span]) -> None:
    conversion = converted(requires_python, native=True)
    assert conversion.recipe.outputs[0].skip == ((python_in(*spans),) if spans else ())
    assert conversion.recipe.python_min == ""


@pytest.mark.parametrize(
    ("requires_python", "is_told"),
    [
        (">=2.7,<3.8", True),
        (">=3.99", True),
        (">=3.15", True),
        ("==3.9.*", True),
        (">=3.14.2", False),
        ("<3.11", False),
        ("", False),
    ],
)
def test_project_that_supports_none_of_the_distributors_pythons_is_a_finding(
    requires_python: str,
    is_told: bool,  # noqa: FBT001
) -> None:
    for native in (False, True):
        conversion = converted(requires_python, native=native)
        assert ("python-infeasible" in slugs_of(conversion)) == is_told


def test_python_to_come_stays_the_lowest() -> None:
    assert converted(">=3.99").recipe.python_min == "3.99"


FEASIBLE = (Span(PyVersion((3, 10)), PyVersion((4, 0))),)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(PyVersion((3, 8)), None), ALWAYS),
        (Span(None, PyVersion((3, 8))), NEVER),
        (Span(None, PyVersion((3, 11))), python_in(Span(None, PyVersion((3, 11))))),
        (Span(PyVersion((3, 11)), PyVersion((4, 0))), python_in(Span(PyVersion((3, 11)), None))),
    ],
)
def test_condition_is_reduced_to_what_it_still_says(span: Span, expected: object) -> None:
    assert within(python_in(span), FEASIBLE) == expected


def test_reduction_reaches_into_combinations() -> None:
    old, new = python_in(Span(None, PyVersion((3, 8)))), python_in(Span(PyVersion((3, 8)), None))
    win = os_in({"win"})
    assert within(any_of(win, old), FEASIBLE) == win
    assert within(all_of(win, new), FEASIBLE) == win


def test_version_is_the_projects() -> None:
    assert Version(converted(">=3.9").recipe.version) == Version("1.2.3")
