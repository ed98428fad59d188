"""A request to rattler or rattler-build -> its answer, worked out in a child process of its own.

These libraries hold the interpreter's lock for a whole build, can't be interrupted, and may abort a process at its end.
So each request gets a worker, `python -m conda_bridge.adapters.worker`, in a process session of its own, with an
environment made from nothing and kept apart as `isolation` says. It reads one line of JSON and writes lines of JSON:
`log` as things are said, and last `result` or `error`: the answer, if the process then ends by itself. What scripts say
comes another way, and can't be taken for it: see `worker_lines`.

Nothing of a worker survives its request: not on success, not on failure, not when we are interrupted, and not when we
are killed, for then the guardian that it runs under misses us.
"""

import json
import os
import secrets
import selectors
import site
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias

import conda_bridge.errors
from conda_bridge.errors import EngineError
from conda_bridge.model.build import Isolation
from conda_bridge.processes.guardian import LEFT_BEHIND
from conda_bridge.processes.isolation import (
    Isolator,
    Shown,
    call_filter_here,
    find_isolator,
    isolation_of,
    setup_of,
)
from conda_bridge.processes.limits import LEAST_FREE_BYTES, SpaceWatch, Watch
from conda_bridge.processes.minimal_path import minimal_path
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.processes.sessions import end_session
from conda_bridge.processes.worker_lines import Conversation, Json, WorkerMessage

__all__ = [
    "Json",
    "WorkerAnswer",
    "WorkerMessage",
    "WorkerPlace",
    "WorkerRequest",
    "Workers",
    "run_worker",
    "worker_environment",
]

_Source: TypeAlias = Literal["output", "answers"]
_Expected: TypeAlias = "tuple[str, WorkerPlace, int]"
"""An operation, its place, and the thread that will ask for it."""

_WORKER = "conda_bridge.adapters.worker"
_GUARDIAN = "conda_bridge.processes.guardian"
_READ_BYTES = 1 << 16
_MOST_READS = 16
_RUN_SCRIPTS = frozenset({"build", "test"})
_KILLED_BY_SIGNAL = 128
_GUARDIAN_PATIENCE_S = 20.0
_PAUSE_S = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRequest:
    """What a worker is asked."""

    operation: str
    """`index`, `solve`, `install`, `find`, `render`, `build`, `test`."""
    arguments: Mapping[str, Json]

    def as_line(self, key: str = "") -> str:
        """Return the line of JSON that the worker reads; with a key it seals its answers."""
        sealing = {"key": key} if key else {}
        return json.dumps({"operation": self.operation, "arguments": self.arguments, **sealing}) + "\n"


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
class WorkerAnswer:
    """What a worker found out."""

    result: Mapping[str, Json]
    isolation: Isolation
    duration_s: float
    has_left_behind: bool = False
    """True where processes that scripts had left behind kept it waiting, and were ended."""


def _say_nothing(message: WorkerMessage) -> None:
    """Pass over a message."""


