"""Packages that come into a channel are copied before they are looked at, and their bytes are known by digests."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from conda_bridge.archives.package_info import package_stem
from conda_bridge.distributors.repodata import FileDigests, IndexedPackage, index_package
from conda_bridge.errors import BridgeError, RepackError, SourceError

__all__ = ["digests_of", "now_ms", "taken"]

_PIECE_BYTES = 1 << 20


def taken(path: Path, folder: Path) -> tuple[Path, IndexedPackage]:
    """Copy a package into a folder of its own, and read what is copied."""
    folder.mkdir()
    copy = folder / path.name
    if not package_stem(path.name):
        raise RepackError("invalid-package", "it has the name of no conda package", where=str(path))
    try:
        copied = _copied(path, copy)
        return copy, index_package(str(copy), copied, indexed_at_ms=now_ms())
    except BridgeError as error:
        raise type(error)(error.slug, error.message, where=str(path), hint=error.hint) from error


def _copied(path: Path, copy: Path) -> FileDigests:
    try:
        file = path.open("rb")
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise SourceError("unreadable-source", message, where=str(path)) from error
    with file, copy.open("wb") as target:
        return _digested(file, target.write)


def digests_of(path: Path) -> FileDigests:
    """Return what a package's bytes are known by."""
    with path.open("rb") as file:
        return _digested(file, len)


def _digested(file: BinaryIO, pass_on: Callable[[bytes], int]) -> FileDigests:
    sha256, md5, size_bytes = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    while piece := file.read(_PIECE_BYTES):
        sha256.update(piece)
        md5.update(piece)
        size_bytes += pass_on(piece)
    return FileDigests(size_bytes=size_bytes, sha256=sha256.hexdigest(), md5=md5.hexdigest())


def now_ms() -> int:
    """Return the present as repodata have it."""
    return time.time_ns() // 1_000_000
