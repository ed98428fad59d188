"""Dotted names -> modules of the source."""

import posixpath
import sys
from collections.abc import Sequence

from conda_bridge.infer.project.evaluator.files import SourceFiles
from conda_bridge.infer.project.evaluator.values import Module

__all__ = ["SOURCE_FOLDERS", "Modules"]

SOURCE_FOLDERS = ("", "src", "lib", "python")
"""Where a project's packages may lie."""
_NEVER_FOLLOWED = frozenset({"versioneer", "ez_setup", "setuptools", "distutils", "pkg_resources"})
"""Tools that projects copy into their source, versioneer for one: what they compute comes from elsewhere."""


class Modules:
    """The modules of a source, each once."""

    __slots__ = ("_files", "_found")

    def __init__(self, files: SourceFiles) -> None:
        self._files = files
        self._found: dict[str, Module] = {}

    def at(self, path: str) -> Module:
        """Return the module in a file."""
        return self._found.setdefault(path, Module(path))

    def find(
        self, name: str, *, level: int = 0, importer: str = "", folders: Sequence[str] = SOURCE_FOLDERS
    ) -> Module | None:
        """Return the module with a dotted name; a level counts the dots of the importer's relative import."""
        parts = name.split(".") if name else []
        if not level:
            is_standard = bool(parts) and parts[0] in sys.stdlib_module_names
            # Only what lies beside setup.py hides the standard library's modules.
            return self._find(parts, folders[:1] if is_standard else folders)
        folder = importer
        for _ in range(level):
            folder = posixpath.dirname(folder)
        return self._find(parts, (folder,))

    def find_inside(self, module: Module, name: str) -> Module | None:
        """Return a module inside a package."""
        folder, _, file = module.path.rpartition("/")
        return self._find([name], (folder,)) if file == "__init__.py" else None

    def _find(self, parts: Sequence[str], folders: Sequence[str]) -> Module | None:
        if parts and parts[0] in _NEVER_FOLLOWED:
            return None
        for folder in folders:
            stem = "/".join(part for part in (folder, *parts) if part)
            for path in (f"{stem}.py", f"{stem}/__init__.py"):
                if stem and self._files.has(path):
                    return self.at(path)
        return None
