"""A tar archive -> the same one in which every member has one time, as its bytes stream by.

Source: POSIX.1-2008 pax, ustar and pax interchange formats; GNU tar manual, "Basic Tar Format".
"""

import re
from collections.abc import Iterator

from conda_bridge.archives.gnu_tar import BLOCK_BYTES
from conda_bridge.archives.streams import DecompressedStream
from conda_bridge.errors import SourceError

__all__ = ["retimed"]

_PIECE_BYTES = 1 << 20
_ZEROS = bytes(BLOCK_BYTES)
_PAX = b"x"
_MAX_PAX_BYTES = 1 << 20
_PAX_TIME = re.compile(rb"(?<= )([mac]time=)([0-9]+(?:\.[0-9]+)?)(?=\n)")


def retimed(stream: DecompressedStream, time_s: int) -> Iterator[bytes]:
    """Yield the archive, of the same size, in pieces of at most 1 MiB.

    Raises:
        SourceError: `broken-archive` where it isn't one.
    """
    while header := stream.read(BLOCK_BYTES):
        if header == _ZEROS:
            yield header
            continue
        size_bytes = _size(header)
        yield _header(header, time_s)
        padded_bytes = size_bytes + -size_bytes % BLOCK_BYTES
        if header[156:157] == _PAX and padded_bytes <= _MAX_PAX_BYTES:
            yield _with_times(_read(stream, padded_bytes), time_s)
            continue
        for start in range(0, padded_bytes, _PIECE_BYTES):
            yield _read(stream, min(_PIECE_BYTES, padded_bytes - start))


def _read(stream: DecompressedStream, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise SourceError("broken-archive", "it ends in the middle of a member")
    return data


def _size(header: bytes) -> int:
    field = header[124:136]
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \x00")
    if len(header) < BLOCK_BYTES or digits.strip(b"01234567"):
        raise SourceError("broken-archive", "a header is none")
    return int(digits or b"0", 8)


def _header(header: bytes, time_s: int) -> bytes:
    before, behind = header[:136] + b"%011o\x00" % time_s, header[156:]
    checksum = sum(before) + sum(behind) + 8 * 0x20
    return before + b"%06o\x00 " % checksum + behind


def _with_times(records: bytes, time_s: int) -> bytes:
    """Return pax records with another time in as many digits; a length stands before each."""
    digits = b"%d" % time_s
    changed = _PAX_TIME.sub(lambda found: found[1] + digits.zfill(len(found[2])), records)
    if len(changed) != len(records):
        raise SourceError("broken-archive", "a time in an extended header is too short to be replaced")
    return changed
