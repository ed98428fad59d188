"""Which command keeps a build apart, and that it does."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.processes.isolation import (
    Isolator,
    Shown,
    find_isolator,
    isolation_of,
    present_isolators,
    setup_of,
)
from conda_bridge.processes.landlock import landlock_version

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")


def _run(isolator: Isolator, shown: Shown, script: str) -> "subprocess.CompletedProcess[str]":
    setup = setup_of(isolator, shown)
    program: tuple[str, ...] = ("/bin/sh", "-c", script)
    if setup.rules is not None:
        rules = json.dumps(setup.rules)
        program = (sys.executable, "-I", "-m", "conda_bridge.processes.landlock", rules, *program)
    environment = {"PATH": os.defpath}
    return subprocess.run(
        [*setup.command, *program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


def _working(kind: str) -> Isolator:
    for isolator in present_isolators():
        if isolator.kind == kind and _run(isolator, Shown(), ":").returncode == 0:
            return isolator
    pytest.skip(f"{kind} doesn't work here")


@pytest.fixture(params=["rules", "mounts"])
def bubblewrap(request: pytest.FixtureRequest) -> Isolator:
    return _bubblewrap(request.param)


@pytest.fixture(params=["rules", "mounts", "unshare"])
def namespaces(request: pytest.FixtureRequest) -> Isolator:
    return _working("unshare") if request.param == "unshare" else _bubblewrap(request.param)


def _bubblewrap(hidden_by: str) -> Isolator:
    if hidden_by == "rules" and not landlock_version():
        pytest.skip("this kernel has no Landlock, or none that lets files be linked")
    return replace(_working("bubblewrap"), has_rules=hidden_by == "rules")


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
    (tmp_path / "secret").write_text("secret words\n")

    (tmp_path / "shown" / "open").write_text("open words\n")

    shown = Shown(readable=(str(tmp_path / "shown"),))
    seen = _run(bubblewrap, shown, f"cat {tmp_path}/shown/open {tmp_path}/secret /etc/shadow; ls {tmp_path}")

    assert seen.stdout.splitlines() in (["open words"], ["open words", "shown"])


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


def test_file_is_linked_and_not_copied_between_two_places_where_rules_hide(tmp_path: Path) -> None:
    for name in ("cache", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "cache" / "file").write_text("words")
    shown = Shown(writable=(f"{tmp_path}/cache", f"{tmp_path}/out"))

    seen = _run(_bubblewrap("rules"), shown, f"ln {tmp_path}/cache/file {tmp_path}/out/file")

    assert (seen.returncode, seen.stderr) == (0, "")


def test_what_is_written_stays_ours(namespaces: Isolator, tmp_path: Path) -> None:
    _run(namespaces, Shown(writable=(str(tmp_path),)), f"touch {tmp_path}/made")

    assert (tmp_path / "made").stat().st_uid == os.geteuid()


def test_temporary_folder_is_private(bubblewrap: Isolator, tmp_path: Path) -> None:
    for name in ("temporary", "writable"):
        (tmp_path / name).mkdir()
    shown = Shown(temporary=f"{tmp_path}/temporary", writable=(f"{tmp_path}/writable",))

    _run(bubblewrap, shown, f"touch {setup_of(bubblewrap, shown).temporary}/inside")

    assert (tmp_path / "temporary" / "inside").exists()


def test_orphans_are_possible_only_without_namespaces() -> None:
    session = isolation_of(Isolator(kind="session"), has_network=False)

    assert session.can_leave_orphans
    assert session.has_network
    assert not isolation_of(Isolator(kind="unshare"), has_network=False).can_leave_orphans
