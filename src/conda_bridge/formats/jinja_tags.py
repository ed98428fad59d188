"""Text -> where the tags of Jinja stand in it: `{{ expression }}`, `{% statement %}`, `{# comment #}`.

Nothing is evaluated. An opening without its closing is text.
Source: Jinja's documentation, "Synopsis".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.options import RecipeFormat

__all__ = ["Tag", "tags_of"]

_OPENINGS = {"v0": re.compile(r"\{([{%#])"), "v1": re.compile(r"\$\{(\{)")}
_CLOSINGS = {"{": "}}", "%": "%}", "#": "#}"}
_KINDS: dict[str, Literal["expression", "statement", "comment"]] = {
    "{": "expression",
    "%": "statement",
    "#": "comment",
}
_MAX_QUOTING = 500
"""How far strings are looked at that might hold a closing: a bound on the work for openings without closings."""
_ENDS = {
    # Strings are stepped over. The repetition is possessive: each text is looked at once.
    "{": re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[^"'}]|\}(?!\}))*+\}\}"""),
    "%": re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[^"'%]|%(?!\}))*+%\}"""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One tag."""

    kind: Literal["expression", "statement", "comment"]
    start: int
    end: int
    inner: str
    """What stands between the braces, without blanks and signs for them at its ends."""


def tags_of(text: str, recipe_format: RecipeFormat) -> Iterator[Tag]:
    """Yield the tags in their order; of v1 only the expressions, `${{ ... }}`, which are all that it has."""
    opening = _OPENINGS[recipe_format]
    unclosed: set[str] = set()
    position = 0
    while (match := opening.search(text, position)) is not None:
        position = match.end()
        sign = match[1]
        end = -1 if sign in unclosed else _end(text, position, sign)
        if end < 0:
            unclosed.add(sign)
            continue
        inner = text[position : end - 2].removeprefix("-").removeprefix("+").removesuffix("-").strip()
        yield Tag(kind=_KINDS[sign], start=match.start(), end=end, inner=inner)
        position = end


def _end(text: str, start: int, sign: str) -> int:
    closing = _CLOSINGS[sign]
    if sign in _ENDS:
        match = _ENDS[sign].match(text, start, start + _MAX_QUOTING)
        if match is not None:
            return match.end()
    found = text.find(closing, start)
    return found + len(closing) if found >= 0 else -1
