"""What a build leaves beside its packages: `<channel>/builds/<build>/` with log, manifest and recipe.

A folder is made aside and takes its place at once, so that it is never half of one build and half of another.
"""

import os
import shlex
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.build_hints import telling_lines
from conda_bridge.workflows.building.values import PlannedRecipe

__all__ = [
    "FAILED",
    "LOG",
    "RECIPE",
    "build_folder",
    "failed_folder",
    "keep",
    "keep_edited",
    "keep_note",
    "last_lines",
    "note_written",
    "put_folder",
]

LOG = "build.log"
RECIPE = "recipe"
"""The folder beside a log."""
FAILED = ".failed"
_EDITED = ".edited"
_WRITTEN = "recipe.sha256"
"""What we wrote, beside the recipe's folder, as `sha256sum --check` reads it."""
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


def note_written(made: Path, files: Sequence[tuple[str, str]]) -> None:
    """Note what a recipe's files were, so that it is known when somebody changes them."""
    lines = (f"{_digest(text.encode('utf-8'))}  {RECIPE}/{name}\n" for name, text in files)
    (made / _WRITTEN).write_text("".join(lines), encoding="utf-8")


def keep_note(failed: Path, made: Path) -> None:
    """Take the note along to what comes in the place of a folder."""
    with suppress(FileNotFoundError):
        shutil.copyfile(failed / _WRITTEN, made / _WRITTEN)


def keep_edited(failed: Path, files: Sequence[tuple[str, str]]) -> tuple[Diagnostic, ...]:
    """Move the recipe of a failed build that somebody has changed to where no build touches it; say so.

    `files` are those that are written now: who has changed a recipe to be the same has lost nothing.
    """
    recipe = failed / RECIPE
    if not recipe.is_dir():
        return ()
    note = failed / _WRITTEN
    known = {line.split(" ", 1)[0] for line in note.read_text().splitlines()} if note.is_file() else set()
    known |= {_digest(text.encode("utf-8")) for _, text in files}
    if all(_digest(path.read_bytes()) in known for path in recipe.rglob("*") if path.is_file()):
        return ()
    kept = _free(failed.with_name(f"{failed.name.removesuffix(FAILED)}{_EDITED}"))
    recipe.rename(kept)
    message = f"the recipe in {recipe} was changed by hand; it is kept as {kept}: build that, or remove it"
    hint = f"conda-bridge build {shlex.quote(f'{kept}/')}, or remove the folder"
    return (replace(finding("edited-recipe", message), hint=hint),)


def _free(path: Path) -> Path:
    number = 1
    while (found := path if number == 1 else path.with_name(f"{path.name}-{number}")).exists():
        number += 1
    return found


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


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
