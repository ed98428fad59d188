"""Files, one after the other -> a wheel: streamed, the same bytes for the same input, whole or not there.

Members stand sorted, whatever the order in which they come, those of the metadata folder behind all others, RECORD
last. They are spooled, to a file without a name if they are many, and copied in that order at the end. They have one
time, no extra fields, and are compressed where that makes them smaller. Each is held in memory up to 8 MiB and goes
through in pieces above. Zip64 is used only where the older format has no room.

Source: binary distribution format (wheels); PKWARE APPNOTE.TXT, 4.3 and 4.4.
"""

import hashlib
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from struct import Struct
from typing import BinaryIO, NamedTuple, cast
from zlib import crc32

from conda_bridge.archives.conda_writer import nearest_zip_time_s
from conda_bridge.archives.deflate import DeflateEngine
from conda_bridge.archives.paths import checked_path, folded_path, shown
from conda_bridge.archives.wheel_record import record_text
from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import RepackError

__all__ = ["LARGE_BYTES", "WheelWriter", "Written", "wheel_writer"]

LARGE_BYTES = 8 << 20
"""What has more goes through in pieces; larger than all but a few data files of real projects."""

_PIECE_BYTES = 1 << 20
_SPOOLED_BYTES = 2 << 20
"""Of a wheel stay in memory until it is sorted; most have less."""
_STORED, _DEFLATED = 0, 8
_UTF8 = 0x800
_UNIX = 3 << 8
_PLAIN_VERSION, _ZIP64_VERSION = 20, 45
_MAX_SHORT, _MAX_LONG = 0xFFFF, 0xFFFF_FFFF
_LOCAL = Struct("<4s5H3L2H")
_CENTRAL = Struct("<4s6H3L5H2L")
_END = Struct("<4s4H2LH")
_ZIP64_END = Struct("<4sQ2H2L4Q")
_ZIP64_LOCATOR = Struct("<4sLQL")


class Written(NamedTuple):
    """A member as it was written. A tuple, because there are thousands."""

    path: str
    sha256: str
    size_bytes: int


class _Entry(NamedTuple):
    """What the directory says of a member."""

    name: bytes
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    offset: int
    mode: int


@contextmanager
def wheel_writer(path: str, *, deflate: DeflateEngine, time_s: int | None) -> Iterator["WheelWriter"]:
    """Begin a wheel, which appears at `path` when the block ends without an exception.

    `time_s` is that of all members, moved to the nearest that zip files can say, which is 1980-01-01 for None.
    """
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES, dir=str(Path(path).parent)) as spool:
        writer = WheelWriter(cast("BinaryIO", spool), deflate=deflate, time_s=time_s)
        yield writer
        with written_aside(path) as file:
            writer.finish(file)


