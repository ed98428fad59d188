import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.auditing import v1_recipe
from support.noarch_packages import NoarchParts, write_noarch
from support.wheels import WheelParts, write_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


@pytest.fixture
def silent_index() -> Iterator[socket.socket]:
    """An index that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


@pytest.mark.parametrize("sources", [("click",), ("click", "flask", "jinja2")], ids=["one", "several"])
@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGINT, 130, b"interrupted"), (signal.SIGTERM, 143, b"terminated")],
    ids=["ctrl-c", "term"],
)
def test_interruption_ends_at_once_and_leaves_nothing_half_written(
    work: Path,
    silent_index: socket.socket,
    sources: tuple[str, ...],
    number: signal.Signals,
    status: int,
    said: bytes,
) -> None:
    url = f"http://127.0.0.1:{silent_index.getsockname()[1]}/simple"
    command = subprocess.Popen(
        [sys.executable, "-m", "conda_bridge", "recipe", *sources, "--index-url", url, "-o", "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    connection, _ = silent_index.accept()
    with connection:
        command.send_signal(number)
        out, err = command.communicate(timeout=20)

    assert command.returncode == status
    assert out == b""
    assert said in err
    assert b"Traceback" not in err
    assert not (work / "out").exists()


def test_interrupted_check_ends_at_once_with_what_it_had(work: Path, silent_index: socket.socket) -> None:
    for name in ("one", "two"):
        (work / name).mkdir()
        (work / name / "recipe.yaml").write_text(v1_recipe())
    url = f"http://127.0.0.1:{silent_index.getsockname()[1]}/simple"
    command = subprocess.Popen(
        [sys.executable, "-m", "conda_bridge", "check", "one", "two", "--index-url", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    connection, _ = silent_index.accept()
    with connection:
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=20)

    assert command.returncode == 130
    assert b"interrupted" in err
    assert b"Traceback" not in err


def _packages(folder: Path) -> list[str]:
    content = random.Random(0).randbytes(5_000_000)
    return [
        write_noarch(folder, NoarchParts(name=f"demo{n}", files={"data.bin": content})).name for n in range(8)
    ]


def _wheels(folder: Path) -> list[str]:
    files = {"data.bin": random.Random(0).randbytes(2_000_000)}
    return [write_wheel(folder, WheelParts(name=f"demo{n}", files=files)).name for n in range(8)]


@pytest.mark.parametrize(("command", "made"), [("wheel", _packages), ("conda", _wheels)])
def test_interrupted_answer_has_what_was_done(
    work: Path, command: str, made: Callable[[Path], list[str]]
) -> None:
    sources = made(work)
    process = subprocess.Popen(
        [sys.executable, "-m", "conda_bridge", command, *sources, "-o", "out", "--json", "--offline"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    until = time.monotonic() + 20
    # The first one's result is there for certain when the second one's file is.
    while len([*(work / "out").glob("demo*")]) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)

    answer = json.loads(out)
    assert process.returncode == 130
    assert answer["schema"] == f"conda-bridge.{command}/1"
    assert 0 < len(answer["results"]) < len(sources)
    assert answer["results"][0]["source"] == sources[0]
    assert [error["slug"] for error in answer["errors"]] == ["interrupted"]


@pytest.mark.engine
@pytest.mark.usefixtures("work")
def test_interrupted_verify_has_what_became_of_the_sources_before(silent_index: socket.socket) -> None:
    url = f"http://127.0.0.1:{silent_index.getsockname()[1]}/simple"
    options = ["--distributor", "host", "--index-url", url, "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "conda_bridge", "verify", "./nowhere", "demo", "other", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    connection, _ = silent_index.accept()
    with connection:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)

    answer = json.loads(out)
    assert process.returncode == 130
    assert answer["schema"] == "conda-bridge.verify/1"
    assert [error["source"] for error in answer["errors"]] == ["./nowhere", ""]
    assert answer["errors"][1]["slug"] == "interrupted"
    assert "not done: demo, other" in answer["errors"][1]["message"]


TIDYING_UP = """
import os, signal
from conda_bridge.cli import main as cli

def dispatch(arguments):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        os.kill(os.getpid(), signal.SIGINT)
        print("tidied up", flush=True)
        for _ in range({more}):
            os.kill(os.getpid(), signal.SIGINT)
        print("done", flush=True)

cli._dispatch = dispatch
cli.main()
"""


@pytest.mark.parametrize(
    ("more", "status", "out"), [(0, 130, "tidied up\ndone\n"), (1, -signal.SIGINT, "tidied up\n")]
)
def test_second_interruption_waits_for_the_tidying_up_and_the_third_does_not(
    more: int, status: int, out: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TIDYING_UP.format(more=more)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (status, out)
    assert "tidying up; Ctrl-C once more ends at once" in done.stderr
