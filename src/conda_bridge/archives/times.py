"""An archive -> when its newest file was written, which stands for when the source was made."""

from pathlib import Path
from typing import BinaryIO

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.streams import DecompressedStream, decompressed
from conda_bridge.archives.tar import TarReader
from conda_bridge.errors import SourceError

__all__ = ["newest_file_time"]

_ZIP_MAGIC = b"PK\x03\x04"
_REGULAR = frozenset({b"0", b"\x00", b"7"})


def newest_file_time(path: str) -> int | None:
    """Return the newest time of an archive's files in seconds; None where it is none, or holds no times.

    Zip files hold times without a zone, which are taken for UTC.
    """
    try:
        with Path(path).open("rb") as file:
            is_zip = file.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC
            file.seek(0)
            times = _zip_times(file) if is_zip else _tar_times(file)
    except (OSError, SourceError):
        # Whoever unpacks it will say what is wrong with it.
        return None
    return max(times, default=None)


def _zip_times(file: BinaryIO) -> list[int]:
    from conda_bridge.archives.zip import open_zip, zip_time_s  # noqa: PLC0415 - zipfile is slow to import

    size_bytes = file.seek(0, 2)
    archive = open_zip(file, archive_bytes=size_bytes)
    return [zip_time_s(info) for info in archive.infolist() if not info.is_dir()]


def _tar_times(file: BinaryIO) -> list[int]:
    size_bytes = file.seek(0, 2)
    file.seek(0)
    reader = _TimedReader(DecompressedStream(decompressed(file), archive_bytes=size_bytes, limits=LIMITS))
    for _ in reader.members():
        pass
    return reader.times


class _TimedReader(TarReader):
    """Notes the times in headers; what an extended header adds to them is fractions of seconds."""

    def __init__(self, stream: DecompressedStream) -> None:
        super().__init__(stream)
        self.times: list[int] = []

    def _next_header(self) -> bytes | None:
        header = super()._next_header()
        if header is not None and header[156:157] in _REGULAR:
            digits = header[136:148].strip(b" \x00")
            if digits and not digits.strip(b"01234567"):
                self.times.append(int(digits, 8))
        return header
