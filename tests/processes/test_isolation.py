"""Which command keeps a build apart, and that it does."""

import json
import os
import shlex
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import conda_bridge.processes
from conda_bridge.processes import landlock
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
        # By its path: what is installed may be another copy than the one that is tested, and isn't shown.
        program = (sys.executable, "-I", landlock.__file__, rules, *program)
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
    reasons = []
    for isolator in present_isolators():
        if isolator.kind == kind:
            ended = _run(isolator, Shown(), ":")
            if ended.returncode == 0:
                return isolator
            reasons += ended.stderr.splitlines()[-1:]
    pytest.skip(f"{kind} is missing or doesn't work here ({'; '.join(reasons)})")


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


def test_file_is_linked_and_not_copied_in_one_tree(bubblewrap: Isolator, tmp_path: Path) -> None:
    for name in ("cache", "out", "staged"):
        (tmp_path / name).mkdir()
    (tmp_path / "cache" / "file").write_text("words")
    shown = Shown(
        readable=(f"{tmp_path}/staged",),
        writable=(f"{tmp_path}/cache", f"{tmp_path}/out"),
        tree=str(tmp_path),
    )

    seen = _run(
        bubblewrap, shown, f"ln {tmp_path}/cache/file {tmp_path}/out/file && ! touch {tmp_path}/staged/x"
    )

    assert (seen.returncode, "Read-only" in seen.stderr) == (0, True)


def test_rest_of_the_tree_is_hidden_by_rules() -> None:
    # What is in the place of temporary files belongs to the program.
    with TemporaryDirectory(dir="/var/tmp") as tree:
        for name in ("out", "others"):
            Path(tree, name).mkdir()
        Path(tree, "others/file").write_text("words")
        shown = Shown(writable=(f"{tree}/out",), tree=tree)

        seen = _run(
            _bubblewrap("rules"),
            shown,
            f"cat {tree}/others/file; touch {tree}/others/new; touch {tree}/out/new",
        )

        assert seen.stdout == ""
        assert [path.name for path in Path(tree, "others").iterdir()] == ["file"]
        assert Path(tree, "out/new").exists()


def test_rest_of_the_tree_is_hidden_as_it_is_without_rules() -> None:
    with TemporaryDirectory(dir="/var/tmp") as tree:
        for name in ("work/key/out", "work/key/other", "work/others", "packages/pkgs"):
            Path(tree, name).mkdir(parents=True)
            Path(tree, name, "file").write_text("words")
        shown = Shown(writable=(f"{tree}/work/key/out", f"{tree}/packages"), tree=tree)
        hidden = f"{tree}/work/key/other {tree}/work/others"

        seen = _run(
            _bubblewrap("mounts"),
            shown,
            f"for place in {hidden}; do cat $place/file; touch $place/new; rm $place/file; rmdir $place; done; "
            f"ln {tree}/packages/pkgs/file {tree}/work/key/out/link",
        )

        assert seen.stdout == ""
        assert all([path.name for path in Path(each).iterdir()] == ["file"] for each in hidden.split())
        assert Path(tree, "work/key/out/link").read_text() == "words"


def test_writable_folder_in_a_readable_one_of_the_tree_is_written_in(
    bubblewrap: Isolator, tmp_path: Path
) -> None:
    (tmp_path / "tree/readable/out").mkdir(parents=True)
    shown = Shown(
        readable=(f"{tmp_path}/tree/readable",),
        writable=(f"{tmp_path}/tree/readable/out",),
        tree=f"{tmp_path}/tree",
    )

    assert _run(bubblewrap, shown, f"touch {tmp_path}/tree/readable/out/x").returncode == 0


