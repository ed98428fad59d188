"""Folders -> the rule, for ourselves and all that we start, that no other file is read and no other written.

Mounts hide files, too, but each mount is a world of its own: files can't be linked from one to the other, and an
environment is made of links to thousands of files in a cache, which took seconds to copy. Rules tell folders of one mount
apart.

What they don't govern is whether a file exists, its mode, owner and times, and the sockets that are in the file system:
they are no wall by themselves.

    python -I -m conda_bridge.processes.landlock RULES PROGRAM ARGUMENT...

Source: Linux, `Documentation/userspace-api/landlock.rst` and `include/uapi/linux/landlock.h`; calls 444 to 446 are the
same on all machines.
"""

import ctypes
import json
import os
import struct
import sys
from collections.abc import Mapping, Sequence

__all__ = ["Rules", "landlock_version", "restrict"]

Rules = Mapping[str, Sequence[str]]
"""`readable` and `writable` -> files and folders; those that don't exist are passed over."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = (1 << bit for bit in (0, 1, 2, 3, 14))
_SECOND_VERSION = (1 << 14) - 1
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_LINKING_VERSION, _TRUNCATING_VERSION, _SCOPING_VERSION = 2, 3, 6
_ABSTRACT_SOCKETS = 1
_SIZE, _FIRST_SIZE = 24, 8
_FOLDER = 0o040000
_KIND_OF_FILE = 0o170000


def landlock_version() -> int:
    """Return the version of the kernel's rules; 0 where there are none, or none that let files be linked."""
    if sys.platform != "linux":
        return 0
    found = int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))
    return found if found >= _LINKING_VERSION else 0


def restrict(rules: Rules) -> None:
    """Restrict this process, and all that it starts, for good.

    Raises:
        OSError: the kernel doesn't take the rules.
    """
    version = landlock_version()
    handled = _SECOND_VERSION | (_TRUNCATE if version >= _TRUNCATING_VERSION else 0)
    libc = ctypes.CDLL(None, use_errno=True)
    # Sockets without a file are those of the network, which builds may have to share with the machine.
    size = _SIZE if version >= _SCOPING_VERSION else _FIRST_SIZE
    attributes = struct.pack("=QQQ", handled, 0, _ABSTRACT_SOCKETS)[:size]
    ruleset = _checked(libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))
    for path in rules["readable"]:
        _allow(libc, ruleset, path, _READING)
    for path in rules["writable"]:
        _allow(libc, ruleset, path, handled)
    nothing = ctypes.c_ulong(0)
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), nothing, nothing, nothing))
    _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    try:
        number = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = os.fstat(number).st_mode & _KIND_OF_FILE == _FOLDER
        rule = struct.pack("=Qi", access if is_folder else access & _OF_FILES, number)
        _checked(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    finally:
        os.close(number)


def _checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {os.strerror(ctypes.get_errno())}")
    return answer


if __name__ == "__main__":
    restrict(json.loads(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
