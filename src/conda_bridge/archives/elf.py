"""A shared library or program of Linux -> the libraries that it links, and where it looks for them; the same with another search path.

Only the headers, the dynamic section and its strings are looked at, with bounds on each; where a file's own numbers
point outside of it, it is refused, not followed.

Source: System V ABI, chapters 4 (object files) and 5 (program loading and dynamic linking).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["ElfError", "needed_libraries", "search_folders", "with_runpath"]

_MAGIC = b"\x7fELF"
_IDENT_BYTES = 16
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 0, 1, 5, 15, 29
_MOST_SEGMENTS = 256
_MOST_ENTRIES = 4096
_MOST_NEEDED = 256
_LONGEST_NAME = 255
_LONGEST_PATH = 4096


class ElfError(ValueError):
    """The file is no ELF file, or a damaged one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How a file of one class and byte order spells its numbers."""

    header: struct.Struct
    """Of the file, behind its first 16 bytes: kind, machine, version, entry, phoff, shoff, flags, sizes."""
    segment: struct.Struct
    entry: struct.Struct
    is_wide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size_bytes: int


def needed_libraries(data: bytes) -> tuple[str, ...]:
    """Return the sonames that the dynamic section of a whole ELF file needs, in its order; none for a static one.

    Raises:
        ElfError: the file is no ELF file, or damaged.
    """
    layout = _layout(data)
    segments = tuple(_segments(data, layout))
    dynamic = next((one for one in segments if one.kind == _PT_DYNAMIC), None)
    if dynamic is None:
        return ()
    names: list[int] = []
    strings = None
    for tag, value in _entries(data, dynamic, layout):
        if tag == _DT_NEEDED and len(names) < _MOST_NEEDED:
            names.append(value)
        elif tag == _DT_STRTAB:
            strings = value
    if not names:
        return ()
    if strings is None:
        raise ElfError("its dynamic section has names but no strings")
    start = _offset_of(strings, segments)
    return tuple(dict.fromkeys(_string(data, start + name) for name in names))


def with_runpath(data: bytes, old_prefix: str, runpath: str) -> bytes:
    """Return a whole ELF file whose search paths below `old_prefix` are replaced by `runpath`.

    The new text takes the old one's place among the strings; a file without such a path comes back as it is. A linker
    lets a name that ends as the path does share its bytes: the path's last component stays in place for it.

    Raises:
        ElfError: the file is no ELF file, damaged, or has a search path that is shorter than the new one.

    Source: System V ABI, DT_RPATH and DT_RUNPATH.
    """
    changed = bytearray(data)
    for start, old in _search_paths(data):
        if _is_below(old, old_prefix.encode()):
            changed[start : start + len(old)] = _in_place(old, runpath.encode())
    return bytes(changed)


def search_folders(data: bytes) -> tuple[str, ...]:
    """Return the folders of a whole ELF file's search paths, as they are spelt and in their order.

    Raises:
        ElfError: the file is no ELF file, or damaged.
    """
    folders = (folder for _, path in _search_paths(data) for folder in path.split(b":"))
    return tuple(
        dict.fromkeys(folder.decode("utf-8", errors="surrogateescape") for folder in folders if folder)
    )


def _search_paths(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (where it stands in the file, text) of each search path."""
    layout = _layout(data)
    segments = tuple(_segments(data, layout))
    dynamic = next((one for one in segments if one.kind == _PT_DYNAMIC), None)
    entries = tuple(_entries(data, dynamic, layout)) if dynamic else ()
    strings = next((value for tag, value in entries if tag == _DT_STRTAB), None)
    for tag, value in entries:
        if tag not in {_DT_RPATH, _DT_RUNPATH}:
            continue
        if strings is None:
            raise ElfError("its dynamic section has names but no strings")
        start = _offset_of(strings, segments) + value
        yield start, data[start : _string_end(data, start, _LONGEST_PATH)]


def _is_below(search_path: bytes, prefix: bytes) -> bool:
    return any((folder + b"/").startswith(prefix + b"/") for folder in search_path.split(b":"))


def _in_place(old: bytes, new: bytes) -> bytes:
    """Return the new text in as many bytes as the old one, filled with NUL."""
    if len(new) > len(old):
        raise ElfError(f"its search path {old!r:.200} is shorter than {new!r}")
    last = old.rpartition(b"/")[2]
    if len(new) + len(last) < len(old):
        return new.ljust(len(old) - len(last), b"\0") + last
    return new.ljust(len(old), b"\0")


def _layout(data: bytes) -> _Layout:
    if data[: len(_MAGIC)] != _MAGIC or len(data) < _IDENT_BYTES:
        raise ElfError("it is no ELF file")
    width, order = data[4], {1: "<", 2: ">"}.get(data[5])
    if width not in {1, 2} or order is None:
        raise ElfError("its class or byte order is unknown")
    is_wide = width == 2
    return _Layout(
        header=struct.Struct(order + ("HHIQQQIHHH" if is_wide else "HHIIIIIHHH")),
        segment=struct.Struct(order + ("IIQQQQQQ" if is_wide else "IIIIIIII")),
        entry=struct.Struct(order + ("qQ" if is_wide else "iI")),
        is_wide=is_wide,
    )


def _segments(data: bytes, layout: _Layout) -> Iterator[_Segment]:
    fields = _unpack(layout.header, data, _IDENT_BYTES)
    table, entry_bytes, count = fields[4], fields[8], fields[9]
    if entry_bytes < layout.segment.size and count:
        raise ElfError("its program headers are too short")
    for index in range(min(count, _MOST_SEGMENTS)):
        values = _unpack(layout.segment, data, table + index * entry_bytes)
        if layout.is_wide:
            kind, _, offset, address, _, size_bytes, _, _ = values
        else:
            kind, offset, address, _, size_bytes, _, _, _ = values
        yield _Segment(kind=kind, offset=offset, address=address, size_bytes=size_bytes)


def _entries(data: bytes, dynamic: _Segment, layout: _Layout) -> Iterator[tuple[int, int]]:
    most = min(dynamic.size_bytes // layout.entry.size, _MOST_ENTRIES)
    for index in range(most):
        tag, value = _unpack(layout.entry, data, dynamic.offset + index * layout.entry.size)
        if tag == _DT_NULL:
            return
        yield tag, value


def _offset_of(address: int, segments: tuple[_Segment, ...]) -> int:
    """Return where in the file an address of memory lies."""
    for segment in segments:
        if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size_bytes:
            return address - segment.address + segment.offset
    raise ElfError("its strings lie in no segment")


def _string(data: bytes, start: int) -> str:
    try:
        return data[start : _string_end(data, start, _LONGEST_NAME)].decode("ascii")
    except UnicodeDecodeError as error:
        raise ElfError("a name is not ASCII") from error


def _string_end(data: bytes, start: int, longest: int) -> int:
    end = data.find(b"\0", start, start + longest + 1) if start < len(data) else -1
    if end < 0:
        raise ElfError("a name lies outside of the file or doesn't end")
    return end


def _unpack(layout: struct.Struct, data: bytes, offset: int) -> tuple[int, ...]:
    if offset < 0 or offset + layout.size > len(data):
        raise ElfError("a number points outside of the file")
    values: tuple[int, ...] = layout.unpack_from(data, offset)
    return values
