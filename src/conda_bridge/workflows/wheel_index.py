"""A folder that is a package index: wheels are added to it, what is there stays.

    index.html, index.json              the projects
    <project>/index.html, index.json    its files
    <project>/<file>                    a wheel
    <project>/<file>.metadata           its METADATA, which installers read in place of the wheel

It is used as it lies, `pip install --index-url file:///...`, and behind any web server that serves files. A wheel is
there before its project's page names it, and every file is written aside and renamed: who reads meanwhile finds what was
there before, or what is there now. While a project changes, its name stands in a file of the root: whoever comes after a
process that was killed finishes its pages first.

Source: simple repository API (PEP 503, 658, 691, 714).
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import file_digest, sha256
from pathlib import Path

from filelock import FileLock, Timeout
from packaging.tags import Tag
from packaging.utils import (
    BuildTag,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import RepackError, SourceError, UsageError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import is_valid_pypi_name
from conda_bridge.sources.core_metadata import header_fields
from conda_bridge.workflows.index_pages import (
    IndexedFile,
    is_linked,
    is_own_page,
    project_html,
    project_json,
    read_project,
    read_root,
    root_html,
    root_json,
    version_of_file,
)
from conda_bridge.workflows.writing import unwritable

__all__ = ["IndexedWheel", "WheelIndex"]

_HTML = "index.html"
_JSON = "index.json"
_LOCK = ".conda-bridge.lock"
_CHANGING = ".conda-bridge.changing"
"""Has the name of the project that is being changed."""
_METADATA = ".metadata"
_SUFFIXES = (".whl", ".tar.gz", ".zip")
_MOST_NAMES = 3

_Identity = tuple[NormalizedName, Version, BuildTag, frozenset[Tag]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedWheel:
    """A wheel in an index."""

    path: str
    is_new: bool
    """False: the index had the same one already."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """About what else is in the project's folder."""


class WheelIndex:
    """A static index in a folder. Safe to share between threads and processes; reading waits for nobody."""

    def __init__(self, folder: str, *, lock_timeout_s: float = 600.0) -> None:
        """Use `folder`, which `add` makes."""
        self._folder = Path(folder)
        self._timeout_s = lock_timeout_s

    @property
    def url(self) -> str:
        """What installers are given as their index."""
        return self._folder.absolute().as_uri()

    def check_place(self) -> None:
        """Refuse a folder that is something else.

        Raises:
            UsageError: `no-index-folder`.
        """
        root = self._folder / _HTML
        try:
            names = sorted(path.name for path in self._folder.iterdir() if not path.name.startswith("."))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unwritable(error, self._folder) from error
        if names and not _is_own(root):
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            message = f"it is no index of conda-bridge's, and has {', '.join(names[:_MOST_NAMES])}{more}"
            raise UsageError("no-index-folder", message, where=str(self._folder))

    def check(self, wheel_path: str) -> IndexedWheel:
        """Return what `add` would do, and raise what it would; nothing is written."""
        self.check_place()
        wheel = Path(wheel_path)
        target = self._folder / _identity(wheel.name)[0] / wheel.name
        return IndexedWheel(path=str(target), is_new=self._is_new(wheel, target))

    def add(self, wheel_path: str) -> IndexedWheel:
        """Copy a wheel into the index and name it on its project's page.

        Pages that stay the same aren't written. A wheel that is there already, byte for byte, is left alone.

        Raises:
            UsageError: `no-index-folder`, `not-writable`.
            RepackError: `wheel-in-index` for one of the same name with other content; `index-locked`.
            SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
        """
        (added,) = self.add_all([wheel_path])
        return added

    def add_all(self, wheel_paths: Iterable[str]) -> tuple[IndexedWheel, ...]:
        """Add wheels that belong together: where one is refused, none is added, whoever else writes meanwhile.

        Raises:
            as `add`.
        """
        wheels = [Path(path) for path in wheel_paths]
        try:
            with self._opened():
                for wheel in wheels:
                    self._is_new(wheel, self._folder / _identity(wheel.name)[0] / wheel.name)
                return tuple(map(self._added, wheels))
        except OSError as error:
            raise _unwritable(error, self._folder) from error

    @contextmanager
    def _opened(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._folder / _LOCK, timeout=self._timeout_s):
                self.check_place()
                if not (self._folder / _HTML).exists():
                    # The mark that the folder is ours comes before all that nobody could tell from something else.
                    self._write_root([])
                self._finish_change()
                yield
        except Timeout as error:
            message = f"another process has been writing to it for {self._timeout_s:.0f} s"
            raise RepackError("index-locked", message, where=str(self._folder)) from error

    def _added(self, wheel: Path) -> IndexedWheel:
        project = _identity(wheel.name)[0]
        target = self._folder / project / wheel.name
        is_new = self._is_new(wheel, target)
        target.parent.mkdir(exist_ok=True)
        if is_new:
            _remove_unfinished(target.parent)
            _write(self._folder / _CHANGING, project.encode())
            _write(_metadata_path(target), _metadata_of(wheel))
            with wheel.open("rb") as source, written_aside(str(target)) as copy:
                shutil.copyfileobj(source, copy)
        noticed = self._write_project(project)
        return IndexedWheel(path=str(target), is_new=is_new, diagnostics=noticed)

    def _finish_change(self) -> None:
        """Finish what a process has begun that was killed."""
        begun = self._folder / _CHANGING
        project = _text(begun)
        if not project:
            return
        folder = self._folder / project
        _remove_unfinished(self._folder)
        is_name = is_valid_pypi_name(project) and project == canonicalize_name(project)
        if is_name and folder.is_dir() and _is_ours(folder):
            _remove_unfinished(folder)
            self._write_project(project)
        begun.unlink(missing_ok=True)

    def _write_project(self, project: str) -> tuple[Diagnostic, ...]:
        """Write the pages of a project that aren't as they should be, and name it on those of the root."""
        folder = self._folder / project
        files, noticed = _files_of(folder)
        _remove_orphans(folder)
        pages = {_HTML: project_html(project, files), _JSON: project_json(project, files)}
        stale = [name for name, text in pages.items() if _text(folder / name) != text]
        if stale:
            _write(self._folder / _CHANGING, project.encode())
            for name in stale:
                _write(folder / name, pages[name].encode())
        root = (_text(self._folder / _HTML), _text(self._folder / _JSON))
        if not (is_linked(root[0], project) and project in read_root(root[1])):
            self._write_root([path.parent.name for path in self._folder.glob(f"*/{_JSON}")])
        (self._folder / _CHANGING).unlink(missing_ok=True)
        return noticed

    def _write_root(self, names: list[str]) -> None:
        _write(self._folder / _HTML, root_html(names).encode())
        _write(self._folder / _JSON, root_json(names).encode())

    def _is_new(self, wheel: Path, target: Path) -> bool:
        """Tell whether the index lacks the wheel.

        Raises:
            UsageError: `no-index-folder` for a project's page that isn't ours.
            RepackError: `wheel-in-index`.
        """
        folder = target.parent
        page = folder / _HTML
        if not _is_ours(folder):
            message = "the project's page was written by something else, and would be lost"
            raise UsageError("no-index-folder", message, where=str(page))
        same = [path for path in _wheels_in(folder) if _identity(path.name) == _identity(wheel.name)]
        for path in same:
            there, here = _sha256(path), _sha256(wheel)
            if there != here:
                message = f"the index has {path.name} with other content: sha256 {there}, not {here}"
                raise RepackError("wheel-in-index", message, where=str(path))
        return target not in same


