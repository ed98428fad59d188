"""Which library a header, a pkg-config module, a CMake package, a soname or a program belongs to.

A library's key is its generic name, `zlib`; its id in mappings is `dep:generic/zlib` unless the row names another.
"""

from dataclasses import dataclass, field
from typing import Literal

from conda_bridge.model.condition import ALWAYS, Condition

__all__ = ["LIBRARY_TOKENS", "NO_LIBRARIES", "FoundLibrary", "LibraryRow", "LibraryTable", "TokenKind"]

TokenKind = Literal["header", "pkg-config", "cmake-package", "soname", "config-tool", "package", "crate"]
"""`package`: what Linux distributions and Homebrew call it, without `-dev`; `crate`: the Rust crate that links it."""
LIBRARY_TOKENS: tuple[TokenKind, ...] = (
    "header", "pkg-config", "cmake-package", "soname", "config-tool", "package", "crate",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    """One library of `data/signals.toml`."""

    key: str
    """Generic name, lower case."""
    id: str
    """In mappings: `dep:generic/zlib`."""
    tokens: tuple[tuple[TokenKind, tuple[str, ...]], ...] = ()
    """What names it; a header is a path as included (`openssl/ssl.h`) or a folder with a trailing `/`."""
    role: Literal["library", "tool", "system", "header-only"] = "library"
    """system: every machine of the target has it, or the compiler brings it; tool: a program for build."""
    words: tuple[str, ...] = ()
    """How build switches, variables and folders of vendored copies call it beside its key: `jpeg`, `turbojpeg`."""
    brings: tuple[str, ...] = ()
    """Keys of libraries that come with it and that builds name beside it: `libpng` with `freetype`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTable:
    """`data/signals.toml`, typed."""

    rows: tuple[LibraryRow, ...] = ()
    ignored: tuple[tuple[TokenKind, tuple[str, ...]], ...] = ()
    """Tokens that name no package: the C library, the compiler's runtime, what the system always has."""
    _by_token: dict[tuple[str, str], LibraryRow] = field(init=False, repr=False, compare=False, hash=False)
    _ignored: frozenset[tuple[str, str]] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        by_token = {
            (kind, token): row for row in self.rows for kind, tokens in row.tokens for token in tokens
        }
        object.__setattr__(self, "_by_token", by_token)
        pairs = frozenset((kind, token) for kind, tokens in self.ignored for token in tokens)
        object.__setattr__(self, "_ignored", pairs)

    def exactly(self, kind: TokenKind, token: str) -> LibraryRow | None:
        """Return the row that lists this very token; how tokens are normalised is `translate`'s business."""
        return self._by_token.get((kind, token))

    def is_ignored(self, kind: TokenKind, token: str) -> bool:
        """Tell whether the token names no package."""
        return (kind, token) in self._ignored

    def of_key(self, key: str) -> LibraryRow | None:
        """Return a library's row."""
        return next((row for row in self.rows if row.key == key), None)


NO_LIBRARIES = LibraryTable()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLibrary:
    """One library that the source tree shows, and what became of it."""

    key: str
    """As in the table."""
    id: str
    """In mappings: `dep:generic/zlib`."""
    section: Literal["build", "host", "run"]
    condition: Condition = ALWAYS
    families: tuple[str, ...] = ()
    """The independent kinds of evidence: `declared`, `include`, `docs`, `wheel`, `run`."""
    origins: tuple[str, ...] = ()
    is_required: bool = False
    """True where it went into the recipe; False where it is only told."""
    note: str = ""
    """One clause: why it is there, or why it is not required."""
