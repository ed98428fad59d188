"""Paths of the interpreted program -> files of the source.

The source's top folder has a made-up absolute path, so that `os.path` arithmetic on `__file__` works as text.
"""

import ast
import posixpath

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.model.source import SourceFacts

__all__ = ["MAX_PATH", "ROOT", "SourceFiles", "relative"]

ROOT = "/-source-"
"""Where the interpreted program believes to live; no value that contains it ever leaves the evaluator."""
MAX_PATH = 4096
"""The longest path that systems know."""
_MAX_PROGRAM = 100_000


def relative(path: str) -> str | None:
    """Return a path relative to the top folder, `""` for the folder itself; None for one outside, or too long."""
    if len(path) > MAX_PATH:
        return None
    text = path.replace("\\", "/")
    full = posixpath.normpath(text if text.startswith("/") else f"{ROOT}/{text}")
    if full == ROOT:
        return ""
    return full.removeprefix(f"{ROOT}/") if full.startswith(f"{ROOT}/") else None


class SourceFiles:
    """The files that the interpreted program may read."""

    __slots__ = ("_facts", "_folders", "_trees")

    def __init__(self, facts: SourceFacts) -> None:
        self._facts = facts
        self._folders: frozenset[str] | None = None
        self._trees: dict[str, ast.Module | None] = {}

    def is_parsed(self, text: str) -> bool:
        """Tell whether a program's text was parsed before, so that its tree costs nothing."""
        return text in self._trees

    def tree(self, text: str) -> ast.Module | None:
        """Return the syntax tree of a program's text, parsed once; None where it is no Python 3, or too long."""
        if len(text) > _MAX_PROGRAM:
            return None
        if text not in self._trees:
            self._trees[text] = parse(text)
        return self._trees[text]

    def text(self, path: str) -> str | None:
        """Return the text of a file by its path relative to the top folder; None where it isn't known."""
        return self._facts.text(path)

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return self._facts.has(path)

    def has_folder(self, path: str) -> bool:
        """Tell whether there is a folder with files below it."""
        if self._folders is None:
            found = {""}
            for file in self._facts.paths:
                folder = posixpath.dirname(file)
                while folder not in found:
                    found.add(folder)
                    folder = posixpath.dirname(folder)
            self._folders = frozenset(found)
        return path in self._folders
