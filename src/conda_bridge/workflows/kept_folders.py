"""What builds keep in the cache for later ones, with its size and age, and how to be rid of what nobody needs.

    host/<key>/            the channel of a toolchain: an interpreter, its compilers, the form in which packages are made
    build/packages/        unpacked packages, linked into environments of builds
    packages-installed/    the same for `--install`
    build/work/<key>/      what builds of a channel that were killed left, until the next build for it

All of it is made again when it is needed. Files of indexes aren't looked at here.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from uuid import uuid4

from conda_bridge.distributors.host.store import FORMAT, Store, kept_stores
from conda_bridge.errors import EngineError
from conda_bridge.model.options import NETWORK_DEFAULTS, NetworkOptions
from conda_bridge.processes.cache_use import LOCKS, is_in_use, taken_alone, used_at_s
from conda_bridge.processes.removal import opened_folder, remove_tree
from conda_bridge.processes.unchecked_builds import remove_unbegun
from conda_bridge.processes.work_folders import INSTALLED, PACKAGES, remove_locks, tree_of
from conda_bridge.sources.cache import Cache

__all__ = ["UNUSED_DAYS", "KeptFolder", "clean_kept", "kept_folders"]

UNUSED_DAYS = 30
"""What wasn't used for so long is taken as of no use."""
_REMOVED = ".removed-"
_WORK = "work"
_DAY_S = 86_400

