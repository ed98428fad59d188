"""Publishers that are killed, at random and at each line, and publishers that race."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conda_bridge.distributors.exchange import exchange
from conda_bridge.distributors.local_channel import LocalChannel
from support import publishing
from support.local_channels import dangling, make_package, unwhole
from support.publishing import is_pair_split

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, str(publishing.__file__)]
MOMENTS = 30


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Pairs of packages; some names come again with other content."""
    for number in range(8):
        name, folder = f"p{number % 6}", tmp_path / f"packages/{number}"
        make_package(folder, name, content=random.Random(number).randbytes(200_000))
        make_package(folder, f"{name}-lib", subdir="linux-64", content=b"%d" % number)
    return tmp_path / "packages"


@pytest.mark.timeout(300)
def test_killed_publisher_leaves_a_channel_whole(tmp_path: Path, packages: Path) -> None:
    top = tmp_path / "channel"
    chance = random.Random(5)
    for moment in range(MOMENTS):
        with subprocess.Popen(
            [*PROGRAM, "loop", str(top), str(packages)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.1))
            child.send_signal((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[moment % 3])
        assert list(unwhole(top)) == []
        channel = LocalChannel(str(top))
        channel.open()
        assert list(unwhole(top)) == []
        assert not is_pair_split(top)
        assert [path.name for path in (top / ".work").iterdir()] == [".locks"]
        (record,) = channel.publish(
            [make_package(tmp_path / "next", "p0-lib", subdir="linux-64", content=b"%d" % moment)]
        )
        assert record in channel.records()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", ["exchange", "two-renames"])
def test_publisher_killed_at_any_line_has_published_all_or_nothing(
    tmp_path: Path, packages: Path, way: str
) -> None:
    if way == "exchange" and not _can_exchange(tmp_path):
        pytest.skip("this filesystem can't let two folders trade places")
    command = [*PROGRAM, "every-line", str(tmp_path), str(packages), way]

    answer = subprocess.run(command, capture_output=True, text=True, check=True)

    *complaints, end = answer.stdout.splitlines()
    assert complaints == []
    assert int(end.split()[2]) > 100


@pytest.mark.timeout(300)
def test_publishers_that_race_lose_nothing_and_readers_never_dangle(tmp_path: Path) -> None:
    top = tmp_path / "channel"
    LocalChannel(str(top)).open()
    groups = [
        [
            make_package(tmp_path / "p", f"p{group}{number}", subdir=("noarch", "linux-64")[number % 2])
            for number in range(10)
        ]
        for group in range(4)
    ]
    children = [subprocess.Popen([*PROGRAM, "some", str(top), *paths]) for paths in groups]
    seen: list[int] = []
    while any(child.poll() is None for child in children):
        assert list(dangling(top)) == []
        seen.append(len(LocalChannel(str(top)).records()))

    assert seen == sorted(seen)
    assert [child.returncode for child in children] == [0, 0, 0, 0]
    assert len(LocalChannel(str(top)).records()) == 40
    assert list(unwhole(top)) == []


def _can_exchange(tmp_path: Path) -> bool:
    for name in ("one", "other"):
        (tmp_path / "try" / name).mkdir(parents=True)
    return exchange(str(tmp_path / "try/one"), str(tmp_path / "try/other"))
