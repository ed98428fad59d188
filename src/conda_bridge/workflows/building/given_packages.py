"""The packages that a build was given are the same afterwards; those that aren't leave the cache."""

import time
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from conda_bridge.archives.package_cache import changed_packages, unpacked_folder
from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.model.build import EngineSetting
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["GivenPackages"]

_SLACK_NS = 100_000_000
"""The kernel's clock for files is a few milliseconds behind, and that of a server more."""
_MOST_NAMES = 5


class GivenPackages:
    """What is in the cache of unpacked packages when a build begins."""

    def __init__(self, setting: EngineSetting) -> None:
        """Begin now; `setting` has the cache and the channels."""
        self._folder = unpacked_folder(setting.cache_dir)
        self._channels = tuple(
            unquote(urlsplit(url).path) for url in setting.channels if url.startswith("file://")
        )
        self._since_ns = time.time_ns() - _SLACK_NS

    def check(self, *channels: str) -> None:
        """Let no package have been changed since; `channels` are folders in which there may be others than at first.

        Raises:
            EngineError: `changed-packages`; they are removed from the cache.
        """
        changed = changed_packages(self._folder, (*channels, *self._channels), since_ns=self._since_ns)
        if changed:
            raise EngineError(
                "changed-packages", f"{_named(changed)}: other than the archives that they came from"
            )

    def after(self, error: BridgeError, *channels: str) -> Iterator[Diagnostic]:
        """Yield what is to be said of the cache after a failure; where damage may be its cause, all of it is looked at."""
        since_ns = 0 if error.slug in {"unsatisfiable", "engine-crashed", "build-failed"} else self._since_ns
        changed = changed_packages(self._folder, (*channels, *self._channels), since_ns=since_ns)
        if changed:
            yield finding("damaged-packages", f"{_named(changed)}: removed from the cache; build again")


def _named(changed: tuple[str, ...]) -> str:
    more = f" and {len(changed) - _MOST_NAMES} more" if len(changed) > _MOST_NAMES else ""
    return f"{', '.join(map(shown, changed[:_MOST_NAMES]))}{more}"
