"""A record and files -> a `.conda` package: streamed, the same bytes for the same input, whole or not there.

The container is a zip file of stored members, each a tar compressed with zstd: the payload, then `info/`, whose
`paths.json` needs the digests of the payload. Files are sorted by path, belong to user 0 and have one time.

Source: CEP 34 (contents), CEP 35 (the `.conda` format).
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from posixpath import dirname, join, normpath
from shutil import copyfileobj
from typing import BinaryIO
from zipfile import ZIP64_LIMIT, ZIP_STORED, ZipFile, ZipInfo

from conda_bridge.archives.gnu_tar import BLOCK_BYTES, END_OF_ARCHIVE, file_header, link_header, padding
from conda_bridge.archives.package_documents import NO_INFO, Json, PackageInfo, json_bytes
from conda_bridge.archives.packed_files import PackedFile, content_pieces, content_size
from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.archives.writing import written_aside
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import RepackError, SourceError
from conda_bridge.model.artifact import PackageRecord

__all__ = [
    "FORMAT_DOCUMENT",
    "PackedFile",
    "check_condas",
    "checked_files",
    "completed",
    "nearest_zip_time_s",
    "write_conda",
    "write_condas",
    "write_info_member",
    "zip_member",
]

FORMAT_DOCUMENT = b'{"conda_pkg_format_version": 2}'
_FIRST_ZIP_TIME_S = 315_532_800
"""1980-01-01: before it there is no time in zip files."""
_LAST_ZIP_TIME_S = 4_354_819_198
"""2107-12-31 23:59:58: behind it there is none either."""
_NO_CONTENT = hashlib.sha256(b"").hexdigest()
_BATCH_BYTES = 1 << 20
_USUAL_LEVEL = 19
_RESERVED = ("info/", "conda-meta/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What `paths.json` says of one file."""

    sha256: str
    size_bytes: int


def write_conda(
    path: str,
    record: PackageRecord,
    files: Iterable[PackedFile],
    *,
    info: PackageInfo = NO_INFO,
    level: int = 3,
) -> PackageRecord:
    """Write a package and return its record, completed with the archive's size and digests.

    The name of `path` is the record's stem with `.conda`. All times are the record's timestamp; `level` is that
    of zstd for the payload, 19 for what many will download.

    Raises:
        RepackError: `invalid-package` where files contradict each other or leave the prefix, `record-mismatch`
            where a content hasn't the digest that it should have; nothing is left then.

    Cost: memory for one piece of one file and for zstd's window (8 MiB at level 19), whatever the package's size.
    """
    assert Path(path).name == f"{record.stem}.conda", "conda tells a package by its file name"
    return write_condas(str(Path(path).parent), (record,), files, info=info, level=level)[0]


