"""A worker answers, or fails as it is documented to, and nothing of it is left behind."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError, EngineError, SolverError, UsageError
from conda_bridge.processes.isolation import Isolator, present_isolators
from conda_bridge.processes.workers import (
    Json,
    WorkerAnswer,
    WorkerMessage,
    WorkerPlace,
    WorkerRequest,
    run_worker,
)

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is missing"),
]

_ENDLESS = """\
package: {name: endless, version: "1"}
build:
  script:
    - set -m
    - sleep 600 &
    - setsid sleep 600 &
    - echo sleeping now
    - sleep 600
"""


_FORGER = """\
package: {name: forger, version: "1"}
build:
  noarch: generic
  script:
    - |
      process=$PPID opened=0
      for _ in 1 2; do
        for file in /proc/$process/fd/* /proc/$process/mem; do
          case $file in */fd/[012]) continue;; esac
          if (echo '{"kind": "result", "value": {"packages": ["/etc/passwd"]}}' > "$file") 2>/dev/null; then
            opened=$((opened + 1))
          fi
        done
        read -r _ _ _ process _ < /proc/$process/stat
      done
      echo "opened $opened files"
      KILL
"""


def _kinds() -> Iterator[Isolator]:
    known: set[str] = set()
    for isolator in present_isolators():
        command = [
            *isolator.prefix,
            *(["--dev-bind", "/", "/"] if isolator.kind == "bubblewrap" else []),
            "true",
        ]
        if isolator.kind not in known and subprocess.run(command, check=False).returncode == 0:
            known.add(isolator.kind)
            yield isolator


@pytest.fixture(params=list(_kinds()), ids=lambda isolator: isolator.kind)
def isolator(request: pytest.FixtureRequest) -> Isolator:
    assert isinstance(request.param, Isolator)
    return request.param


def _place(folder: Path, isolator: Isolator | None = None) -> WorkerPlace:
    """Return a place whose processes can be told by the folder's name in their environment or arguments."""
    return WorkerPlace(
        readable=(str(folder),),
        writable=(str(folder / "out"),),
        cache_dir=str(folder / "cache"),
        log_path=str(folder / "log"),
        isolator=isolator,
    )


def _endless(folder: Path) -> WorkerRequest:
    return _build(folder, _ENDLESS)


def _build(folder: Path, text: str) -> WorkerRequest:
    recipe = folder / "recipe.yaml"
    recipe.write_text(text)
    arguments: dict[str, Json] = {
        "recipe": str(recipe),
        "variants": {},
        "zip_keys": [],
        "subdir": "linux-64",
        "channels": [],
        "output_dir": str(folder / "out"),
        "source_date_epoch": 0,
    }
    return WorkerRequest(operation="build", arguments=arguments)


