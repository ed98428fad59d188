"""A process session -> its end: every process in it, whatever group it is in, and what such a process started.

Killing a group isn't enough: ninja gives each compiler a group of its own in the same session. Who leaves the session is
found as long as a process of it is its ancestor.

Source: proc(5), `/proc/PID/stat`; setsid(2).
"""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["end_session", "living_members", "orphans_beside"]

_PATIENCE_S = 10.0
_PAUSE_S = 0.005
_STOPPING_S = 1.0
"""How long processes get to stop; one that waits for a disk can't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    pid: int
    parent: int
    session: int
    is_stopped: bool
    started: int
    """In ticks since the machine's start: with the number it says which process it is, for ever."""


def living_members(session: int) -> tuple[int, ...]:
    """Return the processes of a session and their descendants; those that are dead and not yet reaped don't count.

    Cost: one small file a process of the machine. Empty where the system has no `/proc`.
    """
    return tuple(process.pid for process in _members(session, frozenset()))


def end_session(session: int, *, spared: int = 0, patience_s: float = _PATIENCE_S) -> bool:
    """Kill the processes of a session until none is left, or until the patience is; return whether none is.

    `spared` is the caller's own number where it is one of them. The session's leader must not have been
    reaped, or its number could be another's by now.
    """
    begun = time.monotonic()
    known: frozenset[tuple[int, int]] = frozenset()
    was_moving = True
    while True:
        found = [process for process in _members(session, known) if process.pid != spared]
        if not found:
            return True
        new = {(process.pid, process.started) for process in found} - known
        known |= new
        passed_s = time.monotonic() - begun
        is_moving = any(not process.is_stopped for process in found) and passed_s < _STOPPING_S
        # All have stopped before any is killed: whoever is born while we look, and leaves the session, has a parent by
        # which it is found until then. A list takes its time, and who is found stopped at its end may have had a child
        # after its beginning: only the next one has all.
        is_complete = not (new or is_moving or was_moving)
        was_moving = is_moving
        for process in found:
            _send(process.pid, signal.SIGKILL if is_complete else signal.SIGSTOP)
        if passed_s > patience_s:
            return False
        if not new:
            time.sleep(_PAUSE_S)


def orphans_beside(child: int) -> tuple[int, ...]:
    """Return our living children beside one, where that one has none itself; else nothing.

    Cost: that of reading one file where there is no other child; else one small file a process of the machine.
    """
    us = os.getpid()
    try:
        if os.readlink("/proc/self") != str(us):  # noqa: PTH115 - the numbers there aren't those of our namespace
            return ()
        if Path(f"/proc/self/task/{us}/children").read_text(encoding="ascii").split() == [str(child)]:
            return ()
    except FileNotFoundError:
        pass  # a kernel without lists of children
    everybody = list(_processes())
    if any(process.parent == child for process in everybody):
        return ()
    return tuple(process.pid for process in everybody if process.parent == us and process.pid != child)


def _members(session: int, known: frozenset[tuple[int, int]]) -> list[_Process]:
    """Return the living processes that are in the session or known, and all that descends from them."""
    everybody = list(_processes())
    chosen = {
        process.pid: process
        for process in everybody
        if process.session == session or (process.pid, process.started) in known
    }
    is_growing = True
    while is_growing:
        children = [
            process for process in everybody if process.parent in chosen and process.pid not in chosen
        ]
        chosen.update((process.pid, process) for process in children)
        is_growing = bool(children)
    return list(chosen.values())


def _processes() -> Iterable[_Process]:
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - several times faster, and asked for at each worker's end
    except OSError:
        return
    for name in names:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - as above
                text = file.read().decode("utf-8", "replace")
        except OSError:
            continue  # it has ended meanwhile
        # The program's name stands in parentheses and may hold anything, parentheses included.
        fields = text[text.rindex(")") + 2 :].split()
        if fields[0] not in "ZX":
            yield _Process(
                pid=int(name),
                parent=int(fields[1]),
                session=int(fields[3]),
                is_stopped=fields[0] in "Tt",
                started=int(fields[19]),
            )


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # it has ended, or became another user's
