"""Files of an index that are read in part, through range requests.

Source: RFC 9110, section 14.
"""

import re
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from conda_bridge.model.source import FileLink
from conda_bridge.sources.http import HttpClient, HttpReply
from conda_bridge.sources.project_pages import read_body
from conda_bridge.sources.ranges import RangeFile
from conda_bridge.sources.urls import origin_of

__all__ = ["RemoteFiles"]

T = TypeVar("T")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class _NoRangesError(Exception):
    """The server doesn't serve parts of this file."""


class RemoteFiles:
    """Reads parts of files. Thread-safe; a server that serves no parts is asked once."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._lock = threading.Lock()
        self._origins_without_ranges: set[str] = set()

    def read(self, link: FileLink, reading: Callable[[RangeFile, int], T]) -> T | None:
        """Return what `reading(file, size in bytes)` makes of a file; None where its server serves no parts."""
        origin = origin_of(link.url)
        if origin in self._origins_without_ranges:
            return None
        try:
            size_bytes = link.size_bytes or self._size_of(link)
            return reading(RangeFile(size_bytes, partial(self._range, link, size_bytes)), size_bytes)
        except _NoRangesError:
            with self._lock:
                self._origins_without_ranges.add(origin)
            return None

    def _size_of(self, link: FileLink) -> int:
        def receive(reply: HttpReply) -> int:
            match = _CONTENT_RANGE.fullmatch(reply.headers.get("content-range", ""))
            if reply.status != 206 or match is None:
                raise _NoRangesError
            return int(match[3])

        return self._http.exchange(link.url, receive, headers={"Range": "bytes=0-0"})

    def _range(self, link: FileLink, size_bytes: int, start: int, end: int) -> bytes:
        def receive(reply: HttpReply) -> bytes:
            # A server that ignores the header sends the whole wheel, which is left unread.
            expected = f"bytes {start}-{end - 1}/{size_bytes}"
            if reply.status != 206 or reply.headers.get("content-range") != expected:
                raise _NoRangesError
            data = read_body(reply, max_bytes=end - start)
            if len(data) != end - start:
                raise _NoRangesError
            return data

        return self._http.exchange(link.url, receive, headers={"Range": f"bytes={start}-{end - 1}"})
