"""What every package of this machine has in common.

Source: CEP 34 (contents of conda packages).
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.model.artifact import PackageRecord, RunExports

__all__ = ["PRIVATE_BUILD", "TIMESTAMP_MS", "pack", "script"]

TIMESTAMP_MS: Final = 1_700_000_000_000
"""One time for all, so that the same machine gives the same bytes."""
PRIVATE_BUILD: Final = "0_host"
"""Marks what points into this machine, and so is of no use on another one."""

_LEVEL = 3
"""Of zstd: nobody downloads these packages."""


def pack(
    folder: Path,
    record: PackageRecord,
    files: Iterable[PackedFile] = (),
    *,
    summary: str,
    run_exports: RunExports = RunExports(),  # noqa: B008 - a frozen value
) -> Path:
    """Write a package into a folder and return its path."""
    path = folder / f"{record.stem}.conda"
    about = (
        ("summary", f"{summary}; of the machine that made it, not to be published"),
        ("license", record.license),
    )
    write_conda(
        str(path),
        replace(record, timestamp_ms=TIMESTAMP_MS),
        files,
        info=PackageInfo(about=about, run_exports=run_exports, is_private=True, level=_LEVEL),
        level=_LEVEL,
    )
    return path


def script(path: str, text: str) -> PackedFile:
    """Return a program of a package."""
    return PackedFile(path=path, content=text.encode("utf-8"), mode=0o755)
