"""A wheel -> its core metadata, reading nothing but the zip directory and that one member."""

from collections.abc import Callable
from typing import BinaryIO

from conda_bridge.archives.zip import member_spans, open_zip, read_zip_member
from conda_bridge.errors import SourceError

__all__ = ["MAX_METADATA_BYTES", "read_wheel_metadata"]

MAX_METADATA_BYTES = 8_000_000
"""Of a METADATA file; the largest of real wheels have long change logs."""


def read_wheel_metadata(
    file: BinaryIO, *, size_bytes: int, will_read: Callable[[int, int], None] | None = None
) -> str:
    """Return the text of a wheel's METADATA. `file` may fetch its bytes from far away.

    `will_read(start, end)` is told which bytes the member takes, before they are read.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`.

    Source: binary distribution format, "The .dist-info directory".
    """
    with open_zip(file, archive_bytes=size_bytes) as archive:
        found = [info for info in archive.infolist() if _is_metadata(info.filename)]
        if len(found) != 1:
            raise SourceError("broken-archive", f"the wheel has {len(found)} METADATA files, not one")
        if found[0].compress_size > MAX_METADATA_BYTES:
            raise SourceError("archive-too-large", "the wheel's METADATA is too large to be read")
        if will_read is not None:
            for start, end in member_spans(archive, found):
                will_read(start, end)
        data = read_zip_member(archive, found[0], max_bytes=MAX_METADATA_BYTES)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError("broken-archive", "the wheel's METADATA is not UTF-8") from error


def _is_metadata(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name == "METADATA" and folder.endswith(".dist-info") and "/" not in folder
