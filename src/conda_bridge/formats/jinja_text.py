"""Written text -> its pieces: what acts as an expression of Jinja, and what stands around it.

Of each format: what begins an expression there, what acts beside expressions, and what its own expressions are
worth. One walk over the text, however many openings have no closing: recipes come from strangers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from conda_bridge.errors import RecipeError

__all__ = ["TextFormat", "split_expressions"]

_CLOSING = "}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """How one format writes text beside expressions."""

    opening: str
    """What begins an expression."""
    active: re.Pattern[str]
    """What acts as Jinja where it stands outside of an expression."""
    version: str
    """The expression for the recipe's own version."""
    literal_of: Callable[[str], str | None]
    """What an expression gives that is just a piece of text; None for any other."""

    def decoded(self, written: str, *, version: str | None) -> str:
        """Return the value of written text; the version's expression becomes `version` where given.

        Raises:
            RecipeError: `unmodelled-recipe` where another expression acts.
        """
        pieces = split_expressions(written, self.opening)
        return "".join(
            self._value_of(piece, version) if index % 2 else self._inert(piece)
            for index, piece in enumerate(pieces)
        )

    def _value_of(self, expression: str, version: str | None) -> str:
        literal = self.literal_of(expression)
        if literal is not None:
            return literal
        if expression == self.version and version is not None:
            return version
        raise RecipeError(
            "unmodelled-recipe", f"the expression {expression[:80]!r} stands where text is expected"
        )

    def _inert(self, text: str) -> str:
        if self.active.search(text):
            raise RecipeError("unmodelled-recipe", f"Jinja acts in {text[:80]!r}")
        return text


def split_expressions(written: str, opening: str) -> list[str]:
    """Return text and expressions by turns, as `re.split` does; an opening without its closing is text.

    >>> split_expressions("a {{ b }} c {{", "{{")
    ['a ', '{{ b }}', ' c {{']
    """
    pieces: list[str] = []
    position = 0
    while (start := written.find(opening, position)) >= 0:
        end = written.find(_CLOSING, start + len(opening))
        if end < 0:
            break
        end += len(_CLOSING)
        pieces += [written[position:start], written[start:end]]
        position = end
    return [*pieces, written[position:]]
