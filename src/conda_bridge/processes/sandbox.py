"""A program of strangers -> how it ended, run where it can harm nobody.

In a sandbox there are no network, no other processes, none of the user's files and nothing of the environment. The
system's programs, the interpreter and the folders that the caller names can be read; only an empty file system in
memory, of bounded size, can be written. Processor time and memory of each process, files, the number of processes and
wall time are bounded; what no backend needs of the kernel is closed. Whatever was started ends with the program. The only
way out is what it writes to standard output.

A sandbox is used only after a probe has tried in it what must be impossible.

    bubblewrap    sets everything up, for any user where user namespaces are allowed
    unshare       of util-linux, with a script that sets up the same, where bubblewrap is missing

Root's processes are never counted against the limit of processes (fork, RLIMIT_NPROC), so for root the guard inside
becomes an ordinary user instead of hiding root behind a user namespace.
"""

import json
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from conda_bridge.errors import UsageError
from conda_bridge.processes.children import ChildResult, ChildStreams, run_child
from conda_bridge.processes.sandbox_commands import (
    INSIDE,
    Sandbox,
    SandboxLimits,
    SandboxRun,
    sandbox_command,
    shown_folders,
)
from conda_bridge.processes.syscall_filter import call_filter
from conda_bridge.processes.system_places import interpreter

__all__ = [
    "INSIDE",
    "Sandbox",
    "SandboxLimits",
    "SandboxRun",
    "complaints_about",
    "find_sandbox",
    "present_sandboxes",
    "run_sandboxed",
]

_KEPT_BYTES = 1 << 25
_PROBED_HOME_ENTRIES = 50
_HIDDEN = (
    "/etc/passwd",
    "/etc/shadow",
    "/usr/etc",
    "/usr/src",
    "/usr/local/etc",
    "/usr/local/src",
    "/proc/keys",
)
# Each would fail in another way if nobody refused it.
_REFUSED_CALLS = (
    "keyctl", "add_key", "unshare", "setns", "clone3", "io_uring_setup", "perf_event_open", "userfaultfd", "ptrace",
    "shmget", "memfd_create",
)  # fmt: skip


@cache
def find_sandbox() -> Sandbox:
    """Return the first sandbox of this machine that keeps what it promises; probed once in a process.

    Raises:
        UsageError: `no-sandbox`.
    """
    tried: list[str] = []
    for sandbox in present_sandboxes():
        complaints = complaints_about(sandbox)
        if not complaints:
            return sandbox
        tried.append(f"{sandbox.kind} can't be used: {', '.join(complaints)}")
    if not tried:
        is_linux = sys.platform == "linux"
        tried.append(
            "neither bubblewrap nor unshare is installed" if is_linux else "it is made of namespaces of Linux"
        )
    raise UsageError("no-sandbox", "; ".join(dict.fromkeys(tried)))


def present_sandboxes() -> tuple[Sandbox, ...]:
    """Return the sandboxes whose programs are installed, the best first; none is tried."""
    if sys.platform != "linux":
        return ()
    kinds: tuple[tuple[Literal["bubblewrap", "unshare"], str], ...] = (
        ("bubblewrap", "bwrap"),
        ("unshare", "unshare"),
    )
    # Root of a container may be nobody special outside: then only a user namespace works.
    ways = (True, False) if os.geteuid() == 0 else (False,)
    return tuple(
        Sandbox(kind=kind, program=path, becomes_nobody=way)
        for kind, name in kinds
        if (path := shutil.which(name))
        for way in ways
    )


def run_sandboxed(
    sandbox: Sandbox,
    run: SandboxRun,
    *,
    extra: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> ChildResult:
    """Run a program in the sandbox to its end, or kill it and all that it started when the time is up.

    `extra` is the environment outside, which the program must not see. `output` is the file that its standard output
    goes to where that isn't text: the one thing outside that it can write, as large as each of its files may be.
    """
    return run_child(
        sandbox_command(sandbox, run),
        folder="/",
        environment={"PATH": os.defpath, **(extra or {})},
        timeout_s=run.limits.wall_s,
        streams=ChildStreams(given=run.given, kept_bytes=_KEPT_BYTES, output=output),
    )


# ---------------------------------------------------------------- the probe


def complaints_about(sandbox: Sandbox) -> tuple[str, ...]:
    """Return what of its promises the sandbox doesn't keep, in words; empty where it keeps them all.

    Cost: a tenth of a second.
    """
    calls = call_filter(platform.machine())
    if calls is None:
        return (
            f"the system calls of {platform.machine() or 'this machine'} aren't known, so none can be refused",
        )
    limits = SandboxLimits(
        wall_s=30,
        cpu_s=10,
        memory_bytes=512 << 20,
        file_bytes=1 << 20,
        scratch_bytes=4 << 20,
        processes=16,
    )
    with tempfile.TemporaryDirectory(prefix="conda-bridge-probe-") as outside, socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        secret = Path(outside, "secret")
        secret.write_text("secret", encoding="ascii")
        questions = {
            "secrets": [str(secret), f"{outside}/", *_HIDDEN, *_home_entries()],
            "closed": [outside, "/", "/usr", "/dev", INSIDE, os.path.dirname(interpreter())],  # noqa: PTH120
            "port": server.getsockname()[1],
            "variable": "CONDA_BRIDGE_PROBE",
            "calls": {name: calls.numbers[name] for name in _REFUSED_CALLS},
            "limits": {
                "memory_bytes": limits.memory_bytes,
                "file_bytes": limits.file_bytes,
                "scratch_bytes": limits.scratch_bytes,
                "processes": limits.processes,
            },
        }
        program = (interpreter(), "-I", "-S", f"{INSIDE}/probe.py")
        run = SandboxRun(program=program, given=json.dumps(questions), limits=limits)
        result = run_sandboxed(sandbox, run, extra={"CONDA_BRIDGE_PROBE": "secret"})
        written = [path.name for path in Path(outside).iterdir() if path.name != secret.name]
    return (*_read_answer(result), *(f"it wrote {name} outside" for name in written))


def _home_entries() -> list[str]:
    """Return some of what is in the user's home and isn't on the way to the interpreter."""
    shown = shown_folders(SandboxRun(program=()))
    try:
        entries = [str(path) for path in Path.home().iterdir()]
    except (OSError, RuntimeError):
        return []
    hidden = [path for path in entries if not any(PurePosixPath(s).is_relative_to(path) for s in shown)]
    return hidden[:_PROBED_HOME_ENTRIES]


def _read_answer(result: ChildResult) -> tuple[str, ...]:
    if result.is_timed_out:
        return ("its probe did not end",)
    if result.exit_status:
        lines = [line for line in result.errors.splitlines() if line.strip()]
        return (ascii(lines[-1].strip()[:200]) if lines else f"it ended with {result.exit_status}",)
    try:
        found = json.loads(result.output)
    except ValueError:
        return ("its probe gave no answer",)
    return tuple(str(complaint) for complaint in found)
