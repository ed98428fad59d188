"""Folders that others wrote in are removed, whatever is in them.

Builds leave folders that nobody may write in, such as the caches of some languages' package managers, and may nest them as
deep as they like. Links are removed and never followed.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

__all__ = ["opened_folder", "remove_tree"]

_OPENED_AS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def opened_folder(path: str | Path, *, below: str | Path) -> Iterator[int]:
    """Open a folder as `dir_fd` takes it, or raise an OSError where a link stands for it or for one on the way to it.

    The way begins at `below`, which no foreign program can write in.
    """
    number = os.open(below, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for name in Path(path).relative_to(below).parts:
            inner = os.open(name, _OPENED_AS, dir_fd=number)
            os.close(number)
            number = inner
        yield number
    finally:
        os.close(number)


def remove_tree(path: str | Path, *, dir_fd: int | None = None) -> bool:
    """Remove a folder with all that is in it, or a file, or a link; return whether nothing is left of it.

    Nobody else may be writing in it. An interruption comes after the removal. With `dir_fd`, an open folder, the path is
    one in it, wherever that folder's own path leads by now.
    """
    try:
        return _removed(str(path), dir_fd)
    except KeyboardInterrupt:
        _removed(str(path), dir_fd)
        raise


def _removed(path: str, dir_fd: int | None) -> bool:
    try:
        if not stat.S_ISDIR(os.lstat(path, dir_fd=dir_fd).st_mode):
            os.unlink(path, dir_fd=dir_fd)
            return True
        _empty(path, dir_fd)
        os.rmdir(path, dir_fd=dir_fd)
    except FileNotFoundError:
        return True
    except OSError:
        # Some of it is another user's, or a mount.
        return False
    return True


def _empty(top: str, dir_fd: int | None) -> None:
    """Empty a folder; inner ones are first moved up, since a path into the depth may be too long to be opened."""
    with suppress(OSError):
        os.chmod(top, stat.S_IRWXU, dir_fd=dir_fd)
    root = os.open(top, _OPENED_AS, dir_fd=dir_fd)
    try:
        prefix = f".removed-{uuid4().hex}"
        pending = list(_clear(root, root, prefix, 0))
        count = len(pending)
        while pending:
            name = pending.pop()
            with suppress(OSError):
                folder = os.open(name, _OPENED_AS, dir_fd=root)
                try:
                    moved = _clear(folder, root, prefix, count)
                finally:
                    os.close(folder)
                count += len(moved)
                pending += moved
                os.rmdir(name, dir_fd=root)
    finally:
        os.close(root)


def _clear(folder: int, root: int, prefix: str, number: int) -> list[str]:
    """Remove a folder's files, move its folders to `root`, and return how they are called there."""
    moved: list[str] = []
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        with suppress(OSError):
            if not is_folder:
                os.unlink(name, dir_fd=folder)
                continue
            # It can be opened and moved only by who may read and write in it.
            os.chmod(name, stat.S_IRWXU, dir_fd=folder)
            target = f"{prefix}-{number + len(moved)}"
            os.rename(name, target, src_dir_fd=folder, dst_dir_fd=root)
            moved.append(target)
    return moved
