"""What a build may use up of this machine: enough for every honest one, and not all that there is.

Time and disk space are watched by whoever waits: see `watch`. Memory isn't limited: address space is not what a program
uses of it, and linkers ask for plenty.

Source: getrlimit(2).
"""

import sys
from contextlib import suppress

__all__ = ["limit_ourselves"]

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
