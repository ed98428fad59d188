"""A program, run so that it never outlives whoever asked for it: `guardian RULES PROGRAM ARGUMENT...`.

RULES is JSON: which files the program may read and write, as `landlock` takes it; null for all. PROGRAM is the name of
a module of ours, or the absolute path of any program.

Standard input is a pipe. Its first line is for the program, which is run in a child of ours; after that it is only held
open, and when the last holder is gone, killed at whatever moment, the child ends with all that it started. A thread in
the child couldn't do that: the engine keeps the interpreter's lock for minutes.

In namespaces of its own everything ends with us, since we are the first process there or the one that it waits for.
Without them we are the leader of a session, which is ended process by process.

A script may end and leave processes behind that hold on to its output, and the engine waits for the end of that. So
what has been nobody's for a while, when the program itself has no child any more, is ended before.
"""

import ctypes
import json
import os
import runpy
import select
import signal
import sys
from contextlib import suppress

from conda_bridge.processes.landlock import restrict
from conda_bridge.processes.limits import limit_ourselves
from conda_bridge.processes.sessions import end_session, orphans_beside

__all__ = ["LEFT_BEHIND"]

LEFT_BEHIND = 79
"""The exit status of success after which orphans had to be ended."""

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_CAP_SYS_PTRACE = 19
_REAPED_EVERY_MS = 500
_LOOKS_AT_ORPHANS = 10
"""So many in a row find that nobody but orphans is there, until they are ended: 5 s."""
_TOLD = b"processes that a script left behind were ended, since the engine waited for them\n"
_KILLED_BY_SIGNAL = 128
"""What is added to the signal's number, as shells do."""


def main(arguments: list[str]) -> None:
    """Run the program in a child, and end when it ends or when nobody waits for it any more."""
    _close_ourselves()
    rules = json.loads(arguments.pop(0))
    if rules is not None:
        restrict(rules)
    limit_ourselves()
    ended, held = os.pipe()
    if sys.platform == "linux":
        # Orphans among what the child starts become our children.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        os.close(ended)
        # `held` stays open in the child, and in nothing that it starts.
        if os.path.isabs(arguments[0]):  # noqa: PTH117
            os.set_inheritable(held, True)
            os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted
        sys.argv = arguments
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
        os._exit(0)
    os.close(held)
    if arguments[-1].isdigit():
        # The file for answers: its end is the child's.
        os.close(int(arguments[-1]))
    orphans = _Orphans()
    status = _watch(child, ended, orphans)
    if os.getpid() == os.getsid(0):
        end_session(os.getpid(), spared=os.getpid())
        _reap(child)
    os._exit(LEFT_BEHIND if orphans.are_ended and not status else status)


class _Orphans:
    """What scripts left behind, and for how long it has been all that there is."""

    def __init__(self) -> None:
        self._looks = 0
        self.are_ended = False

    def look(self, child: int) -> None:
        """End them where it is time."""
        found = orphans_beside(child)
        self._looks = self._looks + 1 if found else 0
        if self._looks < _LOOKS_AT_ORPHANS:
            return
        if not self.are_ended:
            os.write(1, _TOLD)
        self.are_ended = True
        # Their children are ours then, and found by the next look.
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _close_ourselves() -> None:
    """Keep what we and the program start from opening our files and memory through `/proc`.

    It holds until another program is executed: for a module of ours in the child, too. Source: prctl(2), proc(5).
    """
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        # To root it would mean nothing otherwise. Others may not drop it, and haven't got it.
        prctl(_PR_CAPBSET_DROP, _CAP_SYS_PTRACE, 0, 0, 0)


def _watch(child: int, ended: int, orphans: _Orphans) -> int:
    """Return the child's status when it has ended, or any when the caller has."""
    poll = select.poll()
    # No event is asked for: what is always told is that the other end was closed.
    poll.register(0, 0)
    poll.register(ended, 0)
    while not poll.poll(_REAPED_EVERY_MS):
        status = _reap(child)
        if status is not None:
            return status
        orphans.look(child)
    if any(number == 0 for number, _ in poll.poll(0)):
        return _KILLED_BY_SIGNAL
    _, waited = os.waitpid(child, 0)
    return _shown(waited)


def _reap(child: int) -> int | None:
    """Take note of ended children, orphans that became ours included; return the status of the one that counts."""
    found = None
    while True:
        try:
            pid, waited = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = _shown(waited)


def _shown(waited: int) -> int:
    code = os.waitstatus_to_exitcode(waited)
    return code if code >= 0 else _KILLED_BY_SIGNAL - code


if __name__ == "__main__":
    main(sys.argv[1:])
