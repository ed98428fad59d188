"""A wheel -> its files, to be read one at a time and never unpacked.

Every rule for zip files and for archives as a whole holds; on top of that a wheel has no links.

Source: binary distribution format.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import ZipFile, ZipInfo

from conda_bridge.archives.inventory import Inventory
from conda_bridge.archives.limits import LIMITS, Limits
from conda_bridge.archives.paths import shown
from conda_bridge.archives.zip import ZipReader, read_zip_member, zip_member_pieces, zip_time_s
from conda_bridge.errors import SourceError
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["WheelArchive", "WheelMember", "open_wheel"]

_ANY_EXECUTABLE = 0o111
_EXPECTED = frozenset({"several-top-folders"})
"""What is odd in an sdist and the rule in a wheel."""


class WheelMember(NamedTuple):
    """One file, whose content can be read as long as the wheel is open. A tuple, because there are thousands."""

    path: str
    size_bytes: int
    is_executable: bool
    is_setuid: bool
    zip_file: ZipFile
    info: ZipInfo

    def pieces(self) -> Iterator[bytes]:
        """Yield the content in pieces of bounded size.

        Raises:
            SourceError: `broken-archive`, `unsafe-archive`.
        """
        return zip_member_pieces(self.zip_file, self.info)

    def read(self) -> bytes:
        """Return the content.

        Raises:
            SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large` above 16 MB.
        """
        return read_zip_member(self.zip_file, self.info, max_bytes=LIMITS.max_text_bytes)

    @property
    def time_s(self) -> int:
        """When it was written; see `zip_time_s`."""
        return zip_time_s(self.info)

    def start(self, count: int) -> bytes:
        """Return the first `count` bytes of the content."""
        return next(self.pieces(), b"")[:count] if self.size_bytes else b""


class WheelArchive:
    """The files of an open wheel."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        reader = ZipReader(file, archive_bytes=os.fstat(file.fileno()).st_size, limits=limits)
        inventory = Inventory(limits)
        found: list[WheelMember] = []
        for member in reader.members():
            path = inventory.add(member)
            if member.kind == "symlink":
                raise SourceError("unsafe-archive", f"{shown(path)} is a link, which no wheel has")
            if member.kind == "file":
                archive, info = reader.entry()
                mode = info.external_attr >> 16
                is_executable = bool(mode & _ANY_EXECUTABLE)
                found.append(
                    WheelMember(path, member.size_bytes, is_executable, member.is_setuid, archive, info)
                )
        self.files = tuple(sorted(found, key=lambda member: member.path))
        """By path."""
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            diagnostic for diagnostic in inventory.finish() if diagnostic.slug not in _EXPECTED
        )

    @cached_property
    def by_path(self) -> dict[str, WheelMember]:
        """The files by their path."""
        return {member.path: member for member in self.files}

    @property
    def newest_time_s(self) -> int:
        """When the newest file was written; zip files have no zones, it is taken for UTC."""
        return max((member.time_s for member in self.files), default=0)


@contextmanager
def open_wheel(path: str, *, limits: Limits = LIMITS) -> Iterator[WheelArchive]:
    """Open a wheel and judge it as an archive.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`; `where` is the
            file name.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(path).open("rb"))
        except OSError as error:
            raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
        try:
            yield WheelArchive(file, limits)
        except SourceError as error:
            where = error.where or Path(path).name
            raise SourceError(error.slug, error.message, where=where, hint=error.hint) from error
