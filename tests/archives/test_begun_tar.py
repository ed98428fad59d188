"""A package of the older format that is read on from where its beginning ended."""

import bz2
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conda_bridge.archives.begun_tar import BegunTar
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.streams import DecompressedStream

CONTENT = random.Random(1).randbytes(3_000_000)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "demo-1.0-py_0.tar.bz2"
    path.write_bytes(bz2.compress(CONTENT, 1))
    return path


def rest(stream: DecompressedStream) -> Iterator[bytes]:
    return iter(lambda: stream.read(100_000), b"")


@pytest.mark.parametrize("most_kept_bytes", [4 << 20, 150_000, 10])
@pytest.mark.parametrize("count", [0, 512, 1_200_000, len(CONTENT)])
def test_all_of_it_comes_however_much_was_read_before(
    package: Path, count: int, most_kept_bytes: int
) -> None:
    with closing(BegunTar(package, most_kept_bytes=most_kept_bytes)) as begun:
        assert begun.beginning(LIMITS).read(count) == CONTENT[:count]
        for _ in range(3):
            assert b"".join(rest(begun.all(LIMITS))) == CONTENT


def test_beginning_is_decompressed_once(package: Path) -> None:
    package.write_bytes(bz2.compress(b"small"))
    with closing(BegunTar(package)) as begun:
        begun.beginning(LIMITS).read(2)
        with package.open("r+b") as file:
            file.truncate()
            file.write(b"gone")

        assert b"".join(rest(begun.all(LIMITS))) == b"small"


def test_no_more_is_held_than_was_allowed(package: Path) -> None:
    with closing(BegunTar(package, most_kept_bytes=500_000)) as begun:
        b"".join(rest(begun.beginning(LIMITS)))

        assert begun._kept == []
