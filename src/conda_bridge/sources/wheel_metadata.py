"""A wheel's link -> its core metadata, as cheaply as its index allows.

In this order: the cache, the metadata file beside the wheel, ranges of the wheel, the whole wheel where it
is small. What was learnt by ranges is as trustworthy as the server, since no hash covers a part of a file.

Source: PEP 658 and 714.
"""

import hashlib
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
from conda_bridge.sources.remote_files import RemoteFiles
from conda_bridge.translate.url_secrets import redacted

__all__ = ["WheelMetadata"]


class WheelMetadata:
    """Core metadata of wheels. Thread-safe."""

    def __init__(
        self,
        cache: Cache,
        http: HttpClient,
        downloads: Downloads,
        remote: RemoteFiles,
        network: NetworkOptions,
    ) -> None:
        self._cache = cache
        self._http = http
        self._downloads = downloads
        self._remote = remote
        self._network = network

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
        return self._remote.read(
            link,
            lambda file, size_bytes: read_wheel_metadata(
                cast("BinaryIO", file), size_bytes=size_bytes, will_read=file.prefetch
            ),
        )

    def _of_whole(self, link: FileLink) -> str | None:
        most = self._network.max_metadata_wheel_bytes
        if not link.sha256 or link.size_bytes is None or link.size_bytes > most:
            return None
        return _read(self._downloads.file(link))


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        return read_wheel_metadata(file, size_bytes=Path(path).stat().st_size)
