"""Program texts -> syntax trees."""

import ast
import warnings

__all__ = ["parse", "syntax_fault"]

_MAX_CHARACTERS = 1_000_000


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree; None where the text is no Python 3, or too large or deep to look at."""
    if len(text) > _MAX_CHARACTERS or "\0" in text:
        return None
    try:
        return _parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def syntax_fault(text: str) -> tuple[int, str] | None:
    """Return the line where a text stops being Python 3, and why, in the running Python's words; None for no such line."""
    if len(text) > _MAX_CHARACTERS or "\0" in text:
        return None
    try:
        _parsed(text)
    except SyntaxError as error:
        return (error.lineno, error.msg) if error.lineno else None
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # Invalid escapes in a stranger's strings are no concern of ours.
        warnings.simplefilter("ignore")
        return ast.parse(text.removeprefix("\ufeff"))
