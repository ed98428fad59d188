"""Unpacked packages that foreign code could write -> those that are no longer what their archives say, taken away.

Environments are hard links into the cache, so that what is written into a file of an environment stands in the cache,
and in every environment after it. Whatever a program does to a file, to make a link of it included, the kernel notes
the time of it, which nobody can set back: only packages that were touched are looked at.
"""

import fcntl
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from conda_bridge.archives.package_info import PACKAGE_SUFFIXES, read_info
from conda_bridge.archives.package_payload import payload_members
from conda_bridge.archives.unpacked import INSTALLED_BY, LOCK, PACKAGES, PATHS
from conda_bridge.archives.unpacked_notes import note_of
from conda_bridge.errors import BridgeError

__all__ = ["REMOVED", "archives_of", "changed_packages", "remove_unknown", "unpacked_folder"]

REMOVED = ".removed-"
"""What is taken from the packages is called so, for the caller to remove it: foreign code had a hand in it."""
_THREADS = 4
_PIECE_BYTES = 1 << 18
_LOCK_ATTEMPTS, _LOCK_PAUSE_S = 200, 0.05


def unpacked_folder(cache_dir: str) -> str:
    """Return where rattler unpacks packages."""
    return str(Path(cache_dir, PACKAGES))


@dataclass(slots=True, kw_only=True)
class _Entry:
    """An unpacked package, as it is."""

    folder: Path
    files: set[str] = field(default_factory=set)
    links: dict[str, bool] = field(default_factory=dict)
    """Whether each was made since."""
    is_touched: bool = False
    is_odd: bool = False
    """Whether it is a link or has what no package has."""


