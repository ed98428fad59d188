"""Conda packages opened with the standard library, not with what is tested."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from conda_bridge.archives.zstandard import zstd

__all__ = ["info_document", "package_members", "tar_of"]


def tar_of(package: Path, part: str) -> bytes:
    """Return the tar archive `pkg` or `info` of a .conda file."""
    with zipfile.ZipFile(package) as archive:
        return zstd.decompress(archive.read(f"{part}-{package.stem}.tar.zst"))


def package_members(package: Path, part: str = "pkg") -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """Return (header, content) of each member by its name."""
    found: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
    with tarfile.open(fileobj=io.BytesIO(tar_of(package, part))) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            found[member.name] = (member, content.read() if content else b"")
    return found


def info_document(package: Path, name: str) -> dict[str, Any]:
    """Return a JSON document of `info/`."""
    document: dict[str, Any] = json.loads(package_members(package, "info")[f"info/{name}"][1])
    return document
