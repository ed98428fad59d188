"""What every sandbox promises, tried by hostile programs and build backends; each must fail and be reported."""

import json
import os
import platform
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.processes.backend import BackendCall, prepare_metadata
from conda_bridge.processes.sandbox import (
    INSIDE,
    Sandbox,
    SandboxLimits,
    SandboxRun,
    complaints_about,
    present_sandboxes,
    run_sandboxed,
)
from conda_bridge.processes.sandbox_commands import sandbox_command
from conda_bridge.processes.syscall_filter import CALL_NUMBERS, MACHINES, CallFilter, call_filter
from conda_bridge.processes.system_places import interpreter
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
    "path",
    [
        "/etc/shadow",
        "/etc/passwd",
        "/proc/1/root/etc/passwd",
        "/proc/keys",
        "/usr/local/etc",
        "/usr/src",
        "/var/log",
        str(Path(__file__)),
    ],
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
    assert seen <= {
        "HOME",
        "LANG",
        "LC_CTYPE",
        "PATH",
        "OMP_NUM_THREADS",
        "PWD",
        "SOURCE_DATE_EPOCH",
        "TMPDIR",
    }


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


# ---------------------------------------------------------------- what of the kernel is closed

CALL = """\
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
number = {numbers}[platform.machine()]
done = libc.syscall(*(ctypes.c_long(word) for word in (number, *{arguments})))
return done if done >= 0 else errno.errorcode[ctypes.get_errno()]
"""


def _call(make_backend: MakeBackend, name: str, *arguments: int) -> str:
    numbers = dict(zip(MACHINES, CALL_NUMBERS[name], strict=True))
    return make_backend(backend_text(CALL.format(numbers=numbers, arguments=arguments))).summary()


@pytest.mark.parametrize(
    "name", ["keyctl", "add_key", "bpf", "io_uring_setup", "perf_event_open", "userfaultfd"]
)
def test_program_can_make_no_use_of_calls_that_no_backend_needs(make_backend: MakeBackend, name: str) -> None:
    assert _call(make_backend, name, 0, 0, 0, 0, 0) == "EPERM"


@pytest.mark.parametrize("name", ["unshare", "clone"])
def test_program_gets_no_namespace_in_which_it_has_rights(make_backend: MakeBackend, name: str) -> None:
    clone_newuser = 0x10000000
    assert _call(make_backend, name, clone_newuser, 0, 0, 0, 0) == "EPERM"


def test_program_cannot_start_processes_by_the_call_that_hides_its_flags(make_backend: MakeBackend) -> None:
    assert _call(make_backend, "clone3", 0, 0) == "ENOSYS"


def test_program_has_a_session_keyring_of_its_own(
    make_backend: MakeBackend, sandbox: Sandbox, tmp_path: Path
) -> None:
    # Without the filter, which would not let it tell.
    del make_backend
    number = CALL_NUMBERS["keyctl"][list(MACHINES).index(platform.machine())]
    ask = f"import ctypes; print(ctypes.CDLL(None).syscall({number}, 0, -3, 0))"
    outside = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    if outside.strip() == "-1":
        pytest.skip("this kernel has no keys")
    command = sandbox_command(sandbox, SandboxRun(program=(interpreter(), "-I", "-S", "-c", ask)))
    place = command.index(f"{INSIDE}/guard.py") + 1
    plan = json.loads(command[place])
    plan["filter"] = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000).hex()
    command[place] = json.dumps(plan)
    inside = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert int(inside) > 0
    assert int(inside) != int(outside)


@pytest.mark.parametrize("family", [17, 38, 40], ids=["packet", "alg", "vsock"])
def test_program_has_no_sockets_but_those_of_networks(make_backend: MakeBackend, family: int) -> None:
    body = f"return [socket.socket(f, socket.SOCK_DGRAM).family.name for f in (1, 2, 10)], socket.socket({family}, 1)"
    assert "Address family not supported" in _refused(make_backend, body).message


def test_program_gets_no_memory_that_is_not_counted(make_backend: MakeBackend) -> None:
    body = """\
import ctypes
libc = ctypes.CDLL(None)
try: os.memfd_create("x")
except OSError as error: return error.strerror, libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600)
"""
    assert make_backend(backend_text(body)).summary() == "('Function not implemented', -1, -1)"


def test_probe_finds_a_sandbox_without_a_filter(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    allow_all = CallFilter(
        program=struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000), numbers=_filter_of_this_machine().numbers
    )
    monkeypatch.setattr("conda_bridge.processes.sandbox_commands.call_filter", lambda _machine: allow_all)
    assert any("it can call" in complaint for complaint in complaints_about(sandbox))


def _filter_of_this_machine() -> CallFilter:
    found = call_filter(platform.machine())
    assert found is not None
    return found


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


def test_empty_files_are_counted(make_backend: MakeBackend, sandbox: Sandbox) -> None:
    if sandbox.kind == "bubblewrap":
        pytest.skip("bubblewrap has no option for it")
    error = _refused(make_backend, "for n in range(99_999):\n    open(f'/tmp/{n}', 'wb').close()")
    assert "No space left" in error.message


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


def test_arguments_that_others_see_tell_no_settings(tmp_path: Path, sandbox: Sandbox) -> None:
    backend = new_backend(tmp_path, sandbox, backend_text("time.sleep(3)"))
    call = BackendCall(
        source=str(backend.source), backend="own_backend", backend_path=(".",), settings=(("a", "s3cret"),)
    )
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(prepare_metadata, call, backend.environment, sandbox, SMALL)
        assert _eventually(lambda: _processes_with("hooks.py"))
        assert not _processes_with("s3cret")
        assert answer.result().metadata


def test_sandbox_ends_when_we_are_killed(sandbox: Sandbox) -> None:
    code = f"""\
from conda_bridge.processes.sandbox import Sandbox, SandboxRun, run_sandboxed
run_sandboxed({sandbox!r}, SandboxRun(program=("/bin/sleep", "613.25")))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        # What merely has the command among its arguments is still setting up, and not yet told to die with its parent.
        assert _eventually(lambda: any(line.startswith("/bin/sleep") for line in _processes_with("613.25")))
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
            if word in line and int(folder.name) not in {os.getpid(), os.getppid()}:
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
