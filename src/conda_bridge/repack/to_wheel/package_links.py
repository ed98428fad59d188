"""Links of a package's site-packages -> the files that they lead to.

Wheels have no links. One to a file beside it becomes a copy; all others are refused.

Source: binary distribution format, which has no word for links.
"""

from collections.abc import Mapping
from posixpath import dirname, isabs, join, normpath

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError

__all__ = ["linked_paths"]

_MAX_STEPS = 40
"""As many as Linux follows."""
_SITE = "site-packages/"


def linked_paths(links: Mapping[str, tuple[str, bool]]) -> dict[str, str]:
    """Return where each link ends, in site-packages; `links` is path -> (target, whether it is a hard link).

    Raises:
        RepackError: `package-link`.
    """
    return {path: _end(path, links) for path in links}


def _end(path: str, links: Mapping[str, tuple[str, bool]]) -> str:
    reached = path
    for _ in range(_MAX_STEPS):
        if reached not in links:
            return reached
        target, is_hard = links[reached]
        if is_hard:
            # The target of a hard link is told from the archive's root.
            inside = normpath(target)
            reached = inside.removeprefix(_SITE) if inside.startswith(_SITE) else ""
        else:
            reached = "" if isabs(target) else normpath(join(dirname(reached), target))
        if not reached or reached == ".." or reached.startswith("../"):
            break
    raise RepackError("package-link", f"it is a link to {shown(links[path][0])}", where=f"{_SITE}{path}")
