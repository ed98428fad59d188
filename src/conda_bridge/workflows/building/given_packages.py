"""The packages that a build was given are the same afterwards; those that aren't leave the cache."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from filelock import FileLock

from conda_bridge.archives.package_cache import (
    REMOVED,
    archives_of,
    changed_packages,
    remove_unknown,
    unpacked_folder,
)
from conda_bridge.archives.paths import shown
from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.model.build import BuildOutcome, EngineSetting, TestOutcome
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.processes.cache_use import LOCKS
from conda_bridge.processes.removal import remove_tree
from conda_bridge.processes.unchecked_builds import UncheckedBuild, left_unchecked
from conda_bridge.workflows.building.own_packages import OwnPackages

__all__ = ["GivenPackages"]

_SLACK_NS = 100_000_000
"""The kernel's clock for files is a few milliseconds behind, and that of a server more."""
_MOST_NAMES = 5


class GivenPackages:
    """What is in the cache of unpacked packages when a build begins."""

    def __init__(self, setting: EngineSetting) -> None:
        """Begin now; `setting` has the cache and the channels. `done` ends it.

        Raises:
            EngineError: `work-unwritable`.
        """
        self._folder = unpacked_folder(setting.cache_dir)
        self._channels = tuple(
            unquote(urlsplit(url).path) for url in setting.channels if url.startswith("file://")
        )
        # Beside the tree, where no build can write.
        self._below = Path(setting.tree or setting.cache_dir).parent
        self._locks_dir = str(self._below / LOCKS)
        self._build = UncheckedBuild.begun(self._locks_dir, time.time_ns() - _SLACK_NS)
        self._is_checked = False
        self._noted = Path(self._locks_dir, "unpacked.json")
        self._notes = self._read()
        self._is_remote = setting.needs_network
        self._own_changed: tuple[str, ...] = ()

    def before(self) -> Iterator[Diagnostic]:
        """Look at what builds did that were killed, and yield what is to be said of it."""
        if self._is_remote and self._build.is_alone():
            remove_unknown(self._folder, self._channels, self._notes)
        left = left_unchecked(self._locks_dir)
        if not left:
            return
        if self._build.is_alone():
            self._tidy(".*")
        changed = self._compared(self._channels, min(when for _, when in left))
        for path, _ in left:
            path.unlink(missing_ok=True)
        if changed:
            yield finding("damaged-packages", f"{_named(changed)}: removed from the cache, fetched again")

    def lent(self, setting: EngineSetting, folder: Path) -> EngineSetting:
        """Return the setting for one child, which unpacks what comes over the network in a folder of its own, if anything."""
        return (
            replace(setting, cache_dir=str(folder), shared_dir=setting.cache_dir)
            if self._is_remote
            else setting
        )

    def ready(self, setting: EngineSetting) -> None:
        """Have in the folder that was lent what is shared, just before the child is asked.

        Raises:
            EngineError: `work-unwritable`.
        """
        if not setting.shared_dir:
            return
        try:
            self._own(setting).lay_out(self._notes)
        except OSError as error:
            message = f"it can't be written to: {error.strerror}"
            raise EngineError("work-unwritable", message, where=setting.cache_dir) from error

    def came(self, setting: EngineSetting, outcome: BuildOutcome | TestOutcome, *channels: str) -> None:
        """Share what the child unpacked before any of its scripts ran; `channels` are folders of which nothing is shared."""
        if not setting.shared_dir:
            return
        own, here = self._own(setting), (*channels, *self._channels)
        came = dict(outcome.unpacked)
        self._own_changed += own.changed(came, here)
        isolation = outcome.isolation
        # Where no files are hidden scripts can write anything anywhere, the notes included.
        if not isolation.are_other_builds_hidden and isolation.are_files_hidden:
            return
        wanted = [name for name in came if not archives_of(name, here)]
        shared = {name: came[name] for name in own.shared_of(wanted, is_alone=self._build.is_alone())}
        if shared:
            self._note(shared)
        self._tidy(f"{REMOVED}*")

    def _own(self, setting: EngineSetting) -> OwnPackages:
        return OwnPackages(folder=Path(setting.cache_dir), below=self._below, shared=Path(self._folder))

    def _note(self, fresh: Mapping[str, str]) -> None:
        with FileLock(f"{self._noted}.lock"):
            known = {**self._read(), **fresh}
            with written_aside(str(self._noted)) as file:
                file.write(json.dumps(known, sort_keys=True).encode())
        self._notes = known

    def done(self) -> None:
        """End it; what wasn't looked at is before the next build."""
        self._build.done(is_checked=self._is_checked)

    def check(self, *channels: str) -> None:
        """Let no package have been changed since; `channels` are folders in which there may be others than at first.

        Raises:
            EngineError: `changed-packages`; they are removed from the cache.
        """
        changed = self._changed(channels, self._build.since_ns())
        if changed:
            raise EngineError(
                "changed-packages", f"{_named(changed)}: other than the archives that they came from"
            )

    def after(self, error: BridgeError, *channels: str) -> Iterator[Diagnostic]:
        """Yield what is to be said of the cache after a failure; where damage may be its cause, all of it is looked at."""
        is_suspect = error.slug in {"unsatisfiable", "engine-crashed", "build-failed"}
        changed = self._changed(channels, 0 if is_suspect else self._build.since_ns())
        if changed:
            yield finding("damaged-packages", f"{_named(changed)}: removed from the cache; build again")

    def _changed(self, channels: tuple[str, ...], since_ns: int) -> tuple[str, ...]:
        changed = self._compared((*channels, *self._channels), since_ns)
        self._is_checked = True
        return tuple(sorted({*changed, *self._own_changed}))

    def _compared(self, channels: tuple[str, ...], since_ns: int) -> tuple[str, ...]:
        changed = changed_packages(self._folder, channels, since_ns=since_ns, notes=self._notes)
        self._tidy(f"{REMOVED}*")
        return changed

    def _tidy(self, pattern: str) -> None:
        """Remove what is no package: what was taken away, or all that is unpacked by halves."""
        for left in Path(self._folder).glob(pattern):
            if left.is_symlink() or left.is_dir() or left.name.startswith(REMOVED):
                remove_tree(left)

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._noted.read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(name): str(note) for name, note in known.items()} if isinstance(known, dict) else {}


def _named(changed: tuple[str, ...]) -> str:
    more = f" and {len(changed) - _MOST_NAMES} more" if len(changed) > _MOST_NAMES else ""
    return f"{', '.join(map(shown, changed[:_MOST_NAMES]))}{more}"