# ---------------------------------------------------------------- the files of a project


def _files_of(folder: Path) -> tuple[list[IndexedFile], tuple[Diagnostic, ...]]:
    """Return the wheels and sdists that are there; of those that the page knows, what it says.

    What somebody else has put there, and nobody can read, is told, and no reason to refuse what can be read.
    """
    page = folder / _JSON
    known = {file.filename: file for file in read_project(_text(page))}
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
        return _sha256(_metadata_path(path)) == known.metadata_sha256
    except OSError:
        return False


def _remove_orphans(folder: Path) -> None:
    """Remove the metadata of wheels that somebody has deleted."""
    for path in folder.glob(f"*.whl{_METADATA}"):
        if path.is_file() and not os.path.lexists(path.with_name(path.name.removesuffix(_METADATA))):
            path.unlink(missing_ok=True)


def _examined(path: Path) -> IndexedFile:
    file = IndexedFile(filename=path.name, sha256=_sha256(path), size_bytes=path.stat().st_size)
    if path.suffix != ".whl":
        return file
    metadata = _metadata_of(path)
    _write(_metadata_path(path), metadata)
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


def _metadata_of(wheel: Path) -> bytes:
    try:
        with open_wheel(str(wheel)) as archive:
            for path, member in sorted(archive.by_path.items()):
                folder, _, name = path.partition("/")
                if name == "METADATA" and folder.endswith(".dist-info"):
                    return member.read()
    except SourceError as error:
        raise SourceError(error.slug, error.message, where=str(wheel), hint=error.hint) from error
    raise SourceError("broken-archive", "it has no METADATA", where=str(wheel))


def _metadata_path(wheel: Path) -> Path:
    return wheel.with_name(f"{wheel.name}{_METADATA}")


def _wheels_in(folder: Path) -> list[Path]:
    try:
        return sorted(
            path for path in folder.iterdir() if path.suffix == ".whl" and version_of_file(path.name)
        )
    except FileNotFoundError:
        return []


def _identity(filename: str) -> _Identity:
    """Return what a wheel's name says, however it is spelt."""
    try:
        name, version, build, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion) as error:
        raise RepackError("invalid-wheel", f"it isn't named as a wheel: {error}", where=filename) from error
    return canonicalize_name(name), version, build, tags


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


# ---------------------------------------------------------------- reading and writing


def _is_own(page: Path) -> bool:
    return is_own_page(_text(page))


def _is_ours(folder: Path) -> bool:
    """Tell whether a project's folder is there or can be made without the loss of somebody's page."""
    page = folder / _HTML
    return not page.exists() or _is_own(page)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _write(path: Path, content: bytes) -> None:
    """Write a file unless it is there as it should be: who asks whether it changed is told that it didn't."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    with written_aside(str(path)) as file:
        file.write(content)


def _remove_unfinished(folder: Path) -> None:
    """Remove what killed processes have left; whoever writes here has the lock."""
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def _unwritable(error: OSError, folder: Path) -> UsageError:
    return unwritable(error, str(error.filename or folder), hint="choose another folder with --index")
