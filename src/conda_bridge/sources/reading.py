"""An archive or a directory -> facts: files, decoded texts, and what scanners find in them, in one pass."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from conda_bridge.archives.contents import Contents, Glance
from conda_bridge.archives.directories import walk_directory
from conda_bridge.archives.paths import shown
from conda_bridge.archives.reading import stream_archive
from conda_bridge.infer.scan import (
    MAX_PARSED_FILE_BYTES,
    MAX_SCANNED_FILE_BYTES,
    is_build_file,
    is_scanned,
    is_wanted_text,
    scan_within,
)
from conda_bridge.infer.scan.aside import folders_of, is_vendored_or_test
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import Signal, SourceFacts, SourceOrigin, SourceRef

__all__ = ["decoded_text", "facts_of_archive", "facts_of_directory"]

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MUST_BE_UTF8 = frozenset({"PKG-INFO", "pyproject.toml", "setup.cfg"})


MAX_SCANNED_BYTES = 128_000_000
"""Of all files of a source that are only scanned."""
MAX_PARSED_BYTES = 4_000_000
"""Of all files below the top folder that are taken apart as programs."""
MAX_SIGNALS = 20_000
"""Of a source's build files below the top folder, and of all its other files; the largest real ones have a quarter."""
MAX_FILE_SIGNALS = 2_000
"""Of one file."""


class _Digest(NamedTuple):
    """What was made of one file."""

    text: str | None
    encoding: str
    signals: tuple[Signal, ...]


def facts_of_archive(path: str, *, ref: SourceRef, origin: SourceOrigin, label: str = "") -> SourceFacts:
    """Return the facts of an sdist; `label` is by default its file name.

    Raises:
        SourceError: whatever `stream_archive` refuses.
    """
    file = Path(path)
    reading = _Reading(label or file.name)
    contents = stream_archive(path, wanted=is_wanted_text, digest=reading.text, glance=reading.glance())
    return reading.facts(
        contents,
        SourceFacts(ref=ref, origin=origin, label=label or file.name, size_bytes=file.stat().st_size),
    )


def facts_of_directory(path: str, *, ref: SourceRef, origin: SourceOrigin, label: str = "") -> SourceFacts:
    """Return the facts of a project directory; `label` is by default its name.

    Raises:
        SourceError: whatever `walk_directory` refuses.
    """
    reading = _Reading(label or Path(path).name)
    contents = walk_directory(path, wanted=is_wanted_text, digest=reading.text, glance=reading.glance())
    return reading.facts(contents, SourceFacts(ref=ref, origin=origin, label=label or Path(path).name))


def decoded_text(data: bytes, *, is_text: bool = False) -> tuple[str | None, str]:
    r"""Return the text of a file as Python would read it, and the encoding; None for binary content.

    With `is_text` content is never binary: a NUL does not hide a whole file.

    UTF-8 is tried first; what isn't is Latin-1, in which nothing is invalid, unless a mark says UTF-16.

    >>> decoded_text(b"caf\xe9\r\n")
    ('caf\xe9\n', 'latin-1')
    """
    encoding = "utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig"
    if encoding != "utf-16" and not is_text and b"\x00" in data:
        return None, ""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", data.decode("latin-1")
    return text.replace("\r\n", "\n"), encoding


