"""Archives made by the tests themselves, good ones and hostile ones; times are fixed."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = [
    "TarMember",
    "device",
    "gz",
    "link",
    "regular",
    "tar_bytes",
    "wheel_bytes",
    "write_tar_gz",
    "write_zip",
    "zip_bytes",
]

TarMember = tuple[tarfile.TarInfo, bytes]


def regular(name: str, content: bytes = b"x\n", *, mode: int = 0o644) -> TarMember:
    """Return a regular file."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    return info, content


def link(name: str, target: str, *, is_hard: bool = False) -> TarMember:
    """Return a symbolic or a hard link."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.LNKTYPE if is_hard else tarfile.SYMTYPE, target
    return info, b""


def device(name: str, kind: bytes) -> TarMember:
    """Return a member of another type, such as `tarfile.FIFOTYPE`."""
    info = tarfile.TarInfo(name)
    info.type = kind
    return info, b""


def tar_bytes(members: Iterable[TarMember], *, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return an uncompressed tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def gz(data: bytes) -> bytes:
    """Return `data` compressed by gzip, the same bytes each time."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def write_tar_gz(path: Path, files: Mapping[str, str | bytes] | Iterable[TarMember]) -> Path:
    """Write a .tar.gz of files (path to content) or of given members."""
    members = (
        [regular(name, c.encode() if isinstance(c, str) else c) for name, c in files.items()]
        if isinstance(files, Mapping)
        else files
    )
    path.write_bytes(gz(tar_bytes(members)))
    return path


def zip_bytes(files: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """Return a zip file; a ZipInfo sets what a name alone can't."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def write_zip(path: Path, files: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    """Write a zip file."""
    path.write_bytes(zip_bytes(files))
    return path


def wheel_bytes(name: str, version: str, *, metadata: str = "", padding: int = 0) -> bytes:
    """Return a wheel, perhaps with that many bytes that don't compress."""
    text = metadata or f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    folder = f"{name}-{version}.dist-info"
    filler = bytes((i * i * 31 + i // 7) % 251 for i in range(padding))
    stored = zipfile.ZipInfo(f"{name}/data.bin")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}/__init__.py"), b"")
        archive.writestr(stored, filler)
        archive.writestr(zipfile.ZipInfo(f"{folder}/METADATA"), text.encode())
        archive.writestr(zipfile.ZipInfo(f"{folder}/WHEEL"), b"Wheel-Version: 1.0\n")
        archive.writestr(zipfile.ZipInfo(f"{folder}/RECORD"), b"")
    return buffer.getvalue()
