"""A token that names a library, as build files spell it -> the library's row of `data/signals.toml`.

Tokens are tried as they are written, then in plainer and plainer forms: without version, `-dev`, `lib`. The first
form that the table knows decides, be it a library's or one of the ignored.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import get_args

from conda_bridge.model.libraries import (
    LIBRARY_TOKENS,
    LibraryRole,
    LibraryRow,
    LibraryTable,
    TokenKind,
)
from conda_bridge.model.tables import read_table

__all__ = ["is_ignored_token", "library_of", "library_table", "token_forms", "word_of"]

_FIELDS: dict[str, TokenKind] = {
    "headers": "header", "pkg_config": "pkg-config", "cmake": "cmake-package", "sonames": "soname",
    "config_tools": "config-tool", "packages": "package", "crates": "crate",
}  # fmt: skip
_ROLES: dict[str, LibraryRole] = {role: role for role in get_args(LibraryRole)}


@cache
def library_table() -> LibraryTable:
    """Return the table that ships with conda-bridge."""
    raw = read_table("signals")
    ignored: dict[str, str] = raw["ignored"]
    libraries: dict[str, str] = raw["library"]
    return LibraryTable(
        rows=tuple(_row(key, text) for key, text in libraries.items()),
        ignored=tuple((_FIELDS[name], tuple(text.split())) for name, text in ignored.items()),
    )


def _row(key: str, text: str) -> LibraryRow:
    fields: dict[str, tuple[str, ...]] = {}
    for line in text.split("\n"):
        name, _, values = line.partition(":")
        tokens = tuple(values.split())
        fields[name] = fields[name] + tokens if name in fields else tokens
    return LibraryRow(
        key=key,
        id=fields["id"][0] if "id" in fields else f"dep:generic/{key}",
        tokens=tuple([(kind, fields[name]) for name, kind in _FIELDS.items() if name in fields]),
        role=_ROLES[fields["role"][0]] if "role" in fields else "library",
        words=fields.get("words", ()),
        brings=fields.get("brings", ()),
    )


def library_of(table: LibraryTable, kind: TokenKind, token: str) -> LibraryRow | None:
    """Return the library that a token names; None for an unknown one and for an ignored one.

    >>> row = library_of(library_table(), "soname", "libpng16.so.16")
    >>> row.key
    'libpng'
    """
    forms = tuple(token_forms(kind, token))
    is_listed, row = table.look_up(kind, forms)
    return row if is_listed else _by_word(table, kind, forms)


def is_ignored_token(table: LibraryTable, kind: TokenKind, token: str) -> bool:
    """Tell whether a token names something that no recipe lists: the C library, a test framework, an SDK."""
    is_listed, row = table.look_up(kind, token_forms(kind, token))
    return is_listed and row is None


def _by_word(table: LibraryTable, kind: TokenKind, forms: Iterable[str]) -> LibraryRow | None:
    # A header's name is often a word of everyday language; the other kinds name libraries on purpose.
    if kind == "header":
        return None
    rows = (table.of_word(form) for form in forms)
    return next((row for row in rows if row is not None), None)


def token_forms(kind: TokenKind, token: str) -> Iterator[str]:
    """Yield a token as the table may list it, from the most to the least faithful form, without repetition.

    What is longer than any name of a library has no form: the cost grows with the square of the length.
    """
    if len(token) > _MOST_CHARACTERS:
        return
    yield from dict.fromkeys(form for form in _FORMS[kind](token.strip().lower()) if form)


_MOST_CHARACTERS = 200
_WRAPPERS = frozenset(
    "3rdparty contrib deps extern external inc include includes lib libs local src third_party thirdparty usr vendor".split()  # noqa: SIM905 - a list of words
)
_ALIKE = 3


def _header_forms(path: str) -> Iterator[str]:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    for start in range(len(parts)):
        if start and not _is_wrapper(parts[start - 1], parts[start]):
            return
        yield "/".join(parts[start:])
        for end in range(len(parts) - 1, start, -1):
            yield "/".join(parts[start:end]) + "/"


def _is_wrapper(folder: str, inner: str) -> bool:
    """Tell whether a folder only holds a library's headers: `include/zlib.h`, `qwt6/qwt_plot.h`, not `mine/zip.h`."""
    return folder in _WRAPPERS or inner[:_ALIKE] in folder


_LIBRARY_FILE = re.compile(r"(?:\.dll\.a|\.(?:so|dylib|dll|a|lib|tbd)(?:\.[\d.]+)?)$")
_LINKAGE = re.compile(r"[-_](?:static|shared|dll|imp|import|mt|md)$")
_SERIES = re.compile(r"[-_]v?\d[\d.]*[a-z]?\d*$")
_VERSION = re.compile(r"(?:[-_.]v?)?\d[\d._-]*(?:v5)?$")
_SHORTEST = 3
_SHORTEST_LIB = len("lib") + 2


