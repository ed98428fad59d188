"""A path -> the recipe files that it means, and what lies around them, read with limits.

Vocabulary: the *folder* is the one that holds the recipe; a *feedstock* is a repository whose folder `recipe` it
is. Names of files are relative to the folder, so that a feedstock's own files begin with `../`.

Recipes come from strangers: only regular files are read, up to a size, and a link that leads out of the folder
(or of the feedstock) is listed and not followed.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.archives.typed_paths import exists, is_dir, is_file
from conda_bridge.errors import UsageError
from conda_bridge.model.options import RecipeFormat

__all__ = ["FORMATS", "RecipeFile", "Surroundings", "find_recipes", "read_recipe", "read_surroundings"]

FORMATS: dict[str, RecipeFormat] = {"recipe.yaml": "v1", "meta.yaml": "v0"}
_FEEDSTOCK_FOLDER = "recipe"
_FORGE_FILE = "conda-forge.yml"
_RENDERED = (".ci_support", ".github/workflows")
"""Folders of a feedstock that rules look at."""

_MAX_RECIPE_BYTES = 4_000_000
_MAX_TEXT_BYTES = 500_000
_MAX_ALL_BYTES = 8_000_000
_MAX_FILES = 500
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeFile:
    """One recipe to look at."""

    path: Path
    shown: str
    """As people see it, `/` spelling."""
    format: RecipeFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What lies around a recipe."""

    files: tuple[tuple[str, str], ...] = ()
    """(name, text); what is no text, too large, or elsewhere, has an empty text."""
    forge: str = ""
    """The text of the conda-forge.yml that counts for the recipe."""
    is_feedstock: bool = False


def find_recipes(path: str) -> tuple[RecipeFile, ...]:
    """Return the recipes that a path means: a recipe file, its folder, or a feedstock's folder.

    Raises:
        UsageError: `no-recipe`.
    """
    asked = Path(path)
    folders = (asked, asked / _FEEDSTOCK_FOLDER)
    candidates = [asked] if not is_dir(asked) else [f / name for f in folders for name in FORMATS]
    found = [file for file in candidates if file.name in FORMATS and is_file(file)]
    if not found:
        message = (
            "holds neither recipe.yaml nor meta.yaml" if is_dir(asked) else "is no recipe.yaml or meta.yaml"
        )
        raise UsageError("no-recipe", message if exists(asked) else "does not exist", where=path)
    first = found[0].parent
    return tuple(
        RecipeFile(path=file, shown=file.as_posix(), format=FORMATS[file.name])
        for file in found
        if file.parent == first
    )


def read_recipe(recipe: RecipeFile) -> str:
    """Return the text of a recipe, with a byte order mark if it has one: engines stumble over it.

    Raises:
        UsageError: `unreadable-recipe`.
    """
    try:
        if not _is_inside(recipe.path, _root_of(recipe.path.parent)):
            raise UsageError(
                "unreadable-recipe", "is a link that leads out of its folder", where=recipe.shown
            )
        data = _read(recipe.path, _MAX_RECIPE_BYTES)
        if data is None:
            message = f"is larger than {_MAX_RECIPE_BYTES // 1_000_000} MB"
            raise UsageError("unreadable-recipe", message, where=recipe.shown)
        return data.decode()
    except OSError as error:
        raise UsageError("unreadable-recipe", f"{error.strerror}", where=recipe.shown) from error
    except UnicodeDecodeError as error:
        raise UsageError("unreadable-recipe", f"is not UTF-8: {error.reason}", where=recipe.shown) from error


def read_surroundings(folder: Path) -> Surroundings:
    """Return what lies in a recipe's folder and, of a feedstock, what its rules look at around it."""
    is_feedstock = folder.absolute().name == _FEEDSTOCK_FOLDER
    reader = _Reader(root=_root_of(folder))
    files = list(reader.tree(folder, ""))
    if is_feedstock:
        files += reader.files(folder.parent, [_FORGE_FILE], "../")
        for rendered in _RENDERED:
            files += reader.tree(folder.parent / rendered, f"../{rendered}/", depth=_MAX_DEPTH)
    texts = dict(files)
    forge = texts.get(f"../{_FORGE_FILE}") or texts.get(_FORGE_FILE) or ""
    return Surroundings(files=tuple(files), forge=forge, is_feedstock=is_feedstock)


class _Reader:
    """Reads small files below a root until there were enough of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._count = 0
        self._bytes = 0

    def tree(self, folder: Path, prefix: str, *, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield (name, text) of all files below a folder, but for hidden folders."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            return
        yield from self.files(
            folder, [e.name for e in entries if not e.is_dir(follow_symlinks=False)], prefix
        )
        for entry in entries if depth < _MAX_DEPTH else ():
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield from self.tree(folder / entry.name, f"{prefix}{entry.name}/", depth=depth + 1)

    def files(self, folder: Path, names: list[str], prefix: str) -> Iterator[tuple[str, str]]:
        """Yield (name, text) of those files that there are."""
        for name in names:
            path = folder / name
            if self._count < _MAX_FILES and path.is_file():
                self._count += 1
                yield f"{prefix}{name}", self._text(path)

    def _text(self, path: Path) -> str:
        try:
            data = _read(path, _MAX_TEXT_BYTES) if _is_inside(path, self._root) else None
            if data is None or self._bytes + len(data) > _MAX_ALL_BYTES:
                return ""
            self._bytes += len(data)
            return "" if b"\0" in data else data.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return ""


def _root_of(folder: Path) -> Path:
    """Return the folder that nothing may be read from outside of."""
    real = folder.resolve()
    return real.parent if real.name == _FEEDSTOCK_FOLDER else real


def _is_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


def _read(path: Path, limit: int) -> bytes | None:
    """Return a regular file's bytes; None where it is another thing, or larger than the limit."""
    # A pipe would block when it is opened, before it could be told apart.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = file.read(limit + 1)
    return data if len(data) <= limit else None
