"""Conda channels -> what they hold under a name, asked with as little traffic as the channel allows.

A channel is a name (`conda-forge`), a URL or a folder. Of a remote one only sharded repodata are read: its index
is a few hundred kilobytes where the full repodata are tens of megabytes. A folder may have either.

What a channel answers is a stranger's: sizes are bounded, and what has another shape is no package.

Source: CEP 16 (sharded repodata), conda's documentation of `repodata.json`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from conda_bridge.errors import SourceError
from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.model.names import CondaName
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher

__all__ = ["Channels", "channel_location"]

_CHANNEL_HOST = "https://conda.anaconda.org"
_SHARDS = "repodata_shards.msgpack.zst"
_REPODATA = "repodata.json"
_MAX_UNPACKED_BYTES = 8_000_000
"""Of an index or a shard; conda-forge's largest index has 2 MB. Python needs up to 60 times as much for it."""
_MAX_REPODATA_BYTES = 200_000_000
_VERSION = re.compile(r"[0-9A-Za-z.!+_-]{1,64}", re.ASCII)


class _Record(NamedTuple):
    """What counts of one package's record."""

    name: str
    version: str
    timestamp_ms: int


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
                if record.name == name:
                    yield ChannelPackage(
                        channel=channel,
                        subdir=subdir,
                        conda_name=name,
                        version=record.version,
                        timestamp_ms=record.timestamp_ms,
                    )

    def _records(self, place: str, name: CondaName) -> Iterator[_Record]:
        if "://" in place:
            return self._sharded(place, name)
        folder = Path(place)
        if (folder / _REPODATA).is_file():
            return _records_of(_json(folder / _REPODATA))
        if (folder / _SHARDS).is_file():
            return self._sharded(folder.absolute().as_uri(), name)
        return iter(())

    def _sharded(self, place: str, name: CondaName) -> Iterator[_Record]:
        url = f"{place}/{_SHARDS}"
        index = _unpacked(self._read(FileLink(filename=_SHARDS, url=url)), url)
        digest = _table(index.get("shards")).get(name)
        if isinstance(digest, bytes) and len(digest) == sha256().digest_size:
            link = _shard_link(place, _table(index.get("info")).get("shards_base_url"), digest.hex())
            yield from _records_of(_unpacked(self._read(link), link.url))

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


def _shard_link(place: str, base: object, sha256_hex: str) -> FileLink:
    filename = f"{sha256_hex}.msgpack.zst"
    try:
        folder = urljoin(f"{place}/", base if isinstance(base, str) else "")
        url = urljoin(f"{folder.rstrip('/')}/", filename)
        is_elsewhere = urlsplit(url).scheme != urlsplit(place).scheme
    except ValueError as error:
        raise SourceError("invalid-channel", f"its shards have no address: {error}", where=place) from error
    if is_elsewhere:
        raise SourceError("invalid-channel", "its shards are somewhere else altogether", where=place)
    return FileLink(filename=filename, url=url, sha256=sha256_hex)


def _unpacked(data: bytes, where: str) -> dict[Any, Any]:
    # Both are needed for channels only; importing them costs milliseconds.
    import msgpack  # noqa: PLC0415
    from backports import zstd  # noqa: PLC0415

    try:
        decompressor = zstd.ZstdDecompressor()
        plain = decompressor.decompress(data, max_length=_MAX_UNPACKED_BYTES)
        if not decompressor.eof:
            raise SourceError("invalid-channel", "it is cut short or too large", where=where)
        document = msgpack.unpackb(plain, strict_map_key=False)
    except (zstd.ZstdError, ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        # TypeError: a key that is a list.
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=where) from error
    return _table(document)


def _json(path: Path) -> dict[Any, Any]:
    try:
        return _table(json.loads(_bytes(path)))
    except (ValueError, RecursionError) as error:
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=str(path)) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_REPODATA_BYTES:
            raise SourceError("invalid-channel", "it is too large", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            "invalid-channel", f"it can't be read: {error.strerror}", where=str(path)
        ) from error


def _records_of(document: dict[Any, Any]) -> Iterator[_Record]:
    for key in ("packages", "packages.conda"):
        for record in _table(document.get(key)).values():
            known = _table(record)
            name, version, timestamp = known.get("name"), known.get("version"), known.get("timestamp")
            if isinstance(name, str) and isinstance(version, str) and _VERSION.fullmatch(version):
                yield _Record(name, version, timestamp if isinstance(timestamp, int) else 0)


def _table(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
