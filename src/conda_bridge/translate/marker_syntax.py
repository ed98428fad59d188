"""A marker -> its tree of comparisons, read from the text that `packaging` writes for it.

`packaging` validates and normalises markers, but keeps their structure to itself; its text is PEP 508 with one
blank around each token and no needless parentheses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from packaging.markers import Marker

from conda_bridge.errors import TranslationError

__all__ = ["Comparison", "Group", "MarkerTree", "read_marker"]

_TOKEN = re.compile(r"""\s*(not in\b|[()]|[a-z_]+|[<>=!~]+|"[^"]*"|'[^']*')""", re.ASCII)
_MAX_DEPTH = 50
"""Parentheses within parentheses; real markers have two or three levels."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a variable with text, as written: `"3.9" <= python_version` is reversed."""

    variable: str
    """Empty where both sides are text."""
    operator: str
    literal: str
    """The name of the other variable where both sides are variables, and `variable` is empty."""
    is_reversed: bool
    text: str
    """The whole comparison."""


@dataclass(frozen=True, slots=True)
class Group:
    """Trees joined with one operator."""

    operator: Literal["and", "or"]
    members: tuple["MarkerTree", ...]


MarkerTree: TypeAlias = Comparison | Group


def read_marker(marker: Marker) -> MarkerTree:
    """Return the tree of a marker; `and` binds closer than `or`.

    Raises:
        TranslationError: `complex-marker` for parentheses nested deeper than any real marker, and for quotes
            within text that `packaging` garbles.

    Source: PEP 508, grammar.
    """
    tokens = (found[1] for found in _TOKEN.finditer(str(marker)))
    return _read_group(tokens, depth=0)


def _read_group(tokens: Iterator[str], *, depth: int) -> MarkerTree:
    """Read up to the closing parenthesis or the end."""
    if depth > _MAX_DEPTH:
        message = f"a marker has more than {_MAX_DEPTH} levels of parentheses"
        raise TranslationError("complex-marker", message)
    alternatives: list[list[MarkerTree]] = [[]]
    for token in tokens:
        if token == ")":
            break
        if token == "(":
            alternatives[-1].append(_read_group(tokens, depth=depth + 1))
        elif token == "or":
            alternatives.append([])
        elif token != "and":
            alternatives[-1].append(_read_comparison(token, next(tokens, ""), next(tokens, "")))
    return _joined("or", [_joined("and", members) for members in alternatives])


def _joined(operator: Literal["and", "or"], members: list[MarkerTree]) -> MarkerTree:
    return members[0] if len(members) == 1 else Group(operator, tuple(members))


def _read_comparison(left: str, operator: str, right: str) -> Comparison:
    text = f"{left} {operator} {right}"
    if not right:
        # Before 26.3, `packaging` doesn't choose quotes by what they enclose.
        raise TranslationError("complex-marker", f"a marker ends with {text[:80]!r}")
    match (left[0] in "\"'", right[0] in "\"'"):
        case False, True:
            return Comparison(left, operator, right[1:-1], is_reversed=False, text=text)
        case True, False:
            return Comparison(right, operator, left[1:-1], is_reversed=True, text=text)
        case _:
            return Comparison("", operator, right, is_reversed=False, text=text)
