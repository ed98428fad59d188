"""A wheel's link -> its core metadata, as cheaply as its index allows.

In this order: the cache, the metadata file beside the wheel, ranges of the wheel, the whole wheel where it
is small. What was learnt by ranges is as trustworthy as the server, since no hash covers a part of a file.

Source: PEP 658 and 714.
"""

import hashlib
import re
import threading
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from conda_bridge.archives.wheels import MAX_METADATA_BYTES, read_wheel_metadata
from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import FileLink
from conda_bridge.sources.cache import Cache
from conda_bridge.sources.downloads import Downloads
from conda_bridge.sources.http import HttpClient, HttpReply
from conda_bridge.sources.project_pages import read_body
from conda_bridge.sources.ranges import RangeFile
from conda_bridge.sources.urls import origin_of, redacted

__all__ = ["WheelMetadata"]

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class _NoRangesError(Exception):
    """The server doesn't serve parts of this file."""


class WheelMetadata:
    """Core metadata of wheels. Thread-safe."""

    def __init__(self, cache: Cache, http: HttpClient, downloads: Downloads, network: NetworkOptions) -> None:
        self._cache = cache
        self._http = http
        self._downloads = downloads
        self._network = network
        self._lock = threading.Lock()
        self._origins_without_ranges: set[str] = set()

    def get(self, link: FileLink) -> str | None:
        """Return the metadata; see `Fetcher.get_metadata`."""
        known = self._known(link)
        if known is not None:
            return known
        text = self._beside(link) if link.has_metadata else None
        if text is None:
            text = self._by_ranges(link)
        if text is None:
            text = self._of_whole(link)
        if text is not None and link.sha256:
            self._cache.keep_metadata(link.sha256, text)
        return text

    def _known(self, link: FileLink) -> str | None:
        if link.url.startswith("file:"):
            return _read(self._downloads.file(link))
        if not link.sha256:
            return None
        kept = self._cache.find_metadata(link.sha256)
        if kept is None and (path := self._cache.find_file(link.sha256, link.filename)):
            kept = _read(path)
        return kept

    def _beside(self, link: FileLink) -> str | None:
        """Return the metadata file beside the wheel; None where the index promised it in vain."""
        url = f"{link.url}.metadata"

        def receive(reply: HttpReply) -> bytes | None:
            return None if reply.status in {404, 410} else read_body(reply, max_bytes=MAX_METADATA_BYTES)

        data = self._http.exchange(url, receive, headers={})
        if data is None:
            return None
        if link.metadata_sha256 and hashlib.sha256(data).hexdigest() != link.metadata_sha256:
            message = f"the metadata of {link.filename} is not what the index promises"
            raise SourceError("hash-mismatch", message, where=redacted(url))
        return data.decode("utf-8", errors="replace")

    def _by_ranges(self, link: FileLink) -> str | None:
        origin = origin_of(link.url)
        if origin in self._origins_without_ranges:
            return None
        try:
            size_bytes = link.size_bytes or self._size_of(link)
            file = RangeFile(size_bytes, partial(self._range, link, size_bytes))
            return read_wheel_metadata(cast("BinaryIO", file), size_bytes=size_bytes, will_read=file.prefetch)
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

    def _of_whole(self, link: FileLink) -> str | None:
        most = self._network.max_metadata_wheel_bytes
        if not link.sha256 or link.size_bytes is None or link.size_bytes > most:
            return None
        return _read(self._downloads.file(link))


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        return read_wheel_metadata(file, size_bytes=Path(path).stat().st_size)
