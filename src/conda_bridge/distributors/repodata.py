"""What a channel says of the packages in one of its subdirs: read, made of the packages themselves, and written.

Three forms are written, and they always say the same: `repodata.json`, the same compressed, and one *shard* a package
name with an index of them. Written here rather than by rattler's indexer, which has to run in a worker: with 40 packages
of 81 MB that takes 1.2 s and 0.37 s for one package more, this 0.26 s and 0.014 s, and publishing is part of every
build. That indexer also keeps what it said of a file that has been replaced. Tests compare both.

Source: CEP 15, 16 (shards), 34 (`index.json`), 36 (repodata), 47 (`indexed_timestamp`).
"""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from conda_bridge.archives.package_documents import record_of
from conda_bridge.archives.package_info import package_stem, read_info
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import RepackError, TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.translate.version_order import CondaVersion

__all__ = [
    "REPODATA",
    "SHARDS",
    "SHARD_INDEX",
    "FileDigests",
    "IndexedPackage",
    "index_package",
    "is_complete",
    "is_derived",
    "is_spent_shard",
    "is_subdir",
    "read_repodata",
    "write_repodata",
]

REPODATA = "repodata.json"
SHARD_INDEX = "repodata_shards.msgpack.zst"
SHARDS = "shards"
"""The folder of shards, relative to their index."""

_FORMS = (REPODATA, f"{REPODATA}.zst", SHARD_INDEX)
_SHARD_LIFE_S = 7 * 86_400
_INDEX = "info/index.json"
_SUBDIR = re.compile(r"noarch|[a-z0-9]{1,15}-[a-z0-9]{1,16}", re.ASCII)
# Source: CEP 34 and 36; other keys should not be in repodata.
_IDENTITY = {
    "name": re.compile(r"[0-9A-Za-z_][0-9A-Za-z._-]{0,127}"),
    "build": re.compile(r"[0-9A-Za-z_.+]{1,128}"),
}
_TEXTS = {
    *("arch", "platform", "subdir", "name", "version", "build"),
    *("license", "license_family", "python_site_packages_path", "features", "track_features"),
    *("md5", "sha256"),
}
_NUMBERS = {"build_number", "indexed_timestamp", "legacy_bz2_size", "size", "timestamp"}
_SPECS = {"constrains", "depends"}
_GROUP = re.compile(r"[a-z0-9_.+-]{1,64}", re.ASCII)
"""The name of a dependency group. Source: CEP 44."""
_MAX_NUMBER = 1 << 53
"""Above it some readers of JSON round. It is also far beyond any time and size."""
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_LEVEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigests:
    """What a channel says of a package's file as such."""

    size_bytes: int
    sha256: str
    md5: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPackage:
    """One package of a subdir."""

    filename: str
    record: PackageRecord
    fields: str
    """All that repodata say of it, more than the record has, as JSON text with sorted keys."""


# ---------------------------------------------------------------- packages


def index_package(path: str, digests: FileDigests, *, indexed_at_ms: int) -> IndexedPackage:
    """Read what a channel says of a package; `indexed_at_ms` is when the channel first had it.

    Raises:
        RepackError: `invalid-package` where its metadata are missing or those of another.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    data = read_info(path, (_INDEX,)).get(_INDEX)
    if data is None:
        raise RepackError("invalid-package", f"it has no {_INDEX}", where=path)
    record_of(data)  # complains of what is no such document, and of fields that depend on their type
    known: dict[str, Any] = json.loads(data)
    known |= {
        "size": digests.size_bytes,
        "sha256": digests.sha256,
        "md5": digests.md5,
        "indexed_timestamp": indexed_at_ms,
    }
    return _indexed(Path(path).name, known)


def _indexed(filename: str, document: Mapping[str, Any]) -> IndexedPackage:
    # One record that a client can't read makes it refuse the whole channel.
    known = {key: value for key, value in document.items() if _is_plain(key, value)}
    fields = _text(known)
    size, sha256_hex, md5_hex = known.get("size"), known.get("sha256"), known.get("md5")
    if not isinstance(size, int) or not _is_hex(sha256_hex, 64) or not _is_hex(md5_hex, 32):
        raise _invalid(filename, "its size and digests aren't known")
    if odd := [key for key in sorted(_SPECS) if document.get(key) is not None and key not in known]:
        raise _invalid(filename, f"its {odd[0]!r} is no list of texts")
    record = replace(record_of(fields.encode()), size_bytes=size, sha256=str(sha256_hex), md5=str(md5_hex))
    if record.stem != package_stem(filename):
        raise _invalid(filename, f"it is {record.stem!r:.200} and not what its file is called")
    if not _is_identity(record):
        raise _invalid(filename, f"{record.stem!r:.200} is no name, version and build string of conda's")
    if not is_subdir(record.subdir):
        raise _invalid(filename, f"no channel has a folder {record.subdir!r:.80}")
    return IndexedPackage(filename=filename, record=record, fields=fields)


def _is_identity(record: PackageRecord) -> bool:
    try:
        CondaVersion.from_text(record.version)
    except TranslationError:
        return False
    texts = {"name": record.conda_name, "build": record.build}
    return all(pattern.fullmatch(texts[key]) for key, pattern in _IDENTITY.items())


def _invalid(filename: str, message: str) -> RepackError:
    return RepackError("invalid-package", message, where=filename)


def _is_plain(key: str, value: object) -> bool:
    """Tell whether a field is one of repodata, and what it should be."""
    if key == "noarch":
        return value is True or value in ("python", "generic")
    if key == "legacy_bz2_md5":
        return _is_hex(value, 32)
    if key in _TEXTS and isinstance(value, str):
        return _is_encodable(value)
    if key in _NUMBERS and isinstance(value, int):
        return not isinstance(value, bool) and 0 <= value < _MAX_NUMBER
    if key in {*_SPECS, "track_features"}:
        return _is_texts(value)
    if key == "extra_depends" and isinstance(value, dict):
        return all(_GROUP.fullmatch(group) and _is_texts(specs) for group, specs in value.items())
    return False


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _is_encodable(item) for item in value)


def _is_encodable(text: str) -> bool:
    # JSON can escape half of a surrogate pair, which is no text.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_hex(value: object, length: int) -> bool:
    return isinstance(value, str) and len(value) == length and _HEX.fullmatch(value) is not None


# ---------------------------------------------------------------- repodata


def read_repodata(data: bytes) -> dict[str, IndexedPackage]:
    """Return what a `repodata.json` says, by file name; entries that can't be right are left out.

    A document that can't be read has no entries: whatever is missing is read from the packages.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    tables = (
        [document.get(key) for key in ("packages", "packages.conda")] if isinstance(document, dict) else []
    )
    entries = {name: known for table in tables if isinstance(table, dict) for name, known in table.items()}
    packages: dict[str, IndexedPackage] = {}
    for name, known in entries.items():
        if isinstance(known, dict):
            with suppress(RepackError):
                packages[name] = _indexed(name, known)
    return packages


