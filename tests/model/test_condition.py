import time

import pytest

from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    OsIn,
    PythonIn,
    PyVersion,
    Span,
    Target,
    all_of,
    any_of,
    arch_is,
    evaluate,
    negate,
    os_in,
    python_in,
    variant_is,
)


def python(lower: str = "", upper: str = "") -> Condition:
    ends = [PyVersion.from_text(end) if end else None for end in (lower, upper)]
    return python_in(Span(*ends))


LINUX, OSX, WIN, UNIX = os_in({"linux"}), os_in({"osx"}), os_in({"win"}), os_in({"linux", "osx"})
X86, ARM = arch_is("x86_64"), arch_is("arm64")
CUDA = variant_is("cuda", "12")
LINUX_311 = Target(platform="linux-64", python=PyVersion.from_text("3.11.4"))


# ---------------------------------------------------------------- atoms


def test_no_python_at_all_is_never_and_every_python_is_always() -> None:
    assert python_in() == NEVER
    assert python_in(Span()) == ALWAYS
    assert python("0") == ALWAYS


def test_overlapping_spans_are_one_atom() -> None:
    assert any_of(python("3.9", "3.11"), python("3.10", "3.12")) == python("3.9", "3.12")


def test_thousands_of_clauses_on_python_take_no_minutes() -> None:
    start = time.process_time()

    holes = [negate(python(f"3.{minor}.{minor}", f"3.{minor}.{minor + 1}")) for minor in range(2000)]

    assert evaluate(all_of(*holes), Target(platform="linux-64", python=PyVersion.from_text("3.11.4")))
    assert not evaluate(all_of(*holes), Target(platform="linux-64", python=PyVersion.from_text("3.11.11")))
    assert time.process_time() - start < 2


def test_every_system_is_always_and_unknown_systems_never_hold() -> None:
    assert os_in({"linux", "osx", "win"}) == ALWAYS
    assert os_in({"emscripten"}) == NEVER
    assert os_in({"linux", "emscripten"}) == LINUX


@pytest.mark.parametrize("atom", [ALWAYS, NEVER, python("3.9", "3.11"), WIN, UNIX, X86, CUDA, CROSS])
def test_the_complement_of_the_complement_is_the_condition(atom: Condition) -> None:
    assert negate(negate(atom)) == atom
    assert negate(atom) != atom


# ---------------------------------------------------------------- simplification


def test_nothing_combined_is_the_neutral_element() -> None:
    assert all_of() == ALWAYS
    assert any_of() == NEVER


def test_the_order_of_members_does_not_matter() -> None:
    assert all_of(X86, LINUX, python("3.9")) == all_of(python("3.9"), X86, LINUX)


def test_nested_groups_of_one_kind_are_flat() -> None:
    nested = all_of(LINUX, all_of(X86, all_of(CUDA, CROSS)))
    assert isinstance(nested, AllOf)
    assert set(nested.members) == {LINUX, X86, CUDA, CROSS}


def test_atoms_of_one_dimension_are_one_atom() -> None:
    assert all_of(python("3.9"), python("", "3.11")) == python("3.9", "3.11")
    assert any_of(LINUX, OSX) == UNIX


@pytest.mark.parametrize(
    "pair",
    [
        (LINUX, WIN),
        (python("3.11"), python("", "3.11")),
        (X86, ARM),
        (CUDA, variant_is("cuda", "11")),
        (X86, NEVER),
    ],
)
def test_members_that_exclude_each_other_are_never(pair: tuple[Condition, Condition]) -> None:
    assert all_of(*pair) == NEVER
    assert any_of(*map(negate, pair)) == ALWAYS


def test_a_named_architecture_makes_the_exclusion_of_another_superfluous() -> None:
    assert all_of(X86, negate(ARM)) == X86


def test_two_excluded_architectures_both_stay() -> None:
    both = all_of(negate(X86), negate(ARM))
    assert isinstance(both, AllOf)
    assert set(both.members) == {negate(X86), negate(ARM)}


def test_variants_of_different_keys_stay_apart() -> None:
    both = all_of(CUDA, variant_is("mpi", "openmpi"))
    assert isinstance(both, AllOf)


def test_a_build_that_is_cross_and_is_not_is_never() -> None:
    assert all_of(CROSS, negate(CROSS)) == NEVER


def test_a_choice_that_holds_anyway_vanishes() -> None:
    assert all_of(LINUX, any_of(LINUX, X86)) == LINUX
    assert all_of(X86, any_of(X86, CUDA)) == X86
    assert all_of(python("3.11"), any_of(python("3.9"), WIN)) == python("3.11")


def test_an_alternative_that_cannot_hold_vanishes() -> None:
    assert all_of(WIN, any_of(UNIX, X86)) == all_of(WIN, X86)
    assert any_of(WIN, all_of(UNIX, X86)) == any_of(WIN, X86)
    assert all_of(python("", "3.11"), any_of(python("3.12"), WIN)) == all_of(python("", "3.11"), WIN)


