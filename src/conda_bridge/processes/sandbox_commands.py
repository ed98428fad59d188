"""What is run in a sandbox -> the command line that sets the sandbox up.

Both kinds show the same: the system's programs and what they need, the interpreter, what the caller names and our own
programs, all of it read-only, and an empty `/tmp` in memory. In both the same guard does the rest.
"""

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conda_bridge.processes.syscall_filter import call_filter
from conda_bridge.processes.system_places import (
    SYSTEM_FILES,
    ancestors,
    interpreter,
    interpreter_folders,
    masked_files,
    system_places,
)

__all__ = [
    "INSIDE",
    "Sandbox",
    "SandboxLimits",
    "SandboxRun",
    "sandbox_command",
    "shown_folders",
]

INSIDE = "/inside"
"""Where the sandbox shows our own programs."""

_NOBODY = 65534
_SECOND_BYTES = 1 << 24
_PROGRAMS = str(Path(__file__).with_name("inside"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What a program may use up."""

    wall_s: float = 120.0
    """Of the clock, for everything together."""
    cpu_s: int = 120
    """Of processor time, for each process."""
    memory_bytes: int = 2 << 30
    """Address space, for each process; there is no bound for all of them together."""
    file_bytes: int = 256 << 20
    """Of each file that is written, standard output included."""
    scratch_bytes: int = 1 << 30
    """Of all files together."""
    processes: int = 128
    """Threads included."""
    open_files: int = 1024

    def as_resource_limits(self) -> dict[str, int]:
        """Return the limits that a process carries, by the names of the module `resource`."""
        return {
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A way to run foreign programs on this machine."""

    kind: Literal["bubblewrap", "unshare"]
    program: str
    """The path of `bwrap` or `unshare`."""
    becomes_nobody: bool
    """True where the guard gives up being root; otherwise a user namespace does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRun:
    """What is run, and what it sees."""

    program: tuple[str, ...]
    """Absolute path first."""
    readable: tuple[str, ...] = ()
    """Folders that are shown at their own places, beside the system's and the interpreter's."""
    given: str = ""
    """What it reads from standard input: other users see arguments."""
    path: tuple[str, ...] = ("/usr/local/bin", "/usr/bin", "/bin")
    limits: SandboxLimits = SandboxLimits()

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the program."""
        return {
            "PATH": os.pathsep.join(self.path),
            "HOME": "/tmp/home",  # noqa: S108 - a file system of its own
            "TMPDIR": "/tmp",  # noqa: S108
            "LANG": "C.UTF-8",
            "SOURCE_DATE_EPOCH": "315532800",
            # A thread for each of many processors needs more address space than there is.
            "OMP_NUM_THREADS": "1",
        }


def sandbox_command(sandbox: Sandbox, run: SandboxRun) -> list[str]:
    """Return the argument list that runs the program in the sandbox, on a machine whose system calls are known."""
    calls = call_filter(platform.machine())
    assert calls is not None, "a sandbox without a filter isn't used"
    plan = {
        "uid": _NOBODY if sandbox.becomes_nobody else 0,
        "limits": run.limits.as_resource_limits(),
        "filter": calls.program.hex(),
        "keyctl": calls.numbers["keyctl"],
    }
    guarded = [interpreter(), "-I", "-S", f"{INSIDE}/guard.py", json.dumps(plan), *run.program]
    setup = _bubblewrap if sandbox.kind == "bubblewrap" else _unshare
    return [*setup(sandbox, run), *guarded]


# ---------------------------------------------------------------- what is shown


def shown_folders(run: SandboxRun) -> tuple[str, ...]:
    """Return the existing folders that are shown at their own places, each once, outer ones first."""
    folders = dict.fromkeys((*interpreter_folders(), *run.readable))
    return tuple(sorted(folder for folder in folders if Path(folder).is_dir()))


# ---------------------------------------------------------------- bubblewrap


def _bubblewrap(sandbox: Sandbox, run: SandboxRun) -> list[str]:
    if sandbox.becomes_nobody:
        spaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        rights = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        spaces = ["--unshare-all", "--unshare-user", "--uid", str(_NOBODY), "--gid", str(_NOBODY)]
        rights = ["--cap-drop", "ALL"]
    return [
        sandbox.program,
        *spaces,
        *rights,
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "sandbox",
        "--clearenv",
        *(part for name, value in run.environment.items() for part in ("--setenv", name, value)),
        *_bubblewrap_files(run),
        "--",
    ]


def _bubblewrap_files(run: SandboxRun) -> list[str]:
    shown = shown_folders(run)
    system = tuple(system_places())
    files = ["--proc", "/proc", "--dev", "/dev"]
    for path in masked_files():
        files += ["--ro-bind", os.devnull, path]
    files += ["--perms", "1777", "--size", str(_SECOND_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108
    files += ["--perms", "1777", "--size", str(run.limits.scratch_bytes), "--tmpfs", "/tmp"]  # noqa: S108
    for folder in ancestors((*(path for path, _ in system), *shown, *SYSTEM_FILES)):
        # Left to itself, bubblewrap gives folders the mode that they have outside, often only their owner's.
        files += ["--perms", "0755", "--dir", folder]
    for path, target in system:
        files += ["--symlink", target, path] if target else ["--ro-bind", path, path]
    for path in SYSTEM_FILES:
        files += ["--ro-bind-try", path, path]
    for folder in shown:
        files += ["--ro-bind", folder, folder]
    return [*files, "--ro-bind", _PROGRAMS, INSIDE, "--remount-ro", "/"]


# ---------------------------------------------------------------- unshare


def _unshare(sandbox: Sandbox, run: SandboxRun) -> list[str]:
    users = [] if sandbox.becomes_nobody else ["--map-root-user"]
    # Without the signal, whoever kills us would leave what we started behind.
    started = [f"{Path(sandbox.program).parent}/setpriv", "--pdeathsig", "KILL", sandbox.program]
    spaces = [
        "--mount",
        "--net",
        "--pid",
        "--ipc",
        "--uts",
        "--fork",
        "--kill-child",
        "--propagation=private",
    ]
    return [
        *started,
        *users,
        *spaces,
        "--",
        "/bin/sh",
        f"{_PROGRAMS}/unshare.sh",
        str(run.limits.scratch_bytes),
        "0" if sandbox.becomes_nobody else str(_NOBODY),
        *_unshare_files(run),
        "--",
        *(f"{name}={value}" for name, value in run.environment.items()),
    ]


def _unshare_files(run: SandboxRun) -> list[str]:
    files = [part for path in masked_files() for part in ("mask", path)]
    for path, target in system_places():
        files += ["link", target, path] if target else ["show", path]
    for path in (*SYSTEM_FILES, *shown_folders(run)):
        files += ["show", path]
    return [*files, "show_as", _PROGRAMS, INSIDE]
