"""License-File of METADATA -> what indexes have against it.

From version 2.4 on its values are paths below `licenses/` of the dist-info folder, and the files are there. Before, tools
wrote the field though no version had it, with paths of their own meaning: of those nothing is asked.

Source: PEP 639; core metadata, License-File.
"""

import re
from collections.abc import Collection, Iterable

__all__ = ["absent_licenses", "is_below_licenses", "wrong_license_path"]

_BEFORE = frozenset({"1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3"})
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")
_FOLDER = "licenses/"


def is_below_licenses(version: str) -> bool:
    """Return whether License-File of METADATA of a version is what PEP 639 says of it."""
    return version not in _BEFORE


def wrong_license_path(paths: Iterable[str]) -> str:
    """Return the first value that is no path to a file below a folder; empty where all are.

    >>> wrong_license_path(["LICENSE", "../COPYING"])
    '../COPYING'
    """
    return next((path for path in paths if _is_wrong(path)), "")


def _is_wrong(path: str) -> bool:
    # Two points anywhere and a star are what the strict readers of indexes look for.
    return ".." in path or "*" in path or "\\" in path or _ABSOLUTE.match(path) is not None


def absent_licenses(paths: Iterable[str], files: Collection[str]) -> list[str]:
    """Return the values of which a dist-info folder with these files has no file."""
    return [path for path in paths if f"{_FOLDER}{path}" not in files]
