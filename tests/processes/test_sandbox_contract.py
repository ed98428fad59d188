"""What every sandbox promises, tried by hostile programs and build backends; each must fail and be reported."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.processes.sandbox import (
    Sandbox,
    SandboxLimits,
    SandboxRun,
    complaints_about,
    present_sandboxes,
    run_sandboxed,
)
from support.sandboxes import KINDS, SMALL, MakeBackend, backend_text, new_backend, sandbox_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")]


@pytest.fixture(params=KINDS)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return sandbox_of(request.param)


@pytest.fixture
def make_backend(tmp_path: Path, sandbox: Sandbox) -> MakeBackend:
    return lambda text: new_backend(tmp_path, sandbox, text)


def _refused(
    make_backend: MakeBackend, body: str, *, wall_s: float = SMALL.wall_s, cpu_s: int = SMALL.cpu_s
) -> MetadataError:
    with pytest.raises(MetadataError) as caught:
        make_backend(backend_text(body)).limited(wall_s=wall_s, cpu_s=cpu_s).metadata()
    return caught.value


# ---------------------------------------------------------------- what is out of reach


def test_program_has_no_network(make_backend: MakeBackend) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        body = f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), timeout=5)"
        error = _refused(make_backend, body)
    assert error.slug == "backend-failed"
    assert "ConnectionRefusedError" in error.message or "Network is unreachable" in error.message


def test_program_reaches_no_server_of_the_world(make_backend: MakeBackend) -> None:
    error = _refused(make_backend, "socket.create_connection(('198.51.100.1', 443), timeout=5)")
    assert "Network is unreachable" in error.message


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/passwd", "/proc/1/root/etc/passwd", "/var/log", str(Path(__file__))]
)
def test_program_reads_nothing_of_the_machine(make_backend: MakeBackend, path: str) -> None:
    error = _refused(make_backend, f"os.open({path!r}, os.O_RDONLY)")
    assert "FileNotFoundError" in error.message or "PermissionError" in error.message


def test_program_reads_nothing_of_the_user(make_backend: MakeBackend, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password", encoding="utf-8")
    error = _refused(make_backend, f"return open({str(secret)!r}).read()")
    assert "FileNotFoundError" in error.message
    assert "password" not in error.message


def test_home_is_an_empty_folder(make_backend: MakeBackend) -> None:
    backend = make_backend(backend_text("return os.listdir(os.path.expanduser('~'))"))
    assert backend.summary() == "[]"


def test_program_sees_nothing_of_the_environment(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    backend = make_backend(backend_text("return sorted(os.environ)"))
    seen = set(backend.summary().strip("[]").replace("'", "").split(", "))
    assert seen <= {"HOME", "LANG", "LC_CTYPE", "PATH", "PWD", "SOURCE_DATE_EPOCH", "TMPDIR"}


def test_program_sees_no_processes_of_the_machine(make_backend: MakeBackend) -> None:
    body = f"os.kill({os.getpid()}, 0)"
    assert "ProcessLookupError" in _refused(make_backend, body).message


@pytest.mark.parametrize(
    "path", ["/usr/x", "/x", "/etc/x", "/dev/x", "/inside/x", "{source}/x", "{python}/x"]
)
def test_program_writes_nowhere_but_in_its_scratch(
    make_backend: MakeBackend, tmp_path: Path, path: str
) -> None:
    place = path.format(source=tmp_path / "source", python=tmp_path / "environment")
    error = _refused(make_backend, f"open({place!r}, 'w').write('x')")
    assert "Read-only file system" in error.message or "Permission denied" in error.message


def test_source_stays_as_it_is(make_backend: MakeBackend) -> None:
    backend = make_backend(backend_text("open('pyproject.toml', 'w').close(); os.unlink('own_backend.py')"))
    backend.metadata()
    assert (backend.source / "pyproject.toml").read_text(encoding="utf-8") == "[project]\nname = 'demo'\n"
    assert (backend.source / "own_backend.py").is_file()


def test_program_has_no_rights(make_backend: MakeBackend) -> None:
    body = "return [l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapPrm', 'NoNewPrivs'))]"
    assert make_backend(backend_text(body)).summary() == "['0000000000000000', '0000000000000000', '1']"


@pytest.mark.parametrize(
    "attempt",
    [
        "subprocess.run('mount -t tmpfs x /tmp/home'.split(), check=True)",
        "os.chroot('/')",
        "os.mknod('/tmp/d', 0o60600, os.makedev(8, 0))",
        "os.setuid(0)",
        "open('/proc/sys/kernel/hostname', 'w').write('x')",
    ],
)
def test_program_changes_nothing_of_the_system(make_backend: MakeBackend, attempt: str) -> None:
    message = _refused(make_backend, attempt).message
    assert any(
        word in message for word in ("CalledProcessError", "PermissionError", "Read-only", "Invalid argument")
    )


# ---------------------------------------------------------------- what is bounded


def test_endless_loop_ends_with_the_wall_time(make_backend: MakeBackend) -> None:
    started = time.monotonic()
    error = _refused(make_backend, "print('still here', flush=True)\nwhile True: time.sleep(1)", wall_s=1.5)
    assert error.slug == "backend-timeout"
    assert "still here" in error.message
    assert time.monotonic() - started < 10


def test_busy_loop_ends_with_its_processor_time(make_backend: MakeBackend) -> None:
    assert _refused(make_backend, "while True: pass", cpu_s=1).slug == "backend-failed"


def test_fork_bomb_ends(make_backend: MakeBackend) -> None:
    body = "while True:\n    try: os.fork()\n    except OSError: pass"
    assert _refused(make_backend, body, wall_s=3).slug in {"backend-failed", "backend-timeout"}
    assert _eventually(lambda: not _processes_with("own_backend"))


def test_forks_are_counted(make_backend: MakeBackend) -> None:
    body = "for _ in range(64):\n    if os.fork() == 0: time.sleep(60)"
    assert "BlockingIOError" in _refused(make_backend, body).message


def test_memory_hog_gets_no_memory(make_backend: MakeBackend) -> None:
    assert "MemoryError" in _refused(make_backend, "bytearray(8 << 30)").message


def test_large_file_is_cut(make_backend: MakeBackend) -> None:
    error = _refused(make_backend, "with open('/tmp/x', 'wb') as f:\n    while True: f.write(bytes(1 << 20))")
    assert "File too large" in error.message


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_many_files_fill_the_scratch_only(make_backend: MakeBackend, folder: str) -> None:
    body = f"for n in range(9999):\n    open(f'{folder}/{{n}}', 'wb').write(bytes(1 << 20))"
    assert "No space left" in _refused(make_backend, body).message


def test_flood_of_output_ends(make_backend: MakeBackend) -> None:
    body = "while True: os.write(1, bytes(1 << 20))"
    assert _refused(make_backend, body).slug == "backend-failed"


# ---------------------------------------------------------------- how it ends


def test_background_processes_end_with_the_program(make_backend: MakeBackend) -> None:
    body = """\
