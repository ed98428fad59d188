"""What comes out of a worker's pipe is believed where it is sealed and documented, and is a crash otherwise."""

import hmac
import json
import time
from pathlib import Path

import pytest

from conda_bridge.adapters.worker.answers import Answers
from conda_bridge.errors import EngineError, SolverError
from conda_bridge.processes.worker_lines import Conversation, WorkerMessage

_KEY = "k"


def _sealed(text: bytes, key: str = _KEY) -> bytes:
    return hmac.digest(key.encode(), text, "sha256").hex().encode() + b" " + text + b"\n"


def _conversation(operation: str = "build", heard: list[WorkerMessage] | None = None) -> Conversation:
    said: list[WorkerMessage] = [] if heard is None else heard
    return Conversation(operation=operation, key=_KEY, on_message=said.append)


def _hear(text: object, operation: str = "build") -> Conversation:
    conversation = _conversation(operation)
    conversation.hear("answers", _sealed(json.dumps(text).encode()))
    return conversation


@pytest.mark.parametrize(
    "text",
    [
        b"[1,2]",
        b"[" * 100_000,
        b"5",
        b"null",
        b"no json",
        b"\xff\xfe",
        b"",
        b"1" * 5000,
        b'{"kind": "log", "level": "info", "text": 5}',
        b'{"kind": "log", "level": "loud", "text": "x"}',
        b'{"kind": "log", "level": "info"}',
        b'{"kind": "log", "level": "info", "text": "\\ud800"}',
        b'{"kind": "result"}',
        b'{"kind": "result", "value": []}',
        b'{"kind": "result", "value": {"packages": ["\\udcff"]}}',
        b'{"kind": "dance"}',
        b'{"kind": ["log"]}',
        b'{"kind": "error"}',
        b'{"kind": "error", "class": "EngineError", "slug": "no-such-slug", "message": "", "where": "", "hint": ""}',
        b'{"kind": "error", "class": "EngineError", "slug": "usage", "message": "", "where": "", "hint": ""}',
        b'{"kind": "error", "class": "BatchError", "slug": "build-failed", "message": "", "where": "", "hint": ""}',
        b'{"kind": "error", "class": "EngineError", "slug": "build-failed", "message": 5, "where": "", "hint": ""}',
        b'{"kind": "error", "class": "EngineError", "slug": ["build-failed"], "message": "", "where": "", "hint": ""}',
    ],
)
def test_line_that_no_worker_says_is_a_crash_of_that_worker(text: bytes) -> None:
    with pytest.raises(EngineError) as caught:
        _conversation().hear("answers", _sealed(text))

    assert caught.value.slug == "engine-crashed"


@pytest.mark.parametrize("seal", [b"", b"0" * 64 + b" ", b"\xc3\xa9 "])
def test_answer_without_the_seal_is_a_crash(seal: bytes) -> None:
    with pytest.raises(EngineError, match="isn't its own"):
        _conversation().hear("answers", seal + b'{"kind": "result", "value": {}}\n')


def test_second_answer_is_a_crash() -> None:
    conversation = _hear({"kind": "result", "value": {}})

    with pytest.raises(EngineError, match="after its answer"):
        conversation.hear("answers", _sealed(b'{"kind": "result", "value": {"packages": []}}'))


def test_answer_that_is_cut_off_is_none() -> None:
    conversation = _conversation()

    conversation.hear("answers", _sealed(b'{"kind": "result", "value": {}}')[:-1])
    conversation.finish()

    assert conversation.result is None


_UNSATISFIABLE = {
    "class": "SolverError",
    "slug": "unsatisfiable",
    "message": "no",
    "where": None,
    "hint": None,
}


@pytest.mark.parametrize("operation", ["build", "test"])
def test_failure_counts_where_its_operation_documents_it(operation: str) -> None:
    failure = _hear({"kind": "error", **_UNSATISFIABLE}, operation).failure

    assert isinstance(failure, SolverError)
    assert failure.message == "no"


@pytest.mark.parametrize("operation", ["index", "dance"])
def test_failure_of_another_operation_is_a_crash(operation: str) -> None:
    with pytest.raises(EngineError, match="isn't documented"):
        _hear({"kind": "error", **_UNSATISFIABLE}, operation)


def test_what_answers_write_is_understood(tmp_path: Path) -> None:
    heard: list[WorkerMessage] = []
    conversation = _conversation(heard=heard)
    with (tmp_path / "pipe").open("wb") as file:
        answers = Answers(file.fileno(), _KEY)
        answers.say("one\ntwo", "warning")
        answers.fail(EngineError("build-failed", "it failed", where="there"))

    conversation.hear("answers", (tmp_path / "pipe").read_bytes())

    assert [message.text for message in heard] == ["one", "two"]
    assert str(conversation.failure) == "there: it failed"


# ---------------------------------------------------------------- long lines and logs


def test_line_without_an_end_takes_no_longer_than_its_bytes() -> None:
    heard: list[WorkerMessage] = []
    conversation = _conversation(heard=heard)
    started = time.process_time()

    for _ in range(4000):
        conversation.hear("output", b"x" * (1 << 16))
    conversation.hear("output", b"\nnext\n")

    assert time.process_time() - started < 2
    assert [len(message.text) for message in heard] == [1 << 16, 4]


def test_answer_that_comes_byte_by_byte_is_whole() -> None:
    conversation = _conversation()

    for byte in _sealed(b'{"kind": "result", "value": {"packages": []}}'):
        conversation.hear("answers", bytes([byte]))

    assert conversation.result == {"packages": []}


def test_text_that_is_too_long_is_cut_before_it_is_sent(tmp_path: Path) -> None:
    with (tmp_path / "pipe").open("wb") as file:
        Answers(file.fileno(), _KEY).say("x" * 1_000_000)

    assert (tmp_path / "pipe").stat().st_size < 100_000


def test_log_is_cut_and_that_is_told_once(tmp_path: Path) -> None:
    heard: list[WorkerMessage] = []
    with (tmp_path / "log").open("wb", buffering=0) as log:
        conversation = Conversation(
            operation="build", key=_KEY, on_message=heard.append, log=log, most_log_bytes=1000
        )
        for _ in range(100):
            conversation.hear("output", b"x" * 99 + b"\n")

    assert (tmp_path / "log").stat().st_size < 1100
    assert len([message for message in heard if "the log is cut here" in message.text]) == 1
    assert len(heard) == 101
