"""What a shared library links is read from its dynamic section, and damaged files are refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.archives.elf import ElfError, needed_libraries, search_folders, with_runpath
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


# ---------------------------------------------------------------- search paths

KINDS = [(True, False), (True, True), (False, False), (False, True)]
LONG = "/home/someone/pythons/3.11.7"


@pytest.mark.parametrize(("is_wide", "is_big_endian"), KINDS)
@pytest.mark.parametrize("tag", [15, 29], ids=["rpath", "runpath"])
def test_search_path_below_the_prefix_is_replaced(tag: int, *, is_wide: bool, is_big_endian: bool) -> None:
    def made(path: str) -> bytes:
        return elf_bytes(["libm.so.6"], is_wide=is_wide, is_big_endian=is_big_endian, paths=[(tag, path)])

    before = made(f"{LONG}/lib")
    after = with_runpath(before, LONG, "$ORIGIN/../lib")
    assert len(after) == len(before)
    assert b"someone" not in after
    # What is left of the old path is its last component, which other names may share.
    old, new = f"{LONG}/lib".encode(), b"$ORIGIN/../lib"
    assert after == before.replace(old, new.ljust(len(old) - 3, b"\0") + b"lib")
    assert needed_libraries(after) == ("libm.so.6",)


@pytest.mark.parametrize("path", ["/usr/lib", "$ORIGIN/../lib", f"{LONG}-other/lib", ""])
def test_other_search_paths_stay(path: str) -> None:
    data = elf_bytes(paths=[(29, path)])
    assert with_runpath(data, LONG, "$ORIGIN") == data


def test_path_of_several_folders_is_replaced_as_a_whole() -> None:
    data = with_runpath(elf_bytes(paths=[(29, f"/x:{LONG}")]), LONG, "$ORIGIN")
    assert b"/x" not in data


def test_folders_of_search_paths_are_listed_once() -> None:
    data = elf_bytes(paths=[(15, "$ORIGIN/../lib:/opt/x"), (29, "/opt/x::/opt/y")])
    assert search_folders(data) == ("$ORIGIN/../lib", "/opt/x", "/opt/y")
    assert search_folders(elf_bytes()) == ()


def test_static_program_stays() -> None:
    data = elf_bytes()
    assert with_runpath(data, LONG, "$ORIGIN") == data


def test_path_of_the_same_length_is_replaced() -> None:
    data = with_runpath(elf_bytes(paths=[(29, "/usr/local/lib")]), "/usr/local", "$ORIGIN/../lib")
    assert b"\0$ORIGIN/../lib\0" in data


def test_longer_path_is_refused() -> None:
    with pytest.raises(ElfError, match="shorter"):
        with_runpath(elf_bytes(paths=[(29, "/a/lib")]), "/a", "$ORIGIN/../lib")


@given(st.data())
def test_damaged_file_is_refused_or_keeps_its_size(data: st.DataObject) -> None:
    whole = bytearray(elf_bytes(["libm.so.6"], paths=[(29, f"{LONG}/lib")]))
    for _ in range(3):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ElfError):
        assert len(with_runpath(bytes(whole), LONG, "$ORIGIN")) == len(whole)
