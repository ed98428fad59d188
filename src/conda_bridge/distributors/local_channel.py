"""A channel in a folder of this machine: read, published into and mended, whatever was killed in between.

    noarch/ linux-64/ ...   packages, `repodata.json`, `repodata.json.zst`, `repodata_shards.msgpack.zst`, shards/
    builds/                 logs, manifests and recipes of builds; not looked at here
    .work/<name>/           what somebody builds in, lent by `work`
    .work/.publish-*/       the next version of subdirs, and afterwards the last one
    .work/.locks/           one file a lock; they stay

To publish is to prepare the next version of each subdir aside (hard links to the packages that are there, the new ones,
new repodata) and to let it trade places with the present one. A journal that is renamed into its place says
that the next version is complete: who is killed before it has published nothing, who is killed after it has
published all, which the next one to open the channel brings to its end. So a reader finds a package whole and indexed or not
at all. Where several subdirs change, each in its own step, one who reads in between may see one of them ahead.
Where the system can't let folders trade places (no Linux or macOS, some network filesystems), a subdir is missing
for a moment between two renames.

Nothing here survives a power cut by design; what doesn't is found at the next opening by its size.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from conda_bridge.distributors.channel_places import check_place
from conda_bridge.distributors.channel_versions import NextVersion, commit, finish, package_files, prepare
from conda_bridge.distributors.exchange import Exchange, exchange
from conda_bridge.distributors.package_copies import digests_of, now_ms, taken
from conda_bridge.distributors.private_packages import refuse_private
from conda_bridge.distributors.rebuilds import is_rebuild
from conda_bridge.distributors.repodata import (
    REPODATA,
    IndexedPackage,
    index_package,
    is_complete,
    is_subdir,
    read_repodata,
)
from conda_bridge.errors import BridgeError, EngineError, RepackError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.codes import finding
from conda_bridge.model.events import Noticed
from conda_bridge.processes.removal import remove_tree
from conda_bridge.protocols import Reporter, SilentReporter

__all__ = ["LocalChannel"]

_WORK = ".work"
_LOCKS = ".locks"
_STAGING = ".publish-"
_STAGED = re.compile(rf"{re.escape(_STAGING)}[0-9a-f]{{32}}")
_CHANNEL_LOCK = ".channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The packages of a subdir, by file name."""

    packages: dict[str, IndexedPackage]
    unreadable: dict[str, str]
    """What is wrong with a file that is no package."""
    is_current: bool
    """Whether its repodata say the same."""


@dataclass(slots=True, kw_only=True)
class _Change:
    """What a subdir has, and what comes into it."""

    packages: dict[str, IndexedPackage]
    unreadable: dict[str, str]
    is_due: bool
    """Whether it has to be written anew."""
    arrivals: dict[str, Path] = field(default_factory=dict)


