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
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from conda_bridge.errors import EngineError
from conda_bridge.model.build import Isolation
from conda_bridge.processes.guardian import LEFT_BEHIND
from conda_bridge.processes.isolation import find_isolator, isolation_of
from conda_bridge.processes.watch import SpaceWatch, Watch
from conda_bridge.processes.worker_lines import Conversation, Json, WorkerMessage
from conda_bridge.processes.worker_process import (
    KILLED_BY_SIGNAL,
    WorkerPlace,
    WorkerProcess,
    started_worker,
)

__all__ = [
    "Json",
    "WorkerAnswer",
    "WorkerMessage",
    "WorkerPlace",
    "WorkerRequest",
    "Workers",
    "run_worker",
]

_Expected: TypeAlias = "tuple[str, WorkerPlace, int]"
"""An operation, its place, and the thread that will ask for it."""

_RUN_SCRIPTS = frozenset({"build", "test"})


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
        self._expected: dict[_Expected, tuple[ExitStack, WorkerProcess] | None] = {}

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
            conversation = stack.enter_context(_conversation(request.operation, place, on_message))
            run.send(request.as_line(conversation.key))
            self._start_expected()
            space = _space_watch(request.operation, place)
            watch = Watch(deadline=started + timeout_s, stopped=stopped, space=space)
            for source, data in run.received(watch):
                conversation.hear(source, data)
            conversation.finish()
            status = run.ended()
        return WorkerAnswer(
            result=_result(conversation, status),
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
                        stack.enter_context(started_worker(place, isolator, operation)),
                    )

    def _taken(self, operation: str, place: WorkerPlace, stack: ExitStack) -> WorkerProcess:
        """Return who is ready, or else a new one, that ends with the stack."""
        thread = threading.get_ident()
        found = self._expected.pop((operation, place, thread), None)
        if found:
            stack.push(found[0])
        self._end_passed_over(thread)
        if found and not found[1].has_ended():
            return found[1]
        return stack.enter_context(started_worker(place, place.isolator or find_isolator(), operation))

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


@contextmanager
def _conversation(
    operation: str, place: WorkerPlace, on_message: Callable[[WorkerMessage], None]
) -> Iterator[Conversation]:
    with Path(place.log_path).open("ab", buffering=0) if place.log_path else nullcontext() as log:
        yield Conversation(operation=operation, key=secrets.token_hex(), on_message=on_message, log=log)


def _space_watch(operation: str, place: WorkerPlace) -> SpaceWatch:
    watched = (*place.writable, place.cache_dir, place.tree) if operation in _RUN_SCRIPTS else ()
    return SpaceWatch(folders=tuple(filter(None, watched)), least_free_bytes=place.least_free_bytes)


def _result(conversation: Conversation, status: int) -> Mapping[str, Json]:
    if conversation.failure:
        raise conversation.failure
    if conversation.result is None or status > KILLED_BY_SIGNAL:
        # Who is killed hasn't said what it wanted to say, whatever that was before.
        raise EngineError("engine-crashed", _how_it_ended(conversation.operation, status))
    return conversation.result


def _how_it_ended(operation: str, status: int) -> str:
    number = status - KILLED_BY_SIGNAL
    how = f"was killed by signal {number}" if number > 0 else f"ended with status {status}"
    return f"the worker for {operation!r} {how} and gave no answer that counts"
