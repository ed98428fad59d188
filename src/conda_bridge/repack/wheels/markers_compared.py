"""The text of a marker -> a form in which markers that backends only put differently are equal.

Parentheses that change nothing, the order of what is joined by one operator, and the spelling of extras don't count;
everything else does.

Source: PEP 508, PEP 685.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from packaging.utils import canonicalize_name

__all__ = ["same_marker"]

Form: TypeAlias = "tuple[str, frozenset[Form]] | tuple[str, ...]"

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()])|(?P<word>and|or)\b|(?P<atom>(?:"[^"]*"|'[^']*'|[^\s()"'])+(?:\s+(?!(?:and|or)\b)(?:"[^"]*"|'[^']*'|[^\s()"'])+)*))"""
)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_PART = re.compile(r"""'[^']*'|"[^"]*"|[<>=!~]+|[^\s"'<>=!~]+""")
_EXTRA = re.compile(r"""extra\s*(?P<operator>==|!=)\s*["'](?P<name>[^"']*)["']""")


def same_marker(text: str, normal: str = "") -> Form:
    """Return a form of a marker that is equal for markers of one meaning.

    `normal` is the same as `packaging` writes it, with whose quotes a value that holds such a quote can't be told apart
    from two values: such a marker is compared as it stands.

    >>> same_marker('(python_version < "3") and extra == "a.b"') == same_marker('extra == "a-b" and python_version < "3"')
    True
    """
    if any('"' in value for value in _QUOTED.findall(text) if value.startswith("'")):
        return ("text", text.strip())
    text = normal or text
    tokens = iter([*_tokens(text), ")"])
    return _joined(tokens)


def _tokens(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        yield found["mark"] or found["word"] or found["atom"]


def _joined(tokens: Iterator[str]) -> Form:
    """Return what stands up to the closing parenthesis; `and` binds before `or`."""
    ways: list[list[Form]] = [[]]
    for token in tokens:
        if token == ")":
            break
        if token == "or":
            ways.append([])
        elif token != "and":
            ways[-1].append(_joined(tokens) if token == "(" else _atom(token))
    return _group("or", [_group("and", way) for way in ways])


def _group(operator: str, parts: list[Form]) -> Form:
    flat: set[Form] = set()
    for part in parts:
        inner = part[1] if part[0] == operator else frozenset({part})
        flat |= inner if isinstance(inner, frozenset) else {part}
    return flat.pop() if len(flat) == 1 else (operator, frozenset(flat))


def _atom(text: str) -> Form:
    if found := _EXTRA.fullmatch(text.strip()):
        return ("atom", "extra", found["operator"], canonicalize_name(found["name"]))
    parts = (f'"{part[1:-1]}"' if part[0] in "\"'" else part for part in _PART.findall(text))
    return ("atom", *parts)
