"""A project directory -> the same contents that its archive would have.

Left out are what builds and tools leave behind: version control, environments, caches. Symbolic links to
files inside are read like files, as every sdist builder does; links to directories and out of the tree are not followed.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from conda_bridge.archives.contents import Contents, Glance
from conda_bridge.archives.limits import LIMITS, Limits
from conda_bridge.archives.paths import checked_path, decoded_name, shown
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import FileEntry

__all__ = ["hash_files", "walk_directory"]

T = TypeVar("T")

_LEFT_OUT = frozenset({
    ".git", ".hg", ".svn", ".bzr", "__pycache__", ".tox", ".nox", ".venv", ".eggs", "node_modules",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints", ".idea",
})  # fmt: skip
# A folder that holds one of these is an environment, or a cache (https://bford.info/cachedir/).
_MARKERS = frozenset({"pyvenv.cfg", "conda-meta", "CACHEDIR.TAG"})
# Results of a build, at the top of the tree only: `build` and `dist` may be packages elsewhere.
_RESULTS = frozenset({"build", "dist"})


def walk_directory(
    root: str,
    *,
    wanted: Callable[[str, int], bool],
    digest: Callable[[str, bytes], T],
    glance: Glance[T] | None = None,
    limits: Limits = LIMITS,
) -> Contents[T]:
    """Return the files of a project directory; see `stream_archive` for `wanted`, `digest` and `glance`.

    Raises:
        SourceError: `unreadable-source`, `unsafe-archive` for names that no archive may have, `archive-too-large`.
    """
    top = Path(os.path.realpath(root))
    walk = _Walk(top, limits)
    try:
        sizes = walk.run()
        chosen = [p for p, size in sizes.items() if wanted(p, size) and size <= limits.max_text_bytes]
        limits.check_read(sum(sizes[path] for path in chosen))
        digests = [(path, digest(path, (top / path).read_bytes())) for path in chosen]
        if glance is not None:
            digests += _glanced(top, {p: sizes[p] for p in sizes.keys() - set(chosen)}, glance)
    except OSError as error:
        where = str(error.filename or root)
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=where) from error
    return Contents(
        top_folder="",
        files=tuple(FileEntry(path=path, size_bytes=sizes[path]) for path in sorted(sizes)),
        digests=tuple(sorted(digests, key=itemgetter(0))),
        diagnostics=tuple(walk.diagnostics),
    )


def hash_files(root: str, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (path, sha256) of files below `root`.

    Raises:
        SourceError: `unreadable-source`.
    """
    for path in paths:
        try:
            with Path(root, path).open("rb") as file:
                yield path, hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error


def _glanced(top: Path, sizes: dict[str, int], glance: Glance[T]) -> Iterator[tuple[str, T]]:
    glance.begin()
    for path in sorted(sizes):
        if count := glance.size_bytes(path, sizes[path]):
            with (top / path).open("rb") as file:
                found = glance.digest(path, file.read(count))
            if found is not None:
                yield path, found


class _Walk:
    """One walk down a tree."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._root = root
        self._limits = limits
        self._sizes: dict[str, int] = {}
        self._links: list[str] = []
        self._total_bytes = 0

    def run(self) -> dict[str, int]:
        """Return the regular files and their sizes."""
        waiting = [""]
        while waiting:
            waiting += self._folder(waiting.pop())
        lost = [path for path in sorted(self._links) if not self._add_link(path)]
        if lost:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            message = f"{shown(lost[0])}{more}: a symbolic link to no file of the project, not followed"
            self.diagnostics.append(finding("outside-link", message, origin=lost[0]))
        return self._sizes

    def _folder(self, folder: str) -> list[str]:
        """Take note of a folder's files and return the folders in it."""
        with os.scandir(self._root / folder) as scan:
            entries = list(scan)
        if folder and not _MARKERS.isdisjoint(entry.name for entry in entries):
            return []
        folders = []
        for entry in entries:
            path = f"{folder}{entry.name}"
            if entry.is_symlink():
                self._links.append(path)
            elif entry.is_dir(follow_symlinks=False):
                if not _is_left_out(entry, folder):
                    folders.append(f"{_checked(path)}/")
            elif entry.is_file(follow_symlinks=False):
                self._add(_checked(path), entry.stat(follow_symlinks=False).st_size)
        return folders

    def _add_link(self, path: str) -> bool:
        # Only to files that the walk found anyway: nothing out of the tree, nothing out of `.git`.
        target = Path(os.path.realpath(self._root / path))
        inside = target.relative_to(self._root).as_posix() if target.is_relative_to(self._root) else ""
        if inside not in self._sizes:
            return False
        self._add(_checked(path), self._sizes[inside])
        return True

    def _add(self, path: str, size_bytes: int) -> None:
        self._sizes[path] = size_bytes
        self._total_bytes += size_bytes
        self._limits.check_count(len(self._sizes))
        # A tree on the disk has no compressed size, so that only the absolute bound can hold.
        self._limits.check_bytes(self._total_bytes, self._total_bytes)


def _is_left_out(entry: os.DirEntry[str], folder: str) -> bool:
    if entry.name in _LEFT_OUT:
        return True
    is_result = not folder and entry.name in _RESULTS
    return is_result and not Path(entry.path, "__init__.py").is_file()


def _checked(path: str) -> str:
    if not path.isascii():
        # The operating system's names that are no text come as lone surrogates.
        decoded_name(os.fsencode(path))
    if checked_path(path) != path:
        raise SourceError("unsafe-archive", f"the name {shown(path)} is not what it seems")
    return path
