"""Links of an archive -> proof that each stays inside, whatever chain of links it goes through."""

import re
from collections.abc import Mapping

from conda_bridge.archives.paths import shown
from conda_bridge.errors import SourceError

__all__ = ["refuse_escaping_links"]

_MAX_STEPS = 4096
# A backslash anywhere: Windows would take it for a separator.
_ABSOLUTE = re.compile(r"/|[A-Za-z]:|.*\\", re.DOTALL)


def refuse_escaping_links(links: Mapping[str, str], top_folder: str) -> None:
    """Follow every symbolic link as a file system would, and refuse one that leaves `top_folder`.

    `links` maps a link's path to its target as written; an empty `top_folder` means the archive's root.

    Raises:
        SourceError: `unsafe-archive`.
    """
    for path, target in links.items():
        resolved = _resolved(path, links)
        if resolved is None or (top_folder and resolved[:1] != [top_folder]):
            raise SourceError(
                "unsafe-archive",
                f"the symbolic link {shown(path)} to {shown(target)} leads outside or in a circle",
            )


def _resolved(path: str, links: Mapping[str, str]) -> list[str] | None:
    """Return the components of where `path` leads; None where that is outside or nowhere."""
    waiting = path.split("/")[::-1]
    reached: list[str] = []
    for _ in range(_MAX_STEPS):
        if not waiting:
            return reached
        part = waiting.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            if not reached:
                return None
            reached.pop()
            continue
        reached.append(part)
        target = links.get("/".join(reached))
        if target is not None:
            if _ABSOLUTE.match(target):
                return None
            reached.pop()
            waiting += target.split("/")[::-1]
    return None
