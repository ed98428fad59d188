"""What a build may use up of this machine: enough for every honest one, and not all that there is.

Time is limited by whoever waits. Memory isn't: address space is not what a program uses of it, and linkers ask for plenty.

Source: getrlimit(2), statvfs(3).
"""

import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from conda_bridge.errors import EngineError

__all__ = ["LEAST_FREE_BYTES", "SpaceWatch", "Watch", "limit_ourselves"]

LEAST_FREE_BYTES = 1_000_000_000
_LOOKED_EVERY_S = 1.0
_CHECKED_EVERY_S = 0.1
_MOST_FILE_BYTES = 20_000_000_000
_MOST_PROCESSES = 16_384
"""Of the user, threads included, whatever they belong to: more than a desktop has, less than makes it stand still."""


def limit_ourselves() -> None:
    """Limit this process and all that it starts; what is limited further already stays so."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: _MOST_FILE_BYTES,
        resource.RLIMIT_NPROC: _MOST_PROCESSES,
    }
    for kind, most in wanted.items():
        soft, hard = (
            most if value == resource.RLIM_INFINITY else min(most, value)
            for value in resource.getrlimit(kind)
        )
        with suppress(ValueError, OSError):  # the system has another view of it
            resource.setrlimit(kind, (soft, hard))


@dataclass(slots=True, kw_only=True)
class SpaceWatch:
    """Looks, once in a while, whether the file systems of some folders have space left."""

    folders: tuple[str, ...]
    least_free_bytes: int = LEAST_FREE_BYTES
    _next_look: float = 0.0

    def look(self) -> None:
        """Look where it is time.

        Raises:
            EngineError: `disk-full`.
        """
        now = time.monotonic()
        if now < self._next_look or sys.platform == "win32":
            return
        self._next_look = now + _LOOKED_EVERY_S
        for folder in self.folders:
            try:
                found = os.statvfs(folder)
            except OSError:
                continue  # removed by what works there
            free_bytes = found.f_bavail * found.f_frsize
            if free_bytes < self.least_free_bytes:
                message = f"it was ended, since only {free_bytes:,} bytes are left in {folder}"
                raise EngineError("disk-full", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What ends a child that may run scripts, from outside."""

    deadline: float
    stopped: threading.Event | None
    space: SpaceWatch

    def patience_s(self) -> float:
        """Return for how long it may be waited before this is asked again.

        Raises:
            EngineError: `build-timeout`, `disk-full`.
        """
        left_s = self.deadline - time.monotonic()
        if left_s <= 0:
            raise EngineError("build-timeout", "it did not end in time")
        if self.stopped and self.stopped.is_set():
            raise KeyboardInterrupt
        self.space.look()
        return min(left_s, _CHECKED_EVERY_S)
