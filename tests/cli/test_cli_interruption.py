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
