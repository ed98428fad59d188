"""What one pass over an archive or a directory tells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import FileEntry

__all__ = ["Contents", "Glance"]

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
    executable: frozenset[str] = frozenset()
    """The paths of files that an archive has executable; directories are asked themselves."""
    diagnostics: tuple[Diagnostic, ...] = ()


class Glance(NamedTuple, Generic[T]):
    """How files that aren't wanted are looked through as they stream by; what is made of them should be small."""

    size_bytes: Callable[[str, int], int]
    """From a file's path and size: how many bytes are read, from its beginning; 0 for none."""
    digest: Callable[[str, bytes], T | None]
    """From its path and these bytes; None where they say nothing."""
    begin: Callable[[], None]
    """Called before a pass: an archive without a top folder takes two, and the first one's counts are void."""
