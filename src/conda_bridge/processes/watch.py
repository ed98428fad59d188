"""What is looked at while a child works, which may run scripts: the time, the space on disks, whether it is still wanted.

Source: statvfs(3).
"""

import os
import sys
import threading
import time
from dataclasses import dataclass

from conda_bridge.errors import EngineError

__all__ = ["LEAST_FREE_BYTES", "SpaceWatch", "Watch"]

LEAST_FREE_BYTES = 1_000_000_000
_LOOKED_EVERY_S = 1.0
_CHECKED_EVERY_S = 0.1


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
