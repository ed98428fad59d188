"""The files of a project in a package index: wheels, the metadata beside them, and sdists.

Source: simple repository API (PEP 503, 658).
"""

import os
from contextlib import suppress
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path

from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.sources.core_metadata import header_fields
from conda_bridge.workflows.index_pages import IndexedFile, read_project, version_of_file

__all__ = [
    "files_of",
    "metadata_of",
    "metadata_path",
    "remove_orphans",
    "sha256_of",
    "text_of",
    "write_changed",
]

_METADATA = ".metadata"
_SUFFIXES = (".whl", ".tar.gz", ".zip")


def files_of(folder: Path, page: Path) -> tuple[list[IndexedFile], tuple[Diagnostic, ...]]:
    """Return the wheels and sdists that are there; of those that the page, of JSON, knows, what it says.

    What somebody else has put there, and nobody can read, is told, and no reason to refuse what can be read.
    """
    known = {file.filename: file for file in read_project(text_of(page))}
    written_ns = page.stat().st_ctime_ns if page.exists() else 0
    found: list[IndexedFile] = []
    noticed: list[Diagnostic] = []
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(_SUFFIXES) or version_of_file(path.name) is None:
            continue
        try:
            found.append(_looked_at(path, known.get(path.name), written_ns))
        except (SourceError, OSError) as error:
            reason = error.message if isinstance(error, SourceError) else error.strerror or str(error)
            message = f"{path.name} is no file that can be read ({reason}): the index doesn't list it"
            noticed.append(finding("unlisted-file", message, origin=str(path)))
    return found, tuple(noticed)


def _looked_at(path: Path, known: IndexedFile | None, written_ns: int) -> IndexedFile:
    """Return what the page says of a file, unless the file has changed since.

    Whoever replaces a file can give it the time of another, but not the time of the change itself.
    """
    status = path.stat()
    changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
    is_same = known is not None and status.st_size == known.size_bytes and changed_ns < written_ns
    if known is not None and is_same and _has_metadata(path, known):
        return known
    return replace(_examined(path), yanked=known.yanked if known else None)


def _has_metadata(path: Path, known: IndexedFile) -> bool:
    """Tell whether what the page promises beside a file is there."""
    if path.suffix != ".whl":
        return True
    try:
        return sha256_of(metadata_path(path)) == known.metadata_sha256
    except OSError:
        return False


def remove_orphans(folder: Path) -> None:
    """Remove the metadata of wheels that somebody has deleted."""
    for path in folder.glob(f"*.whl{_METADATA}"):
        if path.is_file() and not os.path.lexists(path.with_name(path.name.removesuffix(_METADATA))):
            path.unlink(missing_ok=True)


def _examined(path: Path) -> IndexedFile:
    file = IndexedFile(filename=path.name, sha256=sha256_of(path), size_bytes=path.stat().st_size)
    if path.suffix != ".whl":
        return file
    metadata = metadata_of(path)
    write_changed(metadata_path(path), metadata)
    python = next(
        (
            value
            for name, value in header_fields(metadata.decode("utf-8", "replace"))
            if name.lower() == "requires-python"
        ),
        "",
    )
    return replace(
        file, requires_python=" ".join(python.split()), metadata_sha256=sha256(metadata).hexdigest()
    )


def metadata_of(wheel: Path) -> bytes:
    """Return the METADATA of a wheel.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    try:
        with open_wheel(str(wheel)) as archive:
            for path, member in sorted(archive.by_path.items()):
                folder, _, name = path.partition("/")
                if name == "METADATA" and folder.endswith(".dist-info"):
                    return member.read()
    except SourceError as error:
        raise SourceError(error.slug, error.message, where=str(wheel), hint=error.hint) from error
    raise SourceError("broken-archive", "it has no METADATA", where=str(wheel))


def metadata_path(wheel: Path) -> Path:
    """Return where the metadata of a wheel is, beside it. Source: PEP 658."""
    return wheel.with_name(f"{wheel.name}{_METADATA}")


def sha256_of(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def text_of(path: Path) -> str:
    """Return the text of a page; none where it isn't there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def write_changed(path: Path, content: bytes) -> None:
    """Write a file unless it is there as it should be: who asks whether it changed is told that it didn't."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    with written_aside(str(path)) as file:
        file.write(content)
