"""Which library a header, a pkg-config module, a CMake package, a soname or a program belongs to.

A library's key is its generic name, `zlib`; its id in mappings is `dep:generic/zlib` unless the row names another.
Letter case means nothing in tokens. A token that ends in `*` stands for all that begin with it: `libboost-*`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from conda_bridge.model.condition import ALWAYS, Condition

__all__ = [
    "LIBRARY_TOKENS",
    "NO_LIBRARIES",
    "OWN",
    "FoundLibrary",
    "LibraryRole",
    "LibraryRow",
    "LibraryTable",
    "TokenKind",
]

TokenKind = Literal["header", "pkg-config", "cmake-package", "soname", "config-tool", "package", "crate"]
"""`package`: what Linux distributions and Homebrew call it, without `-dev`; `crate`: the Rust crate that links it."""
LIBRARY_TOKENS: tuple[TokenKind, ...] = (
    "header", "pkg-config", "cmake-package", "soname", "config-tool", "package", "crate",
)  # fmt: skip
LibraryRole = Literal["library", "tool", "system", "header-only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    """One library of `data/signals.toml`."""

    key: str
    """Generic name, lower case."""
    id: str
    """In mappings: `dep:generic/zlib`."""
    tokens: tuple[tuple[TokenKind, tuple[str, ...]], ...] = ()
    """What names it; a header is a path as included (`openssl/ssl.h`) or a folder with a trailing `/`."""
    role: LibraryRole = "library"
    """system: every machine of the target has it, or the compiler brings it; tool: a program for build."""
    words: tuple[str, ...] = ()
    """How build switches, variables and folders of vendored copies call it beside its key: `jpeg`, `turbojpeg`."""
    brings: tuple[str, ...] = ()
    """Keys of libraries that come with it and that builds name beside it: `libpng` with `freetype`."""

    def of_kind(self, kind: TokenKind) -> tuple[str, ...]:
        """Return the tokens of one kind."""
        return next((tokens for of, tokens in self.tokens if of == kind), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTable:
    """`data/signals.toml`, typed."""

    rows: tuple[LibraryRow, ...] = ()
    ignored: tuple[tuple[TokenKind, tuple[str, ...]], ...] = ()
    """Tokens that name no package: the C library, the compiler's runtime, what the system always has."""
    _tokens: dict[TokenKind, dict[str, LibraryRow | None]] = field(
        init=False, repr=False, compare=False, hash=False
    )
    """None for an ignored token; the rows' own tokens win."""
    _starts: dict[TokenKind, tuple[int, ...]] = field(init=False, repr=False, compare=False, hash=False)
    """How long the tokens before a `*` are, the longest first: a look-up tries no others."""
    _words: dict[str, LibraryRow] = field(init=False, repr=False, compare=False, hash=False)
    _keys: dict[str, LibraryRow] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        tokens: dict[TokenKind, dict[str, LibraryRow | None]] = {kind: {} for kind in LIBRARY_TOKENS}
        for kind, names in self.ignored:
            tokens[kind].update(dict.fromkeys(map(str.lower, names)))
        for row in self.rows:
            for kind, names in row.tokens:
                known = tokens[kind]
                for name in names:
                    known[name.lower()] = row
        object.__setattr__(self, "_tokens", tokens)
        lengths = {
            kind: {len(name) - 1 for name in known if name[-1:] == "*"} for kind, known in tokens.items()
        }
        starts = {kind: tuple(sorted(some, reverse=True)) for kind, some in lengths.items()}
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_words", _words(self.rows))
        object.__setattr__(self, "_keys", {row.key: row for row in self.rows})

    def exactly(self, kind: TokenKind, token: str) -> LibraryRow | None:
        """Return the row that lists this very token."""
        return self._tokens[kind].get(token.lower())

    def look_up(self, kind: TokenKind, forms: Iterable[str]) -> tuple[bool, LibraryRow | None]:
        """Return whether the table lists one of the forms of a token, and the library; None for an ignored token.

        The first form decides that is listed as it stands; only then the first that begins as a listed `...*` does.
        How tokens are normalised is `translate`'s business.
        """
        known = self._tokens[kind]
        forms = [form.lower() for form in forms]
        for form in forms:
            if form in known:
                return True, known[form]
        starts = (f"{form[:length]}*" for form in forms for length in range(len(form), 1, -1))
        found = next((start for start in starts if start in known), None)
        return found is not None, known.get(found or "")

    def of_key(self, key: str) -> LibraryRow | None:
        """Return a library's row."""
        return self._keys.get(key)

    def of_word(self, word: str) -> LibraryRow | None:
        """Return the row whose key, word or CMake package this is but for letter case and separators."""
        return self._words.get(_squashed(word))


def _squashed(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(".", "")


def _words(rows: Iterable[LibraryRow]) -> dict[str, LibraryRow]:
    words: dict[str, LibraryRow] = {}
    rows = tuple(rows)
    for row in rows:
        words[_squashed(row.key)] = row
    for row in rows:
        for word in (*row.words, *row.of_kind("cmake-package")):
            words.setdefault(_squashed(word), row)
    return words


NO_LIBRARIES = LibraryTable()


OWN = "the project builds it itself"
"""The note of a library that the project is."""


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
    """The independent kinds of evidence: `declared`, `include`, `docs`, `wheel`, `run`; none for a copy in the source."""
    origins: tuple[str, ...] = ()
    is_required: bool = False
    """True where it went into the recipe; False where it is only told."""
    note: str = ""
    """One clause: why it is there, or why it is not required."""
