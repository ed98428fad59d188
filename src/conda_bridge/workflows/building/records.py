"""What a build leaves beside its packages: `<channel>/builds/<build>/` with log, manifest and recipe.

A folder is made aside and takes its place at once, so that it is never half of one build and half of another.
"""

import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from conda_bridge.translate.build_hints import telling_lines
from conda_bridge.workflows.building.values import PlannedRecipe

__all__ = ["FAILED", "LOG", "build_folder", "failed_folder", "keep", "last_lines", "put_folder"]

LOG = "build.log"
FAILED = ".failed"
_BUILDS = "builds"
_READ_BYTES = 1 << 16


def build_folder(channel: Path, stem: str) -> Path:
    """Return where the records of a build go; `stem` is that of its first package."""
    return channel / _BUILDS / stem


def failed_folder(channel: Path, planned: PlannedRecipe) -> Path:
    """Return where the records of a build go that failed."""
    version = planned.recipe.version if planned.recipe else ""
    return channel / _BUILDS / f"{'-'.join(filter(None, (planned.key, version)))}{FAILED}"


def put_folder(made: Path, target: Path) -> None:
    """Have a finished folder take the place of what is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = made.with_name(f"{made.name}.old")
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def keep(path: Path, target: Path) -> None:
    """Move what a build wrote to where the user can look at it, as far as it is files, folders and links."""
    try:
        path.rename(target)
    except OSError:
        # Another filesystem, which may lack room.
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.copytree(path, target, symlinks=True, ignore=_special)
            else:
                shutil.copy2(path, target, follow_symlinks=False)


def _special(folder: str, names: list[str]) -> set[str]:
    """Return what waits for ever when it is opened."""
    kinds = {name: Path(folder, name).lstat().st_mode for name in names}
    return {
        name
        for name, mode in kinds.items()
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
    }


def last_lines(path: str, count: int) -> Sequence[str]:
    """Return the last lines of a log that tell something; none where there is no log."""
    try:
        with Path(path).open("rb") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            file.seek(max(0, size_bytes - _READ_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    return telling_lines([line for line in text.splitlines() if line.strip()], count)
