"""A worker's process: started in a session and an environment of its own, listened to, and ended with all that it started.

It runs under a guardian, which misses us when we are killed. Two pipes lead out of it: one for the answers, that only the
worker has, and its output, that whatever scripts start has, too.
"""

import json
import os
import selectors
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias

import conda_bridge.errors
from conda_bridge.processes.isolation import Isolator, Shown, call_filter_here, setup_of
from conda_bridge.processes.minimal_path import minimal_path
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.processes.sessions import end_session
from conda_bridge.processes.watch import LEAST_FREE_BYTES, Watch

__all__ = ["KILLED_BY_SIGNAL", "WorkerPlace", "WorkerProcess", "started_worker"]

KILLED_BY_SIGNAL = 128
"""What is added to the signal's number, as shells do."""
_Source: TypeAlias = Literal["output", "answers"]

_WORKER = "conda_bridge.adapters.worker"
_GUARDIAN = "conda_bridge.processes.guardian"
_READ_BYTES = 1 << 16
_MOST_READS = 16
_GUARDIAN_PATIENCE_S = 20.0
_PAUSE_S = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPlace:
    """Where a worker works and what it sees."""

    readable: tuple[str, ...] = ()
    """Files and folders beside the system's own and the interpreter's."""
    writable: tuple[str, ...] = ()
    """Folders, made where they don't exist."""
    tree: str = ""
    """A folder, made where it doesn't exist, in which files can be linked from one to the other of those that are written;
    empty: they may have to be copied."""
    has_network: bool = False
    tools: tuple[str, ...] = ()
    """Folders of programs that are found before the system's basic ones, and no others are found."""
    cache_dir: str = ""
    """Where rattler keeps packages and repodata; empty: nowhere beyond the request."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables beside PATH, HOME and the like. Build scripts don't see them, but their processes could find out."""
    log_path: str = ""
    """A file to which everything that is said is appended as it comes; empty: to none."""
    isolator: Isolator | None = None
    """None means the best that works here."""
    least_free_bytes: int = LEAST_FREE_BYTES
    """Where scripts are run and less is free in the writable folders, the worker is ended."""
    program: tuple[str, ...] = ()
    """A foreign program, by its absolute path, and its first arguments, that answers in the worker's place: of an
    engine that lives in an interpreter of its own. Its last argument is the number of the file for answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerProcess:
    """A child that is a worker, or becomes one, under its guardian."""

    child: "subprocess.Popen[bytes]"
    answers: IO[bytes]

    def send(self, line: str) -> None:
        """Give the worker its request; the pipe stays open, since its end says that we are gone."""
        assert self.child.stdin
        try:
            self.child.stdin.write(line.encode("utf-8"))
            self.child.stdin.flush()
        except BrokenPipeError:
            return  # it has ended already, which is found out soon

    def received(self, watch: Watch) -> Iterator[tuple[_Source, bytes]]:
        """Yield (where it was said, bytes) until the worker has ended.

        Raises:
            EngineError: `build-timeout`, `disk-full`.
        """
        assert self.child.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ, "answers")
            selector.register(self.child.stdout, selectors.EVENT_READ, "output")
            # Others may hold its output open, but only the worker has the pipe of answers.
            while self.answers in (key.fileobj for key in selector.get_map().values()):
                for key, _ in selector.select(watch.patience_s()):
                    data = os.read(key.fd, _READ_BYTES)
                    if data:
                        yield key.data, data
                    else:
                        selector.unregister(key.fileobj)
        yield from self._rest()

    def _rest(self) -> Iterator[tuple[_Source, bytes]]:
        assert self.child.stdout
        os.set_blocking(self.child.stdout.fileno(), False)
        # No more than a pipe holds: who is left behind may go on for ever.
        for _ in range(_MOST_READS):
            try:
                data = os.read(self.child.stdout.fileno(), _READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                return
            yield "output", data

    def has_ended(self) -> bool:
        """Return whether it is dead; it is reaped later."""
        return os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def ended(self) -> int:
        """Return the exit status, once the worker's guardian has ended what the worker left behind."""
        deadline = time.monotonic() + _GUARDIAN_PATIENCE_S
        while time.monotonic() < deadline:
            # It is reaped later: until then its number, which is the session's, is nobody else's.
            found = os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                is_killed = found.si_code != os.CLD_EXITED
                return KILLED_BY_SIGNAL + found.si_status if is_killed else found.si_status
            time.sleep(_PAUSE_S)
        return KILLED_BY_SIGNAL


