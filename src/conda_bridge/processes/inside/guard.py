"""Takes away rights and resources, then becomes another program: `guard PLAN PROGRAM ARGUMENT...`.

PLAN is JSON: `uid` is who to become, for a sandbox that was set up by root; `limits` maps the names of resource
limits to their values; `filter` is a filter of system calls in hexadecimal, `keyctl` the number of that call.

The order matters. First another user, which needs rights; then the bond to our parent, which that change undoes; then a
ring of keys of that user's own; then the limits, which count that user's processes; the filter last, since it refuses
some of what was done before it.
"""

import ctypes
import errno
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Any

__all__: list[str] = []

# Source: Linux, include/uapi/linux/{prctl,seccomp,keyctl}.h.
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 1, 38, 22, 2
_KEYCTL_JOIN_SESSION_KEYRING = 1
_LINE_BYTES = 8


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("lines", ctypes.c_ushort), ("first", ctypes.c_char_p))


def _become(uid: int) -> None:
    """Become an ordinary user for good: root's processes are never counted, so a fork bomb would not end."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _die_with_parent(libc: Any) -> None:
    """Be killed with whoever started us: the kernel forgets that it was asked to when a process changes its user."""
    nothing = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), nothing, nothing, nothing):
        raise OSError(ctypes.get_errno(), "nobody would end us with our parent")


def _leave_keys(libc: Any, keyctl: int) -> None:
    """Join a new session keyring: ours is that of whoever started us, with the keys of file systems and mail."""
    number, operation = ctypes.c_long(keyctl), ctypes.c_long(_KEYCTL_JOIN_SESSION_KEYRING)
    if libc.syscall(number, operation, None) < 0 and ctypes.get_errno() not in {errno.ENOSYS, errno.EPERM}:
        raise OSError(ctypes.get_errno(), "the session keyring can't be left")


def _filter_calls(libc: Any, program: bytes) -> None:
    filled = _Program(lines=len(program) // _LINE_BYTES, first=program)
    nothing = ctypes.c_ulong(0)
    one = ctypes.c_ulong(1)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, one, nothing, nothing, nothing):
        raise OSError(ctypes.get_errno(), "privileges could be gained")
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    if libc.prctl(_PR_SET_SECCOMP, mode, ctypes.byref(filled), nothing, nothing):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def main(plan_text: str, program: list[str]) -> None:
    """Run the program under the plan."""
    plan = json.loads(plan_text)
    libc = ctypes.CDLL(None, use_errno=True)
    # Where memory runs out, the kernel shall end us and nobody else.
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("1000")
    if plan["uid"]:
        _become(plan["uid"])
    _die_with_parent(libc)
    _leave_keys(libc, plan["keyctl"])
    for name, value in plan["limits"].items():
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
    os.umask(0o022)
    with suppress(FileExistsError):
        os.mkdir(os.environ["HOME"])  # noqa: PTH102
    os.chdir(os.environ["HOME"])
    _filter_calls(libc, bytes.fromhex(plan["filter"]))
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
