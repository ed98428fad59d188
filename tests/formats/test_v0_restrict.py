"""What v0 can't say of a recipe, and what is told of it."""

import pytest

from conda_bridge.formats.v0 import restrict
from conda_bridge.model.condition import (
    ALWAYS,
    Condition,
    PyVersion,
    Span,
    any_of,
    os_in,
    python_in,
    variant_is,
)
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    LATEST,
    PYTHON_MIN,
    About,
    CommandTest,
    MatchSpec,
    Output,
    PinSpec,
    PythonMinSpec,
    PythonTest,
    Recipe,
    RecipeTest,
    Requirement,
    Requirements,
    ScriptLine,
    Spec,
)

LOWEST = PythonMinSpec(is_exact=True)
WIN = os_in({"win"})
ABI3 = variant_is("is_abi3")


def package(name: str) -> MatchSpec:
    return MatchSpec(conda_name=CondaName(name))


def output(*tests: RecipeTest) -> Output:
    return Output(conda_name=CondaName("demo"), tests=tests)


def commands(*texts: str, requires: tuple[Spec, ...] = (), condition: Condition = ALWAYS) -> CommandTest:
    lines = tuple(ScriptLine(command=text) for text in texts)
    return CommandTest(lines=lines, requires=requires, condition=condition)


def restricted(one: Output) -> tuple[Output, list[str]]:
    done = restrict(Recipe(name=one.conda_name, version="1", outputs=(one,)))
    return done.recipe.outputs[0], [found.slug for found in done.diagnostics]


def restricted_tests(*tests: RecipeTest) -> tuple[tuple[RecipeTest, ...], list[str]]:
    done, found = restricted(output(*tests))
    return done.tests, found


def test_lowest_and_newest_python_become_the_lowest_in_silence() -> None:
    tests, found = restricted_tests(
        PythonTest(imports=("demo",), python_versions=(PYTHON_MIN, LATEST)),
        commands("demo --help", requires=(LOWEST,)),
    )

    assert tests == (
        PythonTest(imports=("demo",), python_versions=(PYTHON_MIN,)),
        commands("demo --help", requires=(LOWEST,)),
    )
    assert found == []


def test_other_pythons_are_lost_and_told() -> None:
    tests, found = restricted_tests(PythonTest(imports=("demo",), python_versions=("3.11.*", LATEST)))

    assert tests == (PythonTest(imports=("demo",)),)
    assert found == ["test-python-lost"]


def test_pip_check_as_a_command_is_the_pip_check() -> None:
    pip = package("pip")

    tests, found = restricted_tests(commands("pip check", requires=(pip, LOWEST)))

    assert tests == (PythonTest(imports=(), python_versions=(PYTHON_MIN,)),)
    assert found == []


def test_pip_check_without_pip_stays_a_command() -> None:
    assert restricted_tests(commands("pip check")) == ((commands("pip check"),), [])


def test_several_tests_share_one_environment_which_is_told() -> None:
    tests, found = restricted_tests(
        PythonTest(imports=("demo",)),
        commands("abi3audit x", requires=(package("abi3audit"),), condition=ABI3),
        commands("demo", requires=(package("pytest"),)),
    )

    assert tests == (
        PythonTest(imports=("demo",)),
        CommandTest(
            lines=(ScriptLine(command="abi3audit x", condition=ABI3), ScriptLine(command="demo")),
            requires=(package("abi3audit"), package("pytest")),
        ),
    )
    assert found == ["test-environment-shared"]


def test_imports_keep_their_conditions() -> None:
    mixed = (
        PythonTest(imports=("demo",), pip_check=False),
        PythonTest(imports=("demo.win",), condition=WIN),
        PythonTest(imports=("demo.more",), pip_check=False),
    )

    tests, found = restricted_tests(*mixed)

    assert tests == (
        PythonTest(imports=("demo", "demo.more"), pip_check=False),
        PythonTest(imports=("demo.win",), condition=WIN),
    )
    assert found == []


def test_requirement_that_no_command_needs_is_told() -> None:
    tests, found = restricted_tests(commands("pip check", requires=(package("pip"), package("pytest"))))

    assert tests == (PythonTest(imports=()),)
    assert found == ["test-requires-lost"]


def test_test_of_nothing_is_none() -> None:
    assert restricted_tests(PythonTest(imports=(), pip_check=False, python_versions=(PYTHON_MIN,))) == (
        (),
        [],
    )


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (python_in(Span(PyVersion((3, 11, 4)))), ["selector-patch-release"]),
        (any_of(WIN, python_in(Span(None, PyVersion((3, 11, 4))))), ["selector-patch-release"]),
        (python_in(Span(PyVersion((3, 11)), PyVersion((4,)))), []),
        (variant_is("cuda", "012"), ["selector-variant-value"]),
        (variant_is("cuda", "12"), []),
    ],
)
def test_condition_that_selectors_round_is_told(condition: Condition, found: list[str]) -> None:
    one = Output(
        conda_name=CondaName("demo"),
        requirements=Requirements(run=(Requirement(spec=package("dep"), condition=condition),)),
        tests=(commands("demo", condition=condition),),
    )

    assert restricted(one)[1] == found


def test_pin_that_v0_has_not_is_told() -> None:
    pin = PinSpec(function="pin_subpackage", conda_name=CondaName("core"), lower="x.x", upper="2")
    one = Output(conda_name=CondaName("demo"), requirements=Requirements(run=(Requirement(spec=pin),)))

    done, found = restricted(one)

    assert done.requirements.run[0].spec == MatchSpec(conda_name=CondaName("core"), version="<2")
    assert found == ["pin-differs"]


def test_several_skips_are_one() -> None:
    one = Output(conda_name=CondaName("demo"), skip=(WIN, python_in(Span(None, PyVersion((3, 11))))))

    assert restricted(one)[0].skip == (any_of(*one.skip),)


def test_texts_that_conda_build_makes_booleans_of_are_told() -> None:
    about = About(homepage="https://example.org", summary="Yes", license="no", description="no, it is not")
    one = Output(conda_name=CondaName("demo"), about=about)

    done = restrict(Recipe(name=one.conda_name, version="1", outputs=(one,)))

    assert done.recipe.outputs == (one,)
    assert [(found.slug, found.message) for found in done.diagnostics] == [
        ("text-becomes-boolean", "demo: conda-build makes a boolean of the summary 'Yes'"),
        ("text-becomes-boolean", "demo: conda-build makes a boolean of the license 'no'"),
    ]
