"""Signals of files -> sightings of libraries that the table knows, and the headers that nothing explains.

Vocabulary: a *sighting* is one place that names one library; its *family* is the independent kind of evidence that
it belongs to. What lies in others' code or in tests is no sighting, whatever it says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from conda_bridge.infer.libraries.crates import is_linking_crate
from conda_bridge.infer.libraries.headers import INCLUDE_FOLDERS, SourceHeaders, is_source
from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.libraries.reaching import unreached_headers
from conda_bridge.infer.libraries.switches import named_by_switch, switch_name
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.libraries import LibraryRow, LibraryTable, TokenKind
from conda_bridge.model.source import Signal
from conda_bridge.translate.libraries import is_ignored_token, library_of, word_of

__all__ = ["FAMILIES", "Family", "Sighting", "Sightings", "look_around"]

Family = Literal["declared", "include", "docs", "wheel", "run"]
FAMILIES: tuple[Family, ...] = ("declared", "include", "docs", "wheel", "run")
"""`declared`: build files; `docs`: instructions and CI; `wheel`: what a published wheel links; `run`: opened by name."""

_FAMILY_OF_KIND: dict[str, tuple[Family, TokenKind | None]] = {
    "include": ("include", "header"),
    "library": ("declared", "soname"),
    "pkg-config": ("declared", "pkg-config"),
    "cmake-package": ("declared", "cmake-package"),
    "config-tool": ("declared", "config-tool"),
    "crate": ("declared", "crate"),
    "variable": ("declared", None),
    "option": ("declared", None),
    "switch": ("declared", None),
    "switch-default": ("declared", None),
    "fetch": ("declared", None),
    "header-string": ("declared", "header"),
    "install": ("docs", "package"),
    "version-variable": ("docs", None),
    "dlopen": ("run", "soname"),
    "wheel-link": ("wheel", "soname"),
}
_MANY_HEADERS = 5
_EDITION = re.compile(r"(qt|gtk|sdl|wx)(\d)")
"""Libraries whose editions have headers of the same names; projects are named after the one that they use."""
_PLUGINS = re.compile(r"(?:src/)?(?:plug-?ins|add-?ons|contrib|extras)/[^/]+/")
_CUDA = (".cu", ".cuh", ".hip")
_PYTHON_SIDE = re.compile(
    r"(?:numpy|pybind11|nanobind|cppyy|boost/python|torch|ATen|c10|pyconfig|cpython|internal)/.*|Python\.h|pyconfig\.h"
    r"|structmember\.h|frameobject\.h|datetime\.h|pybind11\.h|nanobind\.h|greenlet\.h|(?:.*/)?[^/]*(?:config|version|export|api)\.h(?:pp)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One place that names a library."""

    row: LibraryRow
    family: Family
    kind: str
    """Of the signal."""
    name: str
    """As written there."""
    guard: str = ""
    is_optional: bool = False
    is_off: bool = False
    """True where only an option of the build, off by default, brings it about."""
    origin: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """All that the files say of libraries."""

    found: tuple[Sighting, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    """(a library's key, the path of a header of it that the source has)."""
    unknown: tuple[tuple[str, str], ...] = ()
    """(a header that neither the table nor the source has, where it is included)."""
    has_sources: bool = False
    """True where the project's own sources include any headers."""


def look_around(ctx: InferContext, places: Places) -> Sightings:
    """Return the sightings in what the project itself says; cost: linear in files and signals."""
    reader = _TokenReader(ctx, places)
    signals = [
        signal
        for signal in ctx.facts.signals
        if signal.kind in _FAMILY_OF_KIND and not _is_aside(signal, places)
    ]
    unreached = unreached_headers(signals)
    reader.survey(signals)
    provided = _provided(ctx)
    targets = {signal.token for signal in ctx.facts.signals if signal.kind == "build-target"}
    found: list[Sighting] = []
    copies: dict[str, set[str]] = {}
    unknown: dict[str, str] = {}
    for signal in signals:
        read = reader.read(signal.kind, signal.token)
        if read.row is not None and read.row.key in provided:
            continue
        if read.copy:
            if read.row is not None and not places.is_test_or_docs(read.copy):
                copies.setdefault(read.row.key, set()).add(read.copy)
        elif signal.kind == "include" and signal.path in unreached:
            continue
        elif read.row is not None:
            if signal.kind != "library" or read.token.name not in targets:
                is_off = places.cmake.is_off(read.token.when) or places.cmake.is_left_out(signal.path)
                found.append(_sighting(signal, read.token, read.row, is_off=is_off))
        elif read.is_strange:
            unknown.setdefault(read.token.name, _origin(signal))
    return Sightings(
        found=tuple(found),
        copies=(*_mostly_own(copies, found), *_vendored_crates(ctx, places)),
        unknown=tuple(unknown.items()),
        has_sources=any(one.kind == "include" for one in ctx.facts.signals),
    )


def _provided(ctx: InferContext) -> frozenset[str]:
    """Return the keys of libraries that come with a Python project which the build uses, as PyTorch's does."""
    required = {str(one.pypi_name) for one in ctx.project.build_system.requires}
    imported = {signal.token for signal in ctx.facts.signals if signal.kind == "build-import"}
    names = {name.lower() for name in required | imported}
    return frozenset(key for name in names for key in (name, f"lib{name}"))


def _vendored_crates(ctx: InferContext, places: Places) -> Iterator[tuple[str, str]]:
    """Yield the libraries of crates that are told to build their own copies."""
    for signal in ctx.facts.signals:
        if signal.kind == "vendored-crate" and not places.is_aside(signal.path):
            row = library_of(ctx.libraries, "crate", Token.parse(signal.token).name)
            if row is not None:
                yield row.key, _origin(signal)


class _Read(NamedTuple):
    """What a token means in this source."""

    token: Token
    row: LibraryRow | None
    copy: str
    """The file of the source that an include means."""
    is_strange: bool


class _TokenReader:
    """Looks each token up once: some headers are included in thousands of files."""

    def __init__(self, ctx: InferContext, places: Places) -> None:
        self._table = ctx.libraries
        self._headers = SourceHeaders(ctx.facts.paths)
        self._places = places
        self._known: dict[tuple[str, str], _Read] = {}
        self._whole: frozenset[str] = frozenset()
        names = (ctx.project.pypi_name, *(one.pypi_name for one in ctx.project.build_system.requires))
        self._editions = {m[1]: m[2] for name in names for m in _EDITION.finditer(str(name))}

    def survey(self, signals: Iterable[Signal]) -> None:
        """Note of which libraries the source has so many headers that they are its own, wherever its sources lie."""
        present: dict[str, set[str]] = {}
        for text in {signal.token for signal in signals if signal.kind == "include"}:
            name = Token.parse(text).name
            path = self._headers.path_of(name)
            row = library_of(self._table, "header", name) if path else None
            if row is not None:
                present.setdefault(row.key, set()).add(path)
        self._whole = frozenset(key for key, paths in present.items() if len(paths) >= _MANY_HEADERS)

    def read(self, kind: str, text: str) -> _Read:
        """Return what the text of a signal means."""
        known = self._known.get((kind, text))
        if known is None:
            known = self._known[kind, text] = self._look_up(kind, Token.parse(text))
        return known

    def _look_up(self, kind: str, token: Token) -> _Read:
        row = None if kind == "include" and is_source(token.name) else _row_of(self._table, kind, token.name)
        if row is not None and (edition := _EDITION.fullmatch(row.key)):
            row = self._table.of_key(f"{edition[1]}{self._editions.get(edition[1], edition[2])}") or row
        path = self._headers.path_of(token.name) if kind in {"include", "header-string"} else ""
        if path and row is not None and self._is_namesake(token.name, path):
            row = None
        copy = path if path and self._is_copy(row, path) else ""
        is_strange = kind == "include" and row is None and not copy and self._is_strange(token.name)
        return _Read(token, row, copy, is_strange)

    def _is_namesake(self, header: str, path: str) -> bool:
        """Tell whether a header of the project's own lies in a folder that is called like a library's."""
        if self._table.exactly("header", header) or self._table.exactly("header", header.rpartition("/")[2]):
            return False
        before = path.removesuffix(header).rstrip("/").rpartition("/")[2]
        return not (self._places.is_vendored(path) or before in INCLUDE_FOLDERS)

    def _is_copy(self, row: LibraryRow | None, path: str) -> bool:
        """A header without sources is there to compile against a library that comes from elsewhere."""
        if row is None or row.role == "header-only" or self._places.is_vendored(path):
            return True
        return row.key in self._whole or self._headers.is_implemented(path)

    def _is_strange(self, name: str) -> bool:
        """Tell whether a header is none of Python's, of the project's own making, or of the system."""
        is_own = is_source(name) or _PYTHON_SIDE.fullmatch(name) or self._headers.is_generated(name)
        return not (is_own or is_ignored_token(self._table, "header", name))


def _is_aside(signal: Signal, places: Places) -> bool:
    """Instructions often lie in a folder of documentation; for all else that folder is no part of the build."""
    family = _FAMILY_OF_KIND[signal.kind][0]
    if family == "wheel":
        return False
    return places.is_vendored(signal.path) or (family != "docs" and places.is_test_or_docs(signal.path))


def _row_of(table: LibraryTable, kind: str, name: str) -> LibraryRow | None:
    """Return the library that a signal's name means."""
    token_kind = _FAMILY_OF_KIND[kind][1]
    if token_kind is not None:
        return library_of(table, token_kind, name)
    if kind == "option":
        option, _, value = name.partition("=")
        return word_of(table, option) or word_of(table, value)
    if kind in {"switch", "switch-default"}:
        return named_by_switch(table, switch_name(name))
    return word_of(table, name)


def _sighting(signal: Signal, token: Token, row: LibraryRow, *, is_off: bool) -> Sighting:
    return Sighting(
        row=row,
        family=_FAMILY_OF_KIND[signal.kind][0],
        kind=signal.kind,
        name=token.name,
        guard=token.guard,
        is_optional=token.is_optional or _is_tentative(signal, token),
        is_off=is_off,
        origin=_origin(signal),
        path=signal.path,
    )


def _is_tentative(signal: Signal, token: Token) -> bool:
    """A lock file lists the crates of every feature and of tests; most crates build their own copies of libraries.

    What CUDA's sources include, builds for CUDA need, which are variants of a package; plugins are built for those
    who ask for them.
    """
    if signal.kind == "include":
        return signal.path.endswith(_CUDA) or _PLUGINS.match(signal.path) is not None
    return signal.kind == "crate" and (signal.path.endswith(".lock") or not is_linking_crate(token.name))


def _origin(signal: Signal) -> str:
    return f"{signal.path}:{signal.line}" if signal.line else signal.path


def _mostly_own(copies: dict[str, set[str]], found: Iterable[Sighting]) -> Iterator[tuple[str, str]]:
    """Yield the libraries of which more of the included headers are in the source than are not."""
    outside: dict[str, set[str]] = {}
    for one in found:
        if one.family == "include" and one.row.key in copies:
            outside.setdefault(one.row.key, set()).add(one.name)
    for key, paths in copies.items():
        if len(paths) > len(outside.get(key, ())):
            yield key, min(paths)
