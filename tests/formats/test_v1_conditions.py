"""Conditions as v1 writes them."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v1_conditions import condition_text, parse_condition
from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    NEVER,
    Condition,
    PyVersion,
    Span,
    all_of,
    any_of,
    arch_is,
    negate,
    os_in,
    python_in,
    variant_is,
)

LINUX, OSX, WIN = os_in({"linux"}), os_in({"osx"}), os_in({"win"})


def python(lower: str | None, upper: str | None) -> Condition:
    return python_in(_span(lower, upper))


def _span(lower: str | None, upper: str | None) -> Span:
    return Span(*(None if end is None else PyVersion.from_text(end) for end in (lower, upper)))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (ALWAYS, "true"),
        (NEVER, "false"),
        (WIN, "win"),
        (LINUX, "linux"),
        (OSX, "osx"),
        (os_in({"linux", "osx"}), "unix"),
        (os_in({"linux", "win"}), "not osx"),
        (os_in({"osx", "win"}), "not linux"),
        (arch_is("x86_64"), "x86_64"),
        (arch_is("arm64", negated=True), "not arm64"),
        (all_of(LINUX, arch_is("aarch64")), "linux and aarch64"),
        (python(None, "3.11"), 'match(python, "<3.11")'),
        (python("3.9", "3.12"), 'match(python, ">=3.9,<3.12")'),
        (python("3.11.4", None), 'match(python, ">=3.11.4")'),
        (negate(python("3.9", "3.10")), 'match(python, "<3.9|>=3.10")'),
        (CROSS, "build_platform != target_platform"),
        (negate(CROSS), "build_platform == target_platform"),
        (variant_is("is_abi3"), "is_abi3"),
        (variant_is("is_abi3", negated=True), "not is_abi3"),
        (variant_is("is_abi3", "false"), "is_abi3 == false"),
        (variant_is("mpi", "nompi"), 'mpi == "nompi"'),
        (variant_is("mpi", "nompi", negated=True), 'mpi != "nompi"'),
        (variant_is("odd", 'a"b\\c'), r'odd == "a\"b\\c"'),
        (any_of(WIN, python(None, "3.10")), 'win or match(python, "<3.10")'),
        (any_of(all_of(LINUX, arch_is("aarch64")), OSX), "osx or linux and aarch64"),
        (
            all_of(any_of(LINUX, arch_is("x86_64")), variant_is("fast")),
            "fast and (linux or x86_64)",
        ),
    ],
)
def test_a_condition_is_written_with_the_parentheses_it_needs(condition: Condition, text: str) -> None:
    assert condition_text(condition) == text
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('not (win and match(python, ">=3.13"))', any_of(negate(WIN), python(None, "3.13"))),
        ("not not win", WIN),
        ("  ( ( win ) )  ", WIN),
        ("match( python , '>=3.9, <3.12' )", python("3.9", "3.12")),
        ("build_platform != host_platform", CROSS),
        ('target_platform == "linux-64"', all_of(LINUX, arch_is("x86_64"))),
        ('target_platform != "osx-arm64"', any_of(negate(OSX), arch_is("arm64", negated=True))),
        ("mpi == 'nompi'", variant_is("mpi", "nompi")),
        ("is_abi3 == true", variant_is("is_abi3")),
        ("True", ALWAYS),
        ("False", NEVER),
        ("win or not win", ALWAYS),
    ],
)
def test_other_spellings_are_read(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        *("", "win or", "or win", "not", "win win", "(win", "win)", "win == true", "linux64"),
        *("py < 311", "match(python)", 'match(numpy, "<2")', 'match(python, "3.11.*")', 'match(python, "")'),
        *(
            'match(python, ">=3..1")',
            'match(python, "<3.9,>=3.8")',
            "match(python, x)",
            'match("python", "<3")',
        ),
        *("build_platform == x", 'build_platform == "linux-64"', "mpi == nompi", '"a" == "b"', "x == 1"),
        *('target_platform == "emscripten-wasm32"', 'target_platform == "linux-z80"', "target_platform == x"),
        *("a + b", "a.b", "f(x)", "env.get('X')", 'x == "a\\n"', "none", "x in y", "'x'", "${{ win }}"),
        "(" * 200 + "win" + ")" * 200,
        "not " * 200 + "win",
    ],
)
def test_what_the_model_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_condition(text)

    assert caught.value.slug == "unmodelled-recipe"


@pytest.mark.parametrize(
    "condition",
    [
        arch_is("z80"),
        variant_is("win"),
        variant_is("not"),
        variant_is("a-b"),
        variant_is("x86"),
        variant_is(""),
    ],
)
def test_what_rattler_build_has_no_name_for_is_refused(condition: Condition) -> None:
    with pytest.raises(RecipeError) as caught:
        condition_text(condition)

    assert caught.value.slug == "unrenderable-recipe"
