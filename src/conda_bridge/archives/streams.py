"""A compressed file -> its decompressed bytes, in order, once, in bounded pieces.

Nothing is decompressed twice or kept: a reader asks for the next bytes or skips them. Truncated input,
damage and data behind the end are refused; zero padding behind the end and several compressed streams in a
row are legal and accepted. Source: RFC 1952 (gzip), section 2.2; xz file format, stream padding.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from conda_bridge.archives.limits import Limits
from conda_bridge.errors import SourceError

__all__ = ["DecompressedStream", "decompressed", "unbzip2", "unzstd"]

_READ_BYTES = 1 << 16
_PIECE_BYTES = 1 << 20
_XZ_MEMORY_BYTES = 1 << 28

_GZIP_MAGIC = b"\x1f\x8b"
_BZIP2_MAGIC = b"BZh"
_BZIP2_BLOCK = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
"""How bzip2 data begins, which no tar header does by chance."""
_XZ_MAGIC = b"\xfd7zXZ\x00"


class _Decompressor(Protocol):
    """What `bz2`, `lzma` and `zstd` offer alike."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


def decompressed(file: BinaryIO) -> Iterator[bytes]:
    """Yield the decompressed bytes of a gzip, bzip2 or xz file, told by its first bytes; of any other the file's own.

    No piece is longer than 1 MiB.

    Raises:
        SourceError: `broken-archive` where the file is truncated, damaged or followed by other data.
    """
    magic = file.read(len(_XZ_MAGIC))
    file.seek(0)
    if magic.startswith(_GZIP_MAGIC):
        return _gunzipped(file)
    if magic.startswith(_BZIP2_MAGIC):
        import bz2  # noqa: PLC0415 - hardly any sdist is .tar.bz2

        return _decompressed(file, bz2.BZ2Decompressor, _BZIP2_MAGIC)
    if magic == _XZ_MAGIC:
        return _unxzipped(file)
    return iter(lambda: file.read(_PIECE_BYTES), b"")


def unbzip2(file: BinaryIO) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file that has to be bzip2; no piece is longer than 1 MiB.

    Raises:
        SourceError: `broken-archive` where it is something else, truncated, damaged, compressed twice or followed
            by other data.
    """
    if file.read(len(_BZIP2_MAGIC)) != _BZIP2_MAGIC:
        raise SourceError("broken-archive", "it is no bzip2 data")
    file.seek(0)
    return _once(decompressed(file))


def _once(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if _BZIP2_BLOCK.match(first):
        raise SourceError("broken-archive", "it is compressed twice: bzip2 data in bzip2 data")
    yield first
    yield from pieces


def unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what one zstd frame holds, whose bytes come in `pieces`; no piece that is yielded is longer than 1 MiB.

    Raises:
        SourceError: `broken-archive` where it is truncated, damaged or followed by other data.
    """
    from conda_bridge.archives.zstandard import zstd  # noqa: PLC0415 - only conda packages are compressed with it

    decompressor = zstd.ZstdDecompressor()
    try:
        for data in pieces:
            if decompressor.eof:
                raise SourceError("broken-archive", "other data follows the compressed data")
            yield decompressor.decompress(data, _PIECE_BYTES)
            while not decompressor.needs_input and not decompressor.eof:
                yield decompressor.decompress(b"", _PIECE_BYTES)
    except zstd.ZstdError as error:
        raise SourceError("broken-archive", f"its zstd data is damaged: {error}") from error
    if not decompressor.eof:
        raise SourceError("broken-archive", "it is truncated")
    if decompressor.unused_data:
        raise SourceError("broken-archive", "other data follows the compressed data")


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    import zlib  # noqa: PLC0415 - zip files don't need it

    inflater = zlib.decompressobj(wbits=31)
    data = file.read(_READ_BYTES)
    while data:
        try:
            piece = inflater.decompress(data, _PIECE_BYTES)
        except zlib.error as error:
            raise SourceError("broken-archive", f"its gzip data is damaged: {error}") from error
        if piece:
            yield piece
        if inflater.eof:
            data = _behind_end(inflater.unused_data, file, _GZIP_MAGIC)
            if not data:
                return
            inflater = zlib.decompressobj(wbits=31)
        else:
            data = inflater.unconsumed_tail or file.read(_READ_BYTES)
    raise SourceError("broken-archive", "it is truncated")


