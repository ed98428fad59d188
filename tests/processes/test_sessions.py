"""A session ends with all that is in it, whatever group it is in and whoever started it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from conda_bridge.processes.sessions import end_session, living_members

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a list of processes in /proc")


def _started(script: str, marker: Path) -> "subprocess.Popen[bytes]":
    """Start a script in a session of its own, which makes the marker when all of it runs."""
    child = subprocess.Popen(["bash", "-c", script, "bash", str(marker)], start_new_session=True)
    _wait_until(marker.exists)
    return child


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status[status.rindex(")") + 2] not in "ZX"  # reaping is the business of whoever adopted it


def _running(command: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[1-9]*"):
        with suppress(OSError):
            if (process / "cmdline").read_text().startswith(command):
                found.append(int(process.name))
    return found


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_member_of_another_group_ends(tmp_path: Path) -> None:
    child = _started('set -m; sleep 60 & touch "$1"; wait', tmp_path / "ready")
    _wait_until(lambda: len(living_members(child.pid)) == 2)  # `touch` has ended
    members = living_members(child.pid)

    assert end_session(child.pid)

    child.wait()
    assert not [pid for pid in members if _is_alive(pid)]


def test_descendant_that_left_the_session_ends(tmp_path: Path) -> None:
    child = _started('setsid sh -c \'touch "$0"; sleep 60\' "$1" & wait', tmp_path / "ready")
    members = living_members(child.pid)

    assert end_session(child.pid)

    child.wait()
    assert len(members) >= 2
    assert not living_members(child.pid)
    assert not [pid for pid in members if _is_alive(pid)]


def test_who_is_born_meanwhile_and_leaves_the_session_ends(tmp_path: Path) -> None:
    # Many times over: what is tested is a race. Nobody else sleeps for so long.
    length = f"61.{os.getpid()}"
    for number in range(8):
        leaving = f"while :; do setsid sleep {length} & done"
        child = _started(f'touch "$1"; {leaving}', tmp_path / f"ready-{number}")

        assert end_session(child.pid)
        child.wait()

    time.sleep(0.05)
    assert not _running(f"sleep\0{length}")


def test_spared_process_lives(tmp_path: Path) -> None:
    child = _started('sleep 60 & touch "$1"; wait', tmp_path / "ready")

    assert end_session(child.pid, spared=child.pid)

    _wait_until(lambda: child.poll() is not None)  # its own wait is over
    assert child.returncode >= 0


def test_ended_session_has_no_members() -> None:
    child = subprocess.Popen(["true"], start_new_session=True)
    child.wait()

    assert living_members(child.pid) == ()
    assert end_session(child.pid)
