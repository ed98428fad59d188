"""Folders for what nobody needs afterwards.

Who is killed can't remove his own, so the next one does: an owner holds a lock in his folder for as long as he lives,
whatever ends him.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from conda_bridge.processes.removal import remove_tree

__all__ = ["scratch_folder"]

_LOCK = ".lock"
_SETTLED_S = 5.0
"""In a younger folder the lock may not have been made, or not taken yet."""


@contextmanager
def scratch_folder(purpose: str, *, place: str | None = None) -> Iterator[Path]:
    """Lend a new folder among the temporary files; those that dead processes had for the same purpose are removed.

    It is hidden in the folder `place` where that is given, so that what is made in it can be renamed to beside it.
    """
    prefix = f"conda-bridge-{purpose}-" if place is None else f".conda-bridge-{purpose}-"
    _remove_dead(prefix, tempfile.gettempdir() if place is None else place)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place)).absolute()
    try:
        with FileLock(folder / _LOCK):
            yield folder
    finally:
        remove_tree(folder)


def _remove_dead(prefix: str, place: str) -> None:
    for entry in os.scandir(place):
        # Others may remove theirs, or the same one, meanwhile; and what another user left is that user's.
        with suppress(OSError, Timeout):
            if not entry.name.startswith(prefix) or not entry.is_dir(follow_symlinks=False):
                continue
            lock = Path(entry.path, _LOCK)
            if not lock.exists():
                # Who was killed before he had made it has made nothing else; it is somebody's own if it isn't empty.
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > _SETTLED_S:
                    os.rmdir(entry.path)  # noqa: PTH106 - beside `os.scandir`
            elif time.time() - lock.lstat().st_mtime > _SETTLED_S:
                with FileLock(lock, timeout=0):
                    remove_tree(entry.path)
