"""Tokens of signals, written and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.tokens import GUARDS, MAX_NAME, Token, is_token_name

NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
TOKENS = st.builds(Token, NAMES, st.sampled_from(("", *GUARDS)), st.booleans())


@given(TOKENS)
def test_a_token_is_read_back_as_written(token: Token) -> None:
    assert Token.parse(str(token)) == token


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z", Token("z")),
        ("z @win", Token("z", "win")),
        ("z ?", Token("z", is_optional=True)),
        ("openssl/ssl.h @!win ?", Token("openssl/ssl.h", "!win", is_optional=True)),
        ("a @solaris", Token("a @solaris")),
        ("", Token("")),
    ],
)
def test_spellings(text: str, expected: Token) -> None:
    assert Token.parse(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text", ["", "a b", "a\nb", "${X}", "$X", "x" * (MAX_NAME + 1), "a\x00", "<a>", "'a'"]
)
def test_what_can_be_no_name(text: str) -> None:
    assert not is_token_name(text)


@pytest.mark.parametrize(
    "text", ["z", "openssl/ssl.h", "gtk+-3.0", "x" * MAX_NAME, "libjpeg_turbo", "c++", "@google/x"]
)
def test_what_can_be_a_name(text: str) -> None:
    assert is_token_name(text)
