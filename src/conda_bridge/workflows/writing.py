"""Finished texts become files, all of them or none."""

import errno
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from conda_bridge.archives.typed_paths import exists, is_dir, is_file
from conda_bridge.errors import UsageError
from conda_bridge.translate.url_secrets import redacted

__all__ = ["refuse_url", "unwritable", "write_files"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
"""One letter is a drive."""
_OF_PLACES = (FileExistsError, NotADirectoryError, FileNotFoundError)


def write_files(texts: Mapping[Path, str]) -> None:
    """Write each text to its path; missing folders are made.

    Every text is on disk under another name before the first takes its place, so that a failure or an
    interruption leaves no half-written file, no stray file and no new empty folder behind.

    Raises:
        UsageError: `not-writable`.
    """
    made: list[Path] = []
    waiting: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            made += _make_folder(path.parent)
            waiting[path] = aside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
            aside.write_text(text, encoding="utf-8", newline="\n")
        # Beside a file that could be written, only a folder in its place can't be replaced.
        if blocked := next(filter(is_dir, texts), None):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(blocked))
        for path in list(waiting):
            waiting[path].replace(path)
            del waiting[path]
    except OSError as error:
        targets = {str(aside): path for path, aside in waiting.items()}
        where = targets.get(error.filename, error.filename)
        raise unwritable(error, str(where)) from error
    finally:
        _clean_up(waiting.values(), made)


def unwritable(error: OSError, where: str, *, hint: str | None = None) -> UsageError:
    """Return `not-writable` of a place, or of what stands where one of its folders would have to be."""
    there = next(filter(os.path.lexists, (Path(where), *Path(where).parents)), Path())
    if isinstance(error, FileExistsError | NotADirectoryError) and is_file(there):
        return UsageError("not-writable", "it is a file", where=str(there), hint=hint)
    if (
        (isinstance(error, _OF_PLACES) or error.errno == errno.ELOOP)
        and there.is_symlink()
        and not exists(there)
    ):
        return UsageError("not-writable", "it is a link that leads nowhere", where=str(there), hint=hint)
    return UsageError("not-writable", error.strerror or str(error), where=where, hint=hint)


def refuse_url(folder: str) -> None:
    """Refuse a URL where a folder is meant: it would be a path that begins with the folder `https:`.

    Raises:
        UsageError: `not-writable`.
    """
    if _URL.match(folder):
        message = "it is a URL, and what is made goes to a folder of this machine"
        raise UsageError("not-writable", message, where=redacted(folder), hint="give the path of a folder")


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder with its parents and return those that are new, the deepest last."""
    missing = [one for one in (folder, *folder.parents) if not exists(one)]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _clean_up(leftovers: Iterable[Path], folders: list[Path]) -> None:
    for leftover in leftovers:
        with suppress(OSError):
            leftover.unlink(missing_ok=True)
    for folder in reversed(folders):
        # A folder that isn't empty holds what was to be written.
        with suppress(OSError):
            folder.rmdir()
