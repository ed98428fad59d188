"""A file read by ranges reads like the file itself, and fetches no byte twice."""

import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.sources.ranges import RangeFile

SIZE = 50_000
DATA = bytes(i * i % 251 for i in range(SIZE))


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([io.SEEK_SET, io.SEEK_END]), st.integers(0, SIZE), st.integers(-1, SIZE))
    )
)
def test_any_reads_give_the_bytes_of_the_file(steps: list[tuple[int, int, int]]) -> None:
    fetched: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        fetched.append((start, end))
        return DATA[start:end]

    ours, theirs = RangeFile(SIZE, fetch), io.BytesIO(DATA)
    for whence, offset, count in steps:
        for file in (ours, theirs):
            file.seek(-offset if whence == io.SEEK_END else offset, whence)
        assert ours.read(count) == theirs.read(count)
        assert ours.tell() == theirs.tell()
    fetched.sort()
    assert all(end <= start for (_, end), (start, _) in pairwise(fetched))


def test_end_is_fetched_first() -> None:
    fetched: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        fetched.append((start, end))
        return DATA[start:end]

    file = RangeFile(SIZE, fetch)
    file.seek(-100, io.SEEK_END)
    assert file.read() == DATA[-100:]
    assert fetched == [(SIZE - (1 << 14), SIZE)]
    assert (file.readable(), file.seekable()) == (True, True)
