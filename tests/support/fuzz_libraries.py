"""Readers of strangers' binaries: shared libraries, alone and in wheels."""

import io
from pathlib import Path

from conda_bridge.archives.elf import ElfError, needed_libraries
from conda_bridge.archives.wheel_links import read_wheel_links
from support.archives import zip_bytes
from support.elf import elf_bytes
from support.fuzzing import Reader

__all__ = ["LIBRARY_READERS"]


def _read_elf(data: bytes, _folder: Path) -> object:
    try:
        return needed_libraries(data)
    except ElfError:
        return None


def _read_links(data: bytes, _folder: Path) -> object:
    return read_wheel_links(io.BytesIO(data), size_bytes=len(data))


def _libraries() -> tuple[bytes, ...]:
    names = ("libz.so.1", "libssl-0a1b2c3d.so.3")
    return (
        elf_bytes(names),
        elf_bytes(names, is_wide=False),
        elf_bytes(names, is_big_endian=True),
        elf_bytes(),
    )


def _wheels() -> tuple[bytes, ...]:
    bill = b'{"components": [{"purl": "pkg:generic/openssl@3"}]}'
    members = [(f"demo/_{number}.so", data) for number, data in enumerate(_libraries())]
    return (zip_bytes([*members, ("demo-1.0.dist-info/sboms/a.json", bill)]),)


LIBRARY_READERS = (
    Reader(name="shared library", seeds=_libraries, read=_read_elf),
    Reader(name="links of a wheel", seeds=_wheels, read=_read_links),
)
