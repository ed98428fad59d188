"""Noarch packages of Python projects, right in everything but what a test wants wrong, written by our own writer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.model.artifact import NoarchKind, PackageRecord
from conda_bridge.model.names import CondaName

__all__ = ["NoarchParts", "write_noarch"]


@dataclass(frozen=True, kw_only=True)
class NoarchParts:
    """What a package is made of; the rest follows from it."""

    name: str = "demo"
    version: str = "1.0"
    build: str = "py_0"
    build_number: int = 0
    subdir: str = "noarch"
    noarch: NoarchKind = "python"
    depends: tuple[str, ...] = ("python >=3.8",)
    files: Mapping[str, bytes] = field(default_factory=lambda: {"demo/__init__.py": b"x = 1\n"})
    """Path below site-packages -> content."""
    executable: frozenset[str] = frozenset()
    """Paths of `files` that have the executable bits."""
    metadata: tuple[str, ...] = ("Requires-Python: >=3.8",)
    """Header lines behind name and version."""
    entry_points: tuple[str, ...] = ()


def write_noarch(folder: Path, parts: NoarchParts) -> Path:
    """Write a package and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"site-packages/{parts.name.replace('-', '_')}-{parts.version}.dist-info"
    header = (
        "Metadata-Version: 2.1",
        f"Name: {parts.name}",
        f"Version: {parts.version}",
        *parts.metadata,
        "",
    )
    contents = {f"site-packages/{path}": content for path, content in parts.files.items()}
    contents[f"{info}/METADATA"] = "\n".join(header).encode()
    contents[f"{info}/INSTALLER"] = b"conda\n"
    if parts.entry_points:
        text = "\n".join(("[console_scripts]", *parts.entry_points, ""))
        contents[f"{info}/entry_points.txt"] = text.encode()
    record = PackageRecord(
        conda_name=CondaName(parts.name),
        version=parts.version,
        build=parts.build,
        build_number=parts.build_number,
        subdir=parts.subdir,
        noarch=parts.noarch,
        depends=parts.depends,
        license="MIT",
        timestamp_ms=1_700_000_000_000,
    )
    path = folder / f"{record.stem}.conda"
    programs = {f"site-packages/{path}" for path in parts.executable}
    files = [
        PackedFile(path=name, content=content, mode=0o755 if name in programs else 0o644)
        for name, content in contents.items()
    ]
    write_conda(str(path), record, files, info=PackageInfo(entry_points=parts.entry_points))
    return path
