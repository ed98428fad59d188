"""Which command keeps a build apart, and that it does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conda_bridge.processes.isolation import (
    Isolator,
    Shown,
    find_isolator,
    isolated_command,
    isolation_of,
    present_isolators,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")


def _run(isolator: Isolator, shown: Shown, script: str) -> "subprocess.CompletedProcess[str]":
    command = isolated_command(isolator, ("/bin/sh", "-c", script), shown)
    environment = {"PATH": os.defpath}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, start_new_session=True
    )


def _working(kind: str) -> Isolator:
    for isolator in present_isolators():
        if isolator.kind == kind and _run(isolator, Shown(), ":").returncode == 0:
            return isolator
    pytest.skip(f"{kind} doesn't work here")


@pytest.fixture
def bubblewrap() -> Isolator:
    return _working("bubblewrap")


@pytest.fixture(params=["bubblewrap", "unshare"])
def namespaces(request: pytest.FixtureRequest) -> Isolator:
    return _working(request.param)


def test_best_way_is_the_first_that_works() -> None:
    kinds = [isolator.kind for isolator in present_isolators()]

    assert kinds[-1] == "session"
    assert find_isolator().kind in kinds
    assert kinds == sorted(kinds, key=["bubblewrap", "unshare", "session"].index)


def test_namespaces_have_no_network(namespaces: Isolator) -> None:
    seen = _run(namespaces, Shown(), "cat /proc/net/dev")

    assert {line.split(":")[0].strip() for line in seen.stdout.splitlines()[2:]} <= {"lo"}
    assert not isolation_of(namespaces, has_network=False).has_network


def test_network_is_left_where_it_is_needed(bubblewrap: Isolator) -> None:
    outside = Path("/proc/net/dev").read_text().count("\n")

    assert _run(bubblewrap, Shown(has_network=True), "cat /proc/net/dev").stdout.count("\n") == outside


def test_namespaces_end_with_their_first_process(namespaces: Isolator, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    shown = Shown(writable=(str(tmp_path),))

    _run(namespaces, shown, f"setsid sh -c 'sleep 0.3; touch {marker}' >/dev/null 2>&1 & :")
    subprocess.run(["sleep", "0.5"], check=True)

    assert not marker.exists()


def test_bubblewrap_hides_what_is_not_named(bubblewrap: Isolator, tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "secret").write_text("secret")

    seen = _run(bubblewrap, Shown(readable=(str(tmp_path / "shown"),)), f"ls {tmp_path}; ls /home /etc")

    assert seen.stdout.startswith("shown\n")
    assert "secret" not in seen.stdout
    assert "shadow" not in seen.stdout


def test_bubblewrap_lets_write_only_what_is_named(bubblewrap: Isolator, tmp_path: Path) -> None:
    for name in ("readable", "writable"):
        (tmp_path / name).mkdir()
    shown = Shown(readable=(f"{tmp_path}/readable",), writable=(f"{tmp_path}/writable",))

    seen = _run(
        bubblewrap,
        shown,
        f"for d in {tmp_path}/readable {tmp_path}/writable /usr/bin /; do touch $d/x 2>/dev/null && echo $d; done",
    )

    assert seen.stdout == f"{tmp_path}/writable\n"


def test_what_is_written_stays_ours(namespaces: Isolator, tmp_path: Path) -> None:
    _run(namespaces, Shown(writable=(str(tmp_path),)), f"touch {tmp_path}/made")

    assert (tmp_path / "made").stat().st_uid == os.geteuid()


def test_private_temporary_folder_is_another(bubblewrap: Isolator, tmp_path: Path) -> None:
    seen = _run(bubblewrap, Shown(temporary=str(tmp_path)), "touch /tmp/inside; ls /tmp")

    assert "inside" in seen.stdout.split()
    assert (tmp_path / "inside").exists()


def test_orphans_are_possible_only_without_namespaces() -> None:
    session = isolation_of(Isolator(kind="session"), has_network=False)

    assert session.can_leave_orphans
    assert session.has_network
    assert not isolation_of(Isolator(kind="unshare"), has_network=False).can_leave_orphans
