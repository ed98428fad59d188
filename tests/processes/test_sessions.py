"""A session ends with all that is in it, whatever group it is in and whoever started it."""

import subprocess
import sys
import time
from collections.abc import Callable
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


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_member_of_another_group_ends(tmp_path: Path) -> None:
    child = _started('set -m; sleep 60 & touch "$1"; wait', tmp_path / "ready")
    members = living_members(child.pid)

    assert end_session(child.pid)

    child.wait()
    assert len(members) == 2
    assert not [pid for pid in members if _is_alive(pid)]


def test_descendant_that_left_the_session_ends(tmp_path: Path) -> None:
    child = _started('setsid sh -c \'touch "$0"; sleep 60\' "$1" & wait', tmp_path / "ready")
    members = living_members(child.pid)

    assert end_session(child.pid)

    child.wait()
    assert len(members) >= 2
    assert not living_members(child.pid)
    assert not [pid for pid in members if _is_alive(pid)]


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