class Workers:
    """Starts workers; those that are expected before they are asked, since a start takes a tenth of a second."""

    def __init__(self) -> None:
        self._expected: dict[_Expected, tuple[ExitStack, _Run] | None] = {}

    @contextmanager
    def expecting(self, operation: str, place: WorkerPlace, *, is_now: bool = False) -> Iterator[None]:
        """Have a worker ready for one request of this operation, in just this place and by this thread.

        It is started while another one works, or now. Who isn't asked next, once it is there, is ended.
        """
        # The kernel ends a worker with the thread that started it.
        expected = (operation, place, threading.get_ident())
        self._expected[expected] = None
        try:
            if is_now:
                self._start_expected()
            yield
        finally:
            if found := self._expected.pop(expected, None):
                found[0].close()

    def run(
        self,
        request: WorkerRequest,
        *,
        place: WorkerPlace,
        timeout_s: float,
        on_message: Callable[[WorkerMessage], None] = _say_nothing,
        stopped: threading.Event | None = None,
    ) -> WorkerAnswer:
        """Have a request worked out in a process of its own, of which nothing is left when this returns or raises.

        `on_message` is called in this thread; what it raises ends the worker. Where `stopped` is set by another
        thread, the worker is ended, too, and this raises KeyboardInterrupt.

        Raises:
            EngineError: `engine-missing`, `engine-crashed`, `build-timeout`, `disk-full`.
            BridgeError: what the operation is documented to fail with.
        """
        started = time.monotonic()
        isolator = place.isolator or find_isolator()
        with ExitStack() as stack:
            run = self._taken(request.operation, place, stack)
            log = (
                stack.enter_context(Path(place.log_path).open("ab", buffering=0)) if place.log_path else None
            )
            conversation = Conversation(
                operation=request.operation, key=secrets.token_hex(), on_message=on_message, log=log
            )
            run.send(request.as_line(conversation.key))
            self._start_expected()
            watched = (
                (*place.writable, place.cache_dir, place.tree) if request.operation in _RUN_SCRIPTS else ()
            )
            space = SpaceWatch(folders=tuple(filter(None, watched)), least_free_bytes=place.least_free_bytes)
            for source, data in run.received(
                Watch(deadline=started + timeout_s, stopped=stopped, space=space)
            ):
                conversation.hear(source, data)
            conversation.finish()
            status = run.ended()
        if conversation.failure:
            raise conversation.failure
        if conversation.result is None or status > _KILLED_BY_SIGNAL:
            # Who is killed hasn't said what it wanted to say, whatever that was before.
            raise EngineError("engine-crashed", _how_it_ended(request.operation, status))
        return WorkerAnswer(
            result=conversation.result,
            isolation=isolation_of(isolator, has_network=place.has_network),
            duration_s=time.monotonic() - started,
            has_left_behind=status == LEFT_BEHIND,
        )

    def _start_expected(self) -> None:
        for expected, found in list(self._expected.items()):
            operation, place, thread = expected
            isolator = place.isolator or find_isolator()
            # Elsewhere a build could get at who waits.
            if found is None and thread == threading.get_ident() and isolator.kind == "bubblewrap":
                stack = ExitStack()
                with suppress(OSError):  # it is met again, and told, when the worker is asked
                    self._expected[expected] = (
                        stack,
                        stack.enter_context(_started(place, isolator, operation)),
                    )

    def _taken(self, operation: str, place: WorkerPlace, stack: ExitStack) -> "_Run":
        """Return who is ready, or else a new one, that ends with the stack."""
        thread = threading.get_ident()
        found = self._expected.pop((operation, place, thread), None)
        self._end_passed_over(thread)
        if found:
            stack.push(found[0])
            if not found[1].has_ended():
                return found[1]
        return stack.enter_context(_started(place, place.isolator or find_isolator(), operation))

    def _end_passed_over(self, thread: int) -> None:
        """End who is ready for a thread that asks for something else: it would be there for as long as that takes."""
        for expected, found in list(self._expected.items()):
            if found and expected[-1] == thread:
                del self._expected[expected]
                found[0].close()


def run_worker(
    request: WorkerRequest,
    *,
    place: WorkerPlace,
    timeout_s: float,
    on_message: Callable[[WorkerMessage], None] = _say_nothing,
    stopped: threading.Event | None = None,
) -> WorkerAnswer:
    """Have a request worked out in a fresh process; see `Workers.run`."""
    return Workers().run(request, place=place, timeout_s=timeout_s, on_message=on_message, stopped=stopped)


def _how_it_ended(operation: str, status: int) -> str:
    number = status - _KILLED_BY_SIGNAL
    how = f"was killed by signal {number}" if number > 0 else f"ended with status {status}"
    return f"the worker for {operation!r} {how} and gave no answer that counts"


# ---------------------------------------------------------------- the process


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
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
                return _KILLED_BY_SIGNAL + found.si_status if is_killed else found.si_status
            time.sleep(_PAUSE_S)
        return _KILLED_BY_SIGNAL


@contextmanager
def _started(place: WorkerPlace, isolator: Isolator, operation: str) -> Iterator[_Run]:
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
            yield _Run(child=child, answers=answers)
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
        env=worker_environment(place, setup.temporary),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=passed,
        start_new_session=True,
        # The modes of files in packages are not the user's taste.
        umask=0o022,
    )


def worker_environment(place: WorkerPlace, temporary: str) -> dict[str, str]:
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
