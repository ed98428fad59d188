"""Paths in a wheel -> the places that installers put the files at.

Two files may have one place without having one path: what lies in `.data/purelib` and `.data/platlib` is installed beside
what lies at the top. Installers don't agree on which of them wins, so that a clean file hides another one.

Source: binary distribution format, "Installing a wheel", "The .data directory".
"""

from collections.abc import Iterable

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError

__all__ = ["check_places", "clashing_places", "library_place"]

_LIBRARY_SCHEMES = frozenset({"purelib", "platlib"})
"""Folders of `.data` whose files are installed beside the others."""
_MOST_TOLD = 3


def library_place(path: str) -> str:
    """Return where a file lies once it is installed, below site-packages; empty for what goes elsewhere.

    >>> library_place("demo-1.0.data/purelib/demo/a.py")
    'demo/a.py'
    """
    top, _, rest = path.partition("/")
    if not rest or not top.endswith(".data"):
        return path
    scheme, _, below = rest.partition("/")
    return below if scheme in _LIBRARY_SCHEMES else ""


def clashing_places(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of paths that are installed to one place, or of which one is a folder of the other there."""
    by_place: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for path in paths:
        place = library_place(path)
        if place and place in by_place:
            found.append((by_place[place], path))
        elif place:
            by_place[place] = path
    for place, path in by_place.items():
        end = place.find("/")
        while end > 0:
            if place[:end] in by_place:
                found.append((by_place[place[:end]], path))
            end = place.find("/", end + 1)
    return tuple(found)


def check_places(paths: Iterable[str]) -> None:
    """Refuse a wheel in which two files have one place.

    Raises:
        RepackError: `clashing-files`.
    """
    found = clashing_places(paths)
    if found:
        told = "; ".join(f"{shown(one)} and {shown(other)}" for one, other in found[:_MOST_TOLD])
        more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
        raise RepackError(
            "clashing-files",
            f"files are installed to one place: {told}{more}",
            hint="report it where the wheel was made: which of them is installed depends on the installer",
        )
