"""Configured index URLs -> indexes without passwords, and the pages of those that are folders of this machine."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.sources.raw_pages import Page
from conda_bridge.sources.urls import Credentials, origin_of, split_credentials
from conda_bridge.translate.url_secrets import redacted

__all__ = ["Index", "Indexes", "local_page", "local_path", "read_indexes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A simple index."""

    url: str
    """Without credentials and without a slash at the end."""

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self.url.startswith("file:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """The configured indexes, and how their hosts are spoken to."""

    ordered: tuple[Index, ...]
    credentials: tuple[tuple[str, Credentials], ...]
    """By origin; the first that is configured for an origin counts."""

    @property
    def origins(self) -> frozenset[str]:
        """The origins of those that are not folders."""
        return frozenset(origin_of(index.url) for index in self.ordered if not index.is_local)


def read_indexes(urls: Iterable[str]) -> Indexes:
    """Return the indexes that the URLs name.

    Raises:
        SourceError: `invalid-url` for other schemes than https, http and file.
    """
    ordered: list[Index] = []
    credentials: dict[str, Credentials] = {}
    for url in urls:
        clean, found = split_credentials(url.strip())
        if urlsplit(clean).scheme.lower() not in {"https", "http", "file"}:
            message = "an index URL begins with https://, http:// or file://"
            raise SourceError("invalid-url", message, where=redacted(clean))
        ordered.append(Index(url=clean.rstrip("/")))
        if found is not None:
            credentials.setdefault(origin_of(clean), found)
    return Indexes(ordered=tuple(ordered), credentials=tuple(credentials.items()))


def local_page(index: Index, name: PypiName) -> Page | None:
    """Return a project's page of an index in a folder: its `index.html`, else the list of its files."""
    folder = local_path(index.url) / name
    page = folder / "index.html"
    try:
        if page.is_file():
            return Page(url=page.as_uri(), content_type="text/html", body=page.read_bytes())
        if not folder.is_dir():
            return None
        files = [
            {"filename": path.name, "url": path.as_uri(), "size": path.stat().st_size}
            for path in sorted(folder.iterdir())
            if path.is_file()
        ]
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise SourceError("index-unreachable", message, where=str(folder)) from error
    body = json.dumps({"meta": {"api-version": "1.0"}, "files": files}).encode()
    return Page(url=f"{folder.as_uri()}/", content_type="application/json", body=body)


def local_path(url: str) -> Path:
    """Return the path of a `file:` URL."""
    path = urlsplit(url).path
    if sys.platform == "win32":
        from urllib.request import url2pathname  # noqa: PLC0415 - imports all of http.client

        return Path(url2pathname(path))
    return Path(unquote(path))
