"""A worker that is started before it is asked answers as any other, and ends where it isn't asked."""

import os
import shutil
import signal
import threading
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.processes.isolation import find_isolator
from conda_bridge.processes.workers import WorkerAnswer, WorkerPlace, WorkerRequest, Workers

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is missing"),
    pytest.mark.skipif(
        shutil.which("bwrap") is None or find_isolator().kind != "bubblewrap",
        reason="only bubblewrap lets workers wait",
    ),
]


def place_in(folder: Path, name: str = "channel") -> WorkerPlace:
    return WorkerPlace(writable=(str(folder / name),))


def asked(workers: Workers, place: WorkerPlace, seen: list[frozenset[int]] | None = None) -> WorkerAnswer:
    request = WorkerRequest(operation="index", arguments={"folder": place.writable[0]})
    noted = [] if seen is None else seen
    return workers.run(
        request, place=place, timeout_s=60, on_message=lambda _message: noted.append(children())
    )


def children() -> frozenset[int]:
    """Return the living children of this thread; others' are none of this test's."""
    path = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return frozenset(map(int, path.read_text().split()))


def test_expected_worker_is_the_one_that_answers(tmp_path: Path) -> None:
    seen: list[frozenset[int]] = []
    workers, place, before = Workers(), place_in(tmp_path), children()

    with workers.expecting("index", place, is_now=True):
        (waiting,) = children() - before
        asked(workers, place, seen)

        assert {waiting} == seen[0] - before
        assert children() == before
    assert (tmp_path / "channel/noarch/repodata.json").is_file()


def test_worker_that_is_not_asked_ends_with_the_context(tmp_path: Path) -> None:
    workers, before = Workers(), children()

    with workers.expecting("index", place_in(tmp_path), is_now=True):
        assert len(children() - before) == 1

    assert children() == before


def test_worker_is_started_while_another_works(tmp_path: Path) -> None:
    seen: list[frozenset[int]] = []
    workers, before = Workers(), children()

    with workers.expecting("index", place_in(tmp_path, "other")):
        assert children() == before
        asked(workers, place_in(tmp_path), seen)

        assert len(seen[-1] - before) == 2
        assert len(children() - before) == 1
    assert children() == before


def test_worker_that_another_request_comes_before_is_not_kept_waiting(tmp_path: Path) -> None:
    workers, place, before = Workers(), place_in(tmp_path), children()

    with workers.expecting("index", replace(place, has_network=True), is_now=True):
        (waiting,) = children() - before
        answer = asked(workers, place)

        assert not answer.isolation.has_network
        assert waiting not in children()
    assert children() == before


def test_other_thread_starts_a_worker_of_its_own(tmp_path: Path) -> None:
    workers, place, before = Workers(), place_in(tmp_path), children()

    with workers.expecting("index", place, is_now=True):
        (waiting,) = children() - before
        thread = threading.Thread(target=asked, args=(workers, place))
        thread.start()
        thread.join()

        assert waiting in children()


def test_waiting_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    workers, place, before = Workers(), place_in(tmp_path), children()

    with workers.expecting("index", place, is_now=True):
        (waiting,) = children() - before
        os.kill(waiting, signal.SIGKILL)
        os.waitid(os.P_PID, waiting, os.WEXITED | os.WNOWAIT)
        asked(workers, place)

    assert (tmp_path / "channel/noarch/repodata.json").is_file()
    assert children() == before


def test_failed_start_is_met_when_the_worker_is_asked(tmp_path: Path) -> None:
    workers = Workers()
    (tmp_path / "channel").write_text("a file")

    with workers.expecting("index", place_in(tmp_path), is_now=True), pytest.raises(FileExistsError):
        asked(workers, place_in(tmp_path))