def _soname_forms(name: str) -> Iterator[str]:
    stem = _LIBRARY_FILE.sub("", name.replace("\\", "/").rpartition("/")[2])
    yield from _plainer(stem)
    yield from _plainer(_without(_LINKAGE, stem))


def _pkg_config_forms(module: str) -> Iterator[str]:
    name = re.split(r"[\s<>=!]", module, maxsplit=1)[0]
    yield name
    yield from _plainer(_without(_LINKAGE, name))


def _cmake_forms(name: str) -> Iterator[str]:
    name = name.partition("::")[0].removeprefix("unofficial-")
    yield name
    yield from _plainer(_without(_LINKAGE, name))


def _config_tool_forms(program: str) -> Iterator[str]:
    name = program.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    yield name
    name = _VERSION.sub("", name)
    yield name
    # What `sdl2-config` and `pg_config` are named after.
    yield re.sub(r"[-_]?config$", "", name)


def _crate_forms(name: str) -> Iterator[str]:
    yield name
    name = name.replace("_", "-")
    yield name
    yield from _plainer(name.removesuffix("-sys"))


_PACKAGE_PREFIX = re.compile(
    r"^(?:mingw-w64-(?:ucrt-|clang-)?(?:x86_64|i686|aarch64|cross)-|\$\{?mingw_package_prefix\}?-|lib(?:32|64)-)"
)
_PACKAGE_SUFFIX = re.compile(r"[-_](?:dev|devel|headers|static|shared|libs|lib|dbg|compat)$")
_PACKAGE_END = re.compile(r"[\[:@=<>(].*$|(?<=\d)t64$")


def _package_forms(name: str) -> Iterator[str]:
    name = name.rpartition("/")[2]
    wrapped = re.fullmatch(r"(?:pkgconfig|cmake)\((.+)\)", name)
    name = _PACKAGE_PREFIX.sub("", wrapped[1] if wrapped else name)
    yield name
    name = _PACKAGE_END.sub("", name)
    yield name
    bare = _without(_PACKAGE_SUFFIX, name)
    yield from _plainer(bare)
    yield from _plainer(_without(_PACKAGE_SUFFIX, _PACKAGE_END.sub("", _without(_VERSION, bare))))


def _without(pattern: re.Pattern[str], name: str) -> str:
    return pattern.sub("", name) or name


def _plainer(name: str) -> Iterator[str]:
    """Yield the name, then with less and less of a version behind it, each of them without a leading `lib` too."""
    names = [name]
    for pattern in (_SERIES, _VERSION):
        bare = pattern.sub("", names[-1])
        shortest = _SHORTEST_LIB if bare.startswith("lib") else _SHORTEST
        if len(bare) >= shortest:
            names.append(bare)
    for each in names:
        yield each
        if each.startswith("lib"):
            yield each.removeprefix("lib").lstrip("-_")


_FORMS: dict[TokenKind, Callable[[str], Iterator[str]]] = dict(
    zip(
        LIBRARY_TOKENS,
        (
            _header_forms,
            _pkg_config_forms,
            _cmake_forms,
            _soname_forms,
            _config_tool_forms,
            _package_forms,
            _crate_forms,
        ),
        strict=True,
    )
)

_AFFIXES = frozenset(
    """
    allow avoid available base bin build builtin bundle bundled cflags cmake compile config cppflags cxxflags default
    dep deps devel dir directory disable dll download dynamic embed embedded enable external externally extern extra
    fetch find flags force found from has have header headers home host inc incdir include includedir includes
    including install installed internal internally ldflags lib libdir libname libpath libraries library libs
    link linked linking local location native no not off on only option package path paths pkg pkgconfig prefer prefix provided
    py python required root search shared src static statically sys system the thirdparty third party use using usr vendor vendored
    version with without
    """.split()  # noqa: SIM905 - a list of a hundred words
)


def word_of(table: LibraryTable, name: str) -> LibraryRow | None:
    """Return the library that a variable or a switch is about: `ZLIB_ROOT`, `--with-system-turbojpeg`.

    The longest run of words that is a library's name decides, and the last one of those as long: projects put
    their own name first.

    >>> word_of(library_table(), "CURL_USE_SYSTEM_ZLIB").key
    'zlib'
    """
    if len(name) > _MOST_CHARACTERS:
        return None
    parts = [part for part in re.split(r"[^a-z0-9+]+", _split_humps(name).lower()) if part]
    named = [part for part in parts if part not in _AFFIXES]
    for length in range(len(named), 0, -1):
        for start in range(len(named) - length, -1, -1):
            if (row := _named(table, "".join(named[start : start + length]))) is not None:
                return row
    return None


def _split_humps(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name)


def _named(table: LibraryTable, word: str) -> LibraryRow | None:
    rows = (table.of_word(form) for form in dict.fromkeys(_plainer(word)))
    return next((row for row in rows if row is not None), None)