def write_condas(
    folder: str,
    records: Sequence[PackageRecord],
    files: Iterable[PackedFile],
    *,
    info: PackageInfo = NO_INFO,
    level: int = 3,
) -> tuple[PackageRecord, ...]:
    """Write packages that differ in their records alone, all of them or none; see `write_conda`.

    The payload is compressed once: it is the same bytes in each of them. So their records have one timestamp.

    Raises:
        RepackError: `invalid-package`, `record-mismatch`.
    """
    members = _payload_files(files)
    assert len({record.timestamp_ms for record in records}) == 1, "the payload's files have one time"
    payload = _Tarball(members, nearest_zip_time_s(records[0].timestamp_ms // 1000))
    written: list[PackageRecord] = []
    with ExitStack() as stack:
        first: BinaryIO | None = None
        for record in records:
            file = stack.enter_context(written_aside(str(Path(folder, f"{record.stem}.conda"))))
            with ZipFile(file, "w", ZIP_STORED) as archive:
                archive.writestr(zip_member("metadata.json", payload.time_s), FORMAT_DOCUMENT)
                member = zip_member(_payload_name(record), payload.time_s)
                if first is None:
                    _write_member(archive, member, payload, level)
                else:
                    _copy_member(first, _payload_name(records[0]), archive, member)
                documents = _info_files(record, info, payload)
                write_info_member(archive, record.stem, documents, time_s=payload.time_s, level=info.level)
            first = first or file
            written.append(completed(record, file))
    return tuple(written)


def check_condas(files: Iterable[PackedFile]) -> None:
    """Read the files of packages as `write_condas` does, and write nothing.

    Raises:
        RepackError: what `write_condas` raises.

    Cost: reading and hashing, which is less than a tenth of what level 19 takes to compress.
    """
    for _ in _Tarball(_payload_files(files), _FIRST_ZIP_TIME_S).pieces():
        pass


def nearest_zip_time_s(time_s: int) -> int:
    """Return the nearest time that zip files can say, for which it is one of UTC.

    >>> nearest_zip_time_s(0) == _FIRST_ZIP_TIME_S, nearest_zip_time_s(2**40)
    (True, 4354819198)

    Source: PKWARE APPNOTE.TXT, 4.4.6.
    """
    return min(max(time_s, _FIRST_ZIP_TIME_S), _LAST_ZIP_TIME_S)


def _payload_files(files: Iterable[PackedFile]) -> tuple[PackedFile, ...]:
    members = checked_files(files)
    reserved = next((file for file in members if file.path.startswith(_RESERVED)), None)
    if reserved is not None:
        raise _invalid(reserved, "that folder is reserved")
    return members


def _payload_name(record: PackageRecord) -> str:
    return f"pkg-{record.stem}.tar.zst"


def _copy_member(source: BinaryIO, name: str, archive: ZipFile, member: ZipInfo) -> None:
    with ZipFile(source) as other:
        is_large = other.getinfo(name).file_size >= ZIP64_LIMIT
        with other.open(name) as content, archive.open(member, "w", force_zip64=is_large) as target:
            copyfileobj(content, target, _BATCH_BYTES)


def completed(record: PackageRecord, file: BinaryIO) -> PackageRecord:
    """Return the record of an archive with its size and digests."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size_bytes = 0
    file.seek(0)
    for piece in iter(lambda: file.read(_BATCH_BYTES), b""):
        sha256.update(piece)
        md5.update(piece)
        size_bytes += len(piece)
    return replace(record, size_bytes=size_bytes, sha256=sha256.hexdigest(), md5=md5.hexdigest())


def zip_member(name: str, time_s: int) -> ZipInfo:
    """Return the entry of a stored member."""
    member = ZipInfo(name, datetime.fromtimestamp(time_s, tz=UTC).timetuple()[:6])
    member.compress_type = ZIP_STORED
    member.create_system = 3
    member.external_attr = 0o100644 << 16
    return member


def write_info_member(
    archive: ZipFile, stem: str, files: Iterable[PackedFile], *, time_s: int, level: int = NO_INFO.level
) -> None:
    """Write the member of `info/` files.

    Raises:
        RepackError: `invalid-package`.
    """
    tarball = _Tarball(checked_files(files), time_s)
    _write_member(archive, zip_member(f"info-{stem}.tar.zst", time_s), tarball, level)


def _write_member(archive: ZipFile, member: ZipInfo, tarball: "_Tarball", level: int) -> None:
    compressor = zstd.ZstdCompressor(options=_options(level))
    # Told the size, zstd chooses tables to match, which makes small packages several times faster.
    compressor.set_pledged_input_size(tarball.size_bytes)
    is_large = tarball.size_bytes >= ZIP64_LIMIT
    with archive.open(member, "w", force_zip64=is_large) as target:
        for piece in _batches(tarball.pieces()):
            target.write(compressor.compress(piece))
        target.write(compressor.flush())


def _options(level: int) -> dict[int, int]:
    """Return what zstd is told; level 19 is that of most channels.

    There its strategy is `btultra2`, which begins with a pass over the first block that only counts. Without it packages
    are as small (measured from 0.3 to 23 MB: -0.03 to +0.005 %) and take 2 to 16 % less time. Worker threads and matching
    at long distances are left alone: they save no computing time, and less than 1 % of bytes.
    """
    options = {int(zstd.CompressionParameter.compression_level): level}
    if level == _USUAL_LEVEL:
        options[int(zstd.CompressionParameter.strategy)] = int(zstd.Strategy.btultra)
    return options


def _batches(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces: headers and most files are."""
    waiting: list[bytes] = []
    size_bytes = 0
    for piece in pieces:
        waiting.append(piece)
        size_bytes += len(piece)
        if size_bytes >= _BATCH_BYTES:
            yield b"".join(waiting)
            waiting, size_bytes = [], 0
    yield b"".join(waiting)


class _Tarball:
    """Files as the bytes of a tar archive, and what was learnt of them on the way."""

    def __init__(self, files: Sequence[PackedFile], time_s: int) -> None:
        self.time_s = time_s
        """Of all members."""
        self._files = files
        self._written: dict[str, _Written] = {}
        self._sizes = {file.path: 0 if file.link else content_size(file.content) for file in files}

    @property
    def size_bytes(self) -> int:
        """Of the whole archive."""
        headers = sum(len(self._header(file)) for file in self._files)
        contents = sum(size + -size % BLOCK_BYTES for size in self._sizes.values())
        return headers + contents + len(END_OF_ARCHIVE)

    def pieces(self) -> Iterator[bytes]:
        """Yield the archive; to be asked once."""
        for file in self._files:
            yield self._header(file)
            if not file.link:
                yield from self._content(file)
                yield padding(self._sizes[file.path])
        yield END_OF_ARCHIVE

    def paths_document(self) -> bytes:
        """Return `paths.json`, once all pieces were taken."""
        return json_bytes({"paths": [self._entry(file) for file in self._files], "paths_version": 1})

    def listing(self) -> bytes:
        """Return `info/files`."""
        return "".join(f"{file.path}\n" for file in self._files).encode()

    def _header(self, file: PackedFile) -> bytes:
        if file.link:
            return link_header(file.path, file.link, mtime_s=self.time_s)
        return file_header(file.path, self._sizes[file.path], mode=file.mode, mtime_s=self.time_s)

    def _content(self, file: PackedFile) -> Iterator[bytes]:
        digest = hashlib.sha256()
        size_bytes = 0
        for piece in content_pieces(file.content):
            digest.update(piece)
            size_bytes += len(piece)
            yield piece
        if size_bytes != self._sizes[file.path]:
            message = f"the file has {size_bytes:,} bytes and not {self._sizes[file.path]:,}"
            raise RepackError("invalid-package", message, where=file.path)
        sha256 = digest.hexdigest()
        if file.sha256 not in {"", sha256}:
            message = f"the content has the sha256 {sha256} and not {file.sha256}"
            raise RepackError("record-mismatch", message, where=file.path)
        self._written[file.path] = _Written(sha256=sha256, size_bytes=size_bytes)

    def _entry(self, file: PackedFile) -> dict[str, Json]:
        aim = normpath(join(dirname(file.path), file.link)) if file.link else file.path
        # A link stands for the file that it leads to; a folder has no content.
        written = self._written.get(aim) or _Written(sha256=_NO_CONTENT, size_bytes=0)
        entry: dict[str, Json] = {
            "_path": file.path,
            "path_type": "softlink" if file.link else "hardlink",
            "sha256": written.sha256,
            "size_in_bytes": written.size_bytes,
        }
        if file.placeholder:
            entry |= {"file_mode": file.placeholder_mode, "prefix_placeholder": file.placeholder}
        return entry


def _info_files(record: PackageRecord, info: PackageInfo, payload: _Tarball) -> Iterator[PackedFile]:
    documents = (
        *info.documents(record),
        ("paths.json", payload.paths_document()),
        ("files", payload.listing()),
    )
    return (PackedFile(path=f"info/{name}", content=content) for name, content in documents)


# ---------------------------------------------------------------- what may be in a package


def checked_files(files: Iterable[PackedFile]) -> tuple[PackedFile, ...]:
    """Return the files of a package sorted by path, each at a place of its own.

    Raises:
        RepackError: `invalid-package`.
    """
    found = tuple(sorted(files, key=lambda file: file.path))
    paths = {file.path for file in found}
    folders = {folder for path in paths for folder in _folders(path)}
    for before, file in zip((None, *found), found, strict=False):
        if before is not None and before.path == file.path:
            raise _invalid(file, "it is there twice")
        if file.path in folders:
            raise _invalid(file, "it is a file and a folder")
        _check_path(file)
    return found


def _check_path(file: PackedFile) -> None:
    try:
        is_plain = checked_path(file.path) == file.path != ""
    except SourceError as error:
        raise _invalid(file, error.message) from error
    if not is_plain or "\\" in file.path:
        raise _invalid(file, "it is no plain path")
    if file.link and (file.link.startswith("/") or normpath(join(dirname(file.path), file.link))[:2] == ".."):
        raise _invalid(file, f"the link to {shown(file.link)} leaves the prefix")


def _folders(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _invalid(file: PackedFile, message: str) -> RepackError:
    return RepackError("invalid-package", f"{shown(file.path)} can't be packed: {message}", where=file.path)
