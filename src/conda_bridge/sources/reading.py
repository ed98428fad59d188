"""An archive or a directory -> facts: files, decoded texts, and what scanners find in them, in one pass."""

from pathlib import Path
from typing import NamedTuple

from conda_bridge.archives.contents import Contents
from conda_bridge.archives.directories import walk_directory
from conda_bridge.archives.reading import stream_archive
from conda_bridge.infer.scan import is_wanted_text, scan
from conda_bridge.model.codes import finding
from conda_bridge.model.source import Signal, SourceFacts, SourceOrigin, SourceRef

__all__ = ["decoded_text", "facts_of_archive", "facts_of_directory"]

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MUST_BE_UTF8 = frozenset({"PKG-INFO", "pyproject.toml", "setup.cfg"})


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
    contents = stream_archive(path, wanted=is_wanted_text, digest=_digest)
    file = Path(path)
    return _facts(
        contents,
        SourceFacts(ref=ref, origin=origin, label=label or file.name, size_bytes=file.stat().st_size),
    )


def facts_of_directory(path: str, *, ref: SourceRef, origin: SourceOrigin, label: str = "") -> SourceFacts:
    """Return the facts of a project directory; `label` is by default its name.

    Raises:
        SourceError: whatever `walk_directory` refuses.
    """
    contents = walk_directory(path, wanted=is_wanted_text, digest=_digest)
    return _facts(contents, SourceFacts(ref=ref, origin=origin, label=label or Path(path).name))


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


def _digest(path: str, data: bytes) -> _Digest:
    text, encoding = decoded_text(data, is_text=path in _MUST_BE_UTF8)
    return _Digest(text, encoding, scan(path, text) if text is not None else ())


def _facts(contents: Contents[_Digest], source: SourceFacts) -> SourceFacts:
    odd = tuple(
        finding("text-not-utf8", f"{path} is not UTF-8 and is read as {digest.encoding}", origin=path)
        for path, digest in contents.digests
        if path in _MUST_BE_UTF8 and digest.encoding not in {"utf-8-sig", ""}
    )
    return SourceFacts(
        ref=source.ref,
        origin=source.origin,
        label=source.label,
        top_folder=contents.top_folder,
        size_bytes=source.size_bytes,
        files=contents.files,
        texts=tuple((path, digest.text) for path, digest in contents.digests if digest.text is not None),
        signals=tuple(signal for _, digest in contents.digests for signal in digest.signals),
        diagnostics=(*contents.diagnostics, *odd),
    )
