"""A small conda package -> some of the files that it installs, in memory.

Source: CEP 34, CEP 35 (conda package formats).
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.package_info import package_stem
from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.archives.streams import DecompressedStream
from conda_bridge.archives.tar import TarReader
from conda_bridge.archives.zip import open_zip, read_zip_member
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import SourceError

__all__ = ["read_payload"]

_MAX_BYTES = 64_000_000
"""Of the whole payload of a `.conda`, unpacked."""


def read_payload(path: str, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the plain files whose path `is_wanted`, by path.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    try:
        with Path(path).open("rb") as file:
            return _files(file, Path(path), is_wanted)
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
    except SourceError as error:
        raise SourceError(error.slug, error.message, where=path, hint=error.hint) from error


def _files(file: BinaryIO, path: Path, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    reader = TarReader(_stream(file, path))
    found: dict[str, bytes] = {}
    read_bytes = 0
    for member in reader.members():
        name = checked_path(member.name)
        if member.kind != "file" or not is_wanted(name):
            continue
        read_bytes += member.size_bytes
        LIMITS.check_read(read_bytes)
        found[name] = reader.read()
    return found


def _stream(file: BinaryIO, path: Path) -> DecompressedStream:
    size_bytes = path.stat().st_size
    if not path.name.endswith(".conda"):
        return DecompressedStream(file, archive_bytes=size_bytes, limits=LIMITS)
    archive = open_zip(file, archive_bytes=size_bytes)
    name = f"pkg-{package_stem(path.name)}.tar.zst"
    infos = [info for info in archive.infolist() if info.filename == name]
    if len(infos) != 1:
        raise SourceError("broken-archive", f"it has {len(infos)} members {shown(name)}, not one")
    plain = _unpacked(read_zip_member(archive, infos[0], max_bytes=_MAX_BYTES))
    return DecompressedStream(BytesIO(plain), archive_bytes=len(plain), limits=LIMITS)


def _unpacked(packed: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    try:
        plain = decompressor.decompress(packed, max_length=_MAX_BYTES)
    except zstd.ZstdError as error:
        raise SourceError("broken-archive", f"its zstd data is damaged: {error}") from error
    if not decompressor.eof:
        raise SourceError("archive-too-large", "its payload is cut short or too large to be read")
    return plain
