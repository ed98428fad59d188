"""Files that want to cost time or memory, or to be signals that no line can hold."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conda_bridge.infer.scan import MAX_PARSED_FILE_BYTES, scan
from support.cost import growth
from support.effort import examples
from support.fuzz_scanners import HOSTILE, SEEDS, wrong_signals

SECONDS = 4.0
"""Of CPU time for one file; on a quiet machine no file takes one."""
SMALL = 40_000
# Those whose scanner was once quadratic, or has a bound against it.
WORST = (b"#if ", b"extern from ", b"use ", b"apt install ", b"packages: a\n  - b\n", b" ", b"#", b"${{ ")


@pytest.mark.parametrize("path", SEEDS)
@given(data=st.binary(max_size=300) | st.lists(st.sampled_from(HOSTILE), max_size=40).map(b"".join))
@settings(max_examples=examples(40), deadline=None)
def test_scanners_take_any_bytes(path: str, data: bytes) -> None:
    assert wrong_signals(scan(path, data), path) == []


def repeated(path: str, piece: bytes, size: int) -> float:
    data = SEEDS[path] + piece * (size // len(piece))
    started = time.process_time()
    assert wrong_signals(scan(path, data), path) == []
    return time.process_time() - started


@pytest.mark.parametrize("path", ["src/a.c", "a/b.pyx", "a/c.f90", "ci/a.sh", ".travis.yml"])
@pytest.mark.parametrize("piece", WORST)
def test_a_repeated_piece_costs_little(path: str, piece: bytes) -> None:
    assert repeated(path, piece, SMALL) < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS)
@pytest.mark.parametrize("piece", HOSTILE)
def test_any_repeated_piece_costs_little_in_a_large_file(path: str, piece: bytes) -> None:
    assert repeated(path, piece, MAX_PARSED_FILE_BYTES) < SECONDS


def test_a_header_of_headers_costs_little() -> None:
    data = b"".join(b"#include <h%d.h>\n" % number for number in range(20_000))[:MAX_PARSED_FILE_BYTES]
    started = time.process_time()
    assert len(scan("a.h", data)) > 10_000
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    ("path", "piece"),
    [
        ("setup.py", b"x.append('a')\nExtension('a', x)\n"),
        ("setup.py", b"if a == 'b':\n    libraries = ['c']\n"),
        ("CMakeLists.txt", b"list(APPEND X a)\ntarget_link_libraries(t ${X})\n"),
        ("meson.build", b"x += ['a']\ndependency(x)\n"),
        ("README.md", b"apt-get install a; b\n"),
        ("pkg/core.py", b"subprocess.run(['a', x])\n"),
    ],
)
def test_cost_grows_with_the_text_and_no_faster(path: str, piece: bytes) -> None:
    assert growth(lambda count: scan(path, piece * count), size=300, enough=8) < 8