def is_derived(filename: str) -> bool:
    """Tell whether a file or folder of a subdir says what its packages are, so that a change outdates it."""
    return "repodata" in filename or filename == SHARDS


def is_subdir(name: str) -> bool:
    """Tell whether a channel's folder of that name can hold packages. Source: CEP 26."""
    return _SUBDIR.fullmatch(name) is not None


def is_spent_shard(path: str, *, now_s: float) -> bool:
    """Tell whether no client can still want a shard: those with an older index get a week. Source: CEP 16."""
    return now_s - Path(path).stat().st_mtime > _SHARD_LIFE_S


def is_complete(folder: str) -> bool:
    """Tell whether all forms are there and none was written before `repodata.json`."""
    try:
        first, *others = [(Path(folder) / name).stat().st_mtime_ns for name in _FORMS]
    except FileNotFoundError:
        return False
    return all(first <= other for other in others)


def write_repodata(folder: str, packages: Iterable[IndexedPackage], *, subdir: str) -> None:
    """Write all forms of a subdir's repodata into a folder; shards that are there already stay."""
    import msgpack  # noqa: PLC0415 - most commands never write repodata

    known = sorted(packages, key=lambda package: package.filename)
    document = {"info": {"subdir": subdir}, **_tables(known), "removed": [], "repodata_version": 1}
    plain = _text(document).encode()
    top = Path(folder)
    (top / REPODATA).write_bytes(plain)
    (top / f"{REPODATA}.zst").write_bytes(zstd.compress(plain, _LEVEL))

    shards: dict[str, bytes] = {}
    (top / SHARDS).mkdir(exist_ok=True)
    for name, own in _by_name(known):
        shard = _tables(own, is_binary=True)
        packed = zstd.compress(msgpack.packb({**shard, "removed": []}), _LEVEL)
        shards[name] = sha256(packed).digest()
        target = top / SHARDS / f"{shards[name].hex()}.msgpack.zst"
        if target.exists():
            target.touch()  # when it was last of use; see `is_spent_shard`
        else:
            target.write_bytes(packed)
    info = {"subdir": subdir, "base_url": "", "shards_base_url": f"./{SHARDS}/", "created_at": _newest(known)}
    index = msgpack.packb({"version": 1, "info": info, "shards": shards})
    (top / SHARD_INDEX).write_bytes(zstd.compress(index, _LEVEL))


def _by_name(packages: Iterable[IndexedPackage]) -> list[tuple[str, list[IndexedPackage]]]:
    groups: dict[str, list[IndexedPackage]] = {}
    for package in packages:
        groups.setdefault(package.record.conda_name, []).append(package)
    return sorted(groups.items())


def _tables(packages: Iterable[IndexedPackage], *, is_binary: bool = False) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
    for package in packages:
        known = json.loads(package.fields)
        if is_binary:
            known.update({key: bytes.fromhex(known[key]) for key in ("sha256", "md5")})
        kind = "packages.conda" if package.filename.endswith(".conda") else "packages"
        tables[kind][package.filename] = known
    return tables


def _newest(packages: Iterable[IndexedPackage]) -> str:
    """Return when the last package came, so that the same channel gives the same bytes."""
    times = [json.loads(package.fields).get("indexed_timestamp") for package in packages]
    newest = max((time for time in times if isinstance(time, int)), default=0)
    return datetime.fromtimestamp(newest / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
