"""Conditions as selectors write them."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v0_conditions import parse_selector, selector_text
from conda_bridge.formats.v0_limits import restrict_condition
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
    return python_in(Span(*(None if end is None else PyVersion.from_text(end) for end in (lower, upper))))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (ALWAYS, "True"),
        (NEVER, "False"),
        (WIN, "win"),
        (os_in({"linux", "osx"}), "unix"),
        (os_in({"linux", "win"}), "not osx"),
        (all_of(LINUX, arch_is("aarch64")), "linux and aarch64"),
        (python(None, "3.11"), "py<311"),
        (python("3.9", None), "py>=39"),
        (python("3.8", "3.12"), "py>=38 and py<312"),
        (python("3.10", "3.11"), "py==310"),
        (negate(python("3.10", "3.11")), "py!=310"),
        (python(None, "3.0"), "py<30"),
        (negate(python("3.9", "3.12")), "py<39 or py>=312"),
        (all_of(WIN, negate(python("3.9", "3.12"))), "win and (py<39 or py>=312)"),
        (any_of(WIN, all_of(LINUX, python("3.12", None))), "win or linux and py>=312"),
        (CROSS, "build_platform != target_platform"),
        (negate(CROSS), "build_platform == target_platform"),
        (variant_is("is_abi3"), "is_abi3"),
        (variant_is("is_abi3", negated=True), "not is_abi3"),
        (variant_is("flag", "false"), "flag == False"),
        (variant_is("mpi", "nompi", negated=True), 'mpi != "nompi"'),
        (variant_is("cuda", "11.8"), 'cuda == "11.8"'),
        # conda-build makes a number of it.
        (variant_is("cuda", "12"), "cuda == 12"),
        # Jinja and selectors would see these.
        (variant_is("odd", '{{ x }} # [win] "'), r'odd == "\x7b\x7b x \x7d\x7d \x23 \x5bwin\x5d \x22"'),
        # conda-build's own x86 is true on 64-bit platforms.
        (arch_is("x86"), "x86 and not x86_64"),
        (all_of(WIN, arch_is("x86", negated=True)), "win and (not x86 or x86_64)"),
        # A key right before a parenthesis isn't found by conda-build's search for used variants.
        (
            all_of(CROSS, any_of(variant_is("a"), variant_is("b"))),
            f"{'build_platform != target_platform'} and (a or b )",
        ),
    ],
)
def test_condition_is_written_and_read(condition: Condition, text: str) -> None:
    assert selector_text(condition) == text
    assert parse_selector(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("linux64", all_of(LINUX, arch_is("x86_64"))),
        ("py <= 310", python(None, "3.11")),
        ("py>310", python("3.11", None)),
        ("not (win and py27 == True)", None),
        ("target_platform == 'osx-arm64'", all_of(OSX, arch_is("arm64"))),
        ("x86", any_of(arch_is("x86"), arch_is("x86_64"))),
        ("build_platform != host_platform", CROSS),
    ],
)
def test_other_spellings_are_read_or_refused(text: str, condition: Condition | None) -> None:
    if condition is None:
        with pytest.raises(RecipeError) as caught:
            parse_selector(text)
        assert caught.value.slug == "unmodelled-recipe"
    else:
        assert parse_selector(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        "py<3",
        "py",
        "np==2",
        "os.environ",
        "cuda == '12'",
        "cuda == 'True'",
        "cuda > 1",
        "cuda ==",
        "(win",
        "win osx",
        "win &",
        "target_platform == 'haiku-64'",
        "(" * 60 + "win" + ")" * 60,
    ],
)
def test_what_is_not_modelled_is_refused(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_selector(text)

    assert caught.value.slug == "unmodelled-recipe"


@pytest.mark.parametrize(
    "condition",
    [arch_is("vax"), variant_is("linux"), variant_is("py"), variant_is("a-b"), python("3.11.4", None)],
)
def test_what_no_selector_says_is_refused(condition: Condition) -> None:
    with pytest.raises(RecipeError) as caught:
        selector_text(condition)

    assert caught.value.slug == "unrenderable-recipe"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        # The build gets the newest patch release, which is on the far side of the bound.
        (python("3.11.4", None), python("3.11", None)),
        (python(None, "3.11.4"), python(None, "3.11")),
        (python("3.11.2", "3.11.4"), NEVER),
        # There is no such python.
        (python("3.9", "4"), python("3.9", None)),
        (python("4.0", None), NEVER),
        (python(None, "1.5"), NEVER),
        (python("2.12", None), python("3.0", None)),
        (any_of(WIN, python(None, "4")), ALWAYS),
        (variant_is("cuda", "012"), variant_is("cuda", "12")),
        (variant_is("flag", "True"), variant_is("flag")),
        (all_of(WIN, python("3.9", "3.12")), all_of(WIN, python("3.9", "3.12"))),
    ],
)
def test_conditions_are_restricted_to_what_selectors_tell_apart(
    condition: Condition, said: Condition
) -> None:
    assert restrict_condition(condition) == said
