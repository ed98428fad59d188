"""The files of an archive or a directory -> the same files in an empty folder.

Which files these are was found when the source was read under every rule; the rules hold again while it is unpacked.
Only regular files are written: links have been judged, but none is made. What is executable stays so, since build
backends pack that, too.
"""

import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.paths import checked_path
from conda_bridge.archives.reading import stream_archive
from conda_bridge.errors import SourceError

__all__ = ["copy_files", "unpack_archive"]

_ANY_EXECUTABLE = 0o111
_EXECUTABLE = 0o755
# What is read goes to the disk, member by member: the bound on all members is the one that counts.
_LIMITS = replace(LIMITS, max_text_bytes=200_000_000, max_read_bytes=LIMITS.max_bytes)


def unpack_archive(archive: str, folder: str, *, paths: Collection[str]) -> None:
    """Write those files of an archive to `folder` whose paths, relative to its one top folder, are in `paths`.

    Hard links and files of more than 200 MB are left out.

    Raises:
        SourceError: whatever `stream_archive` refuses.
    """

    def write(path: str, data: bytes) -> None:
        _target(folder, path).write_bytes(data)

    contents = stream_archive(archive, wanted=lambda path, _size: path in paths, digest=write, limits=_LIMITS)
    for path, _ in contents.digests:
        if path in contents.executable:
            Path(folder, path).chmod(_EXECUTABLE)


def copy_files(directory: str, folder: str, *, paths: Collection[str]) -> None:
    """Write the files `paths` of a directory to `folder`.

    Raises:
        SourceError: `unreadable-source`.
    """
    for path in sorted(paths):
        source = Path(directory, path)
        try:
            target = shutil.copyfile(source, _target(folder, path))
            if source.stat().st_mode & _ANY_EXECUTABLE:
                target.chmod(_EXECUTABLE)
        except OSError as error:
            raise SourceError(
                "unreadable-source", f"can't be copied: {error.strerror}", where=path
            ) from error


def _target(folder: str, path: str) -> Path:
    if checked_path(path) != path:
        raise SourceError("unsafe-archive", "the path is not as short as it could be", where=path)
    target = Path(folder, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