def _unxzipped(file: BinaryIO) -> Iterator[bytes]:
    import lzma  # noqa: PLC0415 - hardly any sdist is .tar.xz

    def start() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)

    try:
        yield from _decompressed(file, start, _XZ_MAGIC)
    except lzma.LZMAError as error:
        raise SourceError("broken-archive", f"its xz data is damaged: {error}") from error


def _decompressed(file: BinaryIO, start: Callable[[], _Decompressor], magic: bytes) -> Iterator[bytes]:
    decompressor = start()
    data = file.read(_READ_BYTES)
    while data or not decompressor.needs_input:
        try:
            piece = decompressor.decompress(data, _PIECE_BYTES)
        except (OSError, EOFError, ValueError) as error:
            raise SourceError("broken-archive", f"its compressed data is damaged: {error}") from error
        if piece:
            yield piece
        if decompressor.eof:
            data = _behind_end(decompressor.unused_data, file, magic)
            if not data:
                return
            decompressor = start()
        else:
            data = file.read(_READ_BYTES) if decompressor.needs_input else b""
    raise SourceError("broken-archive", "it is truncated")


def _behind_end(data: bytes, file: BinaryIO, magic: bytes) -> bytes:
    """Return the beginning of a further compressed stream; empty where nothing but zeros follows."""
    while not data.strip(b"\x00"):
        data = file.read(_READ_BYTES)
        if not data:
            return b""
    data = data.lstrip(b"\x00")
    if len(data) < len(magic):
        data += file.read(_READ_BYTES)
    if not data.startswith(magic):
        raise SourceError("broken-archive", "other data follows the compressed data")
    return data


class DecompressedStream:
    """Decompressed bytes to read or skip, counted against the limits."""

    def __init__(self, pieces: Iterator[bytes], *, archive_bytes: int, limits: Limits) -> None:
        """Take what `decompressed` or `unzstd` yields; `archive_bytes` is the size of what that comes from."""
        self._pieces = pieces
        self._archive_bytes = archive_bytes
        self._limits = limits
        self._piece = b""
        self._offset = 0
        self._total_bytes = 0

    @property
    def position(self) -> int:
        """How many bytes were read or skipped."""
        return self._total_bytes - len(self._piece) + self._offset

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end."""
        end = self._offset + count
        if end <= len(self._piece):
            data = self._piece[self._offset : end]
            self._offset = end
            return data
        parts = [self._piece[self._offset :]]
        missing = count - len(parts[0])
        while missing > 0 and self._advance():
            parts.append(self._piece[:missing])
            self._offset = len(parts[-1])
            missing -= self._offset
        return b"".join(parts)

    def skip(self, count: int) -> None:
        """Pass over `count` bytes.

        Raises:
            SourceError: `broken-archive` where there are fewer.
        """
        end = self._offset + count
        while end > len(self._piece):
            end -= len(self._piece)
            if not self._advance():
                raise SourceError("broken-archive", "it ends in the middle of a member")
        self._offset = end

    def rest_is_zeros(self) -> bool:
        """Read to the end and tell whether only zeros were left."""
        if self._piece[self._offset :].strip(b"\x00"):
            return False
        while self._advance():
            if self._piece.strip(b"\x00"):
                return False
        return True

    def _advance(self) -> bool:
        # A decompressor may have to take in more before it gives something.
        self._piece = next(filter(None, self._pieces), b"")
        self._offset = 0
        self._total_bytes += len(self._piece)
        self._limits.check_bytes(self._total_bytes, self._archive_bytes)
        return bool(self._piece)