@contextmanager
def started_worker(place: WorkerPlace, isolator: Isolator, operation: str) -> Iterator[WorkerProcess]:
    """Start a worker that will be asked for the operation; nothing of it is left afterwards."""
    for folder in (*place.writable, *filter(None, [place.cache_dir, place.tree])):
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    with ExitStack() as stack:
        scratch = str(stack.enter_context(scratch_folder("worker")))
        for name in ("shown/home", "shown/bin"):
            Path(scratch, name).mkdir(parents=True)
        minimal_path(f"{scratch}/shown/bin")
        reading, writing = os.pipe()
        answers = stack.enter_context(os.fdopen(reading, "rb", buffering=0))
        passed: list[IO[bytes]] = [stack.enter_context(os.fdopen(writing, "wb", buffering=0))]
        if isolator.kind == "bubblewrap" and (calls := call_filter_here()):
            passed.append(stack.enter_context(tempfile.TemporaryFile()))
            passed[-1].write(calls)
            passed[-1].seek(0)
        program = place.program or (_WORKER, operation)
        child = _popen(place, isolator, (scratch, *program), [file.fileno() for file in passed])
        for file in passed:
            file.close()
        try:
            yield WorkerProcess(child=child, answers=answers)
        finally:
            _end(child)


def _popen(
    place: WorkerPlace, isolator: Isolator, program: tuple[str, ...], passed: list[int]
) -> "subprocess.Popen[bytes]":
    scratch, *words = program
    shown = Shown(
        readable=(*place.readable, *place.tools),
        writable=(*place.writable, *filter(None, [place.cache_dir])),
        tree=place.tree,
        temporary=f"{scratch}/shown",
        has_network=place.has_network,
        filter_number=passed[1] if len(passed) > 1 else -1,
    )
    setup = setup_of(isolator, shown)
    guardian = (*_interpreter(), "-m", _GUARDIAN, json.dumps(setup.rules))
    return subprocess.Popen(  # noqa: S603 - an argument list, never a shell
        [*setup.command, *guardian, *words, str(passed[0])],
        cwd="/",
        env=_environment(place, setup.temporary),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=passed,
        start_new_session=True,
        # The modes of files in packages are not the user's taste.
        umask=0o022,
    )


def _environment(place: WorkerPlace, temporary: str) -> dict[str, str]:
    """Return the whole environment of a worker whose private folders are in `temporary`."""
    return {
        "PATH": os.pathsep.join((*place.tools, f"{temporary}/bin")),
        "HOME": f"{temporary}/home",
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "RATTLER_CACHE_DIR": place.cache_dir or f"{temporary}/cache",
        **({"PYTHONUSERBASE": site.getuserbase()} if _is_installed_for_one_user() else {}),
        **dict(place.environment),
    }


def _interpreter() -> tuple[str, ...]:
    """Return our interpreter, told to look for modules only where packages are installed."""
    return sys.executable, "-P" if _is_installed_for_one_user() else "-I"


def _is_installed_for_one_user() -> bool:
    """Return whether we were installed by `pip install --user`: isolated interpreters don't look there."""
    return bool(site.ENABLE_USER_SITE) and Path(conda_bridge.errors.__file__).is_relative_to(
        site.getusersitepackages()
    )


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the session and reap its leader, whose number is another's only afterwards."""
    end_session(child.pid)
    child.kill()
    for stream in (child.stdin, child.stdout):
        assert stream
        stream.close()
    child.wait()