def test_sockets_of_the_file_system_are_not_there(bubblewrap: Isolator, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    paths = [
        str(tmp_path / "x.sock"),
        *(f"{place}/x-{os.getpid()}.sock" for place in ("/run", "/tmp", "/var/tmp")),
    ]
    script = (
        "import socket, sys\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        socket.socket(socket.AF_UNIX).connect(path); print(path)\n"
        "    except OSError: pass\n"
    )
    with ExitStack() as stack:
        heard = [path for path in paths if _listens(stack, path)]
        command = shlex.join([sys.executable, "-I", "-c", script, *heard])

        seen = _run(bubblewrap, Shown(writable=(f"{tmp_path}/out",)), command)

    assert heard
    assert (seen.returncode, seen.stdout) == (0, "")


def test_sockets_without_a_file_are_out_of_reach_even_with_the_network() -> None:
    if landlock_version() < 6:
        pytest.skip("this kernel's rules don't know of such sockets")
    name = f"x-{os.getpid()}"
    script = f"import socket; socket.socket(socket.AF_UNIX).connect('\\0{name}')"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()

        seen = _run(
            _bubblewrap("rules"), Shown(has_network=True), shlex.join([sys.executable, "-I", "-c", script])
        )

    assert "PermissionError" in seen.stderr


def _listens(stack: ExitStack, path: str) -> bool:
    server = stack.enter_context(socket.socket(socket.AF_UNIX))
    try:
        server.bind(path)
    except OSError:
        return False
    server.listen()
    stack.callback(Path(path).unlink)
    return True


def test_modes_owners_and_times_of_other_files_stay(bubblewrap: Isolator, tmp_path: Path) -> None:
    for name in ("out", "shown"):
        (tmp_path / name).mkdir()
    mine = [tmp_path / "mine", tmp_path / "shown/file"]
    for path in mine:
        path.write_text("words")
        os.utime(path, (1, 1))
    before = [path.stat() for path in mine]
    words = " ".join(map(str, mine))
    shown = Shown(readable=(f"{tmp_path}/shown",), writable=(f"{tmp_path}/out",))

    for command in ("chmod 777", "chown 12345", "touch -c -d 2020-01-01"):
        seen = _run(bubblewrap, shown, f"for path in {words}; do {command} $path; done")
        assert seen.returncode != 0

    assert [path.stat() for path in mine] == before


def test_places_of_users_and_services_are_not_there(bubblewrap: Isolator, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "mine").touch()

    seen = _run(
        bubblewrap,
        Shown(writable=(f"{tmp_path}/out",), temporary=""),
        f"ls -A /run /var /home /mnt /media {Path.home()} {tmp_path}",
    )

    names = {line for line in seen.stdout.splitlines() if line and not line.endswith(":")}
    allowed = {
        part for folder in (*_interpreter_parts(), str(tmp_path / "out")) for part in Path(folder).parts
    }
    assert names <= allowed


def _interpreter_parts() -> tuple[str, ...]:
    return (sys.prefix, sys.base_prefix, conda_bridge.processes.__path__[0])


def test_private_keys_beside_certificates_are_not_there(bubblewrap: Isolator) -> None:
    assert _run(bubblewrap, Shown(), "ls /etc/ssl/private /etc/pki/tls/private").stdout == ""


def test_what_is_written_stays_ours(namespaces: Isolator, tmp_path: Path) -> None:
    _run(namespaces, Shown(writable=(str(tmp_path),)), f"touch {tmp_path}/made")

    assert (tmp_path / "made").stat().st_uid == os.geteuid()


def test_temporary_folder_is_private(bubblewrap: Isolator, tmp_path: Path) -> None:
    for name in ("temporary", "writable"):
        (tmp_path / name).mkdir()
    shown = Shown(temporary=f"{tmp_path}/temporary", writable=(f"{tmp_path}/writable",))

    _run(bubblewrap, shown, f"touch {setup_of(bubblewrap, shown).temporary}/inside")

    assert (tmp_path / "temporary" / "inside").exists()


def test_other_builds_are_hidden_only_by_rules() -> None:
    isolators = [Isolator(kind="bubblewrap", has_rules=has_rules) for has_rules in (True, False)]

    hidden = [isolation_of(one, has_network=False).are_other_builds_hidden for one in isolators]

    assert hidden == [True, False]
    assert not isolation_of(Isolator(kind="unshare"), has_network=False).are_other_builds_hidden


def test_orphans_are_possible_only_without_namespaces() -> None:
    session = isolation_of(Isolator(kind="session"), has_network=False)

    assert session.can_leave_orphans
    assert session.has_network
    assert not isolation_of(Isolator(kind="unshare"), has_network=False).can_leave_orphans
