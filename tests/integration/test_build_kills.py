"""A build is ended at many moments: the channel has the package whole and indexed, or not at all, and nothing runs on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conda_bridge.distributors.local_channel import LocalChannel
from support.index_server import IndexServer, running_index_server
from support.local_channels import dangling, unwhole
from support.small_index import add_bundled_wheels, add_project, build_environment

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not Path("/proc/self/environ").exists(), reason="/proc, which tells whose a process is, is missing"
    ),
]
pytest.importorskip("rattler_build", reason="py-rattler-build is not installed: pip install '.[build]'")

MOMENTS = 7
"""For each signal; 20 in all, and one."""
MARK = "CONDA_BRIDGE_TEST_OF_KILLS"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IndexServer, Path]]:
    home = tmp_path_factory.mktemp("home")
    with running_index_server() as index:
        if "setuptools" not in add_bundled_wheels(index):
            pytest.skip("this interpreter's ensurepip has no setuptools")
        add_project(index, home, "mortal")
        yield index, home


def start(machine: tuple[IndexServer, Path], channel: Path) -> "subprocess.Popen[bytes]":
    index, home = machine
    environment = build_environment(home, index.index_url, **{MARK: str(channel)})
    command = [
        sys.executable,
        "-m",
        "conda_bridge",
        "build",
        "mortal",
        "--distributor",
        "host",
        "-o",
        str(channel),
    ]
    return subprocess.Popen(
        command, env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def ended(build: "subprocess.Popen[bytes]") -> tuple[int, str]:
    said = build.communicate(timeout=120)[0].decode()
    return build.returncode, said


def works_in(channel: Path) -> list[str]:
    """The command lines of all processes that have to do with the channel."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (folder / "environ").read_bytes().decode(errors="replace")
            here = str((folder / "cwd").readlink())
        except OSError:
            continue
        if int(folder.name) != os.getpid() and any(str(channel) in one for one in (words, environment, here)):
            found.append(words)
    return found


@pytest.fixture(scope="module")
def duration_s(machine: tuple[IndexServer, Path], tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a build takes that finds the host's packages made."""
    folder = tmp_path_factory.mktemp("timed")
    assert ended(start(machine, folder / "first"))[0] == 0
    began = time.monotonic()
    assert ended(start(machine, folder / "second"))[0] == 0
    return time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_build_leaves_all_or_nothing_and_the_next_one_succeeds(
    machine: tuple[IndexServer, Path], tmp_path: Path, duration_s: float, number: signal.Signals
) -> None:
    moments = random.Random(int(number))
    expected = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
    channel = tmp_path / "channel"

    for _ in range(MOMENTS):
        build = start(machine, channel)
        time.sleep(0.3 + moments.random() * duration_s)
        build.send_signal(number)
        status, said = ended(build)

        # The interpreter's own last moments are the system's: a shell says the same of both.
        assert status in {expected, -number, 0}, said
        assert "Traceback" not in said
        deadline = time.monotonic() + 20
        while (alive := works_in(channel)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert alive == []
        assert [*unwhole(channel)] == []
        assert [*dangling(channel)] == []

    assert ended(start(machine, channel))[0] == 0
    assert [record.conda_name for record in LocalChannel(str(channel)).records()] == ["mortal"]
    assert json.loads(next(channel.glob("builds/mortal-*/manifest.json")).read_text())["are_tested"] is True
    assert [path.name for path in (channel / ".work").iterdir() if path.name[0] != "."] == []
