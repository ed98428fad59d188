"""A zip file -> its members, told by its central directory, strictly.

Only members that are read are decompressed. `zipfile` of the oldest supported Python doesn't notice members
that overlap (CVE-2024-0450); here every declared size counts against the limits, and overlaps, data before
or behind the archive, encrypted members and names with backslashes are refused.

Source: PKWARE APPNOTE.TXT, 4.3 and 4.4.
"""

import stat
import zlib
from bisect import bisect_right
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from conda_bridge.archives.limits import LIMITS, Limits
from conda_bridge.archives.members import Member, MemberKind
from conda_bridge.archives.paths import decoded_name, shown
from conda_bridge.errors import SourceError

__all__ = ["ZipReader", "member_spans", "open_zip", "read_zip_member", "zip_member_pieces", "zip_time_s"]

_END_RECORD_BYTES = 22
_END_MAGIC = b"PK\x05\x06"
_MAX_DIRECTORY_BYTES = 20_000_000
"""What it says of each member is held in memory. The largest real ones, of tens of thousands, have a third of it."""
_LOCAL_HEADER_BYTES = 30
_SLACK_BYTES = 1024
"""For what a member's own header has and the directory hasn't, mostly nothing."""
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_ANY_EXECUTABLE = 0o111
_MAX_LINK_BYTES = 4096
_READ_ERRORS = (BadZipFile, EOFError, NotImplementedError, OSError, ValueError, zlib.error)
_PIECE_BYTES = 1 << 20


class ZipReader:
    """Members of a zip file in the order of its central directory."""

    def __init__(self, file: BinaryIO, *, archive_bytes: int, limits: Limits) -> None:
        self._zip = open_zip(file, archive_bytes=archive_bytes, limits=limits)
        self._archive_bytes = archive_bytes
        self._limits = limits
        self._current: ZipInfo | None = None

    def members(self) -> Iterator[Member]:
        """Yield every member once; see `ArchiveReader`."""
        infos = self._zip.infolist()
        self._limits.check_bytes(sum(info.file_size for info in infos), self._archive_bytes)
        for info in infos:
            self._current = info
            yield self._member(info)

    def read(self, max_bytes: int | None = None) -> bytes:
        """Return the content of the member yielded last; see `ArchiveReader`."""
        assert self._current is not None, "members() yields before read() is called"
        if max_bytes is not None and max_bytes < self._current.file_size:
            return _read_beginning(self._zip, self._current, max_bytes)
        return read_zip_member(self._zip, self._current, max_bytes=self._limits.max_text_bytes)

    def entry(self) -> tuple[ZipFile, ZipInfo]:
        """Return where the member yielded last is read from, now or later."""
        assert self._current is not None, "members() yields before entry() is called"
        return self._zip, self._current

    def _member(self, info: ZipInfo) -> Member:
        name = _name(info)
        mode = info.external_attr >> 16
        kind = _kind(info, mode, name)
        link = ""
        if kind == "symlink":
            link = decoded_name(read_zip_member(self._zip, info, max_bytes=_MAX_LINK_BYTES))
        is_setuid = kind == "file" and bool(mode & (stat.S_ISUID | stat.S_ISGID))
        is_executable = kind == "file" and bool(mode & _ANY_EXECUTABLE)
        size_bytes = 0 if kind == "symlink" else info.file_size
        return Member(name, kind, size_bytes, link, is_setuid, is_executable)


