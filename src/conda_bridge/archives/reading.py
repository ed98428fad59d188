"""An archive -> its list of files and what a caller makes of some of them, in one pass, without unpacking.

The kind is told by the first bytes, never by the suffix. Members are read in the archive's order; what the
caller doesn't want is passed over; nothing is written to disk, and archives inside are files like any other.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Generic, NamedTuple, TypeVar

from conda_bridge.archives.contents import Contents, Glance
from conda_bridge.archives.inventory import Inventory
from conda_bridge.archives.limits import LIMITS, Limits
from conda_bridge.archives.members import ArchiveReader, Member
from conda_bridge.archives.paths import shown
from conda_bridge.archives.streams import DecompressedStream, decompressed
from conda_bridge.archives.tar import TarReader
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import FileEntry

__all__ = ["ARCHIVE_SUFFIXES", "archive_suffix", "stream_archive"]

T = TypeVar("T")

_SUFFIXES = {
    "gzip": (".tar.gz", ".tgz"),
    "zip": (".zip",),
    "bzip2": (".tar.bz2", ".tbz2"),
    "xz": (".tar.xz", ".txz"),
    "tar": (".tar",),
}
ARCHIVE_SUFFIXES: tuple[str, ...] = tuple(suffix for group in _SUFFIXES.values() for suffix in group)
"""Of the archives that can be read, lower case."""

_TAR_MAGIC_OFFSET = 257
_MAGIC = (
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (_TAR_MAGIC_OFFSET, b"ustar", "tar"),
)


def archive_suffix(filename: str) -> str:
    """Return the suffix that makes `filename` an archive's name; empty where it has none of them.

    >>> archive_suffix("click-8.1.7.tar.gz")
    '.tar.gz'
    """
    lowered = filename.lower()
    return next((suffix for suffix in ARCHIVE_SUFFIXES if lowered.endswith(suffix)), "")


def stream_archive(
    path: str,
    *,
    wanted: Callable[[str, int], bool],
    digest: Callable[[str, bytes], T],
    glance: Glance[T] | None = None,
    limits: Limits = LIMITS,
) -> Contents[T]:
    """Read an archive once and return its files.

    `wanted(path, size)` chooses the files to be read, `digest(path, content)` makes something of each; `glance`
    says which others are looked through. All are called as the archive streams by, with paths relative to
    its one top folder. Archives without one are read twice: that there is none shows too late.

    Raises:
        SourceError: `unsafe-archive`, `archive-too-large`, `broken-archive`, `unknown-archive`,
            `unreadable-source`; `where` is the archive's file name.
    """
    name = Path(path).name
    demand = _Demand(wanted, digest, glance, limits)
    try:
        with Path(path).open("rb") as file:
            kind = _kind(file)
            contents = _read_once(file, kind, demand, has_top=True) or _read_once(
                file, kind, demand, has_top=False
            )
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
    except SourceError as error:
        raise SourceError(error.slug, error.message, where=name, hint=error.hint) from error
    assert contents is not None, "without a top folder to expect, a pass always ends"
    return replace(contents, diagnostics=(*_suffix_findings(name, kind), *contents.diagnostics))


class _Demand(NamedTuple, Generic[T]):
    """What the caller of `stream_archive` asked for."""

    wanted: Callable[[str, int], bool]
    digest: Callable[[str, bytes], T]
    glance: Glance[T] | None
    limits: Limits

    def wants(self, path: str, size_bytes: int) -> bool:
        return size_bytes <= self.limits.max_text_bytes and self.wanted(path, size_bytes)


class _Pass(Generic[T]):
    """What one pass over the members gathers."""

    def __init__(self, demand: _Demand[T]) -> None:
        self.digests: list[tuple[str, T]] = []
        self.findings: list[Diagnostic] = []
        self._demand = demand
        self._read_bytes = 0
        if demand.glance is not None:
            demand.glance.begin()

    def take(self, path: str, member: Member, size_bytes: int, reader: ArchiveReader) -> None:
        """Read a member as the demand says; `path` is relative to the top folder."""
        demand = self._demand
        if demand.wants(path, size_bytes):
            if member.kind == "hardlink":
                message = f"{shown(path)} is a hard link to {shown(member.link)}; its text is not read again"
                self.findings.append(finding("hardlink-unread", message, origin=path))
                return
            self._read_bytes += size_bytes
            demand.limits.check_read(self._read_bytes)
            self.digests.append((path, demand.digest(path, reader.read())))
        elif (glance := demand.glance) is not None and member.kind == "file":
            count = glance.size_bytes(path, size_bytes)
            found = glance.digest(path, reader.read(count)) if count else None
            if found is not None:
                self.digests.append((path, found))


def _read_once(file: BinaryIO, kind: str, demand: _Demand[T], *, has_top: bool) -> Contents[T] | None:
    """Return the contents; None where `has_top` was claimed and proved wrong."""
    inventory = Inventory(demand.limits)
    this = _Pass(demand)
    reader = _reader(file, kind, demand.limits)
    executable: set[str] = set()
    for member in reader.members():
        path = inventory.add(member)
        if has_top and len(inventory.tops) > 1:
            return None
        if path in inventory.sizes:
            inner = path.partition("/")[2] if has_top else path
            this.take(inner, member, inventory.sizes[path], reader)
            if member.is_executable:
                executable.add(inner)
    top = inventory.top_folder()
    if has_top and not top and inventory.sizes:
        return None
    cut = len(top) + 1 if top else 0
    return Contents(
        top_folder=top,
        files=tuple(FileEntry(path=p[cut:], size_bytes=inventory.sizes[p]) for p in sorted(inventory.sizes)),
        digests=tuple(sorted(this.digests, key=itemgetter(0))),
        executable=frozenset(executable),
        diagnostics=(*inventory.finish(), *this.findings),
    )


def _kind(file: BinaryIO) -> str:
    start = file.read(_TAR_MAGIC_OFFSET + 8)
    kind = next((kind for offset, magic, kind in _MAGIC if start.startswith(magic, offset)), "")
    if not kind:
        what = "empty" if not start else f"no archive: it begins with {start[:12]!r}"
        raise SourceError("unknown-archive", f"the file is {what}")
    return kind


def _reader(file: BinaryIO, kind: str, limits: Limits) -> ArchiveReader:
    archive_bytes = os.fstat(file.fileno()).st_size
    file.seek(0)
    if kind == "zip":
        from conda_bridge.archives.zip import ZipReader  # noqa: PLC0415 - zipfile is slow to import

        return ZipReader(file, archive_bytes=archive_bytes, limits=limits)
    return TarReader(DecompressedStream(decompressed(file), archive_bytes=archive_bytes, limits=limits))


def _suffix_findings(name: str, kind: str) -> tuple[Diagnostic, ...]:
    suffix = archive_suffix(name)
    if suffix in _SUFFIXES[kind]:
        return ()
    message = f"{shown(name)} is a {_SUFFIXES[kind][0]} archive, read as such"
    return (finding("wrong-suffix", message),)
