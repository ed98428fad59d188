"""A wheel for Linux -> the libraries that its extension modules link directly.

What auditwheel packed into `<name>.libs/` keeps its soname but for a digest, `libz-1a2b3c4d.so.1`, which is taken off
again. Libraries that such libraries link are not looked at: a recipe gets them through its own host packages.

Source: PEP 599 and 600; auditwheel's repair, which renames and packs; PEP 770 for `.dist-info/sboms/`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from conda_bridge.archives.elf import ElfError, needed_libraries
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.zip import member_spans, open_zip, read_zip_member
from conda_bridge.model.source import WheelLinks

__all__ = ["MAX_LINKS_BYTES", "read_wheel_links"]

MAX_LINKS_BYTES = 60_000_000
"""Of compressed members that are read of one wheel; the smaller ones come first."""
_MAX_MODULE_BYTES = 100_000_000
_MAX_UNPACKED_BYTES = 500_000_000
"""Of all modules that are read of one wheel."""
_MOST_MODULES = 1_000
_MAX_SBOM_BYTES = 2_000_000
_MOST_SBOMS = 8
_NEAR_BYTES = 100_000
"""Between two members; fetching them takes less time than another request."""
_MAX_GAPS_BYTES = 10_000_000
"""Of all bytes between members that are fetched with them."""
_MODULE = re.compile(r".+\.(?:so|cpython-[^/]*\.so|abi3\.so)")
_PACKED = re.compile(r"(?:^|/)[^/]+\.libs/|(?:^|/)\.libs/")
_DIGEST = re.compile(r"(?P<stem>.+)-[0-9a-f]{8}(?P<suffix>\.so(?:\..*)?)")
_GENERIC = re.compile(r"pkg:generic/(?P<name>[A-Za-z0-9][A-Za-z0-9._+-]{0,60})(?:[@?#].*)?")


def read_wheel_links(
    file: BinaryIO, *, size_bytes: int, will_read: Callable[[int, int], None] | None = None
) -> WheelLinks:
    """Return the direct links of a wheel's modules. `file` may fetch its bytes from far away.

    `will_read(start, end)` is told which bytes a member takes, before they are read.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`.
    """
    with open_zip(file, archive_bytes=size_bytes) as archive:
        modules = [info for info in archive.infolist() if _is_module(info.filename)]
        chosen = _within_budget(modules)
        sonames: set[str] = set()
        unread = [info.filename for info in set(modules).difference(chosen)]
        for info, data in _contents(archive, chosen, _MAX_MODULE_BYTES, will_read):
            try:
                sonames |= {_without_digest(name) for name in needed_libraries(data)}
            except ElfError:
                unread.append(info.filename)
        bills = [info for info in archive.infolist() if _is_sbom(info)][:_MOST_SBOMS]
        bundled = {
            name
            for _, data in _contents(archive, bills, _MAX_SBOM_BYTES, will_read)
            for name in _components(data)
        }
    return WheelLinks(
        sonames=tuple(sorted(sonames)), bundled=tuple(sorted(bundled)), unread=tuple(sorted(unread))
    )


def _is_module(path: str) -> bool:
    return _MODULE.fullmatch(path) is not None and _PACKED.search(path) is None


def _is_sbom(info: ZipInfo) -> bool:
    path = info.filename
    is_named_so = ".dist-info/sboms/" in path and path.endswith(".json")
    return is_named_so and max(info.file_size, info.compress_size) <= _MAX_SBOM_BYTES


def _within_budget(modules: Iterable[ZipInfo]) -> list[ZipInfo]:
    chosen: list[ZipInfo] = []
    left, left_unpacked = MAX_LINKS_BYTES, _MAX_UNPACKED_BYTES
    for info in sorted(modules, key=lambda one: (one.compress_size, one.filename))[:_MOST_MODULES]:
        if info.compress_size > left:
            break
        if info.file_size <= left_unpacked and not _is_bomb(info):
            left -= info.compress_size
            left_unpacked -= info.file_size
            chosen.append(info)
    return chosen


def _is_bomb(info: ZipInfo) -> bool:
    is_large = info.file_size > LIMITS.ratio_floor_bytes
    is_thin = is_large and info.file_size > LIMITS.max_ratio * info.compress_size
    return info.file_size > _MAX_MODULE_BYTES or is_thin


def _contents(
    archive: ZipFile,
    infos: Iterable[ZipInfo],
    max_bytes: int,
    will_read: Callable[[int, int], None] | None,
) -> Iterator[tuple[ZipInfo, bytes]]:
    ordered = sorted(infos, key=lambda one: one.header_offset)
    if will_read is not None:
        for start, end in _spans(archive, ordered):
            will_read(start, end)
    for info in ordered:
        yield info, read_zip_member(archive, info, max_bytes=max_bytes)


def _spans(archive: ZipFile, infos: Iterable[ZipInfo]) -> Iterator[tuple[int, int]]:
    """Yield the bytes that members take, sorted; near ones as one, since each costs a request."""
    start = end = -1
    gaps = 0
    for first, behind in member_spans(archive, infos):
        gap = first - end if end >= 0 else 0
        if gap > _NEAR_BYTES or gaps + gap > _MAX_GAPS_BYTES:
            yield start, end
            start, gap = -1, 0
        gaps += gap
        start = first if start < 0 else start
        end = behind
    if end >= 0:
        yield start, end


def _without_digest(soname: str) -> str:
    match = _DIGEST.fullmatch(soname)
    return match["stem"] + match["suffix"] if match else soname


def _components(data: bytes) -> Iterator[str]:
    """Yield the generic packages of a bill of materials. Source: CycloneDX 1.6; package-url, type generic."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    components = document.get("components") if isinstance(document, dict) else None
    for component in components if isinstance(components, list) else ():
        purl = component.get("purl") if isinstance(component, dict) else None
        match = _GENERIC.fullmatch(purl) if isinstance(purl, str) else None
        if match is not None:
            yield match["name"]
