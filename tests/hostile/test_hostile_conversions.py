"""Build files as large as they may be, made to cost time: not only scanners read them, but rules do too."""

import time
from contextlib import suppress

import pytest

from conda_bridge.errors import BridgeError
from support.converting import convert_texts
from support.fuzz_builds import BUILD_FILES, PIECES, convert_with, filled, max_bytes

SECONDS = 8.0
"""Of CPU time for a conversion; on a quiet machine none takes three."""
SMALL = 30_000
SMALL_SECONDS = 2.0
# Those that a rule was once quadratic in.
WORST = (
    ("CMakeLists.txt", b"install(TARGETS", b" ", b"("),
    ("setup.py", b"os.environ['", b"ABI3", b" "),
    ("pyproject.toml", b"[tool.cibuildwheel]\nenvironment = '", b"ABI3", b"'\n"),
    ("meson.build", b"", b"\n", b""),
    ("Cargo.toml", b"[x]\n", b"a.", b"b = 1\n"),
    (".reuse/dep5", b"", b"Files: *\n", b""),
)


def seconds_of(path: str, data: bytes) -> float:
    started = time.process_time()
    with suppress(BridgeError):
        convert_with(path, data)
    return time.process_time() - started


@pytest.mark.parametrize(("path", "beginning", "piece", "ending"), WORST)
def test_a_build_file_costs_little(path: str, beginning: bytes, piece: bytes, ending: bytes) -> None:
    assert seconds_of(path, filled(path, beginning, piece, ending, size=SMALL)) < SMALL_SECONDS


def test_variables_that_hold_one_another_twice_fill_no_memory() -> None:
    doubled = "".join(f"set(A{n + 1} ${{A{n}}}${{A{n}}})\n" for n in range(40))
    text = f"project(demo)\nset(A0 a)\n{doubled}python_add_library(${{A40}} a.c)\ninstall(TARGETS ${{A40}} DESTINATION .)\n"
    assert seconds_of("CMakeLists.txt", text.encode()) < SMALL_SECONDS


def test_variables_of_the_top_cost_little_in_many_folders() -> None:
    texts = {
        **BUILD_FILES["meson.build"],
        "meson.build": "project('demo', 'c', version: '1')\n"
        + "".join(f"v{n} = 'a'\n" for n in range(5_000)),
        **{f"s{n}/meson.build": "py.install_sources('a.py', subdir: v1)\n" for n in range(40)},
    }
    started = time.process_time()
    convert_texts(dict(texts))
    assert time.process_time() - started < SMALL_SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("path", BUILD_FILES)
@pytest.mark.parametrize(("beginning", "piece", "ending"), PIECES)
def test_any_build_file_of_full_size_costs_little(
    path: str, beginning: bytes, piece: bytes, ending: bytes
) -> None:
    assert seconds_of(path, filled(path, beginning, piece, ending, size=max_bytes(path))) < SECONDS
