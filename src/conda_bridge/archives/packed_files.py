"""What goes into a package: files by their path in the prefix, with a content that is read when it is its turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

__all__ = ["Content", "ContentSource", "PackedFile", "content_pieces", "content_size"]

_PIECE_BYTES = 1 << 20


class ContentSource(Protocol):
    """A content that lies elsewhere, such as in another archive."""

    @property
    def size_bytes(self) -> int:
        """How many bytes `pieces` will yield."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Yield the content from its beginning, in pieces of bounded size."""
        ...


Content: TypeAlias = bytes | Path | ContentSource
"""The bytes themselves, a file of this machine, or something that can be read piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """One file or symbolic link of a package."""

    path: str
    """In the prefix, with `/`: `lib/python3.11/site-packages/idna/core.py`."""
    content: Content = b""
    mode: int = 0o644
    """0o644 or 0o755; of a link it says nothing."""
    link: str = ""
    """A symbolic link's target, relative to the folder that it lies in; empty for a file."""
    placeholder: str = ""
    """The prefix that the content holds, which an installer replaces by the environment's; empty where it holds none."""
    placeholder_mode: Literal["text", "binary"] = "text"
    sha256: str = ""
    """What the content's digest must be; empty where nobody says."""


def content_size(content: Content) -> int:
    """Return how many bytes a content has."""
    if isinstance(content, bytes):
        return len(content)
    return content.stat().st_size if isinstance(content, Path) else content.size_bytes


def content_pieces(content: Content) -> Iterator[bytes]:
    """Yield a content piece by piece."""
    if isinstance(content, bytes):
        yield content
    elif isinstance(content, Path):
        with content.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE_BYTES), b"")
    else:
        yield from content.pieces()
