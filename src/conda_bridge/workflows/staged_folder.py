"""A recipe's folder -> a copy of it, file by file, under the rules for archives: no links, nothing special.

Where a recipe stands at a project's root, there are folders beside it that are no part of it: hidden ones, which
rattler-build doesn't pack either, and environments.

A project that is built from where it stands has its links, and everything else but what we made in it ourselves.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.paths import shown
from conda_bridge.errors import EngineError

__all__ = ["copy_project", "copy_recipe_folder", "own_outputs"]

_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
_REPOSITORY = ".git"
_LOCKS = ".work/.locks"
"""What a channel has that packages were once published into; see `LocalChannel`."""


def copy_recipe_folder(folder: str, target: str, *, left_out: Sequence[str], text: str = "") -> None:
    """Write the files of `folder` to the new folder `target`; programs stay executable.

    A folder in it that holds one of `left_out` isn't copied: it is where we build, or what for. Neither are
    environments, nor hidden folders that the recipe's `text` doesn't name; a repository is, which versions are taken from.

    Raises:
        EngineError: `unsafe-recipe-folder`.
        SourceError: `archive-too-large` for a folder that is no recipe's.
    """
    Path(target).mkdir(parents=True)
    ours = tuple(Path(path).resolve() for path in left_out)
    count = total_bytes = 0
    try:
        for path, mode, size_bytes in _walk(Path(folder), ours, text):
            copied = Path(target, path.relative_to(folder))
            if stat.S_ISDIR(mode):
                copied.mkdir()
                continue
            count, total_bytes = count + 1, total_bytes + size_bytes
            LIMITS.check_count(count)
            LIMITS.check_bytes(total_bytes, total_bytes)
            shutil.copyfile(path, copied, follow_symlinks=False)
            copied.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
    except OSError as error:
        message = f"the recipe's folder can't be copied: {error.strerror}"
        raise EngineError("unsafe-recipe-folder", message, where=str(error.filename or folder)) from error


def _walk(folder: Path, left_out: tuple[Path, ...], text: str) -> Iterator[tuple[Path, int, int]]:
    """Yield (path, mode, size) of what is in a folder, folders before what is in them."""
    for path in sorted(folder.iterdir()):
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            is_ours = any(one.is_relative_to(path.resolve()) for one in left_out)
            if not is_ours and _is_part(path, text):
                yield path, status.st_mode, 0
                yield from _walk(path, left_out, text)
        elif stat.S_ISREG(status.st_mode):
            yield path, status.st_mode, status.st_size
        else:
            what = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "no regular file"
            message = f"{shown(path.name)} is {what}, which a recipe's folder can't hold"
            raise EngineError("unsafe-recipe-folder", message, where=str(path))


def _is_part(folder: Path, text: str) -> bool:
    if any((folder / name).exists() for name in _ENVIRONMENTS):
        return False
    is_named = re.search(rf"(?<![\w.-]){re.escape(folder.name)}(?![\w.-])", text) is not None
    return is_named or not folder.name.startswith(".") or folder.name == _REPOSITORY


def own_outputs(folder: str, outputs: Sequence[str]) -> tuple[Path, ...]:
    """Return what we make in a project: `outputs`, channels of earlier builds, and environments right below it.

    Cost: each folder is listed.
    """
    root = Path(folder).resolve()
    found = {path for path in (Path(one).resolve() for one in outputs) if root in path.parents}
    for place, names, _ in os.walk(root):
        for name in tuple(names):
            path = Path(place, name)
            is_environment = path.parent == root and (path / "conda-meta").is_dir()
            if path in found or is_environment or (path / _LOCKS).is_dir():
                names.remove(name)
                found.add(path)
    return tuple(sorted(found))


def copy_project(folder: str, target: str, left_out: Sequence[Path]) -> None:
    """Copy a project without some of its folders, and without those that hold nothing else; links stay links.

    Raises:
        EngineError: `unsafe-recipe-folder`.
    """
    root = Path(folder).resolve()
    gone = {*left_out, *(path for one in left_out for path in _holding(one, root))}

    def passed_over(place: str, names: list[str]) -> set[str]:
        paths = {name: Path(place, name) for name in names}
        return {name for name, path in paths.items() if path in gone or _is_special(path)}

    try:
        shutil.copytree(root, target, symlinks=True, ignore=passed_over)
    except (OSError, shutil.Error) as error:
        message = f"the source's folder can't be copied: {getattr(error, 'strerror', None) or error}"
        raise EngineError("unsafe-recipe-folder", message, where=folder) from error


def _holding(path: Path, root: Path) -> Iterator[Path]:
    """Yield the folders above, below `root`, that hold nothing else: an empty one may be taken for a package."""
    while path.parent != root and not _has_others(path):
        path = path.parent
        yield path


def _has_others(path: Path) -> bool:
    return path.parent.is_dir() and any(other != path for other in path.parent.iterdir())


def _is_special(path: Path) -> bool:
    mode = path.lstat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
