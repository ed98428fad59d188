"""The next version of a channel's subdirs: prepared in a folder aside, then put into place all or none.

    <staging>/next/<subdir>/    hard links to what is there, the new packages, new repodata
    <staging>/journal.json      that all of them are complete; it is renamed to this name
    <staging>/last/<subdir>/    what was replaced, where folders can't trade places

`finish` brings a staging folder to its end, whoever began it: with a journal by putting the rest into place, without
one by throwing all away.
"""

import json
import os
import shutil
import stat
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from conda_bridge.archives.package_info import package_stem
from conda_bridge.distributors.exchange import Exchange
from conda_bridge.distributors.repodata import (
    SHARDS,
    IndexedPackage,
    is_derived,
    is_spent_shard,
    is_subdir,
    write_repodata,
)

__all__ = ["NextVersion", "commit", "finish", "package_files", "prepare"]

_NEXT = "next"
_LAST = "last"
_JOURNAL = "journal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVersion:
    """What a subdir is to be."""

    subdir: str
    packages: tuple[IndexedPackage, ...]
    """All that are to be indexed."""
    arrivals: Mapping[str, Path] = field(default_factory=dict)
    """By file name, the packages that aren't in the channel yet or replace others; they are moved."""


def prepare(channel: Path, staging: Path, version: NextVersion) -> None:
    """Make the folder of the next version; the channel stays as it is.

    What else lies in the subdir stays in it, but for what says which packages there are.
    """
    place = channel / version.subdir
    target = staging / _NEXT / version.subdir
    target.mkdir(parents=True)
    if place.exists():
        target.chmod(place.stat().st_mode & 0o7777)
        _carry(place, target, left_out=version.arrivals)
    for filename, path in version.arrivals.items():
        path.rename(target / filename)
    write_repodata(str(target), version.packages, subdir=version.subdir)


def _carry(place: Path, target: Path, *, left_out: Iterable[str]) -> None:
    skipped = set(left_out)
    for entry in os.scandir(place):
        if entry.name == SHARDS and entry.is_dir():
            _carry_shards(Path(entry.path), target / SHARDS)
        elif entry.name in skipped or is_derived(entry.name):
            continue
        elif entry.is_dir(follow_symlinks=False):
            shutil.copytree(entry.path, target / entry.name, symlinks=True, copy_function=_link)
        else:
            _link(entry.path, str(target / entry.name))


def _carry_shards(shards: Path, target: Path) -> None:
    target.mkdir()
    now_s = time.time()
    for entry in os.scandir(shards):
        if not is_spent_shard(entry.path, now_s=now_s):
            _link(entry.path, str(target / entry.name))


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # A filesystem without hard links, or a file of somebody else's: the kernel may refuse to link these.
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def commit(channel: Path, staging: Path, exchange: Exchange) -> None:
    """Put all that was prepared into place."""
    # A folder's inode tells later whether it is still the next version: afterwards the last one has its place.
    steps = {entry.name: entry.stat().st_ino for entry in os.scandir(staging / _NEXT)}
    unfinished = staging / f"{_JOURNAL}.new"
    unfinished.write_text(json.dumps(steps), encoding="ascii")
    unfinished.rename(staging / _JOURNAL)
    finish(channel, staging, exchange)


def finish(channel: Path, staging: Path, exchange: Exchange) -> None:
    """Bring what was begun in a staging folder to its end, and remove it."""
    journal = staging / _JOURNAL
    steps = _steps(journal)
    if steps:
        # noarch first: where packages of a platform come with what they need, that is mostly there.
        for subdir in sorted(steps, key=lambda subdir: (subdir != "noarch", subdir)):
            prepared = staging / _NEXT / subdir
            if prepared.exists() and prepared.stat().st_ino == steps[subdir]:
                _put(channel / subdir, staging, exchange)
        journal.unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _steps(journal: Path) -> dict[str, int]:
    """Return what a journal says; nothing where there is none, or where it is none that we wrote."""
    try:
        number = os.open(journal, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return {}
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return {}
        steps: dict[str, int] = json.loads(file.read())
    return steps if all(map(is_subdir, steps)) else {}


def _put(place: Path, staging: Path, exchange: Exchange) -> None:
    prepared = staging / _NEXT / place.name
    if place.is_symlink():
        return
    if not place.exists():
        prepared.rename(place)
    elif not exchange(str(prepared), str(place)):
        last = staging / _LAST / place.name
        last.parent.mkdir(exist_ok=True)
        place.rename(last)
        prepared.rename(place)


def package_files(folder: Path) -> list[tuple[str, os.stat_result]]:
    """Return (name, status) of the packages in a subdir, all of one version of it."""
    # One who publishes meanwhile removes the folder that is being listed: then the next version is listed.
    while (version := _version(folder)) is not None:
        with suppress(FileNotFoundError):
            entries = [entry for entry in os.scandir(folder) if package_stem(entry.name)]
            found = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
            if _version(folder) == version:
                return found
    return []


def _version(folder: Path) -> tuple[int, int] | None:
    """Return what tells the versions of a subdir apart; None where there is none."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