def open_zip(file: BinaryIO, *, archive_bytes: int, limits: Limits = LIMITS) -> ZipFile:
    """Open a zip file that ends where the file ends, of not too many members, of which no two overlap.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`.
    """
    guarded = _Guarded(file, archive_bytes)
    try:
        archive = ZipFile(cast("BinaryIO", guarded))
        archive.fp = file
    except UnicodeDecodeError as error:
        raise SourceError("unsafe-archive", f"the name {error.object[:80]!r} is not UTF-8") from None
    except (BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
        raise SourceError("broken-archive", f"it is truncated or no zip file: {error}") from error
    end_bytes = _END_RECORD_BYTES + len(archive.comment)
    file.seek(archive_bytes - end_bytes)
    if file.read(len(_END_MAGIC)) != _END_MAGIC:
        raise SourceError("broken-archive", "other data follows the zip file")
    limits.check_count(len(archive.infolist()))
    _refuse_overlaps(archive.infolist(), archive.start_dir)
    return archive


class _Guarded:
    """A file from which no table of contents is read that is too large for the memory."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        rest = max(0, self._size_bytes - self._file.tell())
        if min(rest, size if size >= 0 else rest) > _MAX_DIRECTORY_BYTES:
            raise SourceError("archive-too-large", "its table of contents is too large to be read")
        return self._file.read(size)


def member_spans(archive: ZipFile, infos: Iterable[ZipInfo]) -> Iterator[tuple[int, int]]:
    """Yield which bytes members take, their headers included, give or take a few."""
    offsets = sorted({info.header_offset for info in archive.infolist()} | {archive.start_dir})
    for info in infos:
        start = info.header_offset
        name_bytes = len(info.orig_filename.encode("utf-8", "surrogatepass"))
        header_bytes = _LOCAL_HEADER_BYTES + name_bytes + len(info.extra) + _SLACK_BYTES
        behind = offsets[bisect_right(offsets, start)]
        yield start, min(start + header_bytes + info.compress_size, behind)


def read_zip_member(archive: ZipFile, info: ZipInfo, *, max_bytes: int) -> bytes:
    """Return a member's content, decompressing no more than `max_bytes`.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`.
    """
    if info.file_size > max_bytes:
        raise SourceError("archive-too-large", f"the member {shown(info.filename)} is too large to be read")
    return _opened(archive, info, lambda member: _read_all(member, info))


def zip_member_pieces(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """Yield a member's content in pieces of at most 1 MiB, its checksum verified at the end.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`.
    """
    _refuse_odd(info)
    try:
        with archive.open(info) as member:
            yield from iter(lambda: member.read(_PIECE_BYTES), b"")
    except _READ_ERRORS as error:
        raise _damaged(info, error) from error


def zip_time_s(info: ZipInfo) -> int:
    """Return when a member was written, in seconds; zip files know no zones, it is taken for UTC.

    Dates that no calendar has, such as the day 0 of the month 0, become the nearest one.
    """
    year, month, *rest = info.date_time
    return timegm((year, min(max(month, 1), 12), *rest))


def _read_beginning(archive: ZipFile, info: ZipInfo, count: int) -> bytes:
    data = _opened(archive, info, lambda member: member.read(count))
    if len(data) < count:
        raise SourceError("broken-archive", f"the member {shown(info.filename)} is truncated")
    return data


def _opened(archive: ZipFile, info: ZipInfo, read: Callable[[IO[bytes]], bytes]) -> bytes:
    _refuse_odd(info)
    try:
        with archive.open(info) as member:
            return read(member)
    except _READ_ERRORS as error:
        raise _damaged(info, error) from error


def _refuse_odd(info: ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED_FLAGS or info.compress_type not in _METHODS:
        raise SourceError("unsafe-archive", f"the member {shown(info.filename)} is encrypted or packed oddly")


def _damaged(info: ZipInfo, error: Exception) -> SourceError:
    return SourceError("broken-archive", f"the member {shown(info.filename)} is damaged: {error}")


def _read_all(member: IO[bytes], info: ZipInfo) -> bytes:
    data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise BadZipFile("its size is not what the directory says")
    return data


def _name(info: ZipInfo) -> str:
    # zipfile cuts `filename` at a NUL and decodes it as cp437 where no flag says UTF-8.
    name = info.orig_filename
    if not name.isascii() and not info.flag_bits & _UTF8_FLAG:
        name = decoded_name(name.encode("cp437"))
    if "\\" in name:
        raise SourceError("unsafe-archive", f"the member {shown(name)} has a backslash in its name")
    return name


def _kind(info: ZipInfo, mode: int, name: str) -> MemberKind:
    if name.endswith("/"):
        if info.file_size:
            raise SourceError("unsafe-archive", f"the directory {shown(name)} has a size")
        return "directory"
    file_type = stat.S_IFMT(mode)
    if file_type == stat.S_IFLNK:
        return "symlink"
    # Zip files made on Windows, and by `ZipFile.writestr`, have no file type.
    if file_type not in {0, stat.S_IFREG}:
        raise SourceError("unsafe-archive", f"the member {shown(name)} is a device or a fifo")
    return "file"


def _refuse_overlaps(infos: list[ZipInfo], directory_offset: int) -> None:
    """Refuse members whose bytes overlap, and data in front of the first one."""
    offsets = sorted((info.header_offset, info.compress_size + len(info.orig_filename)) for info in infos)
    if offsets and offsets[0][0] != 0:
        raise SourceError("broken-archive", "other data precedes the zip file")
    starts = [start for start, _ in offsets[1:]] + [directory_offset]
    for (start, content_bytes), next_start in zip(offsets, starts, strict=False):
        if start + _LOCAL_HEADER_BYTES + content_bytes > next_start:
            raise SourceError("unsafe-archive", "its members overlap: a zip bomb")
