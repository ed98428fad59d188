"""The laws of the algebra, against evaluation on a grid of targets."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    NEVER,
    OPERATING_SYSTEMS,
    AllOf,
    AnyOf,
    Condition,
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
from support.effort import examples

PYTHONS = tuple(
    PyVersion.from_text(v) for v in ("3.8.19", "3.9", "3.9.7", "3.10", "3.11", "3.11.3", "3.12.4")
)
PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
VARIANTS = ((), (("cuda", "11"),), (("cuda", "12"),))
TARGETS = tuple(
    Target(platform=platform, python=python, variants=variants, build_platform=build)
    for platform, python, variants, build in product(PLATFORMS, PYTHONS[::2], VARIANTS, ("", "linux-64"))
)


@dataclass(frozen=True)
class Case:
    """A condition and its meaning, composed without the algebra."""

    condition: Condition
    holds: Callable[[Target], bool]


def _atom(condition: Condition) -> Case:
    return Case(condition, lambda target: evaluate(condition, target))


def _negated(case: Case) -> Case:
    return Case(negate(case.condition), lambda target: not case.holds(target))


def _all(cases: list[Case]) -> Case:
    return Case(all_of(*(c.condition for c in cases)), lambda target: all(c.holds(target) for c in cases))


def _any(cases: list[Case]) -> Case:
    return Case(any_of(*(c.condition for c in cases)), lambda target: any(c.holds(target) for c in cases))


ends = st.one_of(st.none(), st.sampled_from(PYTHONS))
atoms = st.one_of(
    st.lists(st.builds(Span, ends, ends), max_size=3).map(lambda spans: python_in(*spans)),
    st.sets(st.sampled_from(sorted(OPERATING_SYSTEMS))).map(os_in),
    st.builds(arch_is, st.sampled_from(["x86_64", "aarch64", "arm64"]), negated=st.booleans()),
    st.builds(variant_is, st.just("cuda"), st.sampled_from(["11", "12"]), negated=st.booleans()),
    st.sampled_from([CROSS, negate(CROSS), ALWAYS, NEVER]),
)
cases = st.recursive(
    atoms.map(_atom),
    lambda inner: st.one_of(
        inner.map(_negated),
        st.lists(inner, min_size=1, max_size=3).map(_all),
        st.lists(inner, min_size=1, max_size=3).map(_any),
    ),
    max_leaves=12,
)
conditions = cases.map(lambda case: case.condition)


def _rebuilt(condition: Condition) -> Condition:
    match condition:
        case AllOf(members):
            return all_of(*map(_rebuilt, members))
        case AnyOf(members):
            return any_of(*map(_rebuilt, members))
        case _:
            return condition


@settings(deadline=None, max_examples=examples(60))
@given(cases)
def test_the_algebra_keeps_the_meaning(case: Case) -> None:
    assert [evaluate(case.condition, t) for t in TARGETS] == [case.holds(t) for t in TARGETS]


@settings(deadline=None, max_examples=examples(60))
@given(conditions)
def test_a_condition_is_canonical_already(condition: Condition) -> None:
    assert _rebuilt(condition) == condition


@settings(deadline=None, max_examples=examples(60))
@given(conditions)
def test_double_negation_gives_the_same_value(condition: Condition) -> None:
    assert negate(negate(condition)) == condition
    assert _rebuilt(negate(condition)) == negate(condition)


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(conditions, max_size=4))
def test_de_morgan_gives_the_same_value(members: list[Condition]) -> None:
    assert negate(all_of(*members)) == any_of(*map(negate, members))
    assert negate(any_of(*members)) == all_of(*map(negate, members))


@settings(deadline=None, max_examples=examples(60))
@given(conditions)
def test_a_condition_and_its_complement_leave_nothing_and_everything(condition: Condition) -> None:
    assert all_of(condition, condition) == condition == any_of(condition, condition)
    both, either = all_of(condition, negate(condition)), any_of(condition, negate(condition))
    assert not any(evaluate(both, t) for t in TARGETS)
    assert all(evaluate(either, t) for t in TARGETS)


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(conditions, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_members_gives_the_same_value(members: list[Condition], random: Random) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)
    assert all_of(*shuffled) == all_of(*members)
    assert any_of(*shuffled) == any_of(*members)
