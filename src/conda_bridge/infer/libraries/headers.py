"""Which headers a source brings itself: its own, or copies of a library's."""

import re
from collections.abc import Iterable

__all__ = ["INCLUDE_FOLDERS", "SourceHeaders", "is_header", "is_source"]

_HEADERS = ("h", "hh", "hpp", "hxx", "h++", "cuh", "inc", "inl", "ipp", "tcc", "tpp", "def", "c", "cc", "cpp", "cxx", "m", "mm", "pxi")  # fmt: skip
_TEMPLATES = ("in", "src", "tp", "tmpl", "template", "jinja", "j2", "mako")
_INCLUDED = frozenset({"h", "hh", "hpp", "hxx", "h++", "inc", "inl", "ipp", "tcc", "tpp", "cuh", "def"})
_IMPLEMENTATIONS = ("c", "cc", "cpp", "cxx", "c++", "m", "mm", "f", "f90", "s", "asm", "cu")
_INTERFACES = (".pyx", ".pxd", ".y", ".l", ".proto", ".i", ".tempita", ".capnp", ".fbs", ".thrift")
# Most files of a large source have none of these suffixes; a set passes over them ten times as fast as expressions do.
_SUFFIXES = frozenset({*_HEADERS, *_TEMPLATES, *_IMPLEMENTATIONS, *(suffix[1:] for suffix in _INTERFACES)})
_HEADER = re.compile(rf".+\.(?:{'|'.join(map(re.escape, _HEADERS))})")
_TEMPLATE = re.compile(rf"\.(?:{'|'.join(_TEMPLATES)})$")
_IMPLEMENTATION = re.compile(rf".+\.(?:{'|'.join(map(re.escape, _IMPLEMENTATIONS))})", re.IGNORECASE)
_MOST_PARTS = 6
"""An include names at most so many folders of a path; deeper ones are compared by their end."""
INCLUDE_FOLDERS = frozenset({"include", "inc", "includes", "headers", "public"})


def is_source(name: str) -> bool:
    """Tell whether an included file is no header but a part of the project.

    >>> is_source("freetype/cache.c"), is_source("freetype/freetype.h")
    (True, False)
    """
    return _IMPLEMENTATION.fullmatch(name) is not None


def is_header(path: str) -> bool:
    """Tell whether a file is only ever compiled as a part of others.

    >>> is_header("src/a.hpp"), is_header("src/a.cpp")
    (True, False)
    """
    return path.rpartition(".")[2].lower() in _INCLUDED


class SourceHeaders:
    """The headers of a source by every end of their path."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Index the headers among the paths; cost: linear in their number."""
        self._ends: dict[str, str] = {}
        self._stems: set[str] = set()
        self._implemented: set[str] = set()
        for path in sorted(path for path in paths if path.rpartition(".")[2].lower() in _SUFFIXES):
            folder, _, name = _TEMPLATE.sub("", path).rpartition("/")
            if name.endswith(_INTERFACES):
                self._stems.add(name.partition(".")[0])
            if _IMPLEMENTATION.fullmatch(name):
                self._mark(folder)
                self._stems.add(name.rpartition(".")[0])
            if not _HEADER.fullmatch(name):
                continue
            parts = [*folder.split("/"), name] if folder else [name]
            for start in range(max(0, len(parts) - _MOST_PARTS), len(parts)):
                self._ends.setdefault("/".join(parts[start:]), path)

    def _mark(self, folder: str) -> None:
        """Note that there are sources in a folder, hence in those above it."""
        while folder not in self._implemented:
            self._implemented.add(folder)
            folder = folder.rpartition("/")[0]

    def path_of(self, header: str) -> str:
        """Return the path of a header as an include names it; empty where the source lacks it.

        >>> SourceHeaders(["src/zlib/zlib.h"]).path_of("../zlib/zlib.h")
        'src/zlib/zlib.h'
        """
        parts = [part for part in header.split("/") if part not in {".", "..", ""}]
        return self._ends.get("/".join(parts[-_MOST_PARTS:]), "")

    def is_implemented(self, path: str) -> bool:
        """Tell whether a header lies among sources: a header alone is no copy of a library, but what it is used with.

        >>> SourceHeaders(["x/zlib.h", "y/include/zlib.h", "y/inflate.c"]).is_implemented("y/include/zlib.h")
        True
        """
        folder = path.rpartition("/")[0]
        parts = folder.split("/")
        while parts and (parts[-1] in INCLUDE_FOLDERS or "include" in parts[-3:]):
            parts.pop()
        # A header at the top, or in the top folder of all sources, lies among everything.
        return "/".join(parts or folder.split("/")[:1]) in self._implemented

    def is_generated(self, header: str) -> bool:
        """Tell whether the build seems to write a header itself, from a grammar, an interface or a source beside it.

        >>> SourceHeaders(["src/fast.pyx"]).is_generated("fast_api.h")
        True
        """
        name = header.rpartition("/")[2]
        stem = name.partition(".")[0]
        stems = {stem, stem.removesuffix("_api"), name.rpartition(".")[0]}
        return header.endswith(".pb.h") or not stems.isdisjoint(self._stems)
