"""Signals of one file, each once, with marks; conditions as sets of platforms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.found import MAX_SIGNALS, Found
from conda_bridge.infer.scan.platforms import (
    ANYWHERE,
    EVERY_PLATFORM,
    UNKNOWN,
    Condition,
    Where,
    on_platforms,
    platforms_named,
)
from conda_bridge.infer.scan.tokens import GUARDS, Token

WIN, UNIX = frozenset({"win"}), frozenset({"linux", "osx"})


def found(*rows: tuple[str, Where]) -> list[str]:
    gathered = Found("setup.py")
    for line, (name, where) in enumerate(rows, start=1):
        gathered.add("library", name, line, where)
    return [signal.token for signal in gathered.signals()]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("z", ANYWHERE), ("z", ANYWHERE)], ["z"]),
        ([("z", Where(is_optional=True)), ("z", ANYWHERE)], ["z"]),
        ([("z", Where(WIN)), ("z", ANYWHERE)], ["z"]),
        ([("z", Where(WIN, is_optional=True)), ("z", Where(is_optional=True))], ["z ?"]),
        ([("z", Where(WIN)), ("z", Where(is_optional=True))], ["z @win", "z ?"]),
        ([("z", Where(frozenset()))], []),
        ([("a b", ANYWHERE), ("${X}", ANYWHERE), ("", ANYWHERE)], []),
    ],
)
def test_what_is_required_everywhere_is_said_once(rows: list[tuple[str, Where]], expected: list[str]) -> None:
    assert found(*rows) == expected


def test_first_line_counts_and_number_is_bounded() -> None:
    gathered = Found("x")
    gathered.add("library", "z", 9)
    gathered.add("library", "z", 3)
    assert [signal.line for signal in gathered.signals()] == [3]
    for number in range(MAX_SIGNALS + 10):
        gathered.add("library", f"l{number}", number)
    assert len(gathered.signals()) == MAX_SIGNALS


def test_languages_carry_no_marks() -> None:
    gathered = Found("x")
    gathered.add("language", "c", 1, Where(WIN, is_optional=True))
    assert [signal.token for signal in gathered.signals()] == ["c"]


def test_conditions_are_set_operations() -> None:
    windows = on_platforms(WIN)
    assert windows.negated().then == UNIX
    assert windows.and_(UNKNOWN) == Condition(WIN, EVERY_PLATFORM)
    assert windows.or_(UNKNOWN) == Condition(EVERY_PLATFORM, UNIX)
    assert windows.and_(on_platforms(UNIX)).then == frozenset()
    assert Condition(is_chosen=True).negated().is_refused


@given(st.sets(st.sampled_from(["linux", "osx", "win"]), min_size=1), st.booleans())
def test_every_place_has_a_spelling_that_reads_back(platforms: set[str], is_optional: bool) -> None:  # noqa: FBT001
    where = Where(frozenset(platforms), is_optional)
    token = Token("z", where.guard, is_optional)
    assert where.guard in {"", *GUARDS}
    assert Token.parse(str(token)) == token


def test_platforms_have_many_names() -> None:
    assert platforms_named("Darwin") == frozenset({"osx"})
    assert platforms_named("posix") == UNIX
    assert platforms_named("freebsd") is None
