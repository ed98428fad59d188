"""A conda package -> its record; a `.conda` package -> the same one with other files in `info/`.

The payload is never unpacked for it, nor compressed again unless its times are changed: its bytes are copied as they are.

Source: CEP 34 (contents), CEP 35 (the `.conda` format).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP64_LIMIT, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from conda_bridge.archives.conda_writer import completed, nearest_zip_time_s, write_info_member, zip_member
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.package_documents import record_of
from conda_bridge.archives.package_info import package_stem, read_info
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.paths import shown
from conda_bridge.archives.retiming import retimed
from conda_bridge.archives.streams import DecompressedStream, unzstd
from conda_bridge.archives.writing import written_aside
from conda_bridge.archives.zip import open_zip, read_zip_member, zip_member_pieces, zip_time_s
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import BridgeError, RepackError, SourceError
from conda_bridge.model.artifact import PackageRecord

__all__ = ["InfoFiles", "read_record", "rewrite_info"]

InfoFiles = Mapping[str, bytes]
"""Path below `info/` -> content."""

_INDEX = "info/index.json"
_FORMAT = "metadata.json"
_PIECE_BYTES = 1 << 20
_LEVEL = 15
_BUILT_HERE = replace(LIMITS, max_bytes=1 << 40, max_ratio=1 << 40)
"""What we read again was there unpacked a moment ago."""


def read_record(path: str) -> PackageRecord:
    """Return the record of a `.conda` or `.tar.bz2` file, with the archive's size and digests.

    Raises:
        RepackError: `invalid-package` where it has no record, or one of another package than its file name says.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    data = read_info(path, [_INDEX]).get(_INDEX)
    if data is None:
        raise RepackError("invalid-package", f"it has no {_INDEX}", where=path)
    with Path(path).open("rb") as file:
        return completed(_record(data, path), file)


def rewrite_info(
    path: str, target: str, edit: Callable[[InfoFiles], InfoFiles], *, time_s: int | None = None
) -> PackageRecord:
    """Write a `.conda` package whose `info/` is what `edit` makes of it, and return its record.

    `target` has the same file name and may be `path` itself; it appears whole or not at all. Files of `info/` are
    packed as not executable, at the time that the package's own members have. With `time_s` that becomes the time of
    all files, those of the payload too, and of the archive's members; the payload's contents stay.

    Raises:
        RepackError: `invalid-package`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    assert Path(path).name == Path(target).name, "conda tells a package by its file name"
    try:
        with Path(path).open("rb") as file, written_aside(target) as out:
            return _rewritten(file, out, path, _Change(edit=edit, time_s=time_s))
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
    except BadZipFile as error:
        raise SourceError("broken-archive", f"it is damaged: {error}", where=path) from error
    except BridgeError as error:
        raise type(error)(error.slug, error.message, where=path, hint=error.hint) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    edit: Callable[[InfoFiles], InfoFiles]
    time_s: int | None


def _rewritten(file: BinaryIO, out: BinaryIO, path: str, change: _Change) -> PackageRecord:
    stem = package_stem(Path(path).name)
    source = open_zip(file, archive_bytes=_size(file))
    payload, info = _members(source, stem)
    before = read_info(path, None)
    files = change.edit({name.removeprefix("info/"): content for name, content in before.items()})
    time_s = zip_time_s(info) if change.time_s is None else nearest_zip_time_s(change.time_s)
    with ZipFile(out, "w", ZIP_STORED) as archive:
        archive.writestr(
            zip_member(_FORMAT, time_s),
            read_zip_member(source, source.getinfo(_FORMAT), max_bytes=_PIECE_BYTES),
        )
        pieces = zip_member_pieces(source, payload)
        if change.time_s is not None:
            pieces = _retimed(pieces, payload.file_size, change.time_s)
        # Compressed again it may be larger.
        is_large = 2 * payload.file_size >= ZIP64_LIMIT
        with archive.open(zip_member(payload.filename, time_s), "w", force_zip64=is_large) as copy:
            for piece in pieces:
                copy.write(piece)
        packed = (PackedFile(path=f"info/{name}", content=content) for name, content in files.items())
        write_info_member(archive, stem, packed, time_s=time_s)
    return completed(_record(files.get("index.json", b""), f"{stem}.conda"), out)


def _retimed(pieces: Iterator[bytes], size_bytes: int, time_s: int) -> Iterator[bytes]:
    """Yield a payload in which all has one time, compressed as rattler-build does it."""
    stream = DecompressedStream(unzstd(pieces), archive_bytes=size_bytes, limits=_BUILT_HERE)
    compressor = zstd.ZstdCompressor(level=_LEVEL)
    for piece in retimed(stream, time_s):
        yield compressor.compress(piece)
    yield compressor.flush()


def _members(source: ZipFile, stem: str) -> tuple[ZipInfo, ZipInfo]:
    """Return the members of the payload and of `info/`, the only ones beside the format's."""
    infos = {info.filename: info for info in source.infolist()}
    names = (f"pkg-{stem}.tar.zst", f"info-{stem}.tar.zst")
    if set(infos) != {_FORMAT, *names} or len(source.infolist()) != len(infos):
        found = ", ".join(shown(name) for name in sorted(infos)[:5])
        raise RepackError("invalid-package", f"the members of a .conda file are others than {found}")
    if any(info.compress_type != ZIP_STORED for info in infos.values()):
        raise RepackError("invalid-package", "the members of a .conda file are stored, not compressed")
    return infos[names[0]], infos[names[1]]


def _record(index: bytes, path: str) -> PackageRecord:
    record = record_of(index)
    stem = package_stem(Path(path).name)
    if record.stem != stem:
        message = f"it is {shown(record.stem)} and not what its file is called"
        raise RepackError("invalid-package", message, where=path)
    return record


def _size(file: BinaryIO) -> int:
    size_bytes = file.seek(0, 2)
    file.seek(0)
    return size_bytes
