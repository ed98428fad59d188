import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.auditing import v1_recipe

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
