"""An argument list -> how the foreign program ended and what it wrote, bounded in time.

A child gets its own session, so that it is killed with all that it started; on its standard input what the caller
gives it, mostly nothing; only the environment that the caller writes down, and never a shell. What it writes goes to
files, of which the end is kept: a child can't fill our memory, nor block on a full pipe.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

__all__ = ["ChildResult", "ChildStreams", "dying_with_us", "run_child"]

_KEPT_BYTES = 1 << 16
_HAS_SESSIONS = sys.platform != "win32"
_UMASK = 0o022 if _HAS_SESSIONS else -1
"""What a child writes is ours to give to another user, such as a sandbox's; it lies in folders that only we may enter."""


# Source: prctl(2), PR_SET_PDEATHSIG is 1. Who was orphaned before the call would live on.
_PROLOGUE = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.getppid() == int(sys.argv[1]) or os._exit(1)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStreams:
    """What a child reads, and how much of what it writes is kept."""

    given: str = ""
    """All of its standard input."""
    kept_bytes: int = _KEPT_BYTES
    """Of the end of standard output."""
    output: IO[bytes] | None = None
    """The file that standard output goes to, for what is large or no text; the result has nothing of it then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult:
    """How a child ended."""

    arguments: tuple[str, ...]
    exit_status: int
    """As the operating system has it; negative: killed by that signal."""
    is_timed_out: bool = False
    output: str = ""
    """The last `kept_bytes` of standard output."""
    errors: str = ""
    """The last 64 KiB of standard error."""


def run_child(
    arguments: Sequence[str],
    *,
    folder: str,
    environment: Mapping[str, str],
    timeout_s: float,
    streams: ChildStreams = ChildStreams(),
) -> ChildResult:
    """Run a program to its end, or kill it and all that it started when the time is up.

    It is killed as well when we are interrupted. `environment` is the child's whole environment; its PATH
    finds the program.

    Raises:
        FileNotFoundError: there is no such program.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        given.write(streams.given.encode("utf-8"))
        given.seek(0)
        child = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            list(arguments),
            cwd=folder,
            env=dict(environment),
            stdin=given if streams.given else subprocess.DEVNULL,
            stdout=streams.output or output,
            stderr=errors,
            start_new_session=_HAS_SESSIONS,
            umask=_UMASK,
        )
        is_timed_out = False
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            is_timed_out = True
        finally:
            if child.poll() is None:
                _kill(child)
        return ChildResult(
            arguments=tuple(arguments),
            exit_status=child.returncode,
            is_timed_out=is_timed_out,
            output=_end_of(output, streams.kept_bytes),
            errors=_end_of(errors, _KEPT_BYTES),
        )


def dying_with_us(arguments: Sequence[str]) -> list[str]:
    """Return the argument list of a program that the kernel kills when we end, however we end; on Linux only.

    What that program starts itself is not killed with it.
    """
    if sys.platform != "linux":
        return list(arguments)
    become = f"{_PROLOGUE}; os.execv(sys.argv[2], sys.argv[2:])"
    return [sys.executable, "-I", "-S", "-c", become, str(os.getpid()), *arguments]


def _kill(child: "subprocess.Popen[bytes]") -> None:
    # Not yet reaped, so that its number, which is its group's too, can't belong to anybody else.
    if sys.platform == "win32":
        child.kill()
    else:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _end_of(file: IO[bytes], kept_bytes: int) -> str:
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(max(0, size_bytes - kept_bytes))
    return file.read().decode("utf-8", errors="replace")