def test_a_choice_of_one_stands_beside_other_choices() -> None:
    other = any_of(CUDA, CROSS)
    assert all_of(WIN, any_of(UNIX, X86), other) == all_of(WIN, X86, other)


def test_what_an_outer_atom_says_is_not_repeated_inside() -> None:
    inner = any_of(all_of(LINUX, X86), all_of(WIN, CUDA))
    assert all_of(LINUX, inner) == all_of(LINUX, X86)


def test_groups_that_differ_in_one_atom_are_one_group() -> None:
    assert any_of(all_of(LINUX, X86), all_of(OSX, X86)) == all_of(UNIX, X86)
    assert any_of(all_of(UNIX, X86), all_of(WIN, X86)) == X86
    assert all_of(any_of(LINUX, X86), any_of(WIN, X86)) == X86


def test_groups_that_another_group_implies_vanish() -> None:
    wide = any_of(LINUX, all_of(X86, CUDA))
    assert any_of(wide, all_of(X86, CUDA, CROSS)) == wide
    assert any_of(all_of(X86, CUDA, CROSS), wide) == wide


def test_groups_that_differ_in_two_atoms_stay() -> None:
    both = any_of(all_of(LINUX, X86), all_of(WIN, CUDA))
    assert isinstance(both, AnyOf)
    assert len(both.members) == 2


def test_groups_that_differ_in_architectures_stay() -> None:
    both = any_of(all_of(OSX, X86), all_of(OSX, ARM))
    assert isinstance(both, AnyOf)


def test_de_morgan_holds_as_equality_of_values() -> None:
    assert negate(all_of(LINUX, X86)) == any_of(negate(LINUX), negate(X86))
    assert negate(any_of(LINUX, CUDA)) == all_of(negate(LINUX), negate(CUDA))


def test_deep_alternation_is_simplified_in_bounded_time() -> None:
    condition: Condition = LINUX
    for level in range(60):
        key = variant_is(f"key{level % 7}", str(level % 3))
        condition = any_of(condition, key) if level % 2 else all_of(condition, key, variant_is(f"on{level}"))
    assert negate(negate(condition)) == condition


# ---------------------------------------------------------------- evaluation


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (ALWAYS, True),
        (NEVER, False),
        (python("3.11", "3.12"), True),
        (python("3.11.5"), False),
        (UNIX, True),
        (WIN, False),
        (X86, True),
        (negate(X86), False),
        (ARM, False),
        (CUDA, False),
        (negate(CUDA), True),
        (CROSS, False),
        (negate(CROSS), True),
        (all_of(LINUX, X86), True),
        (all_of(LINUX, ARM), False),
        (any_of(WIN, X86), True),
        (any_of(WIN, ARM), False),
    ],
)
def test_a_condition_is_evaluated_for_linux_64_and_python_3_11_4(condition: Condition, holds: bool) -> None:  # noqa: FBT001
    assert evaluate(condition, LINUX_311) is holds


def test_a_variant_condition_looks_at_the_value_of_its_key() -> None:
    target = Target(
        platform="linux-64", python=PyVersion((3, 12)), variants=(("cuda", "12"), ("mpi", "nompi"))
    )
    assert evaluate(CUDA, target)
    assert not evaluate(variant_is("cuda", "11"), target)
    assert not evaluate(variant_is("is_abi3"), target)


def test_a_build_for_another_platform_is_cross() -> None:
    target = Target(platform="osx-arm64", python=PyVersion((3, 12)), build_platform="osx-64")
    assert evaluate(CROSS, target)
    assert not evaluate(CROSS, Target(platform="osx-64", python=PyVersion((3, 12)), build_platform="osx-64"))


@pytest.mark.parametrize(
    ("platform", "os", "arch"),
    [
        ("linux-64", "linux", "x86_64"),
        ("linux-32", "linux", "x86"),
        ("linux-aarch64", "linux", "aarch64"),
        ("osx-arm64", "osx", "arm64"),
        ("win-64", "win", "x86_64"),
    ],
)
def test_a_target_names_system_and_architecture_as_recipes_do(platform: str, os: str, arch: str) -> None:
    target = Target(platform=platform, python=PyVersion((3, 12)))
    assert (target.os, target.arch) == (os, arch)


def test_targets_and_conditions_are_hashable() -> None:
    target = Target(platform="linux-64", python=PyVersion((3, 12)), variants=(("cuda", "12"),))
    assert len({target, target}) == 1
    assert len({all_of(LINUX, X86), all_of(X86, LINUX)}) == 1


def test_the_atoms_keep_what_they_were_made_of() -> None:
    assert OsIn(frozenset({"win"})) == WIN
    assert PythonIn((Span(PyVersion((3, 9))),)) == python("3.9")
