"""Signals of files -> sightings of libraries that the table knows, and the headers that nothing explains.

Vocabulary: a *sighting* is one place that names one library; its *family* is the independent kind of evidence that
it belongs to. What lies in others' code or in tests is no sighting, whatever it says.
"""

import re
from dataclasses import dataclass
from typing import Literal

from conda_bridge.infer.libraries.headers import SourceHeaders
from conda_bridge.infer.libraries.places import Places
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


def look_around(ctx: InferContext) -> Sightings:
    """Return the sightings in what the project itself says; cost: linear in files and signals."""
    table, headers = ctx.libraries, SourceHeaders(ctx.facts.paths)
    places = Places(ctx)
    known: dict[tuple[str, str], LibraryRow | None] = {}
    found: list[Sighting] = []
    copies: dict[str, list[str]] = {}
    unknown: dict[str, str] = {}
    targets = {signal.token for signal in ctx.facts.signals if signal.kind == "build-target"}
    for signal in ctx.facts.signals:
        if signal.kind not in _FAMILY_OF_KIND or _is_aside(signal, places):
            continue
        token = Token.parse(signal.token)
        if signal.kind == "library" and token.name in targets:
            continue
        key = (signal.kind, token.name)
        if key not in known:
            known[key] = _row_of(table, signal.kind, token.name)
        row = known[key]
        copy = headers.path_of(token.name) if signal.kind in {"include", "header-string"} else ""
        if copy and (row is None or _is_copy(row, copy, headers)):
            if row is not None and not places.is_test_or_docs(copy):
                copies.setdefault(row.key, []).append(copy)
        elif row is not None:
            found.append(_sighting(signal, token, row))
        elif signal.kind == "include" and _is_strange(token.name, table, headers):
            unknown.setdefault(token.name, _origin(signal))
    return Sightings(
        found=tuple(dict.fromkeys(found)),
        copies=tuple((key, paths[0]) for key, paths in copies.items() if _is_mostly_own(key, paths, found)),
        unknown=tuple(unknown.items()),
        has_sources=any(one.kind == "include" for one in ctx.facts.signals),
    )


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


def _sighting(signal: Signal, token: Token, row: LibraryRow) -> Sighting:
    return Sighting(
        row=row,
        family=_FAMILY_OF_KIND[signal.kind][0],
        kind=signal.kind,
        name=token.name,
        guard=token.guard,
        is_optional=token.is_optional,
        origin=_origin(signal),
        path=signal.path,
    )


def _origin(signal: Signal) -> str:
    return f"{signal.path}:{signal.line}" if signal.line else signal.path


def _is_copy(row: LibraryRow, path: str, headers: SourceHeaders) -> bool:
    """A header without sources is there to compile against a library that comes from elsewhere."""
    return row.role == "header-only" or headers.is_implemented(path)


def _is_mostly_own(key: str, paths: list[str], found: list[Sighting]) -> bool:
    """Tell whether more of the included headers of a library are in the source than are not."""
    outside = {one.name for one in found if one.row.key == key and one.family == "include"}
    return len(set(paths)) > len(outside)


def _is_strange(name: str, table: LibraryTable, headers: SourceHeaders) -> bool:
    """Tell whether a header is none of Python's, of the project's own making, or of the system."""
    return not (
        _PYTHON_SIDE.fullmatch(name) or headers.is_generated(name) or is_ignored_token(table, "header", name)
    )
