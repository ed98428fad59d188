"""Repodata of channels, in each of their forms -> the packages that they tell of.

What a channel answers is a stranger's: sizes are bounded, and what has another shape is no package.

Source: CEP 15 (`base_url`), CEP 16 (sharded repodata), CEP 36 (repodata).
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from conda_bridge.errors import SourceError

__all__ = ["ChannelRecord", "ShardIndex", "WholeRepodata", "shard_index", "shard_records", "whole_repodata"]

_MAX_SHARD_BYTES = 8_000_000
"""Of an index or a shard, unpacked; conda-forge's largest index has 2 MB. Python needs up to 60 times as much for it."""
_MAX_REPODATA_BYTES = 400_000_000
"""Of whole repodata, unpacked."""
_MAX_RATIO = 64
"""Of unpacked to packed; each record has digests, which nothing compresses, so that real channels stay below 15."""
_ALWAYS_BYTES = 1_000_000
"""May be unpacked of however little."""
_PIECE_BYTES = 1 << 20
_MAX_WINDOW_LOG = 27
"""Of what decompressing looks back at: 128 MB, the most that zstd's highest level takes."""
_ZSTD = b"\x28\xb5\x2f\xfd"
_VERSION = re.compile(r"[0-9A-Za-z.!+_-]{1,64}", re.ASCII)
_BUILD = re.compile(r"[0-9A-Za-z._+-]{1,64}", re.ASCII)
_LICENSE = re.compile(r"[ -~]{1,400}", re.ASCII)
_REVOKED = "package_has_been_revoked"
"""Nobody has it: a channel's own way to keep solvers from a package."""
_FILE_NAME = re.compile(r"[0-9A-Za-z._!+-]{1,220}\.(?:conda|tar\.bz2)", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)


class ChannelRecord(NamedTuple):
    """What counts of one package's record."""

    name: str
    version: str
    build: str
    build_number: int
    timestamp_ms: int
    filename: str
    sha256: str
    md5: str
    license: str
    depends: tuple[str, ...] | None
    """None where it isn't said."""
    constrains: tuple[str, ...] | None
    is_revoked: bool


class WholeRepodata(NamedTuple):
    """A subdir's repodata in one document."""

    base_url: str
    """Where its packages are, relative to the document; empty: beside it."""
    records: Mapping[str, tuple[ChannelRecord, ...]]
    """By package name."""


class ShardIndex(NamedTuple):
    """What tells of a subdir's shards."""

    base_url: str
    """Where the packages are, relative to the index; empty: beside it."""
    shards_base_url: str
    """Where the shards are, likewise."""
    digests: Mapping[str, bytes]
    """The sha256 of each name's shard."""


def whole_repodata(data: bytes, where: str) -> WholeRepodata:
    """Return what whole repodata say, compressed or not; `where` is for complaints.

    Raises:
        SourceError: `invalid-channel`.
    """
    plain = _unpacked(data, where, _MAX_REPODATA_BYTES) if data.startswith(_ZSTD) else data
    try:
        document = _table(json.loads(plain))
    except (ValueError, RecursionError) as error:
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=where) from error
    found: defaultdict[str, list[ChannelRecord]] = defaultdict(list)
    for record in _records_of(document):
        found[record.name].append(record)
    records = {name: tuple(several) for name, several in found.items()}
    return WholeRepodata(_address(document, "base_url", where), records)


def shard_index(data: bytes, where: str) -> ShardIndex:
    """Return what an index of shards says.

    Raises:
        SourceError: `invalid-channel`.
    """
    index = _message(data, where)
    digests = {
        name: digest
        for name, digest in _table(index.get("shards")).items()
        if isinstance(digest, bytes) and len(digest) == sha256().digest_size
    }
    return ShardIndex(_address(index, "base_url", where), _address(index, "shards_base_url", where), digests)


def shard_records(data: bytes, where: str) -> tuple[ChannelRecord, ...]:
    """Return the packages of a shard.

    Raises:
        SourceError: `invalid-channel`.
    """
    return tuple(_records_of(_message(data, where)))


def _message(data: bytes, where: str) -> dict[Any, Any]:
    # It is needed for channels only; importing it costs milliseconds.
    import msgpack  # noqa: PLC0415

    try:
        return _table(msgpack.unpackb(_unpacked(data, where, _MAX_SHARD_BYTES), strict_map_key=False))
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        # TypeError: a key that is a list.
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=where) from error


def _unpacked(data: bytes, where: str, most: int) -> bytes:
    from backports import zstd  # noqa: PLC0415 - likewise

    most = min(most, max(_ALWAYS_BYTES, _MAX_RATIO * len(data)))
    decompressor = zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG}
    )
    plain = bytearray()
    try:
        while not decompressor.eof and len(plain) <= most:
            piece = decompressor.decompress(b"" if plain else data, max_length=_PIECE_BYTES)
            if not piece and not decompressor.eof:
                raise SourceError("invalid-channel", "it is cut short", where=where)
            plain += piece
    except zstd.ZstdError as error:
        raise SourceError("invalid-channel", f"it can't be read: {error}", where=where) from error
    if len(plain) > most:
        raise SourceError("invalid-channel", f"it is larger than {most:,} bytes, unpacked", where=where)
    return bytes(plain)


def _records_of(document: dict[Any, Any]) -> Iterator[ChannelRecord]:
    for key in ("packages", "packages.conda"):
        for filename, record in _table(document.get(key)).items():
            known = _table(record)
            name, version = known.get("name"), known.get("version")
            if isinstance(name, str) and isinstance(version, str) and _VERSION.fullmatch(version):
                yield ChannelRecord(
                    name=name,
                    version=version,
                    build=_text(known.get("build"), _BUILD),
                    build_number=_number(known.get("build_number")),
                    timestamp_ms=_number(known.get("timestamp")),
                    filename=_text(filename, _FILE_NAME),
                    sha256=_digest(known.get("sha256"), _SHA256),
                    md5=_digest(known.get("md5"), _MD5),
                    license=_text(known.get("license"), _LICENSE),
                    depends=(depends := _specs(known.get("depends"))),
                    constrains=_specs(known.get("constrains")),
                    is_revoked=known.get("revoked") is True or _REVOKED in (depends or ()),
                )


def _address(document: dict[Any, Any], key: str, where: str) -> str:
    value = _table(document.get("info")).get(key) or ""
    if not isinstance(value, str):
        raise SourceError("invalid-channel", f"its {key} is no text", where=where)
    return value


def _text(value: object, shape: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and shape.fullmatch(value) else ""


def _specs(value: object) -> tuple[str, ...] | None:
    """Return match specs, each of which many records of a channel share."""
    if not isinstance(value, list) or not all(isinstance(spec, str) for spec in value):
        return None
    return tuple(map(sys.intern, value))


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _digest(value: object, shape: re.Pattern[str]) -> str:
    """Return a hash in lower-case hex; shards have it as bytes."""
    text = value.hex() if isinstance(value, bytes) else value
    return _text(text.lower() if isinstance(text, str) else text, shape)


def _table(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