subprocess.Popen(['sleep', '611.25'], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execvp('sleep', ['sleep', '612.25'])
    os._exit(0)
"""
    make_backend(backend_text(body)).metadata()
    assert _eventually(lambda: not _processes_with("611.25") and not _processes_with("612.25"))


def test_sandbox_ends_when_we_are_killed(sandbox: Sandbox) -> None:
    code = f"""\
from conda_bridge.processes.sandbox import Sandbox, SandboxRun, run_sandboxed
run_sandboxed({sandbox!r}, SandboxRun(program=("/bin/sleep", "613.25")))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        assert _eventually(lambda: _processes_with("613.25"))
        parent.kill()
    assert _eventually(lambda: not _processes_with("613.25"))


def _processes_with(word: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if word in line and str(os.getpid()) != folder.name and "pytest" not in line:
                found.append(line)
    return found


def _eventually(claim: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 10
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# ---------------------------------------------------------------- what works


def test_compilers_of_the_system_can_be_called(sandbox: Sandbox) -> None:
    run = SandboxRun(program=("/bin/sh", "-c", "cat /etc/alternatives/README || ls /etc/alternatives"))
    if not Path("/etc/alternatives").is_dir():
        pytest.skip("this system has no /etc/alternatives")
    assert run_sandboxed(sandbox, run).exit_status == 0


def test_probe_finds_what_is_not_bounded(sandbox: Sandbox) -> None:
    if os.geteuid():
        pytest.skip("only root's processes are never counted")
    loose = replace(sandbox, becomes_nobody=False)
    assert any("processes" in complaint for complaint in complaints_about(loose))


def test_small_limits_are_below_the_defaults() -> None:
    defaults = SandboxLimits()
    assert SMALL.processes < defaults.processes
    assert SMALL.scratch_bytes < defaults.scratch_bytes


def test_every_present_kind_is_tried() -> None:
    assert {sandbox.kind for sandbox in present_sandboxes()} <= set(KINDS)
