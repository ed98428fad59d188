"""The one reader of the tables in `data/*.toml`, which ship with the package.

A table's module parses what it gets from here into its own types at once; the raw mapping never travels.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["read_table"]

# Not importlib.resources: its import and its look-up cost 10 ms a run, and a wheel is unpacked anyway.
_DATA = Path(__file__).parent.parent / "data"


@cache
def read_table(stem: str) -> dict[str, Any]:
    """Return the parsed `data/<stem>.toml`. The result is shared: don't change it.

    Raises:
        FileNotFoundError: the package was installed without that table, which is a bug of ours.
    """
    return tomllib.loads((_DATA / f"{stem}.toml").read_text(encoding="utf-8"))
