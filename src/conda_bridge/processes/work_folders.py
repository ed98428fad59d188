"""Folders for what isolated programs write, in the one tree that they can write in.

    <tree>/packages/                 unpacked packages, linked into environments
    <tree>/work/<key>/<name>/        what somebody builds in; <key> stands for what it is built for, such as a channel

The path never depends on anything else, so that what is built in it doesn't, either. Locks lie outside of the tree: what is
in it may be the work of a hostile program, links to anywhere included.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from conda_bridge.errors import EngineError
from conda_bridge.processes.cache_use import LOCKS, cache_used, mark_used
from conda_bridge.processes.removal import opened_folder, remove_tree

__all__ = ["INSTALLED", "PACKAGES", "WorkFolders", "remove_locks", "tree_of"]

INSTALLED = "packages-installed"
"""What `--install` has beside the tree: its unpacked packages, which no build can write to."""
PACKAGES = "packages"
"""The folder of the tree that has them."""
_WORK = "work"
_LOCK = ".lock"
_TREE = "build"
_KEY_DIGITS = 12


class WorkFolders:
    """The work folders of one purpose. Safe to share between threads and processes."""

    def __init__(self, cache_dir: str, purpose: str, *, lock_timeout_s: float = 600.0) -> None:
        """Use the tree below `cache_dir` for `purpose`, which is the real path of a channel, say."""
        key = hashlib.sha256(os.fsencode(purpose)).hexdigest()[:_KEY_DIGITS]
        self._cache = os.path.realpath(cache_dir)
        self._tree = tree_of(self._cache)
        self._folder = self._tree / _WORK / key
        self._locks = Path(self._cache, LOCKS, key)
        self._timeout_s = lock_timeout_s

    @property
    def tree(self) -> str:
        """The folder that is shown to programs as one place, so that files can be linked in it."""
        return str(self._tree)

    @property
    def packages(self) -> str:
        """Where unpacked packages are kept."""
        return str(self._tree / PACKAGES)

    def path(self, name: str) -> str:
        """Return the path of a work folder, lent or not."""
        folder = self._folder / name
        assert folder.parent == self._folder, "a conda name is a file name"
        assert not name.startswith("."), "a conda name begins with no dot"
        return str(folder)

    @contextmanager
    def lent(self, name: str) -> Iterator[str]:
        """Lend an empty folder to one thread at a time, and remove it afterwards; who wants it too waits.

        Raises:
            EngineError: `work-unwritable`, `work-locked` where another has had it for too long.
        """
        folder = Path(self.path(name))
        with cache_used(self._cache), self._locked(name, folder):
            self._make(folder)
            mark_used(self._cache, PACKAGES)
            try:
                yield str(folder)
            finally:
                with suppress(OSError):
                    self._remove(name)

    @contextmanager
    def _locked(self, name: str, folder: Path) -> Iterator[None]:
        try:
            self._locks.mkdir(parents=True, exist_ok=True)
            self._remove_dead()
            lock = FileLock(self._locks / f"{name}{_LOCK}").acquire(timeout=self._timeout_s)
        except Timeout as error:
            message = f"another process has been working in it for more than {self._timeout_s:.0f} s"
            raise EngineError("work-locked", message, where=str(folder)) from error
        except OSError as error:
            raise _unwritable(folder, error) from error
        with lock:
            yield

    def _make(self, folder: Path) -> None:
        try:
            for outer in (self._tree, self._tree / _WORK, self._folder):
                self._make_real(outer)
            if not self._remove(folder.name):
                raise EngineError("work-unwritable", "what is in it can't be removed", where=str(folder))
            folder.mkdir(mode=0o755)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def _make_real(self, folder: Path) -> None:
        """Make a folder where there is none; a link in its place would lead what is removed below astray."""
        with suppress(FileNotFoundError):
            if not stat.S_ISDIR(folder.lstat().st_mode):
                folder.unlink()
        folder.mkdir(parents=True, exist_ok=True)

    def _remove_dead(self) -> None:
        """Remove what the dead left: of what was made here there is a lock, and the living hold theirs."""
        for lock in self._locks.glob(f"*{_LOCK}"):
            name = lock.name.removesuffix(_LOCK)
            if os.path.lexists(self._folder / name):
                # Where a link leads there, or it is another user's, it isn't ours.
                with suppress(Timeout, OSError), FileLock(lock, timeout=0):
                    self._remove(name)

    def _remove(self, name: str) -> bool:
        """Remove a work folder; a build may have put a link in the place of any that it is in."""
        with opened_folder(self._folder, below=self._cache) as number:
            return remove_tree(name, dir_fd=number)


def remove_locks(cache_dir: str | Path) -> None:
    """Remove the locks of all work folders; whoever calls has the cache alone, so that nobody holds one."""
    for lock in Path(os.path.realpath(cache_dir), LOCKS).glob(f"*/*{_LOCK}"):
        with suppress(OSError):
            lock.unlink()
            # Once it is empty.
            lock.parent.rmdir()


def tree_of(cache_dir: str) -> Path:
    """Return the tree below `cache_dir`."""
    return Path(os.path.realpath(cache_dir), _TREE)


def _unwritable(folder: Path, error: OSError) -> EngineError:
    return EngineError(
        "work-unwritable", f"it can't be written to: {error.strerror or error}", where=str(folder)
    )
