"""Noarch conda packages made with the standard library, right ones and others."""

import bz2
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conda_bridge.archives.zstandard import zstd
from support.archives import TarMember, regular, tar_bytes

__all__ = ["METADATA", "PREFIX", "Noarch", "dist_info"]

PREFIX = "/opt/anaconda1anaconda2anaconda3"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n"


def dist_info(
    folder: str = "demo-1.0.dist-info", *, metadata: bytes = METADATA, **files: bytes
) -> dict[str, bytes]:
    """Return the files of an installed dist-info folder; a name's `_txt` is its suffix."""
    found = {
        "METADATA": metadata,
        "WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
        "INSTALLER": b"conda\n",
    }
    found |= {name.replace("_txt", ".txt"): content for name, content in files.items()}
    return {f"site-packages/{folder}/{name}": content for name, content in found.items()}


@dataclass(kw_only=True)
class Noarch:
    """A package to be written; `None` in `info` leaves a document out."""

    files: Mapping[str, bytes] = field(
        default_factory=lambda: {"site-packages/demo.py": b"x = 1\n"} | dist_info()
    )
    members: tuple[TarMember, ...] = ()
    """Further members of the payload, such as links."""
    index: Mapping[str, object] = field(default_factory=dict)
    info: Mapping[str, bytes | None] = field(default_factory=dict)
    placeholders: tuple[str, ...] = ()
    """Paths of files that have `PREFIX` in them."""
    rows: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What paths.json says differently, by path."""
    modes: Mapping[str, int] = field(default_factory=dict)
    stem: str = "demo-1.0-py_0"
    is_info_last: bool = False

    def write(self, folder: Path, suffix: str = ".conda") -> str:
        """Write it as a `.conda` or a `.tar.bz2` and return its path."""
        path = folder / f"{self.stem}{suffix}"
        info = [regular(f"info/{name}", data) for name, data in self._info().items()]
        payload = self._payload()
        if suffix == ".conda":
            path.write_bytes(self._conda(info, payload))
        else:
            both = [*payload, *info] if self.is_info_last else [*info, *payload]
            path.write_bytes(bz2.compress(tar_bytes(both)))
        return str(path)

    def _payload(self) -> list[TarMember]:
        files = [
            regular(name, content, mode=self.modes.get(name, 0o644)) for name, content in self.files.items()
        ]
        return [*files, *self.members]

    def _conda(self, info: list[TarMember], payload: list[TarMember]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("metadata.json", b'{"conda_pkg_format_version": 2}')
            archive.writestr(f"pkg-{self.stem}.tar.zst", zstd.compress(tar_bytes(payload)))
            archive.writestr(f"info-{self.stem}.tar.zst", zstd.compress(tar_bytes(info)))
        return buffer.getvalue()

    def _info(self) -> dict[str, bytes]:
        index: dict[str, object] = {
            "name": "demo", "version": "1.0", "build": "py_0", "build_number": 0, "subdir": "noarch", "noarch": "python",
            "depends": ["python >=3.8"],
        }  # fmt: skip
        documents: dict[str, bytes | None] = {
            "index.json": json.dumps(index | dict(self.index)).encode(),
            "about.json": b'{"summary": "A demo"}',
            "link.json": b'{"noarch": {"type": "python"}, "package_metadata_version": 1}',
            "paths.json": self._paths(),
            **self.info,
        }
        return {name: data for name, data in documents.items() if data is not None}

    def _paths(self) -> bytes:
        rows = [self._row(name, content) for name, content in self.files.items()]
        for info, _ in self.members:
            if info.type in {tarfile.SYMTYPE, tarfile.LNKTYPE}:
                rows.append({"_path": info.name, "path_type": "softlink"})
        return json.dumps({"paths": rows, "paths_version": 1}).encode()

    def _row(self, name: str, content: bytes) -> dict[str, object]:
        row: dict[str, object] = {
            "_path": name,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_in_bytes": len(content),
        }
        if name in self.placeholders:
            row |= {"file_mode": "text", "prefix_placeholder": PREFIX}
        return row | dict(self.rows.get(name, {}))
