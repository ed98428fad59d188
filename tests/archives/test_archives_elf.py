"""What a shared library links is read from its dynamic section, and damaged files are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.archives.elf import ElfError, needed_libraries
from support.elf import elf_bytes


@pytest.mark.parametrize("is_wide", [True, False])
@pytest.mark.parametrize("is_big_endian", [True, False])
def test_needed_libraries_come_in_their_order_each_once(*, is_wide: bool, is_big_endian: bool) -> None:
    data = elf_bytes(["libz.so.1", "libc.so.6", "libz.so.1"], is_wide=is_wide, is_big_endian=is_big_endian)
    assert needed_libraries(data) == ("libz.so.1", "libc.so.6")


def test_library_that_needs_nothing_has_none() -> None:
    assert needed_libraries(elf_bytes()) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x7fELF",
        b"MZ" + bytes(100),
        b"\x7fELF\x03\x01" + bytes(100),
        b"\x7fELF\x02\x03" + bytes(100),
        elf_bytes(["libz.so.1"])[:70],
        elf_bytes(["libz.so.1"])[:-40],
        elf_bytes(["libz.so.1"], strings=b"\0" + b"x" * 300),
        elf_bytes(["libz.so.1"], strings=b"\0caf\xe9\0"),
    ],
    ids=["empty", "magic", "no elf", "class", "order", "cut", "cut end", "endless name", "not ASCII"],
)
def test_damaged_library_is_refused(data: bytes) -> None:
    with pytest.raises(ElfError):
        needed_libraries(data)


def test_strings_outside_of_all_segments_are_refused() -> None:
    data = bytearray(elf_bytes(["libz.so.1"]))
    data[64 + 16 : 64 + 24] = (1 << 60).to_bytes(8, "little")
    with pytest.raises(ElfError, match="no segment"):
        needed_libraries(bytes(data))


@given(st.data())
def test_mutated_library_is_read_or_refused(data: st.DataObject) -> None:
    library = bytearray(elf_bytes(["libz.so.1", "libssl.so.3"]))
    for _ in range(data.draw(st.integers(1, 4))):
        library[data.draw(st.integers(0, len(library) - 1))] = data.draw(st.integers(0, 255))
    try:
        names = needed_libraries(bytes(library))
    except ElfError:
        return
    assert all(isinstance(name, str) for name in names)
