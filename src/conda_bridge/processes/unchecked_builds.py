"""Builds that began and weren't looked at since -> from when on files that they could write are in doubt.

Who builds notes it in a file beside the tree that builds can write, and holds its lock; what a build did is looked at when it
ends, and the note goes. Whoever is killed leaves a note that nobody holds.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from conda_bridge.errors import EngineError

__all__ = ["UncheckedBuild", "left_unchecked", "remove_unbegun"]

_NOTE = ".began"
_NEW = ".new"
_FOLDER = "unchecked"


@dataclass(frozen=True, slots=True)
class UncheckedBuild:
    """One build's note."""

    path: Path
    began_ns: int
    number: int
    """The open file."""

    @classmethod
    def begun(cls, locks_dir: str, began_ns: int) -> "UncheckedBuild":
        """Note that a build begins.

        Raises:
            EngineError: `work-unwritable`.
        """
        folder = Path(locks_dir, _FOLDER)
        path = folder / f"{uuid4().hex}{_NOTE}"
        made = path.with_suffix(_NEW)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            number = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            fcntl.flock(number, fcntl.LOCK_EX)
            os.write(number, str(began_ns).encode("ascii"))
            # Whoever sees it finds it locked and written.
            made.rename(path)
        except OSError as error:
            raise EngineError(
                "work-unwritable", f"it can't be written to: {error.strerror}", where=str(folder)
            ) from error
        return cls(path=path, began_ns=began_ns, number=number)

    def done(self, *, is_checked: bool) -> None:
        """Let go of the note; it stays where what the build did wasn't looked at."""
        if is_checked:
            self.path.unlink(missing_ok=True)
        os.close(self.number)

    def is_alone(self) -> bool:
        """Return whether nobody else builds."""
        return not any(is_held and path != self.path for path, _, is_held in _notes(self.path.parent))

    def since_ns(self) -> int:
        """Return since when anything may have been written: by this build, or by others that aren't done."""
        return min([self.began_ns, *(began_ns for _, began_ns, _ in _notes(self.path.parent))])


def left_unchecked(locks_dir: str) -> tuple[tuple[Path, int], ...]:
    """Return the notes that the dead left, and when their builds began."""
    folder = Path(locks_dir, _FOLDER)
    return tuple((path, began_ns) for path, began_ns, is_held in _notes(folder) if not is_held)


def remove_unbegun(locks_dir: str) -> None:
    """Remove what those left who were killed before they had noted anything; whoever calls has the cache alone."""
    for path in Path(locks_dir, _FOLDER).glob(f"*{_NEW}"):
        with suppress(OSError):
            path.unlink()


def _notes(folder: Path) -> Iterator[tuple[Path, int, bool]]:
    for path in folder.glob(f"*{_NOTE}"):
        with suppress(FileNotFoundError):
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                yield path, _began_ns(number), _is_held(number)
            finally:
                os.close(number)


def _began_ns(number: int) -> int:
    text = os.read(number, 64)
    # What was cut off tells nothing: all may have been written.
    return int(text) if text.isdigit() else 0


def _is_held(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(number, fcntl.LOCK_UN)
    return False
