"""What one pass over an archive or a directory tells."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import FileEntry

__all__ = ["Contents"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Generic[T]):
    """Every regular file, and what the caller made of those that it wanted to see."""

    top_folder: str
    """The folder that held everything and is cut from all paths; empty where there is none."""
    files: tuple[FileEntry, ...]
    """Sorted by path."""
    digests: tuple[tuple[str, T], ...]
    """(path, what `digest` returned), sorted by path."""
    diagnostics: tuple[Diagnostic, ...] = ()
