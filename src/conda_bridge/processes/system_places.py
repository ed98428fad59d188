"""This machine -> which of its folders programs need, and none of the user's.

The sandbox for strangers' code and the isolation of builds show the same places; what they add differs.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

__all__ = ["SYSTEM_FILES", "ancestors", "interpreter", "interpreter_folders", "masked_files", "system_places"]

SYSTEM_FILES = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")

_PLACES = (
    *(
        f"/usr/{name}"
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "include", "share")
    ),
    *(f"/usr/local/{name}" for name in ("bin", "lib", "lib64", "include")),
    *(f"/{name}" for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32")),
)
"""Not all of /usr: administrators keep settings and sources there, too, such as the tokens in /usr/local/etc/npmrc."""
_MASKED = ("/proc/keys", "/proc/key-users")
"""They name the keys of everybody who has the same number outside."""
_PREFIX_PARTS = ("bin", "lib", "lib64", "include")


def interpreter() -> str:
    """Return the interpreter behind ours, of which a virtual environment is only a shell."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def interpreter_folders() -> Iterator[str]:
    """Yield the folders of the interpreter that aren't among the system's places."""
    for prefix in (sys.base_prefix, os.path.realpath(sys.base_prefix), sys.base_exec_prefix):
        for part in _PREFIX_PARTS:
            folder = PurePosixPath(prefix, part)
            if not any(folder.is_relative_to(place) for place in _PLACES):
                yield str(folder)


def system_places() -> Iterator[tuple[str, str]]:
    """Yield (place, target) of the system's own places; an empty target means a folder, another one a link."""
    for path in map(Path, _PLACES):
        if path.is_symlink():
            yield str(path), str(path.readlink())
        elif path.is_dir():
            yield str(path), ""


def masked_files() -> tuple[str, ...]:
    """Return the files of this machine that are hidden behind an empty one."""
    return tuple(path for path in _MASKED if Path(path).exists())


def ancestors(folders: Iterable[str]) -> tuple[str, ...]:
    """Return the folders above, outer ones first, without the top and what is there anyway."""
    found = {str(parent) for folder in folders for parent in PurePosixPath(folder).parents}
    return tuple(sorted(found - {"/", "/tmp"}))  # noqa: S108