class _Reading:
    """One source being read: what its files say, as long as that stays within bounds."""

    def __init__(self, label: str) -> None:
        self._own = folders_of(label)
        self._begin()

    def glance(self) -> Glance[_Digest]:
        """Return how files are looked through whose text isn't kept."""
        return Glance(self._scanned_bytes, self._scanned, self._begin)

    def text(self, path: str, data: bytes) -> _Digest:
        """Return what is made of a file whose text is kept."""
        text, encoding = decoded_text(data, is_text=path in _MUST_BE_UTF8)
        return _Digest(text, encoding, self._signals_of(path, data, text) if text is not None else ())

    def facts(self, contents: Contents[_Digest], source: SourceFacts) -> SourceFacts:
        """Return everything together."""
        odd = tuple(
            finding("text-not-utf8", f"{path} is not UTF-8 and is read as {digest.encoding}", origin=path)
            for path, digest in contents.digests
            if path in _MUST_BE_UTF8 and digest.encoding not in {"utf-8-sig", ""}
        )
        return replace(
            source,
            top_folder=contents.top_folder,
            files=contents.files,
            texts=tuple((path, digest.text) for path, digest in contents.digests if digest.text is not None),
            signals=tuple(signal for _, digest in contents.digests for signal in digest.signals),
            diagnostics=(*contents.diagnostics, *odd, *self._cuts()),
        )

    def _begin(self) -> None:
        self._bytes = 0
        self._parsed = 0
        self._signals = {True: 0, False: 0}
        self._partly: list[str] = []
        self._unseen: list[str] = []

    def _scanned_bytes(self, path: str, size_bytes: int) -> int:
        if not is_scanned(path, size_bytes, own=self._own):
            return 0
        is_spent = self._bytes >= MAX_SCANNED_BYTES or self._left(path) <= 0
        if is_spent and not _is_at_top(path):
            self._unseen.append(path)
            return 0
        # A module without a word for the scanners of programs has nothing to miss, however large.
        if size_bytes > MAX_SCANNED_FILE_BYTES and not path.endswith(".py"):
            self._partly.append(path)
        count = min(size_bytes, MAX_SCANNED_FILE_BYTES)
        self._bytes += count
        return count

    def _scanned(self, path: str, data: bytes) -> _Digest | None:
        signals = self._signals_of(path, data)
        return _Digest(None, "", signals) if signals else None

    def _signals_of(self, path: str, data: bytes, text: str | None = None) -> tuple[Signal, ...]:
        signals = scan_within(path, data, text, may_parse=self._may_parse if "/" in path else _always)
        if signals is None:
            self._partly.append(path)
            return ()
        kept = signals[: min(MAX_FILE_SIGNALS, self._left(path))]
        if len(kept) < len(signals):
            self._partly.append(path)
        if not _is_at_top(path):
            self._signals[is_build_file(path)] += len(kept)
        return kept

    def _left(self, path: str) -> int:
        """Return how many signals a file may still add; other files can't use up what build files may say."""
        return MAX_FILE_SIGNALS if _is_at_top(path) else MAX_SIGNALS - self._signals[is_build_file(path)]

    def _is_build(self, path: str) -> bool:
        return is_build_file(path) and not is_vendored_or_test(path, own=self._own)

    def _may_parse(self, size_bytes: int) -> bool:
        if size_bytes > MAX_PARSED_FILE_BYTES:
            return False
        self._parsed += size_bytes
        return self._parsed <= MAX_PARSED_BYTES

    def _cuts(self) -> tuple[Diagnostic, ...]:
        found = []
        if cut := [path for path in dict.fromkeys((*self._partly, *self._unseen)) if self._is_build(path)]:
            message = f"of {_counted(cut)} not everything was looked through"
            found.append(finding("build-file-cut", message, origin=cut[0]))
        if partly := [path for path in dict.fromkeys(self._partly) if path not in cut]:
            message = f"of {_counted(partly)} not everything was looked through"
            found.append(finding("scan-cut", message, origin=partly[0]))
        if self._unseen:
            message = f"{_counted(self._unseen)} not looked through: the source says too much before"
            found.append(finding("files-unscanned", message, origin=self._unseen[0]))
        return tuple(found)


def _is_at_top(path: str) -> bool:
    """Tell whether a file is one of the top folder's build files: they are most of what a build says, and few."""
    return "/" not in path and is_build_file(path)


def _always(_size_bytes: int) -> bool:
    return True


def _counted(paths: list[str]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"{shown(paths[0])}{more}"