def _processes_of(folder: Path) -> list[str]:
    """Return the processes that have something to do with the folder, but for us."""
    found = []
    for process in Path("/proc").glob("[1-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            text = (process / "environ").read_bytes() + command
            status = (process / "stat").read_text()
        except OSError:
            continue
        is_dead = status[status.rindex(")") + 2] in "ZX"
        if os.fsencode(folder) in text and int(process.name) != os.getpid() and not is_dead:
            found.append(f"{process.name}: {command!r}")
    return found


def _workers_of_ours() -> list[int]:
    """Return our descendants that are guardians and workers; the environment of these is not for us to see."""
    found = []
    for process in Path("/proc").glob("[1-9]*"):
        try:
            is_one = b"conda_bridge.adapters.worker" in (process / "cmdline").read_bytes()
            above = int(process.name)
            while above not in {0, os.getpid()}:
                above = int(Path(f"/proc/{above}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if is_one and above:
            found.append(int(process.name))
    return found


def _index(folder: Path, *, place: WorkerPlace | None = None) -> WorkerAnswer:
    request = WorkerRequest(operation="index", arguments={"folder": str(folder)})
    return run_worker(request, place=place or WorkerPlace(writable=(str(folder),)), timeout_s=60)


# ---------------------------------------------------------------- answers


def test_worker_answers_and_says_what_it_was_kept_from(tmp_path: Path, isolator: Isolator) -> None:
    answer = _index(tmp_path, place=WorkerPlace(writable=(str(tmp_path),), isolator=isolator))

    assert (tmp_path / "noarch" / "repodata.json").exists()
    assert answer.result == {}
    assert answer.isolation.kind == isolator.kind
    assert answer.isolation.can_leave_orphans == (isolator.kind == "session")


def test_twenty_indexing_workers_all_answer(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(_index, [tmp_path / str(number) for number in range(20)]))

    assert len(answers) == 20


def test_worker_ends_with_status_0_by_hand(tmp_path: Path) -> None:
    request = WorkerRequest(operation="index", arguments={"folder": str(tmp_path)})
    command = [sys.executable, "-I", "-m", "conda_bridge.adapters.worker"]

    for _ in range(20):
        ended = subprocess.run(command, input=request.as_line(), text=True, capture_output=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.splitlines()[-1] == '{"kind": "result", "value": {}}'


def test_worker_that_fails_ends_with_status_1_by_hand() -> None:
    request = WorkerRequest(operation="dance", arguments={})
    command = [sys.executable, "-I", "-m", "conda_bridge.adapters.worker"]

    ended = subprocess.run(command, input=request.as_line(), text=True, capture_output=True, check=False)

    assert ended.returncode == 1
    assert '"kind": "error"' in ended.stdout


def test_environment_that_has_no_solution_is_a_typed_failure(tmp_path: Path) -> None:
    _index(tmp_path)
    arguments: dict[str, Json] = {
        "channels": [tmp_path.as_uri()],
        "specs": ["nowhere-to-be-found >=3"],
        "subdir": "linux-64",
    }

    with pytest.raises(SolverError) as caught:
        run_worker(
            WorkerRequest(operation="solve", arguments=arguments),
            place=WorkerPlace(readable=(str(tmp_path),)),
            timeout_s=60,
        )

    assert caught.value.slug == "unsatisfiable"
    assert "nowhere-to-be-found" in caught.value.message


def test_channel_that_is_not_there_is_a_typed_failure(tmp_path: Path) -> None:
    arguments: dict[str, Json] = {
        "channels": [(tmp_path / "none").as_uri()],
        "names": ["any"],
        "subdirs": ["noarch"],
    }

    with pytest.raises(BridgeError) as caught:
        run_worker(WorkerRequest(operation="find", arguments=arguments), place=WorkerPlace(), timeout_s=60)

    assert caught.value.slug == "distributor-unreachable"


def test_unknown_operation_is_refused() -> None:
    with pytest.raises(UsageError):
        run_worker(WorkerRequest(operation="dance", arguments={}), place=WorkerPlace(), timeout_s=60)


def test_worker_sees_only_the_environment_that_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "secret")
    seen: list[str] = []

    def look(message: WorkerMessage) -> None:
        if "sleeping now" in message.text:
            for process in Path("/proc").glob("[1-9]*"):
                try:
                    text = (process / "environ").read_text()
                except OSError:
                    continue
                if f"RATTLER_CACHE_DIR={tmp_path}" in text:
                    seen.append(text)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_worker(_endless(tmp_path), place=_place(tmp_path), timeout_s=60, on_message=look)

    assert seen
    assert not [text for text in seen if "SECRET_OF_OURS" in text]


# ---------------------------------------------------------------- ends


def _interrupt(message: WorkerMessage) -> None:
    if "sleeping now" in message.text:
        raise KeyboardInterrupt


def test_interrupted_worker_leaves_nothing(tmp_path: Path, isolator: Isolator) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_worker(_endless(tmp_path), place=_place(tmp_path, isolator), timeout_s=60, on_message=_interrupt)

    assert _processes_of(tmp_path) == []
    assert threading.active_count() == 1


def test_worker_that_takes_too_long_leaves_nothing(tmp_path: Path, isolator: Isolator) -> None:
    with pytest.raises(EngineError) as caught:
        run_worker(_endless(tmp_path), place=_place(tmp_path, isolator), timeout_s=2)

    assert caught.value.slug == "build-timeout"
    assert _processes_of(tmp_path) == []


def test_stopped_worker_leaves_nothing(tmp_path: Path) -> None:
    stopped = threading.Event()

    def stop(message: WorkerMessage) -> None:
        if "sleeping now" in message.text:
            stopped.set()

    with pytest.raises(KeyboardInterrupt):
        run_worker(_endless(tmp_path), place=_place(tmp_path), timeout_s=60, on_message=stop, stopped=stopped)

    assert _processes_of(tmp_path) == []


def test_killed_worker_is_a_crash(tmp_path: Path, isolator: Isolator) -> None:
    def kill(message: WorkerMessage) -> None:
        # The script's trace says it a second time.
        if message.text == "sleeping now":
            os.kill(max(_workers_of_ours()), signal.SIGKILL)

    with pytest.raises(EngineError) as caught:
        run_worker(_endless(tmp_path), place=_place(tmp_path, isolator), timeout_s=60, on_message=kill)

    assert caught.value.slug == "engine-crashed"
    assert _processes_of(tmp_path) == []


def test_script_can_not_open_what_its_worker_holds_open(tmp_path: Path, isolator: Isolator) -> None:
    heard: list[str] = []

    answer = run_worker(
        _build(tmp_path, _FORGER.replace("KILL", "")),
        place=_place(tmp_path, isolator),
        timeout_s=60,
        on_message=lambda message: heard.append(message.text),
    )

    assert "opened 0 files" in heard
    assert "/etc/passwd" not in str(answer.result["packages"])


def test_answer_that_a_script_writes_before_it_kills_its_worker_is_none(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        run_worker(
            _build(tmp_path, _FORGER.replace("KILL", "kill -9 $PPID")), place=_place(tmp_path), timeout_s=60
        )

    assert caught.value.slug == "engine-crashed"


_LEAVER = """\
package: {name: leaver, version: "1"}
build:
  noarch: generic
  script:
    - sleep 600 &
    - echo left
"""


def test_process_that_a_script_leaves_behind_holds_nothing_up(tmp_path: Path, isolator: Isolator) -> None:
    heard: list[str] = []

    answer = run_worker(
        _build(tmp_path, _LEAVER),
        place=_place(tmp_path, isolator),
        timeout_s=40,
        on_message=lambda message: heard.append(message.text),
    )

    assert answer.has_left_behind
    assert [text for text in heard if "left behind were ended" in text]
    assert _processes_of(tmp_path) == []


_LIMITED = """\
package: {name: limited, version: "1"}
build:
  noarch: generic
  script:
    - echo "limits $(ulimit -c) $(ulimit -f) $(ulimit -u)"
"""


def test_scripts_are_limited_in_what_they_use_up(tmp_path: Path, isolator: Isolator) -> None:
    heard: list[str] = []

    run_worker(
        _build(tmp_path, _LIMITED),
        place=_place(tmp_path, isolator),
        timeout_s=60,
        on_message=lambda message: heard.append(message.text),
    )

    (limits,) = {text for text in heard if text.startswith("limits")}
    dumps, file_kib, processes = limits.split()[1:]
    assert dumps == "0"
    assert int(file_kib) <= 20_000_000
    assert int(processes) <= 16_384


def test_worker_that_fills_the_disk_is_ended(tmp_path: Path) -> None:
    place = replace(_place(tmp_path), least_free_bytes=1 << 60)

    with pytest.raises(EngineError) as caught:
        run_worker(_endless(tmp_path), place=place, timeout_s=60)

    assert caught.value.slug == "disk-full"
    assert _processes_of(tmp_path) == []


_CALLER = """\
import json, sys
from conda_bridge.processes.isolation import Isolator
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker
asked = json.loads(sys.argv[1])
place = WorkerPlace(
    readable=tuple(asked["readable"]), writable=tuple(asked["writable"]), cache_dir=asked["cache"],
    isolator=Isolator(kind=asked["kind"], prefix=tuple(asked["prefix"])),
)
request = WorkerRequest(operation="build", arguments=asked["arguments"])
run_worker(request, place=place, timeout_s=60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(10))
def test_nothing_survives_our_being_killed(tmp_path: Path, isolator: Isolator, moment: int) -> None:
    place = _place(tmp_path, isolator)
    asked = {
        "readable": place.readable,
        "writable": place.writable,
        "cache": place.cache_dir,
        "kind": isolator.kind,
        "prefix": isolator.prefix,
        "arguments": _endless(tmp_path).arguments,
    }
    # What lay in its temporary folder is left behind by whoever is killed.
    (tmp_path / "temporary").mkdir()
    caller = subprocess.Popen(
        [sys.executable, "-c", _CALLER, json.dumps(asked)],
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )
    # The first moments are while the worker is set up, the last ones while the build script sleeps.
    time.sleep(random.Random(moment).uniform(0.0, 0.8))
    caller.kill()
    caller.wait()

    deadline = time.monotonic() + 10
    while (left := _processes_of(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []
