"""TOML text of a scanned file -> its tables; a text that is none has none."""

import re
from typing import Any

from conda_bridge.infer.pyproject import parsed

__all__ = ["key_lines", "line_of", "tables_of"]

_KEY = re.compile(r"\s*(?:\[\[?(?:[^\]\n]*\.)?[\"']?(?P<heading>[\w-]+)[\"']?\]|[\"']?(?P<key>[\w-]+))")


def tables_of(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text; empty where it is no TOML, or too large or deep to look at."""
    try:
        return parsed(text)
    except (ValueError, RecursionError):
        return {}


def key_lines(text: str) -> dict[str, int]:
    """Return the 1-based line of the first line that begins with each key, or ends a heading with it."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _KEY.match(line)
        if match:
            found.setdefault(match["key"] or match["heading"], number)
    return found


def line_of(text: str, words: str) -> int:
    """Return the 1-based line of the first occurrence of some words; 0 where there is none."""
    position = text.find(words)
    return text.count("\n", 0, position) + 1 if position >= 0 else 0
