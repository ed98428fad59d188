"""Program texts -> syntax trees."""

import ast
import warnings

__all__ = ["parse"]

_MAX_CHARACTERS = 1_000_000


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree; None where the text is no Python 3, or too large or deep to look at."""
    if len(text) > _MAX_CHARACTERS or "\0" in text:
        return None
    try:
        with warnings.catch_warnings():
            # Invalid escapes in a stranger's strings are no concern of ours.
            warnings.simplefilter("ignore")
            return ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
