"""A wheel's link -> the libraries that its modules link, as few of its bytes as possible fetched for it.

In this order: the cache, the wheel where it was downloaded before, ranges of it. A wheel is never fetched whole for
this: what it links is evidence among other, and no hash covers a part of a file.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from conda_bridge.model.source import FileLink, WheelLinks
from conda_bridge.sources.cache import Cache
from conda_bridge.sources.downloads import Downloads
from conda_bridge.sources.remote_files import RemoteFiles

__all__ = ["WheelInspections"]

_SCHEMA = 1
"""Raised when what is kept changes its meaning."""


class WheelInspections:
    """Direct links of wheels. Thread-safe."""

    def __init__(self, cache: Cache, downloads: Downloads, remote: RemoteFiles) -> None:
        self._cache = cache
        self._downloads = downloads
        self._remote = remote

    def get(self, link: FileLink) -> WheelLinks | None:
        """Return what a wheel links; see `WheelInspector.get_wheel_links`."""
        known = self._known(link)
        if known is not None:
            return known
        links = self._remote.read(
            link,
            lambda file, size_bytes: _reader()(
                cast("BinaryIO", file), size_bytes=size_bytes, will_read=file.prefetch
            ),
        )
        if links is not None and link.sha256:
            self._cache.keep_links(link.sha256, _text(links))
        return links

    def _known(self, link: FileLink) -> WheelLinks | None:
        if link.url.startswith("file:"):
            return _read(self._downloads.file(link))
        if not link.sha256:
            return None
        text = self._cache.find_links(link.sha256)
        kept = _links(text) if text is not None else None
        if kept is None and (path := self._cache.find_file(link.sha256, link.filename)):
            kept = _read(path)
        return kept


def _read(path: str) -> WheelLinks:
    with Path(path).open("rb") as file:
        return _reader()(file, size_bytes=Path(path).stat().st_size)


def _reader() -> Callable[..., WheelLinks]:
    # Reading zip and ELF files matters to those who ask for it, and is slow to load.
    from conda_bridge.archives.wheel_links import read_wheel_links  # noqa: PLC0415

    return read_wheel_links


def _text(links: WheelLinks) -> str:
    return json.dumps(
        {
            "schema": _SCHEMA,
            "sonames": links.sonames,
            "bundled": links.bundled,
            "unread": links.unread,
        }
    )


def _links(text: str) -> WheelLinks | None:
    """Return what was kept; None for what an older release kept, or somebody else wrote."""
    try:
        kept = json.loads(text)
        lists = [kept[name] for name in ("sonames", "bundled", "unread")]
    except (ValueError, TypeError, KeyError):
        return None
    is_known = kept.get("schema") == _SCHEMA
    if not is_known or not all(isinstance(name, str) for names in lists for name in names):
        return None
    sonames, bundled, unread = lists
    return WheelLinks(sonames=tuple(sonames), bundled=tuple(bundled), unread=tuple(unread))