Kind = Literal["host channel", "unpacked packages", "unfinished work"]
State = Literal["kept", "older format", "unused", "leftover", "asked for", "in use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFolder:
    """A folder of the cache."""

    kind: Kind
    path: str
    detail: str = ""
    """Of a host channel which python it is for."""
    packages: int = 0
    """Of a host channel."""
    size_bytes: int
    idle_days: int
    """Whole days since it was last used."""
    state: State = "kept"
    """Why it is removed: made by an older version, unused, left over, or because all are to be; or that it can't be now.

    Left over is what killed builds left, and unpacked packages where a channel goes.
    """
    is_removed: bool = False


def kept_folders(network: NetworkOptions = NETWORK_DEFAULTS) -> Iterator[KeptFolder]:
    """Yield what is kept, and why it would be removed."""
    cache = Cache(network.cache_dir).folder
    return _kept(cache, unfinished="in use" if is_in_use(cache) else "leftover")


def clean_kept(
    network: NetworkOptions = NETWORK_DEFAULTS, *, is_all: bool = False, is_dry_run: bool = False
) -> tuple[KeptFolder, ...]:
    """Remove what is of an older format, unused or left over, or with `is_all` everything; return all that was there.

    Nothing is removed while anybody builds, and who wants to build meanwhile waits. `is_dry_run` removes nothing, and
    `is_removed` says what would be.
    """
    cache = Cache(network.cache_dir).folder
    if not cache.is_dir():
        return ()
    with nullcontext(not is_in_use(cache)) if is_dry_run else taken_alone(cache) as is_alone:
        found = tuple(_kept(cache, unfinished="leftover"))
        if not is_alone:
            return tuple(replace(one, state="in use") for one in found)
        is_channel_gone = any(one.kind == "host channel" and one.state != "kept" for one in found)
        chosen = [_chosen(one, is_all=is_all, is_channel_gone=is_channel_gone) for one in found]
        if is_dry_run:
            return tuple(replace(one, is_removed=one.state != "kept") for one in chosen)
        return _cleaned(chosen, cache)


def _kept(cache: Path, *, unfinished: State) -> Iterator[KeptFolder]:
    for store in kept_stores(str(cache)):
        yield _channel(store)
    tree = tree_of(str(cache))
    for folder in (tree / PACKAGES, cache / INSTALLED):
        # Of another user's cache nothing can be told.
        if os.path.lexists(folder):
            yield _folder("unpacked packages", folder, used_at_s(cache, folder.name))
    for folder in _unfinished(cache):
        yield replace(_folder("unfinished work", folder), state=unfinished)


def _unfinished(cache: Path) -> Iterator[Path]:
    """Yield those folders in which something is; a build may have put links among them, or in their place."""
    work = tree_of(str(cache)) / _WORK
    with suppress(OSError), _opened(work, cache) as number:
        for entry in sorted(os.scandir(number), key=lambda entry: entry.name):
            is_work = entry.is_dir(follow_symlinks=False) and not entry.name.startswith(_REMOVED)
            if is_work and _has_something(entry.name, number):
                yield work / entry.name


def _has_something(name: str, folder: int) -> bool:
    try:
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        return not isinstance(error, FileNotFoundError)
    try:
        return any(os.scandir(number))
    finally:
        os.close(number)


def _chosen(one: KeptFolder, *, is_all: bool, is_channel_gone: bool) -> KeptFolder:
    if one.state != "kept":
        return one
    if is_all:
        return replace(one, state="asked for")
    # Nobody knows which of them are of the channels that stay.
    is_stale = is_channel_gone and one.kind == "unpacked packages"
    return replace(one, state="leftover") if is_stale else one


def _channel(store: Store) -> KeptFolder:
    try:
        records = store.channel.records()
    except OSError:
        records = ()
    idle_days = _days_since(store.used_at_s())
    is_older = store.format() != FORMAT
    pythons = [record.version for record in records if record.conda_name == "python"]
    state: State = "older format" if is_older else "unused" if idle_days >= UNUSED_DAYS else "kept"
    return KeptFolder(
        kind="host channel",
        path=store.folder,
        detail=f"python {pythons[-1]}" if pythons else "",
        packages=len(records),
        size_bytes=_size_of(Path(store.folder)),
        idle_days=idle_days,
        state=state,
    )


def _folder(kind: Kind, folder: Path, used_at_s: float | None = None) -> KeptFolder:
    idle_days = _days_since(used_at_s or _changed_at_s(folder))
    return KeptFolder(
        kind=kind,
        path=str(folder),
        size_bytes=_size_of(folder),
        idle_days=idle_days,
        state="unused" if idle_days >= UNUSED_DAYS else "kept",
    )


def _changed_at_s(folder: Path) -> float:
    """Return when something was last put into a folder or into one in it."""
    changed_at_s = 0.0
    for place in (folder, *folder.glob("*/")):
        with suppress(OSError):
            changed_at_s = max(changed_at_s, place.stat().st_mtime)
    return changed_at_s


def _days_since(when_s: float) -> int:
    return max(0, int((time.time() - when_s) // _DAY_S))


def _size_of(folder: Path) -> int:
    """Return what a folder's files take, each once however many names it has."""
    sizes: dict[int, int] = {}
    # Not by `os.walk`, which calls itself for each folder: builds may nest them as deep as they like.
    pending = [str(folder)]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    status = entry.stat(follow_symlinks=False)
                    sizes[status.st_ino] = status.st_size
    return sum(sizes.values())


def _cleaned(chosen: Iterable[KeptFolder], cache: Path) -> tuple[KeptFolder, ...]:
    """Remove folders; at first nobody finds any of them again, so that whoever is killed has left none by halves."""
    moved = [_moved(one, cache) if one.state != "kept" else (one, "") for one in chosen]
    removed = tuple(
        replace(one, is_removed=bool(name) and _remove(Path(one.path).with_name(name), cache))
        for one, name in moved
    )
    _finish(cache)
    remove_locks(cache)
    remove_unbegun(str(cache / LOCKS))
    return removed


def _moved(one: KeptFolder, cache: Path) -> tuple[KeptFolder, str]:
    """Return what a folder is called now; empty: somebody makes packages in it, or it is another user's."""
    folder, name = Path(one.path), f"{_REMOVED}{uuid4().hex}"
    try:
        with ExitStack() as stack:
            if one.kind == "host channel":
                store = Store(str(cache), folder.name, lock_timeout_s=0)
                stack.enter_context(store.channel.lock())
                stack.enter_context(store.work())
            number = stack.enter_context(_opened(folder.parent, cache))
            os.rename(folder.name, name, src_dir_fd=number, dst_dir_fd=number)
    except EngineError as error:
        return replace(one, state="in use") if error.slug == "channel-locked" else one, ""
    except OSError:
        return one, ""
    return one, name


def _finish(cache: Path) -> None:
    """Remove what somebody who was killed wanted to remove."""
    tree = tree_of(str(cache))
    for folder in (cache, cache / "host", tree, tree / _WORK):
        with suppress(OSError), _opened(folder, cache) as number:
            for name in [entry.name for entry in os.scandir(number)]:
                if name.startswith(_REMOVED):
                    remove_tree(name, dir_fd=number)


def _remove(folder: Path, cache: Path) -> bool:
    with suppress(OSError), _opened(folder.parent, cache) as number:
        return remove_tree(folder.name, dir_fd=number)
    return False


def _opened(folder: Path, cache: Path) -> AbstractContextManager[int]:
    """Open a folder of the cache, in whose tree builds may have put links in the place of any."""
    tree = tree_of(str(cache))
    return opened_folder(folder, below=tree.parent if folder.is_relative_to(tree) else folder)