def changed_packages(
    folder: str, channels: Sequence[str], *, since_ns: int, notes: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Take away the packages of a cache that aren't what they should be, and return their names, sorted.

    Those that were touched since a time are compared with the archives of the same name in the channel folders
    `channels`, file by file; where these have none, with their own list of files, which must be what was noted.
    A package that is in use is waited for.

    Args:
        folder: Of the unpacked packages.
        channels: Folders of channels.
        since_ns: The time.
        notes: Name -> note (see `archives.unpacked_notes`) of packages that have no archive here.
    """
    noted = notes or {}
    names = sorted(each.name for each in _scanned(folder) if _is_doubtful(each, since_ns))
    found = [_entry(Path(folder, name), since_ns) for name in names]
    with ThreadPoolExecutor(_THREADS) as pool:
        is_sound = list(pool.map(lambda entry: _is_kept(entry, channels, since_ns, noted), found))
    return tuple(entry.folder.name for entry, is_kept in zip(found, is_sound, strict=True) if not is_kept)


def _scanned(folder: str) -> "list[os.DirEntry[str]]":
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        # Where it is just unpacking something, which nothing is installed from, a name begins with a point.
        return [each for each in found if not each.name.endswith(LOCK) and not each.name.startswith(".")]
    return []


def remove_unknown(folder: str, channels: Sequence[str], notes: Mapping[str, str]) -> None:
    """Take away the packages that neither have an archive nor were noted: a script may have written them; nobody may use them."""
    for each in _scanned(folder):
        if each.name not in notes and not archives_of(each.name, channels):
            _remove(Path(each.path))


def _is_kept(entry: _Entry, channels: Sequence[str], since_ns: int, notes: Mapping[str, str]) -> bool:
    if _is_sound(entry, channels, notes):
        return True
    with _locked(entry.folder):
        # Another process may have been unpacking it.
        if not os.path.lexists(entry.folder) or _is_sound(_entry(entry.folder, since_ns), channels, notes):
            return True
        _remove(entry.folder)
    return False


def _remove(folder: Path) -> None:
    """Have nobody find it any more; what is in it may take long to be removed."""
    with suppress(OSError):
        folder.rename(folder.with_name(f"{REMOVED}{uuid4().hex}"))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        number = os.open(f"{folder}{LOCK}", os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield
        return
    try:
        # What is held for ever isn't in use, but kept from us.
        for _ in range(_LOCK_ATTEMPTS):
            with suppress(BlockingIOError):
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(_LOCK_PAUSE_S)
        yield
    finally:
        os.close(number)


# ---------------------------------------------------------------- what is there


def _is_doubtful(entry: "os.DirEntry[str]", since_ns: int) -> bool:
    try:
        return _is_touched(entry, since_ns)
    except OSError:
        # It was taken away meanwhile, or can't be looked into, which is looked at.
        return True


def _is_touched(entry: "os.DirEntry[str]", since_ns: int, above: int | None = None) -> bool:
    """Tell whether an entry, or anything in it, was touched; `above` is its open folder.

    Most haven't been, and there are thousands of files: by numbers of folders they are found sooner than by paths.
    """
    if entry.stat(follow_symlinks=False).st_ctime_ns >= since_ns:
        return True
    if not entry.is_dir(follow_symlinks=False):
        return False
    place = entry.path if above is None else entry.name
    number = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        with os.scandir(number) as found:
            for each in found:
                if _is_touched(each, since_ns, number):
                    return True
    finally:
        os.close(number)
    return False


def _entry(folder: Path, since_ns: int) -> _Entry:
    entry = _Entry(folder=folder)
    try:
        status = folder.lstat()
        entry.is_touched = status.st_ctime_ns >= since_ns
        if stat.S_ISDIR(status.st_mode):
            _look(folder, "", entry, since_ns)
        else:
            entry.is_odd = True
    except (OSError, RecursionError):
        # Deeper than a path can lead, or closed, which no package is; or somebody takes it away.
        entry.is_odd = entry.is_touched = True
    return entry


def _look(folder: Path, prefix: str, entry: _Entry, since_ns: int) -> None:
    with os.scandir(folder) as found:
        for each in found:
            status = each.stat(follow_symlinks=False)
            is_recent = status.st_ctime_ns >= since_ns
            entry.is_touched |= is_recent
            path = f"{prefix}{each.name}"
            if stat.S_ISDIR(status.st_mode):
                _look(Path(each.path), f"{path}/", entry, since_ns)
            elif stat.S_ISREG(status.st_mode):
                entry.files.add(path)
            elif stat.S_ISLNK(status.st_mode):
                entry.links[path] = is_recent
            else:
                entry.is_odd = True


# ---------------------------------------------------------------- what should be there


def _is_sound(entry: _Entry, channels: Sequence[str], notes: Mapping[str, str]) -> bool:
    if entry.is_odd:
        return False
    archives = archives_of(entry.folder.name, channels)
    try:
        if archives:
            return any(_equals(entry, archive) for archive in archives)
        return _is_as_noted(entry, notes) and _has_its_files(entry)
    except (OSError, BridgeError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False  # damaged in a way that its list of files, or what the list names, can't be read


def archives_of(name: str, channels: Sequence[str]) -> list[Path]:
    """Return the archives of a package in channel folders."""
    return [
        archive
        for channel in channels
        for subdir in _subdirs(channel)
        for suffix in PACKAGE_SUFFIXES
        if (archive := Path(channel, subdir, f"{name}{suffix}")).is_file()
    ]


def _is_as_noted(entry: _Entry, notes: Mapping[str, str]) -> bool:
    noted = notes.get(entry.folder.name)
    return noted is None or note_of(entry.folder) == noted


def _subdirs(channel: str) -> list[str]:
    with suppress(OSError):
        return [each.name for each in os.scandir(channel) if each.is_dir() and not each.name.startswith(".")]
    return []


def _equals(entry: _Entry, archive: Path) -> bool:
    texts = read_info(str(archive), INSTALLED_BY)
    for name in INSTALLED_BY:
        if texts.get(name) != (_text(entry, name) if name in entry.files else None):
            return False
    if any(entry.links.values()) and entry.links.keys() != _recent_links(entry, archive):
        return False
    return _has_files(entry, texts[PATHS])


def _recent_links(entry: _Entry, archive: Path) -> set[str]:
    """Return the links that lead where the archive has them lead."""
    return {
        member.path
        for member in payload_members(str(archive))
        if member.kind == "symlink"
        and member.path in entry.links
        and str((entry.folder / member.path).readlink()) == member.link
    }


def _has_its_files(entry: _Entry) -> bool:
    return PATHS in entry.files and _has_files(entry, _text(entry, PATHS))


def _has_files(entry: _Entry, listed: bytes) -> bool:
    links: set[str] = set()
    for row in json.loads(listed)["paths"]:
        path = row["_path"]
        if row.get("path_type") == "softlink":
            links.add(path)
        elif row.get("path_type") != "directory" and (
            path not in entry.files or _sha256(f"{entry.folder}/{path}") != row["sha256"]
        ):
            return False
    # A folder that is a link would have its files elsewhere.
    return entry.links.keys() <= links


def _sha256(path: str) -> str:
    # Less than two thirds of the time of `hashlib.file_digest`, whose buffer is larger than most of these files.
    digest = hashlib.sha256()
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        while piece := os.read(number, _PIECE_BYTES):
            digest.update(piece)
    finally:
        os.close(number)
    return digest.hexdigest()


def _text(entry: _Entry, name: str) -> bytes:
    return (entry.folder / name).read_bytes()