class LocalChannel:
    """A channel folder. Safe to share between threads and processes; reading waits for nobody."""

    def __init__(
        self,
        folder: str,
        *,
        reporter: Reporter | None = None,
        lock_timeout_s: float = 600.0,
        exchange: Exchange = exchange,
        holds_private: bool = False,
    ) -> None:
        """Use `folder`, which `open` and `publish` make; what is noticed of its packages goes to `reporter`.

        Only a channel that `holds_private` takes packages that are marked as of use on this machine alone.
        """
        self._holds_private = holds_private
        self._exchange = exchange
        # What `..` leads to, behind a link only the file system knows.
        self._folder = Path(folder).resolve() if ".." in Path(folder).parts else Path(folder).absolute()
        self._reporter = reporter or SilentReporter()
        self._timeout_s = lock_timeout_s
        self._channel_lock = self._lock_of(_CHANNEL_LOCK)

    @property
    def folder(self) -> str:
        """Where it is, absolute."""
        return str(self._folder)

    @property
    def url(self) -> str:
        """Its address for engines: `file:///...`."""
        return self._folder.as_uri()

    # ------------------------------------------------------------ reading

    def records(self) -> tuple[PackageRecord, ...]:
        """Return what the channel has, by subdir and file name; a package that repodata lack says it itself.

        Cost: one file a subdir; packages are opened only where repodata are missing or older than they.
        """
        listings = {subdir: self._listing(subdir) for subdir in self._subdirs()}
        self._tell_unreadable(listings)
        return tuple(
            package.record for one in listings.values() for _, package in sorted(one.packages.items())
        )

    def check_place(self) -> None:
        """Refuse a folder that is something else.

        Raises:
            UsageError: `no-channel-folder`, `not-writable` where there is a file.
        """
        check_place(self._folder)

    def _subdirs(self) -> list[str]:
        try:
            entries = [entry for entry in os.scandir(self._folder) if is_subdir(entry.name)]
        except FileNotFoundError:
            return []
        return sorted(entry.name for entry in entries if entry.is_dir())

    def _listing(self, subdir: str) -> _Listing:
        folder = self._folder / subdir
        written_ns, known = 0, dict[str, IndexedPackage]()
        with suppress(FileNotFoundError):
            written_ns = (folder / REPODATA).stat().st_mtime_ns
            known = read_repodata((folder / REPODATA).read_bytes())
        packages: dict[str, IndexedPackage] = {}
        unreadable: dict[str, str] = {}
        is_current = is_complete(str(folder))
        for name, status in package_files(folder):
            entry = known.get(name)
            is_newer = status.st_mtime_ns > written_ns
            if entry is None or entry.record.size_bytes != status.st_size or is_newer:
                is_current = False
                try:
                    entry = _read_again(folder / name, entry)
                except BridgeError as error:
                    unreadable[name] = error.message
                    continue
            packages[name] = entry
        is_current = is_current and packages.keys() == known.keys()
        return _Listing(packages=packages, unreadable=unreadable, is_current=is_current)

    def _tell_unreadable(self, listings: "Mapping[str, _Listing | _Change]") -> None:
        for subdir, listing in listings.items():
            for name, reason in listing.unreadable.items():
                message = f"{name} isn't indexed: {reason}"
                self._notice("unreadable-package", message, self._folder / subdir / name)

    # ------------------------------------------------------------ writing

    def open(self) -> None:
        """Make the channel what it should be: with a `noarch`, indexed, and without leftovers of dead processes.

        Raises:
            EngineError: `channel-locked`, `channel-unwritable`, `unsafe-channel`.
        """
        with self._writing(), self._staging() as staging:
            self._remove_dead_work()
            changes = {subdir: self._change(subdir) for subdir in {*self._subdirs(), "noarch"}}
            self._tell_unreadable(changes)
            # A folder without packages may be anything.
            self._replace(
                {name: change for name, change in changes.items() if change.packages or name == "noarch"},
                staging,
            )

    def publish(self, paths: Sequence[str], *, replaces: bool = True) -> tuple[PackageRecord, ...]:
        """Add packages, all of them or none, and return their records in the same order.

        The files are copied. One that is there already is passed over; one with the name of another and other
        content replaces it, which is noticed unless it is the same that was built again, or is refused.

        Raises:
            RepackError: `invalid-package`; `package-in-channel` for one that would replace another, unless it `replaces`.
            EngineError: `channel-locked`, `channel-unwritable`, `unsafe-channel`, `private-package`.
            SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
        """
        with self._writing(), self._staging() as staging:
            if not self._holds_private:
                refuse_private(paths)
            changes = {} if (self._folder / "noarch").exists() else {"noarch": self._change("noarch")}
            records = [
                self._add(*taken(Path(path), staging / str(number)), changes, replaces=replaces)
                for number, path in enumerate(paths)
            ]
            self._tell_unreadable(changes)
            self._replace(changes, staging)
        return tuple(records)

    def _add(
        self, path: Path, package: IndexedPackage, changes: dict[str, _Change], *, replaces: bool
    ) -> PackageRecord:
        subdir = package.record.subdir
        change = changes.get(subdir) or changes.setdefault(subdir, self._change(subdir))
        there = change.packages.get(package.filename)
        if there is not None and there.record.sha256 == package.record.sha256:
            return there.record
        published = self._folder / subdir / package.filename
        if there is not None and not replaces:
            message = (
                f"{subdir}/{package.filename} is there with other content (sha256 {there.record.sha256})"
            )
            raise RepackError("package-in-channel", message, where=str(published))
        if there is not None and not is_rebuild(str(published), str(path), fields=(there, package)):
            message = f"{subdir}/{package.filename} was there with other content, and is replaced"
            self._notice("package-replaced", message, published)
        if reason := change.unreadable.pop(package.filename, ""):
            message = f"{subdir}/{package.filename} was there damaged ({reason}), and is replaced"
            self._notice("package-replaced", message, published)
        change.packages[package.filename] = package
        change.arrivals[package.filename] = path
        change.is_due = True
        return package.record

    def _change(self, subdir: str) -> _Change:
        self._refuse_link(self._folder / subdir)
        listing = self._listing(subdir)
        is_due = not listing.is_current
        return _Change(packages=listing.packages, unreadable=listing.unreadable, is_due=is_due)

    def _replace(self, changes: Mapping[str, _Change], staging: Path) -> None:
        due = {subdir: change for subdir, change in changes.items() if change.is_due}
        for subdir, change in due.items():
            version = NextVersion(
                subdir=subdir, packages=tuple(change.packages.values()), arrivals=change.arrivals
            )
            prepare(self._folder, staging, version)
        if due:
            commit(self._folder, staging, self._exchange)

    # ------------------------------------------------------------ one at a time

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other threads and processes from writing; a thread that has it may take it again.

        Raises:
            EngineError: `channel-unwritable`, `channel-locked` where another has had it for too long.
        """
        self._make_work()
        try:
            self._channel_lock.acquire(timeout=self._timeout_s)
        except Timeout as error:
            message = f"another process has been writing to it for more than {self._timeout_s:.0f} s"
            raise EngineError("channel-locked", message, where=self.folder) from error
        try:
            yield
        finally:
            self._channel_lock.release()

    @contextmanager
    def work(self, name: str) -> Iterator[str]:
        """Lend the empty folder `.work/<name>` to one thread at a time, and remove it afterwards.

        The path is always the same, so that what is built in it is; who wants it too waits. Of a process that died
        `open` removes it.

        Raises:
            EngineError: `channel-unwritable`, `channel-locked` where another has had it for too long.
        """
        self._make_work()
        folder = self._work / name
        assert folder.parent == self._work, "a conda name is a file name"
        assert not name.startswith("."), "a conda name begins with no dot"
        # In this order: whoever makes the folder has made the lock before.
        if (folder.is_symlink() or folder.exists()) and not self._is_ours(name):
            message = "it was not made here, and would be removed after the work"
            raise EngineError("channel-unwritable", message, where=str(folder))
        try:
            lock = self._lock_of(name).acquire(timeout=self._timeout_s)
        except Timeout as error:
            message = f"another process has been working on {name!r} for more than {self._timeout_s:.0f} s"
            raise EngineError("channel-locked", message, where=str(folder)) from error
        with lock:
            remove_tree(folder)
            self._make(folder)
            try:
                yield str(folder)
            finally:
                remove_tree(folder)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep others from writing, and finish what dead ones have begun."""
        try:
            with self.lock():
                for entry in list(os.scandir(self._work)):
                    # Only who holds the lock has a staging folder, so these are of the dead.
                    if _STAGED.fullmatch(entry.name) and _is_own_folder(entry):
                        finish(self._folder, Path(entry.path), self._exchange)
                yield
        except OSError as error:
            message = f"it can't be written to: {error.strerror or error}"
            raise EngineError("channel-unwritable", message, where=self.folder) from error

    @contextmanager
    def _staging(self) -> Iterator[Path]:
        staging = self._work / f"{_STAGING}{uuid4().hex}"
        staging.mkdir()
        try:
            yield staging
        except BaseException:
            # What is committed is put into place even now; the rest is thrown away.
            finish(self._folder, staging, self._exchange)
            raise
        remove_tree(staging)

    def _remove_dead_work(self) -> None:
        for entry in list(os.scandir(self._work)):
            if entry.name.startswith(".") or not self._is_ours(entry.name):
                continue
            with suppress(Timeout), self._lock_of(entry.name).acquire(timeout=0):
                remove_tree(entry.path)

    def _is_ours(self, name: str) -> bool:
        """Return whether a folder of this name was made here: users may have a `.work` of their own in any folder."""
        return (self._work / _LOCKS / f"{name}.lock").is_file()

    def _make_work(self) -> None:
        for folder in (self._work, self._work / _LOCKS):
            self._refuse_link(folder)
            self._make(folder, is_shared=True)

    def _refuse_link(self, folder: Path) -> None:
        if folder.is_symlink():
            raise EngineError("unsafe-channel", f"{folder.name} is a symbolic link", where=str(folder))

    def _make(self, folder: Path, *, is_shared: bool = False) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=is_shared)
        except OSError as error:
            message = f"it can't be written to: {error.strerror}"
            raise EngineError("channel-unwritable", message, where=self.folder) from error

    @property
    def _work(self) -> Path:
        return self._folder / _WORK

    def _lock_of(self, name: str) -> FileLock:
        return FileLock(self._work / _LOCKS / f"{name}.lock")

    def _notice(self, slug: str, message: str, path: Path) -> None:
        diagnostic = finding(slug, message, origin=str(path))
        self._reporter.report(Noticed(subject=self.folder, diagnostic=diagnostic))


def _read_again(path: Path, entry: IndexedPackage | None) -> IndexedPackage:
    found = digests_of(path)
    if entry is not None and entry.record.sha256 == found.sha256:
        # When it came stays, and what the channel says in place of the package's own metadata.
        return entry
    return index_package(str(path), found, indexed_at_ms=now_ms())


def _is_own_folder(entry: "os.DirEntry[str]") -> bool:
    """Tell whether it is a real folder of this user's: nobody else may have us move or remove anything."""
    status = entry.stat(follow_symlinks=False)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
