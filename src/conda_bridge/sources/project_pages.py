"""An index and a project's name -> the page of the project there, from the cache while that is good.

Source: RFC 9111 (HTTP caching), as far as indexes use it.
"""

import re
import time

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.sources.cache import Cache, CachedPage, max_age_of
from conda_bridge.sources.http import HttpClient, HttpReply
from conda_bridge.sources.indexes import Index, local_page
from conda_bridge.sources.pages import ACCEPT
from conda_bridge.sources.raw_pages import Page
from conda_bridge.translate.url_secrets import has_secret, redacted

__all__ = ["ProjectPages", "read_body"]

_MAX_PAGE_BYTES = 64_000_000
_SECRET = re.compile(
    rb"""
      ://[^/?#\s"'<>]{1,200}@                                  # user:password@
    | [?&;][^?&;=\s"'<>]{0,60}
      (?:token|secret|passw|pwd|key|sig|credential|auth|session|jwt)
      [^?&;=\s"'<>]{0,60}=
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What may be a secret in a URL of a page; broader than `has_secret`, because a page that isn't kept costs little."""


class ProjectPages:
    """Pages of any index, cached."""

    def __init__(self, cache: Cache, http: HttpClient, *, is_offline: bool) -> None:
        self._cache = cache
        self._http = http
        self._is_offline = is_offline

    def find(self, index: Index, name: PypiName) -> tuple[Page, tuple[Diagnostic, ...]] | None:
        """Return a project's page and what is to be said of it; None where the index doesn't have the project.

        Raises:
            SourceError: `index-unreachable`, `offline`, `insecure-url`, `invalid-index-page`.
        """
        if index.is_local:
            page = local_page(index, name)
            return (page, ()) if page else None
        url = f"{index.url}/{name}/"
        cached = self._cache.find_page(url)
        if cached is None or not (cached.is_fresh or self._is_offline):
            cached = self._fetch(url, cached)
        if cached.status != 200:
            return None
        stale = () if cached.is_fresh or not self._is_offline else (_stale(name, cached),)
        return Page(url=cached.url, content_type=cached.content_type, body=cached.body), stale

    def _fetch(self, url: str, cached: CachedPage | None) -> CachedPage:
        headers = {"Accept": ACCEPT}
        if cached and cached.etag:
            headers["If-None-Match"] = cached.etag
        elif cached and cached.last_modified:
            headers["If-Modified-Since"] = cached.last_modified

        def receive(reply: HttpReply) -> CachedPage:
            if reply.status == 304 and cached is not None:
                return cached.revalidated(reply.headers)
            return _received(reply)

        page = self._http.exchange(url, receive, headers=headers, is_page=True)
        # An index may sign the URLs of its files, or answer from a signed URL itself: those stay in memory.
        if not (has_secret(page.url) or _SECRET.search(page.body)):
            self._cache.keep_page(url, page)
        return page


def read_body(reply: HttpReply, *, max_bytes: int) -> bytes:
    """Return the body of a successful answer.

    Raises:
        SourceError: `index-unreachable` for any other status than 200 and 206, `too-large`.
    """
    if reply.status not in {200, 206}:
        raise SourceError("index-unreachable", _refusal(reply.status), where=redacted(reply.url))
    body = bytearray()
    for piece in reply.pieces:
        body += piece
        if len(body) > max_bytes:
            message = f"the answer is larger than {max_bytes:,} bytes"
            raise SourceError("too-large", message, where=redacted(reply.url))
    return bytes(body)


def _received(reply: HttpReply) -> CachedPage:
    is_absent = reply.status in {404, 410}
    return CachedPage(
        url=reply.url,
        status=404 if is_absent else 200,
        content_type=reply.headers.get("content-type", ""),
        etag=reply.headers.get("etag", ""),
        last_modified=reply.headers.get("last-modified", ""),
        fetched_at=time.time(),
        max_age_s=max_age_of(reply.headers.get("cache-control", "")),
        body=b"" if is_absent else read_body(reply, max_bytes=_MAX_PAGE_BYTES),
    )


def _refusal(status: int) -> str:
    if status in {401, 403, 407}:
        return f"the server refuses: it answers {status}, so it may want credentials"
    return f"the server answers {status}"


def _stale(name: PypiName, page: CachedPage) -> Diagnostic:
    hours = max(0.0, time.time() - page.fetched_at) / 3600
    return finding("stale-index-page", f"what the index says of {name} was read {hours:.0f} hours ago")
