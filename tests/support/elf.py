"""Shared libraries of a few hundred bytes, written field by field."""

import struct
from collections.abc import Sequence

__all__ = ["elf_bytes"]

_BASE = 0x1000


def elf_bytes(
    needed: Sequence[str] = (),
    *,
    is_wide: bool = True,
    is_big_endian: bool = False,
    strings: bytes | None = None,
    paths: Sequence[tuple[int, str]] = (),
) -> bytes:
    """Return an ELF file that needs these libraries; `strings` stands in for its table of names.

    `paths` are entries (tag, search path): tag 15 is DT_RPATH, 29 DT_RUNPATH.
    """
    order = ">" if is_big_endian else "<"
    word, segment_bytes, header_bytes = ("Q", 56, 64) if is_wide else ("I", 32, 52)
    table = b"\0"
    entries: list[tuple[int, int]] = []
    for tag, name in (*((1, name) for name in needed), *paths):
        entries.append((tag, len(table)))
        table += name.encode() + b"\0"
    table = table if strings is None else strings
    start = header_bytes + 2 * segment_bytes
    entries += [(5, _BASE + start), (0, 0)]
    dynamic = b"".join(struct.pack(order + word * 2, tag, value) for tag, value in entries)
    end = start + len(table) + len(dynamic)
    head = struct.pack(
        order + "HHI" + word * 3 + "IHHHHHH",
        3, 62, 1, 0, header_bytes, 0, 0, header_bytes, segment_bytes, 2, 0, 0, 0,
    )  # fmt: skip
    segments = b""
    for kind, offset, size in ((1, 0, end), (2, start + len(table), len(dynamic))):
        if is_wide:
            fields = (kind, 4, offset, _BASE + offset, _BASE + offset, size, size, 8)
        else:
            fields = (kind, offset, _BASE + offset, _BASE + offset, size, size, 4, 4)
        segments += struct.pack(order + ("IIQQQQQQ" if is_wide else "IIIIIIII"), *fields)
    identity = b"\x7fELF" + bytes([2 if is_wide else 1, 2 if is_big_endian else 1, 1]) + bytes(9)
    return identity + head + segments + table + dynamic
