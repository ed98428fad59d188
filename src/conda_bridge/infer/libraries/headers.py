"""Which headers a source brings itself: its own, or copies of a library's."""

from collections.abc import Iterable

__all__ = ["SourceHeaders"]

_HEADER_SUFFIXES = (".h", ".hh", ".hpp", ".hxx", ".h++", ".cuh", ".inc", ".ipp", ".tcc", ".h.in", ".hpp.in")
_MOST_PARTS = 6
"""An include names at most so many folders of a path; deeper ones are compared by their end."""


class SourceHeaders:
    """The headers of a source by every end of their path."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Index the headers among the paths; cost: linear in their number."""
        self._ends: dict[str, str] = {}
        self._stems: set[str] = set()
        for path in sorted(paths):
            name = path.rpartition("/")[2]
            if name.endswith((".pyx", ".pxd", ".y", ".proto", ".i")):
                self._stems.add(name.partition(".")[0])
            if not name.endswith(_HEADER_SUFFIXES):
                continue
            parts = path.removesuffix(".in").split("/")
            for start in range(max(0, len(parts) - _MOST_PARTS), len(parts)):
                self._ends.setdefault("/".join(parts[start:]), path)

    def path_of(self, header: str) -> str:
        """Return the path of a header as an include names it; empty where the source lacks it.

        >>> SourceHeaders(["src/zlib/zlib.h"]).path_of("../zlib/zlib.h")
        'src/zlib/zlib.h'
        """
        parts = [part for part in header.split("/") if part not in {".", "..", ""}]
        return self._ends.get("/".join(parts[-_MOST_PARTS:]), "")

    def is_generated(self, header: str) -> bool:
        """Tell whether the build seems to write a header itself, from a grammar, an interface or a Cython module.

        >>> SourceHeaders(["src/fast.pyx"]).is_generated("fast_api.h")
        True
        """
        stem = header.rpartition("/")[2].partition(".")[0]
        return header.endswith(".pb.h") or stem in self._stems or stem.removesuffix("_api") in self._stems
