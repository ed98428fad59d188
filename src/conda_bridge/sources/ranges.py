"""A file on a server -> a file object that fetches only the bytes that are read.

Source: RFC 9110, section 14 (range requests).
"""

import io
from collections.abc import Callable

__all__ = ["RangeFile"]

_TAIL_BYTES = 1 << 14


class RangeFile(io.RawIOBase):
    """Reads from `fetch(start, end)`, remembering what was fetched. The end of the file comes first."""

    def __init__(self, size_bytes: int, fetch: Callable[[int, int], bytes]) -> None:
        """Read a file of `size_bytes`, at least 1; `fetch` returns exactly the bytes from start up to end."""
        super().__init__()
        self._size_bytes = size_bytes
        self._fetch = fetch
        self._position = 0
        self._parts: list[tuple[int, bytes]] = []
        self.prefetch(max(0, size_bytes - _TAIL_BYTES), size_bytes)

    def prefetch(self, start: int, end: int) -> None:
        """Fetch what is still missing of a range, in as few requests as there are gaps."""
        position = start
        for known_start, data in sorted(self._parts):
            known_end = known_start + len(data)
            if known_end <= position:
                continue
            if known_start >= end:
                break
            self._add(position, known_start)
            position = known_end
        self._add(position, end)

    def _add(self, start: int, end: int) -> None:
        if start < end:
            self._parts.append((start, self._fetch(start, end)))

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought in."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}[whence]
        if base + offset < 0:
            raise ValueError("a negative position")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, fetching those that are missing."""
        rest = max(0, self._size_bytes - self._position)
        start, end = self._position, self._position + (rest if size < 0 else min(size, rest))
        self.prefetch(start, end)
        pieces = []
        for known_start, data in sorted(self._parts):
            pieces.append(data[max(0, start - known_start) : max(0, end - known_start)])
        self._position = end
        return b"".join(pieces)
