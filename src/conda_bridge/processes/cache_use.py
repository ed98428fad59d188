"""Who uses what is kept for builds, and who removes it: never both at once.

Whoever builds, installs or makes packages shares a lock with all who do so, from the first thing that is looked for in the
cache until the last is done. Who removes something holds it alone. The kernel lets go of what the killed held.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["LOCKS", "cache_used", "is_in_use", "mark_used", "taken_alone", "used_at_s"]

LOCKS = "build-locks"
"""The folder of locks in the cache; no build can write in it."""
_LOCK = "in-use"
_MARK = ".used"
_OPENED_AS = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def cache_used(cache_dir: str | Path) -> Iterator[None]:
    """Let nothing be removed that is kept for builds; wait for who is removing something.

    Where the cache can't be written to this does nothing: who has to write there says so.
    """
    try:
        number = _opened(cache_dir)
    except OSError:
        yield
        return
    try:
        fcntl.flock(number, fcntl.LOCK_SH)
        yield
    finally:
        os.close(number)


@contextmanager
def taken_alone(cache_dir: str | Path) -> Iterator[bool]:
    """Keep others from beginning to use it; false: somebody does already, or it can't be told."""
    try:
        number = _opened(cache_dir)
    except OSError:
        yield False
        return
    try:
        yield _is_locked(number)
    finally:
        os.close(number)


def is_in_use(cache_dir: str | Path) -> bool:
    """Tell whether somebody uses it right now, or it can't be told; nothing is written."""
    try:
        number = os.open(_path(cache_dir), os.O_RDONLY | _OPENED_AS)
    except OSError as error:
        return not isinstance(error, FileNotFoundError)
    try:
        return not _is_locked(number)
    finally:
        os.close(number)


def mark_used(cache_dir: str | Path, name: str) -> None:
    """Note that a folder of packages is of use; what is only read of them, the folder itself doesn't tell."""
    mark = _mark(cache_dir, name)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def used_at_s(cache_dir: str | Path, name: str) -> float | None:
    """Return when that was last noted, in seconds since the epoch; None: never."""
    with suppress(OSError):
        return _mark(cache_dir, name).stat().st_mtime
    return None


def _mark(cache_dir: str | Path, name: str) -> Path:
    return Path(os.path.realpath(cache_dir), LOCKS, f"{name}{_MARK}")


def _path(cache_dir: str | Path) -> Path:
    return Path(os.path.realpath(cache_dir), LOCKS, _LOCK)


def _opened(cache_dir: str | Path) -> int:
    path = _path(cache_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | _OPENED_AS, 0o644)
    except PermissionError:
        # Another user made it, such as root by `sudo`. Only network filesystems want more for a lock.
        return os.open(path, os.O_RDONLY | _OPENED_AS)


def _is_locked(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
