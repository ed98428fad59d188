"""The `[tool]` tables of a source's pyproject.toml, for the rules that look at a backend's own settings."""

from functools import lru_cache
from typing import Any

from conda_bridge.model.source import SourceFacts
from conda_bridge.translate.toml_tables import toml_tables

__all__ = ["dig", "parsed", "strings", "tool_table"]


def tool_table(facts: SourceFacts, *names: str) -> dict[str, Any]:
    """Return `[tool.<names>]`; empty where it is absent or is no table.

    An invalid pyproject.toml has been refused before any rule runs, so it reads as empty here.
    """
    try:
        tables = parsed(facts.text("pyproject.toml") or "")
    except (ValueError, RecursionError):
        return {}
    found = dig(tables, "tool", *names)
    return found if isinstance(found, dict) else {}


def dig(table: object, *keys: str) -> Any:
    """Follow keys through nested tables; None where the path ends early."""
    for key in keys:
        if not isinstance(table, dict) or key not in table:
            return None
        table = table[key]
    return table


def strings(value: object) -> tuple[str, ...]:
    """Return the strings of a TOML list; a lone string counts as a list of one, anything else as empty."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str))
    return ()


@lru_cache(maxsize=4)
def parsed(text: str) -> dict[str, Any]:
    """Return a TOML text's tables; several rules read the same file, so the last few stay. Don't change them.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
        ValueError: it is too large, or a number in it has too many digits.
        RecursionError: its keys or values are nested too deeply.
    """
    return toml_tables(text)
