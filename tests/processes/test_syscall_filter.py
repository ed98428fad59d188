"""The filter of system calls says the right number for each name, on every machine."""

import platform
import re
import struct
from pathlib import Path

import pytest

from conda_bridge.processes.syscall_filter import CALL_NUMBERS, MACHINES, call_filter

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    # The generic numbers, which this machine has.
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    headers = [Path(path) for path in HEADERS[machine] if Path(path).exists()]
    if not headers:
        pytest.skip("this machine has no headers of Linux")
    text = headers[0].read_text(encoding="utf-8")
    said = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", text)}
    column = list(MACHINES).index(machine)
    ours = {name: row[column] for name, row in CALL_NUMBERS.items()}
    assert {name: number for name, number in ours.items() if said.get(name) != number} == {}


def test_unknown_machine_has_no_filter() -> None:
    assert call_filter("riscv64") is None


ERRNO = 0x00050000
ALLOW = 0x7FFF0000


def _verdict(machine: str, number: int, first: int = 0, architecture: int | None = None) -> int:
    """Run the program as the kernel does, on what it would be shown."""
    found = call_filter(machine)
    assert found is not None
    data = struct.pack("<IIQ6Q", number, architecture or MACHINES[machine], 0, first, 0, 0, 0, 0, 0)
    lines = list(struct.iter_unpack("=HBBI", found.program))
    place = loaded = 0
    while True:
        operation, if_true, if_false, operand = lines[place]
        place += 1
        if operation == 0x06:
            return int(operand)
        if operation == 0x20:
            (loaded,) = struct.unpack_from("<I", data, operand)
            continue
        holds = {0x15: loaded == operand, 0x35: loaded >= operand, 0x45: bool(loaded & operand)}[operation]
        place += if_true if holds else if_false


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "first", "verdict"),
    [
        ("keyctl", 0, ERRNO | 1),
        ("mount", 0, ERRNO | 1),
        ("clone3", 0, ERRNO | 38),
        ("memfd_create", 0, ERRNO | 38),
        ("socket", 1, ALLOW),
        ("socket", 16, ALLOW),
        ("socket", 40, ERRNO | 97),
        ("socketpair", 38, ERRNO | 97),
        ("clone", 0x01200011, ALLOW),
        ("clone", 0x11 | 0x10000000, ERRNO | 1),
        ("unshare", 0x400, ALLOW),
        ("unshare", 0x00020000, ERRNO | 1),
    ],
)
def test_each_call_is_judged_by_its_first_argument(machine: str, name: str, first: int, verdict: int) -> None:
    number = CALL_NUMBERS[name][list(MACHINES).index(machine)]
    assert number is not None
    assert _verdict(machine, number, first) == verdict


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_by_other_numbers_are_no_way_around(machine: str) -> None:
    x32_bit, i386 = 0x40000000, 0x40000003
    assert _verdict(machine, 1 | x32_bit) == ERRNO | 38
    assert _verdict(machine, 1, architecture=i386) == ERRNO | 38
    assert _verdict(machine, 9999) == ERRNO | 38
    assert _verdict(machine, 63) == ALLOW


def test_this_machine_is_known_where_it_is_a_common_one() -> None:
    assert (call_filter(platform.machine()) is not None) == (platform.machine() in MACHINES)
