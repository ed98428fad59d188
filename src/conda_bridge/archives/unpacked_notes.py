"""Unpacked packages -> notes that tell whether they are still what they were, for those whose archives nobody keeps.

Packages of remote channels are checked by rattler as they come, and their archives aren't kept. What they were is noted before
the first script of a build runs, by the worker, which scripts can't speak for; afterwards the lists that a package carries
are believed only where the note says that they are the same.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from conda_bridge.archives.unpacked import COUNT_BYTES, INSTALLED_BY, LOCK

__all__ = ["note_of", "notes_in"]


def notes_in(folder: str, *, since_ns: int) -> dict[str, str]:
    """Return the notes of the packages that were unpacked to a folder since a time, by their names."""
    with suppress(OSError), os.scandir(folder) as found:
        names = [
            each.name
            for each in found
            if each.is_dir(follow_symlinks=False)
            and not each.name.startswith(".")
            and each.stat(follow_symlinks=False).st_ctime_ns >= since_ns
        ]
        return {name: note_of(Path(folder, name)) for name in sorted(names)}
    return {}


def note_of(entry: Path) -> str:
    """Return the digest of what decides of a package: which archive it came from, its lists, and its links."""
    digest = hashlib.sha256()
    for path in (entry.with_name(f"{entry.name}{LOCK}"), *(entry / name for name in INSTALLED_BY)):
        data = _read(path)
        digest.update(hashlib.sha256(data[COUNT_BYTES:] if path.name.endswith(LOCK) else data).digest())
    for link, target in sorted(_links(str(entry))):
        digest.update(f"{link}\0{target}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    with (
        suppress(OSError),
        os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file,
    ):
        return file.read()
    return b""


def _links(folder: str) -> Iterator[tuple[str, str]]:
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = f"{place}/{name}"
            if os.path.islink(path):  # noqa: PTH114 - the walk gives text
                yield path.removeprefix(folder), os.readlink(path)  # noqa: PTH115
