"""A package of the older format whose beginning is read twice, and decompressed once.

What a package says of itself stands before what it installs, and decides whether that is read at all. Most packages
are smaller than the 900 kB that bzip2 packs together, so that to begin anew would double the time of everything.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from conda_bridge.archives.limits import Limits
from conda_bridge.archives.streams import DecompressedStream, unbzip2

__all__ = ["BegunTar"]

_MOST_KEPT_BYTES = 4 << 20
"""Where `info/` comes last, all that is before it would have to be held in memory."""


class BegunTar:
    """An open `.tar.bz2`; to be closed."""

    def __init__(self, path: Path, *, most_kept_bytes: int = _MOST_KEPT_BYTES) -> None:
        self._file = path.open("rb")
        self._size_bytes = path.stat().st_size
        self._most_kept_bytes = most_kept_bytes
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._pieces: Iterator[bytes] = iter(())

    def beginning(self, limits: Limits) -> DecompressedStream:
        """Return the tar, to be read as far as it takes.

        Raises:
            SourceError: `broken-archive`; `archive-too-large` while it is read.
        """
        self._pieces = unbzip2(self._file)
        return self._stream(self._noted(), limits)

    def all(self, limits: Limits) -> DecompressedStream:
        """Return the tar from its beginning; of the first that is asked for, what was read before comes from memory.

        Raises:
            SourceError: `broken-archive`; `archive-too-large` while it is read.
        """
        kept, self._kept = self._kept, []
        if kept:
            return self._stream(chain(kept, self._pieces), limits)
        self._file.seek(0)
        return self._stream(unbzip2(self._file), limits)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _stream(self, pieces: Iterator[bytes], limits: Limits) -> DecompressedStream:
        return DecompressedStream(pieces, archive_bytes=self._size_bytes, limits=limits)

    def _noted(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._kept_bytes += len(piece)
            if self._kept_bytes <= self._most_kept_bytes:
                self._kept.append(piece)
            else:
                self._kept = []
            yield piece
