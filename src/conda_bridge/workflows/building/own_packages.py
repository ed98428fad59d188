"""Where packages come over the network, each child unpacks them in a folder of its own; what is sound goes to the shared one.

No list tells afterwards what such a package was, and where others could write meanwhile, its own list tells nothing. So a child
finds links to shared packages that are what was noted of them, and unpacks the rest where no other build can write.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from conda_bridge.archives.package_cache import REMOVED, changed_packages
from conda_bridge.archives.unpacked import LOCK, PACKAGES
from conda_bridge.archives.unpacked_notes import note_of
from conda_bridge.processes.removal import opened_folder, remove_tree

__all__ = ["OwnPackages"]

_MOST_LOCK_BYTES = 4096
"""It has a number and a digest."""
_LOCK_AS = os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPackages:
    """The cache of one child."""

    folder: Path
    below: Path
    """From there on no link may lead to it."""
    shared: Path
    """Where unpacked packages are shared."""

    def lay_out(self, notes: Mapping[str, str]) -> None:
        """Make it of links to what is shared and as it was noted; an earlier one's contents go.

        The folder stays the one that it is, if there is one: a child that waits may have been shown it.

        Raises:
            OSError: it can't be written, or is a link.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with opened_folder(self.folder, below=self.below) as number:
            for name in _names(number):
                remove_tree(name, dir_fd=number)
            os.mkdir(PACKAGES, dir_fd=number)
        with opened_folder(self.folder / PACKAGES, below=self.below) as number:
            for name, note in notes.items():
                entry = self.shared / name
                if entry.is_dir() and not entry.is_symlink() and note_of(entry) == note:
                    # A copy: what the child notes in it is of what it puts in the link's place.
                    _write(f"{name}{LOCK}", _read(f"{entry}{LOCK}"), number)
                    os.symlink(entry, name, dir_fd=number)

    def changed(self, notes: Mapping[str, str], channels: tuple[str, ...]) -> tuple[str, ...]:
        """Take away what is no longer as it was unpacked, and return the names.

        `notes` are the child's, of what came before its scripts ran; `channels` are folders with archives.
        """
        pkgs = self.folder / PACKAGES
        try:
            with opened_folder(pkgs, below=self.below) as number:
                _remove_links(number)
        except OSError:
            return ()
        return changed_packages(str(pkgs), channels, since_ns=0, notes=notes)

    def shared_of(self, names: Iterable[str], *, is_alone: bool) -> Iterator[str]:
        """Move packages to the shared ones, and yield the names of those that could be; nobody else may be using theirs."""
        pkgs = self.folder / PACKAGES
        with suppress(OSError), opened_folder(pkgs, below=self.below) as number:
            for name in sorted({*names} & {*_names(number)}):
                if _is_moved(pkgs / name, self.shared / name, is_alone=is_alone):
                    yield name


def _names(number: int) -> list[str]:
    with os.scandir(number) as found:
        return [entry.name for entry in found]


def _remove_links(number: int) -> None:
    for name in _names(number):
        with suppress(OSError):
            os.readlink(name, dir_fd=number)
            os.unlink(name, dir_fd=number)


def _is_moved(entry: Path, target: Path, *, is_alone: bool) -> bool:
    """Move a package unless somebody uses the one that is there; return whether it could be."""
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(f"{target}{LOCK}", os.O_RDWR | os.O_CREAT | _LOCK_AS, 0o644)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.lexists(target):
                if not is_alone:
                    return False
                target.rename(target.with_name(f"{REMOVED}{uuid4().hex}"))
            os.ftruncate(number, 0)
            os.pwrite(number, _read(f"{entry}{LOCK}"), 0)
            entry.rename(target)
        finally:
            os.close(number)
        return True
    return False


def _read(path: str) -> bytes:
    with suppress(OSError):
        number = os.open(path, os.O_RDONLY | _LOCK_AS)
        try:
            return os.read(number, _MOST_LOCK_BYTES)
        finally:
            os.close(number)
    return b""


def _write(name: str, data: bytes, folder: int) -> None:
    number = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder)
    try:
        os.write(number, data)
    finally:
        os.close(number)
