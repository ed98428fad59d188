"""The bytes that come out of a worker -> what was said, and its answer.

A worker runs scripts of strangers, which may find its pipe. So a line counts only with the seal of the worker, made with a
key that nobody else was told; and of a sealed line only what its operation documents. Anything else is `engine-crashed`
of this one request, whoever wrote it.

Source: RFC 2104 (HMAC).
"""

import hmac
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Literal, TypeAlias

import conda_bridge.errors
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.model.codes import code_of

__all__ = ["Conversation", "Json", "WorkerMessage"]

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
_Level = Literal["info", "warning", "error"]

_LEVELS: Mapping[str, _Level] = {"info": "info", "warning": "warning", "error": "error"}
_MOST_SHOWN_BYTES = 1 << 16
"""Of a line that is said. Nobody reads on."""
_MOST_ANSWER_BYTES = 1 << 26
_MOST_LOG_BYTES = 200_000_000
_FAILURES: Mapping[str, frozenset[str]] = {
    "index": frozenset({"index-failed"}),
    "find": frozenset({"distributor-unreachable", "unsatisfiable"}),
    "solve": frozenset({"distributor-unreachable", "unsatisfiable"}),
    "install": frozenset({"distributor-unreachable", "hash-mismatch", "install-failed", "unsatisfiable"}),
    "render": frozenset({"engine-refuses-recipe", "unsatisfiable"}),
    "build": frozenset({"build-failed", "engine-refuses-recipe", "hash-mismatch", "unsatisfiable"}),
    "test": frozenset({"hash-mismatch", "unsatisfiable"}),
}
"""What each operation is documented to fail with, beside what any may."""
_OF_UNKNOWN = frozenset({"usage"})
_OF_ANY = frozenset({"engine-crashed", "engine-missing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerMessage:
    """A line that the worker, or what it runs, said."""

    text: str
    level: _Level = "info"


@dataclass(slots=True, kw_only=True)
class _Lines:
    """Bytes as they come -> lines, each cut where it is too long; in time and memory that grow no faster than the bytes."""

    most_bytes: int
    _held: bytearray = field(default_factory=bytearray)

    def of(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that are whole by now."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._hold(end)
            yield self.rest()
        self._hold(rest)

    def rest(self) -> bytes:
        """Return what is held of a line, and begin the next one."""
        line = bytes(self._held)
        self._held.clear()
        return line

    def _hold(self, part: bytes) -> None:
        self._held += part[: self.most_bytes - len(self._held)]


@dataclass(slots=True, kw_only=True)
class Conversation:
    """What is heard of one worker."""

    operation: str
    key: str
    """Told to the worker alone."""
    on_message: Callable[[WorkerMessage], None]
    log: IO[bytes] | None = None
    most_log_bytes: int = _MOST_LOG_BYTES
    result: Mapping[str, Json] | None = None
    failure: BridgeError | None = None
    """What the worker met, of its own class; at most one of the two is there."""
    _output: _Lines = field(default_factory=lambda: _Lines(most_bytes=_MOST_SHOWN_BYTES))
    _answers: _Lines = field(default_factory=lambda: _Lines(most_bytes=_MOST_ANSWER_BYTES))
    _is_log_full: bool = False

    def hear(self, source: Literal["output", "answers"], data: bytes) -> None:
        """Take note of some bytes of the worker's.

        Raises:
            EngineError: `engine-crashed`: they aren't what a worker says.
        """
        if source == "answers":
            for line in self._answers.of(data):
                self._take(line)
            return
        # Said past the worker: by a library that gives up, or a program that holds on to our output.
        for line in self._output.of(data):
            self._say(line.decode("utf-8", errors="replace"), "warning")

    def finish(self) -> None:
        """Take note of what was said last, without the end of its line; an answer without it was cut off."""
        if rest := self._output.rest():
            self._say(rest.decode("utf-8", errors="replace"), "warning")

    def _take(self, line: bytes) -> None:
        if self.result is not None or self.failure is not None:
            raise self._crashed("said more after its answer")
        said = self._opened(line)
        match said:
            case {"kind": "log", "text": str(text), "level": str(level)} if level in _LEVELS:
                self._say(text, _LEVELS[level])
            case {"kind": "result", "value": dict(value)}:
                self.result = value
            case {"kind": "error"}:
                self.failure = self._failure(said)
            case _:
                raise self._crashed("said what no worker says")

    def _opened(self, line: bytes) -> Json:
        seal, _, text = line.partition(b" ")
        right = hmac.digest(self.key.encode("ascii"), text, "sha256").hex().encode("ascii")
        if not hmac.compare_digest(seal, right):
            raise self._crashed("had its answers interfered with: a line isn't its own")
        try:
            said: Json = json.loads(text)
            # Half a character of a pair can be written down in JSON, and nowhere else.
            json.dumps(said, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise self._crashed("said what can't be read") from error
        return said

    def _failure(self, told: Json) -> BridgeError:
        match told:
            case {
                "class": str(name),
                "slug": str(slug),
                "message": str(message),
                "where": (str() | None) as where,
                "hint": (str() | None) as hint,
            } if slug in _FAILURES.get(self.operation, _OF_UNKNOWN) | _OF_ANY:
                if name == code_of(slug).error_class:
                    failure = getattr(conda_bridge.errors, name)(
                        slug, message, where=where or None, hint=hint or None
                    )
                    assert isinstance(failure, BridgeError)
                    return failure
        raise self._crashed("failed with what it isn't documented to fail with")

    def _crashed(self, what: str) -> EngineError:
        return EngineError("engine-crashed", f"the worker for {self.operation!r} {what}")

    def _say(self, text: str, level: _Level) -> None:
        for line in text.split("\n"):
            shown = line[:_MOST_SHOWN_BYTES]
            self._write(shown)
            self.on_message(WorkerMessage(text=shown, level=level))

    def _write(self, line: str) -> None:
        if self.log is None or self._is_log_full:
            return
        data = line.encode("utf-8") + b"\n"
        if os.fstat(self.log.fileno()).st_size + len(data) > self.most_log_bytes:
            self._is_log_full = True
            told = f"the log is cut here: it would be longer than {self.most_log_bytes:,} bytes"
            data = told.encode("ascii") + b"\n"
            self.on_message(WorkerMessage(text=told, level="warning"))
        self.log.write(data)
