"""What goes into a wheel -> the files that have the folder in them that the package was built in.

Builders list these files, and installers of conda packages replace what is listed. Of a file that was forgotten, or left
out, only its content tells. Two kinds are told apart: a *placeholder* is made to be replaced, so that a wheel with one is
broken; any other folder of a build's machine is a word too much, and does nothing.

Source: CEP 34, `prefix_placeholder`.
"""

from collections.abc import Iterable, Iterator

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.repack.to_wheel.package_facts import PathRow
from conda_bridge.repack.wheels.entry_points import PLACEHOLDER

__all__ = ["PrefixScan"]

_LENGTHENED = b"_placehold" * 2
"""Builders make their prefix as long as it may become by repeating this word."""
_OLD = PLACEHOLDER.encode()
"""That of packages which name none."""
_LEAKED = b"/feedstock_root/build_artifacts/"
"""Where the machines of the largest channel build."""
_SHORTEST = 8
"""A row that names less, such as `/`, says nothing about other files."""
_MAX_SHOWN = 3


class PrefixScan:
    """Looks through files, and tells of all of them at the end."""

    def __init__(self, rows: Iterable[PathRow]) -> None:
        named = {row.placeholder.encode("utf-8", "surrogatepass") for row in rows if row.placeholder}
        own = {one for one in named if len(one) >= _SHORTEST and _LENGTHENED not in one and _OLD not in one}
        self._placeholders = (_LENGTHENED, _OLD, *sorted(own))
        self._longest = max(map(len, (*self._placeholders, _LEAKED)))
        self._found: list[str] = []
        self._leaks: list[str] = []

    def look(self, path: str, content: bytes, *, is_text_only: bool = False) -> None:
        """Look through a file; one that is read by people only, such as METADATA, has no prefix to be replaced."""
        if any(marker in content for marker in self._placeholders):
            self._note(self._leaks if is_text_only else self._found, path)
        elif _LEAKED in content:
            self._note(self._leaks, path)

    def looked_through(self, path: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the pieces of a large file as they are, having looked through them and over their borders."""
        before = b""
        for piece in pieces:
            self.look(path, piece)
            border = before + piece[: self._longest]
            self.look(path, border)
            before = (
                (before + piece)[-self._longest :] if len(piece) < self._longest else piece[-self._longest :]
            )
            yield piece

    def findings(self) -> Iterator[Diagnostic]:
        """Yield what is odd.

        Raises:
            RepackError: `embedded-prefix`.
        """
        if self._found:
            first, *others = sorted(self._found)
            also = f"; so it does in {_listed(others)}" if others else ""
            message = f"a prefix stands in it, though no list of the package's says so{also}"
            raise RepackError("embedded-prefix", message, where=first)
        if self._leaks:
            yield finding("leaked-folder", _listed(self._leaks), origin=min(self._leaks))

    def _note(self, where: list[str], path: str) -> None:
        if not where or where[-1] != path:
            where.append(path)


def _listed(paths: list[str]) -> str:
    more = len(paths) - _MAX_SHOWN
    return ", ".join(map(shown, sorted(paths)[:_MAX_SHOWN])) + (f" and {more} more" if more > 0 else "")
