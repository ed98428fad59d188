"""Wheels made by the tests, right in everything but what a test wants wrong."""

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["WheelParts", "write_wheel"]

TIME = (2024, 5, 6, 7, 8, 10)


@dataclass(frozen=True, kw_only=True)
class WheelParts:
    """What a wheel is made of; the rest follows from it."""

    name: str = "demo"
    version: str = "1.0"
    tag: str = "py3-none-any"
    """As the file name ends, a build number before it included."""
    files: Mapping[str, bytes] = field(default_factory=lambda: {"demo/__init__.py": b"x = 1\n"})
    """Path -> content; `DATA/` at the beginning stands for the .data folder, `INFO/` for the dist-info folder."""
    executable: frozenset[str] = frozenset()
    """Paths of `files` that have the executable bits."""
    modes: Mapping[str, int] = field(default_factory=dict)
    """Path -> whole mode, where it is odd."""
    metadata: tuple[str, ...] = ()
    """Header lines behind name and version."""
    entry_points: str = ""
    is_purelib: bool = True
    record: Mapping[str, str | None] = field(default_factory=dict)
    """Path -> row, where RECORD is to be wrong; None leaves the row out."""
    without: frozenset[str] = frozenset()
    """Names in the dist-info folder that are left out."""
    algorithm: str = "sha256"

    @property
    def stem(self) -> str:
        """`name-version`, as folders and the file name begin."""
        return f"{self.name.replace('-', '_')}-{self.version}"


def write_wheel(folder: Path, parts: WheelParts) -> Path:
    """Write a wheel and return its path."""
    info = f"{parts.stem}.dist-info"
    files = {_placed(path, parts.stem): content for path, content in parts.files.items()}
    header = (f"Metadata-Version: 2.1\nName: {parts.name}\nVersion: {parts.version}\n").encode()
    lines = "".join(f"{line}\n" for line in parts.metadata).encode()
    files[f"{info}/METADATA"] = header + lines
    purelib = str(parts.is_purelib).lower()
    tag = "-".join(parts.tag.split("-")[-3:])
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: {purelib}\nTag: {tag}\n".encode()
    if parts.entry_points:
        files[f"{info}/entry_points.txt"] = parts.entry_points.encode()
    files |= {_placed(p, parts.stem): c for p, c in parts.files.items() if p.startswith("INFO/")}
    rows = {
        path: f"{path},{_digest(content, parts.algorithm)},{len(content)}" for path, content in files.items()
    }
    rows[f"{info}/RECORD"] = f"{info}/RECORD,,"
    changed = {_placed(path, parts.stem): row for path, row in parts.record.items()}
    text = "".join(f"{row}\n" for row in (rows | changed).values() if row is not None)
    files[f"{info}/RECORD"] = text.encode()
    path = folder / f"{parts.stem}-{parts.tag}.whl"
    modes = {_placed(p, parts.stem): 0o755 for p in parts.executable}
    modes |= {_placed(p, parts.stem): mode for p, mode in parts.modes.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if name.removeprefix(f"{info}/") in parts.without:
                continue
            member = zipfile.ZipInfo(name, TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o100000 | modes.get(name, 0o644)) << 16
            archive.writestr(member, content)
    return path


def _placed(path: str, stem: str) -> str:
    for mark, folder in (("DATA/", f"{stem}.data/"), ("INFO/", f"{stem}.dist-info/")):
        if path.startswith(mark):
            return folder + path.removeprefix(mark)
    return path


def _digest(content: bytes, algorithm: str) -> str:
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm}={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
