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

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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

from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import RepackError, UsageError
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import is_valid_pypi_name
from conda_bridge.workflows.index_pages import (
    is_linked,
    is_own_page,
    project_html,
    project_json,
    read_root,
    root_html,
    root_json,
    version_of_file,
)
from conda_bridge.workflows.indexed_files import (
    files_of,
    metadata_of,
    metadata_path,
    remove_orphans,
    sha256_of,
    text_of,
    write_changed,
)
from conda_bridge.workflows.writing import unwritable

__all__ = ["IndexedWheel", "WheelIndex"]

_HTML = "index.html"
_JSON = "index.json"
_LOCK = ".conda-bridge.lock"
_CHANGING = ".conda-bridge.changing"
"""Has the name of the project that is being changed."""
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
        except FileNotFoundError as error:
            if self._folder.is_symlink():
                raise _unwritable(error, self._folder) from error
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
                there = {path.name for path in self._folder.iterdir()}
                if not there.issuperset(read_root(text_of(self._folder / _JSON))):
                    # Somebody has removed a project.
                    self._write_root(self._projects())
                try:
                    yield
                except OSError:
                    with suppress(OSError):  # A disk that is full may have room for what there was before.
                        self._finish_change()
                    raise
        except Timeout as error:
            message = f"another process has been writing to it for {self._timeout_s:.0f} s"
            raise RepackError("index-locked", message, where=str(self._folder)) from error

    def _added(self, wheel: Path) -> IndexedWheel:
        project = _identity(wheel.name)[0]
        target = self._folder / project / wheel.name
        is_new = self._is_new(wheel, target)
        if is_new:
            metadata = metadata_of(wheel)
            write_changed(self._folder / _CHANGING, project.encode())
            target.parent.mkdir(exist_ok=True)
            _remove_unfinished(target.parent)
            write_changed(metadata_path(target), metadata)
            with wheel.open("rb") as source, written_aside(str(target)) as copy:
                shutil.copyfileobj(source, copy)
        noticed = self._write_project(project)
        return IndexedWheel(path=str(target), is_new=is_new, diagnostics=noticed)

    def _finish_change(self) -> None:
        """Finish what a process has begun that was killed."""
        begun = self._folder / _CHANGING
        project = text_of(begun)
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
        """Write the pages of a project that aren't as they should be, and name it on those of the root.

        A project without files has no pages: an index that knows nothing of it lets another one speak.
        """
        folder = self._folder / project
        files, noticed = files_of(folder, folder / _JSON)
        remove_orphans(folder)
        if not files:
            self._remove_project(folder)
            return noticed
        pages = {_HTML: project_html(project, files), _JSON: project_json(project, files)}
        stale = [name for name, text in pages.items() if text_of(folder / name) != text]
        if stale:
            write_changed(self._folder / _CHANGING, project.encode())
            for name in stale:
                write_changed(folder / name, pages[name].encode())
        root = (text_of(self._folder / _HTML), text_of(self._folder / _JSON))
        if not (is_linked(root[0], project) and project in read_root(root[1])):
            self._write_root(self._projects())
        (self._folder / _CHANGING).unlink(missing_ok=True)
        return noticed

    def _remove_project(self, folder: Path) -> None:
        """Remove what we have written of a project, its name on the root first, which links nothing that isn't there."""
        write_changed(self._folder / _CHANGING, folder.name.encode())
        self._write_root(self._projects() - {folder.name})
        for name in (_HTML, _JSON):
            (folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # What somebody has put there stays.
            folder.rmdir()
        (self._folder / _CHANGING).unlink(missing_ok=True)

    def _projects(self) -> set[str]:
        """Return those that have a page; one of HTML alone is a project's if the root says so."""
        found = {path.parent.name for path in self._folder.glob(f"*/{_JSON}")}
        named = set(read_root(text_of(self._folder / _JSON)))
        return found | {name for name in named - found if (self._folder / name / _HTML).is_file()}

    def _write_root(self, names: Collection[str]) -> None:
        write_changed(self._folder / _HTML, root_html(names).encode())
        write_changed(self._folder / _JSON, root_json(names).encode())

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
            there, here = sha256_of(path), sha256_of(wheel)
            if there != here:
                message = f"the index has {path.name} with other content: sha256 {there}, not {here}"
                raise RepackError("wheel-in-index", message, where=str(path))
        return target not in same


# ---------------------------------------------------------------- the files of a project


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


# ---------------------------------------------------------------- reading and writing


def _is_own(page: Path) -> bool:
    return is_own_page(text_of(page))


def _is_ours(folder: Path) -> bool:
    """Tell whether a project's folder is there or can be made without the loss of somebody's page."""
    page = folder / _HTML
    return not page.exists() or _is_own(page)


def _remove_unfinished(folder: Path) -> None:
    """Remove what killed processes have left; whoever writes here has the lock."""
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def _unwritable(error: OSError, folder: Path) -> UsageError:
    return unwritable(error, str(error.filename or folder), hint="choose another folder with --index")
