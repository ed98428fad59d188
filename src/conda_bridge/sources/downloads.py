"""Links and URLs -> files in the cache, verified while they stream, or nothing at all."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from conda_bridge.errors import SourceError
from conda_bridge.model.events import BytesReceived, DownloadFinished, DownloadStarted
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Reporter
from conda_bridge.sources.cache import Cache, CachedPage, max_age_of
from conda_bridge.sources.http import HttpClient, HttpReply
from conda_bridge.sources.indexes import local_path
from conda_bridge.sources.project_pages import read_body
from conda_bridge.sources.urls import filename_of_url
from conda_bridge.translate.url_secrets import redacted

__all__ = ["Downloads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A file in the cache."""

    path: str
    sha256: str
    headers: Mapping[str, str]


class Downloads:
    """Files of indexes and of the web."""

    def __init__(self, cache: Cache, http: HttpClient, network: NetworkOptions, reporter: Reporter) -> None:
        self._cache = cache
        self._http = http
        self._network = network
        self._reporter = reporter

    def file(self, link: FileLink) -> str:
        """Return the path of an index's file; see `Fetcher.get_file`."""
        if link.url.startswith("file:"):
            return _local_file(link)
        if not link.sha256:
            raise SourceError(
                "no-sha256", f"the index offers no sha256 of {link.filename}", where=redacted(link.url)
            )
        return self._cache.find_file(link.sha256, link.filename) or self._download(link).path

    def url(self, url: str) -> str:
        """Return the path of what a URL serves now; see `Fetcher.get_url`."""
        receipt = self._cache.find_page(_key(url))
        if receipt and (self._network.offline or receipt.is_fresh):
            sha256, _, filename = receipt.body.decode("utf-8").partition(" ")
            if known := self._cache.find_file(sha256, filename):
                return known
        link = FileLink(filename=filename_of_url(url), url=url)
        stored = self._download(link)
        self._cache.keep_page(_key(url), _receipt(link, stored))
        return stored.path

    def _download(self, link: FileLink) -> _Stored:
        self._refuse_size(link, link.size_bytes)
        with self._reported(link):
            return self._http.exchange(link.url, lambda reply: self._store(link, reply), headers={})

    def _store(self, link: FileLink, reply: HttpReply) -> _Stored:
        if reply.status in {404, 410}:
            message = f"the server answers {reply.status}"
            raise SourceError("not-served", message, where=redacted(reply.url))
        if reply.status != 200:
            read_body(reply, max_bytes=0)
        self._refuse_size(link, reply.length)
        # One byte too many is read, to tell a longer file from one of the promised size.
        most = self._network.max_file_bytes if link.size_bytes is None else link.size_bytes
        digest, count = hashlib.sha256(), 0
        with self._cache.unfinished() as file:
            for piece in reply.pieces:
                count += len(piece)
                if count > most:
                    break
                digest.update(piece)
                file.write(piece)
                self._reporter.report(BytesReceived(url=redacted(link.url), count=len(piece)))
            self._refuse_other_bytes(link, count, digest.hexdigest())
            path = self._cache.publish(file, digest.hexdigest(), link.filename)
        return _Stored(path=path, sha256=digest.hexdigest(), headers=reply.headers)

    def _refuse_size(self, link: FileLink, size_bytes: int | None) -> None:
        most = self._network.max_file_bytes
        if size_bytes is not None and size_bytes > most:
            message = f"{link.filename} has {size_bytes:,} bytes, more than the {most:,} that are allowed"
            raise SourceError("too-large", message, where=redacted(link.url))

    def _refuse_other_bytes(self, link: FileLink, count: int, sha256: str) -> None:
        self._refuse_size(link, count)
        if link.size_bytes is not None and count != link.size_bytes:
            message = f"{link.filename} is not {link.size_bytes:,} bytes long, as the index says"
            raise SourceError("hash-mismatch", message, where=redacted(link.url))
        if link.sha256 and sha256 != link.sha256:
            message = f"the sha256 of {link.filename} is {sha256}, not {link.sha256}"
            raise SourceError("hash-mismatch", message, where=redacted(link.url))

    @contextmanager
    def _reported(self, link: FileLink) -> Iterator[None]:
        url = redacted(link.url)
        self._reporter.report(DownloadStarted(url=url, size_bytes=link.size_bytes))
        try:
            yield
        finally:
            self._reporter.report(DownloadFinished(url=url))


def _local_file(link: FileLink) -> str:
    path = local_path(link.url)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=str(path)) from error
    # A file of this machine without a hash is trusted as the machine is.
    if link.sha256 and sha256 != link.sha256:
        message = f"the sha256 of {link.filename} is {sha256}, not {link.sha256}"
        raise SourceError("hash-mismatch", message, where=str(path))
    return str(path)


def _key(url: str) -> str:
    return f"file {url}"


def _receipt(link: FileLink, stored: _Stored) -> CachedPage:
    return CachedPage(
        url=redacted(link.url),
        status=200,
        fetched_at=time.time(),
        max_age_s=max_age_of(stored.headers.get("cache-control", "")),
        body=f"{stored.sha256} {link.filename}".encode(),
    )
