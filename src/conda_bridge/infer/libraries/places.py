"""Whether a file belongs to what the project builds.

Folders' names tell mostly (`third_party`, `tests`); a library's own project, copied into another folder, shows by the
library's name and by the files that only the top of a project has.
"""

import re
from collections.abc import Iterable, Iterator

from conda_bridge.infer.scan.aside import is_test_or_docs, is_vendored, own_folders
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.libraries import LibraryTable

__all__ = ["Places"]

_TOP_FILES = re.compile(
    r"(?:licen[cs]e|copying|copyright|authors|changelog|changes|news|readme)(?:[-_.].*)?|configure(?:\.ac|\.in)?"
    r"|cmakelists\.txt|meson\.build|makefile\.am|build\.zig|[^/]*\.pc\.in",
    re.IGNORECASE,
)
_ENOUGH_TOP_FILES = 2
_RELEASE = re.compile(r"[-_]v?\d[\w.]*$")
_TREES = frozenset({"src", "python", "lib", "build", "include", "core", "ext", "native"})


class Places:
    """The folders of a source; each folder is judged once."""

    def __init__(self, ctx: InferContext) -> None:
        """Judge the folders of the source at hand; cost: linear in its files."""
        paths = ctx.facts.paths
        name = ctx.project.pypi_name.value
        self._own = own_folders(paths, name.replace("-", "_"))
        self._copies = tuple(_copied_projects(paths, name, ctx.libraries))
        self._known: dict[str, tuple[bool, bool]] = {}

    def is_vendored(self, path: str) -> bool:
        """Tell whether a file lies in a copy of another project's code."""
        return self._judged(path)[0]

    def is_test_or_docs(self, path: str) -> bool:
        """Tell whether a file lies in a tree of tests, documentation or examples."""
        return self._judged(path)[1]

    def is_aside(self, path: str) -> bool:
        """Tell whether either is true."""
        return any(self._judged(path))

    def _judged(self, path: str) -> tuple[bool, bool]:
        folder = path[: path.rfind("/") + 1]
        if folder not in self._known:
            self._known[folder] = (
                is_vendored(folder, own=self._own) or folder.startswith(self._copies),
                is_test_or_docs(folder, own=self._own),
            )
        return self._known[folder]


def _copied_projects(paths: Iterable[str], pypi_name: str, table: LibraryTable) -> Iterator[str]:
    """Yield the folders, each with a `/` at its end, that are called like a library and look like its project."""
    tops: dict[str, int] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder and _TOP_FILES.fullmatch(name):
            tops[folder] = tops.get(folder, 0) + 1
    for folder, count in tops.items():
        name = _RELEASE.sub("", folder.rpartition("/")[2])
        is_named = name.lower() not in _TREES and table.of_word(name) is not None
        if count >= _ENOUGH_TOP_FILES and is_named and not _is_alike(name, pypi_name):
            yield f"{folder}/"


def _is_alike(folder: str, pypi_name: str) -> bool:
    """Tell whether a folder is called like the project itself, which may bind a library of the same name."""
    return folder.lower().replace("_", "-") == pypi_name
