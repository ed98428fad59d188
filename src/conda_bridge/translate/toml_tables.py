"""TOML of a stranger -> its tables, at a cost that is bounded."""

import re
import tomllib
from typing import Any

__all__ = ["toml_tables"]

_MAX_CHARACTERS = 2_000_000
_MAX_KEY_PARTS = 50
_PART = r"""(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]|\\.){0,200}+"|'[^'\n]{0,200}+')[ \t]*+\.[ \t]*+"""
_ENDLESS_KEY = re.compile(rf"(?:{_PART}){{{_MAX_KEY_PARTS}}}")


def toml_tables(text: str) -> dict[str, Any]:
    """Return a TOML text's tables.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
        ValueError: it is too large, or a number in it has too many digits.
        RecursionError: its keys or values are nested too deeply.
    """
    if len(text) > _MAX_CHARACTERS:
        raise ValueError("it is too large")
    # The time and memory that tomllib takes for a key grow with the square of the number of its parts.
    if any(line.count(".") >= _MAX_KEY_PARTS and _ENDLESS_KEY.search(line) for line in text.split("\n")):
        raise RecursionError("its keys are nested too deeply")
    return tomllib.loads(text.removeprefix("\ufeff"))