class WheelWriter:
    """A wheel that is being written."""

    def __init__(self, file: BinaryIO, *, deflate: DeflateEngine, time_s: int | None) -> None:
        self._file = file
        self._deflate = deflate
        self._date, self._time = _dos_time(time_s)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._offset = 0
        self._entries: list[tuple[_Entry, int]] = []
        """With the offset of what follows each."""
        self._record = ""
        self._written: list[Written] = []
        self._paths: dict[str, str] = {}
        self._folders: dict[str, str] = {"": ""}

    def add(
        self, path: str, content: bytes | Iterable[bytes], *, size_bytes: int, mode: int = 0o644
    ) -> Written:
        """Write a file, executable where `mode` has any such bit.

        Raises:
            RepackError: `clashing-files` where a file has that path, or one that some systems take for the same.
        """
        self._note(path)
        name = path.encode()
        mode = 0o755 if mode & 0o111 else 0o644
        if size_bytes > LARGE_BYTES:
            written = self._add_large(path, content, size_bytes=size_bytes, mode=mode)
        else:
            data = content if isinstance(content, bytes) else b"".join(content)
            assert len(data) == size_bytes, "a file has the size that its archive says"
            written = Written(path, hashlib.sha256(data).hexdigest(), size_bytes)
            packed = self._deflate.compress(data)
            method = _DEFLATED
            if len(packed) >= size_bytes:
                packed, method = data, _STORED
            entry = _Entry(name, method, crc32(data), len(packed), size_bytes, self._offset, mode)
            self._put(self._local_header(entry))
            self._put(packed)
            self._entries.append((entry, self._offset))
        self._written.append(written)
        return written

    def add_record(self, path: str) -> Written:
        """Write RECORD of all that was added, which it must follow."""
        self._record = path
        content = record_text(self._written, own_path=path).encode()
        return self.add(path, content, size_bytes=len(content))

    def finish(self, file: BinaryIO) -> None:
        """Write the archive to its file."""
        self._flush()
        spool, self._file = self._file, file
        directory = b"".join(self._copied(spool))
        start, count = self._offset, len(self._entries)
        self._put(directory)
        if count > _MAX_SHORT or max(start, len(directory)) > _MAX_LONG:
            self._put_zip64_end(start, count, len(directory))
        count, directory_bytes = min(count, _MAX_SHORT), min(len(directory), _MAX_LONG)
        self._put(_END.pack(b"PK\5\6", 0, 0, count, count, directory_bytes, min(start, _MAX_LONG), 0))
        self._flush()

    def _copied(self, spool: BinaryIO) -> Iterator[bytes]:
        """Copy the members in their order, and yield what the directory says of each."""
        self._offset = 0
        for entry, end in self._sorted():
            yield self._central_header(entry, self._offset)
            spool.seek(entry.offset)
            for start in range(entry.offset, end, _PIECE_BYTES):
                self._put(spool.read(min(_PIECE_BYTES, end - start)))

    def _sorted(self) -> list[tuple[_Entry, int]]:
        record = self._record.encode()
        folder = record.rpartition(b"/")[0] + b"/"
        # Of UTF-8 the order is that of the characters.
        by_name = sorted(self._entries)
        return sorted(by_name, key=lambda row: (row[0].name == record) + row[0].name.startswith(folder))

    # ------------------------------------------------------------ one member

    def _add_large(
        self, path: str, content: bytes | Iterable[bytes], *, size_bytes: int, mode: int
    ) -> Written:
        """Write a file whose checksum and packed size are known only behind it: its header is written again."""
        entry = _Entry(path.encode(), _DEFLATED, 0, 0, size_bytes, self._offset, mode)
        # A content that doesn't shrink grows by 5 bytes in 16 KB.
        is_zip64 = size_bytes + (size_bytes >> 10) > _MAX_LONG
        self._put(self._local_header(entry, is_zip64=is_zip64))
        self._flush()
        start = self._offset
        digest, crc, read_bytes = hashlib.sha256(), 0, 0
        stream = self._deflate.stream()
        for piece in _sliced(content) if isinstance(content, bytes) else content:
            digest.update(piece)
            crc = crc32(piece, crc)
            read_bytes += len(piece)
            self._put(stream.compress(piece))
            self._flush()
        assert read_bytes == size_bytes, "a file has the size that its archive says"
        self._put(stream.flush())
        self._flush()
        entry = entry._replace(crc=crc, packed_bytes=self._offset - start)
        self._file.seek(entry.offset)
        self._file.write(self._local_header(entry, is_zip64=is_zip64))
        self._file.seek(self._offset)
        self._entries.append((entry, self._offset))
        return Written(path, digest.hexdigest(), size_bytes)

    def _note(self, path: str) -> None:
        assert path, "the root is no file"
        assert checked_path(path) == path, "paths are checked when they are read"
        folded = folded_path(path)
        other = self._paths.get(folded) or self._folders.get(folded)
        if other is not None:
            raise _clash(path, other)
        self._paths[folded] = path
        folder = folded.rpartition("/")[0]
        while folder not in self._folders:
            if folder in self._paths:
                raise _clash(path, self._paths[folder])
            self._folders[folder] = path
            folder = folder.rpartition("/")[0]

    def _local_header(self, entry: _Entry, *, is_zip64: bool = False) -> bytes:
        extra, packed_bytes, size_bytes = b"", entry.packed_bytes, entry.size_bytes
        if is_zip64:
            extra = _zip64_extra(size_bytes, packed_bytes)
            packed_bytes = size_bytes = _MAX_LONG
        version = _ZIP64_VERSION if is_zip64 else _PLAIN_VERSION
        kind = (version, _UTF8, entry.method, self._time, self._date)
        sizes = (packed_bytes, size_bytes, len(entry.name), len(extra))
        return _LOCAL.pack(b"PK\3\4", *kind, entry.crc, *sizes) + entry.name + extra

    def _central_header(self, entry: _Entry, at: int) -> bytes:
        values = (entry.size_bytes, entry.packed_bytes, at)
        extra, version = b"", _PLAIN_VERSION
        size_bytes, packed_bytes, offset = values
        if max(values) > _MAX_LONG:
            extra = _zip64_extra(*(value for value in values if value > _MAX_LONG))
            version = _ZIP64_VERSION
            size_bytes, packed_bytes, offset = (min(value, _MAX_LONG) for value in values)
        kind = (_UNIX | version, version, _UTF8, entry.method, self._time, self._date)
        sizes = (packed_bytes, size_bytes, len(entry.name), len(extra), 0, 0, 0)
        attributes = (stat.S_IFREG | entry.mode) << 16
        header = _CENTRAL.pack(b"PK\1\2", *kind, entry.crc, *sizes, attributes, offset)
        return header + entry.name + extra

    # ------------------------------------------------------------ the file

    def _put(self, data: bytes) -> None:
        # Most members are smaller than the blocks that files are written in.
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        self._offset += len(data)
        if self._waiting_bytes >= _PIECE_BYTES:
            self._flush()

    def _flush(self) -> None:
        self._file.write(b"".join(self._waiting))
        self._waiting, self._waiting_bytes = [], 0

    def _put_zip64_end(self, start: int, count: int, directory_bytes: int) -> None:
        where = self._offset
        version = (_UNIX | _ZIP64_VERSION, _ZIP64_VERSION)
        fields = (*version, 0, 0, count, count, directory_bytes, start)
        self._put(_ZIP64_END.pack(b"PK\6\6", _ZIP64_END.size - 12, *fields))
        self._put(_ZIP64_LOCATOR.pack(b"PK\6\7", 0, where, 1))


def _sliced(content: bytes) -> Iterator[bytes]:
    return (content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES))


def _zip64_extra(*values: int) -> bytes:
    """Return the field of sizes and offsets that have no room elsewhere. Source: APPNOTE.TXT, 4.5.3."""
    return Struct(f"<2H{len(values)}Q").pack(1, 8 * len(values), *values)


def _dos_time(time_s: int | None) -> tuple[int, int]:
    """Return a date and a time of zip files, which know no zones and no odd seconds."""
    at = datetime.fromtimestamp(nearest_zip_time_s(time_s or 0), tz=UTC)
    date = (at.year - 1980) << 9 | at.month << 5 | at.day
    return date, at.hour << 11 | at.minute << 5 | at.second // 2


def _clash(path: str, other: str) -> RepackError:
    message = f"{shown(path)} and {shown(other)} are one, or would be on Windows and macOS"
    return RepackError("clashing-files", message)
