"""Conda channels -> what they hold under a name, asked with as little traffic as the channel allows.

A channel is a name (`conda-forge`), a URL or a folder. Of a remote one only sharded repodata are read: its index
is a few hundred kilobytes where the full repodata are tens of megabytes. A folder may have either.

Source: CEP 16 (sharded repodata), conda's documentation of `repodata.json`.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from conda_bridge.errors import SourceError
from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.model.names import CondaName
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher

__all__ = ["Channels", "channel_location"]

_CHANNEL_HOST = "https://conda.anaconda.org"
_SHARDS = "repodata_shards.msgpack.zst"
_REPODATA = "repodata.json"
_MAX_BYTES = 200_000_000
"""The largest repodata of a folder, and the largest index or shard after decompression."""


class Channels:
    """A `ChannelSource` of a distributor's channels. A channel that fails once isn't asked again."""

    def __init__(self, channels: Iterable[str], subdirs: Iterable[str], fetcher: Fetcher) -> None:
        self._channels = tuple(channels)
        self._subdirs = tuple(subdirs)
        self._fetcher = fetcher
        self._failures: dict[str, SourceError] = {}

    def find(self, name: CondaName) -> ChannelPackage | None:
        """Return the newest package of that name in the first channel that has one; see `ChannelSource`."""
        for channel in self._channels:
            if known := self._failures.get(channel):
                raise known
            try:
                found = list(self._packages(channel, name))
            except SourceError as error:
                self._failures[channel] = error
                raise
            if found:
                return max(found, key=lambda package: (package.timestamp_ms, package.version))
        return None

    def _packages(self, channel: str, name: CondaName) -> Iterator[ChannelPackage]:
        location = channel_location(channel)
        for subdir in self._subdirs:
            for record in self._records(f"{location}/{subdir}", name):
                yield ChannelPackage(
                    channel=channel,
                    subdir=subdir,
                    conda_name=name,
                    version=str(record.get("version", "")),
                    timestamp_ms=_number(record.get("timestamp")),
                )

    def _records(self, place: str, name: CondaName) -> Iterator[dict[str, Any]]:
        if "://" in place:
            yield from self._sharded(place, name)
            return
        folder = Path(place)
        if (folder / _REPODATA).is_file():
            document = _json(folder / _REPODATA)
            yield from (record for record in _listed(document) if record.get("name") == name)
        elif (folder / _SHARDS).is_file():
            yield from self._sharded(folder.absolute().as_uri(), name)

    def _sharded(self, place: str, name: CondaName) -> Iterator[dict[str, Any]]:
        url = f"{place}/{_SHARDS}"
        index = _unpacked(self._read(FileLink(filename=_SHARDS, url=url)), url)
        digest = _table(index.get("shards")).get(name)
        if not isinstance(digest, bytes):
            return
        base = urljoin(f"{place}/", str(_table(index.get("info")).get("shards_base_url", "")))
        filename = f"{digest.hex()}.msgpack.zst"
        link = FileLink(filename=filename, url=urljoin(f"{base.rstrip('/')}/", filename), sha256=digest.hex())
        yield from _listed(_unpacked(self._read(link), link.url))

    def _read(self, link: FileLink) -> bytes:
        if link.url.startswith("file:") or link.sha256:
            path = self._fetcher.get_file(link)
        else:
            path = self._fetcher.get_url(link.url)
        data = _bytes(Path(path))
        if link.sha256 and sha256(data).hexdigest() != link.sha256:
            raise SourceError("hash-mismatch", f"{link.filename} isn't what its name says", where=link.url)
        return data


def channel_location(channel: str) -> str:
    """Return the URL or the folder of a channel.

    >>> channel_location("conda-forge")
    'https://conda.anaconda.org/conda-forge'
    """
    is_place = "://" in channel or channel.startswith((".", "/", "~")) or Path(channel).is_dir()
    location = str(Path(channel).expanduser()) if is_place and "://" not in channel else channel
    return location.rstrip("/") if is_place else f"{_CHANNEL_HOST}/{channel}"


# ---------------------------------------------------------------- documents of strangers


def _unpacked(data: bytes, where: str) -> dict[str, Any]:
    # Both are needed for channels only; importing them costs milliseconds.
    import msgpack  # noqa: PLC0415
    from backports import zstd  # noqa: PLC0415

    try:
        decompressor = zstd.ZstdDecompressor()
        plain = decompressor.decompress(data, max_length=_MAX_BYTES)
        if not decompressor.eof:
            raise SourceError("invalid-channel", "it is cut short or too large", where=where)
        document = msgpack.unpackb(plain, strict_map_key=False)
    except (zstd.ZstdError, ValueError, msgpack.UnpackException) as error:
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=where) from error
    return _table(document)


def _json(path: Path) -> dict[str, Any]:
    try:
        return _table(json.loads(_bytes(path)))
    except ValueError as error:
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=str(path)) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError("invalid-channel", "it is too large", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            "invalid-channel", f"it can't be read: {error.strerror}", where=str(path)
        ) from error


def _listed(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in ("packages", "packages.conda"):
        yield from (record for record in _table(document.get(key)).values() if isinstance(record, dict))


def _table(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
