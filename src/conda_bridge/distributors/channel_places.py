"""A folder that packages are to go into -> whether it is a channel, may become one, or is something else.

A channel is known by what only channels have: repodata in a subdir, or our locks. What has neither may become one if there is
nothing in it that somebody else could want there: empty subdirs or subdirs of packages, and files that
tell of it or belong to a repository of it.
"""

import errno
import os
import re
from pathlib import Path

from conda_bridge.archives.package_info import package_stem
from conda_bridge.distributors.repodata import REPODATA, is_subdir
from conda_bridge.errors import UsageError

__all__ = ["check_place"]

_MARK = ".work/.locks"
"""Who writes into a channel makes it first."""
_ABOUT = re.compile(r"(?i:readme|licen[cs]e|copying)([._-].*)?")
_OF_REPOSITORIES = frozenset(
    {
        ".git", ".gitattributes", ".gitignore", ".gitkeep", ".github", ".gitlab-ci.yml", ".hg", ".hgignore",
        ".keep", ".nojekyll", ".DS_Store",
    }
)  # fmt: skip
"""What is there before the first package, or what a system puts anywhere."""
_MOST_NAMES = 3


def check_place(folder: Path) -> None:
    """Refuse a folder that is something else: packages would lie among files that aren't a channel's.

    Raises:
        UsageError: `no-channel-folder`, `not-writable` where there is a file, or a link that leads nowhere, or no folder can be.
    """
    try:
        there = next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)
        if there.is_file():
            raise UsageError("not-writable", "it is a file", where=str(there))
        if there.is_symlink() and not there.exists():
            raise UsageError("not-writable", "it is a link that leads nowhere", where=str(there))
        names = sorted(entry.name for entry in os.scandir(folder))
        subdirs = {name for name in names if is_subdir(name) and (folder / name).is_dir()}
        if (folder / _MARK).is_dir() or any((folder / name / REPODATA).is_file() for name in subdirs):
            return
        own = {name for name in subdirs if _has_packages_only(folder / name)}
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError("not-writable", "its name is too long", where=str(folder)) from error
        # Not there yet, or unreadable, which whoever opens it is told.
        return
    foreign = [name for name in names if name not in own | _OF_REPOSITORIES]
    if own:
        foreign = [name for name in foreign if not _ABOUT.fullmatch(name)]
    if foreign:
        more = f" and {len(foreign) - _MOST_NAMES} more" if len(foreign) > _MOST_NAMES else ""
        message = f"it is no channel, and has {', '.join(foreign[:_MOST_NAMES])}{more}"
        raise UsageError("no-channel-folder", message, where=str(folder))


def _has_packages_only(subdir: Path) -> bool:
    names = [entry.name for entry in os.scandir(subdir)]
    return all(package_stem(name) or name in _OF_REPOSITORIES for name in names)
