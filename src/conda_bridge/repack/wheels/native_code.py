"""The first bytes of a file -> which kind of native code it is, whatever it is called.

A suffix proves nothing: `_speed.cpython-311.txt` may be a shared library, and `x.so` a text.

Source: System V ABI, chapter 4; Microsoft PE format; Mach-O, `mach-o/loader.h` and `mach-o/fat.h`; WebAssembly, binary format;
LLVM bitcode file format; PEP 552 and CPython's `Lib/importlib/_bootstrap_external.py` (bytecode).
"""

import re
from typing import Literal

__all__ = ["START_BYTES", "NativeKind", "is_bytecode", "native_kind"]

NativeKind = Literal[
    "ELF", "Mach-O", "COFF", "PE library", "PE program", "static library", "WebAssembly", "LLVM bitcode", ""
]

START_BYTES = 4096
"""How much of a file's beginning tells; the headers of real PE files begin within the first few hundred bytes."""

_BY_MAGIC: tuple[tuple[bytes, NativeKind], ...] = (
    (b"\x7fELF", "ELF"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xfe\xed\xfa\xcf", "Mach-O"),
    (b"\xfe\xed\xfa\xce", "Mach-O"),
    (b"!<arch>\n", "static library"),
    (b"!<thin>\n", "static library"),
    (b"\0asm", "WebAssembly"),
    (b"BC\xc0\xde", "LLVM bitcode"),
)
_DEBIAN_PACKAGE = re.compile(rb"!<arch>\ndebian-binary {3}.{42}`\n2\.[0-9]\ncontrol\.tar", re.DOTALL)
"""An archive of the same kind as static libraries are, told by its first two members. Source: deb(5)."""
_MACHINES = tuple(code.to_bytes(2, "little") for code in (0x8664, 0x14C, 0xAA64, 0x1C4))
_BIG_COFF = b"\0\0\xff\xff"
"""Objects with many sections, and those of import libraries."""
_COFF_HEADER_BYTES, _COFF_SECTION_BYTES, _COFF_SYMBOL_BYTES = 20, 40, 18
_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_FIRST_JAVA = 45
"""Class files of Java begin as fat Mach-O files do; where one has its version, 45 or more, the other counts its architectures."""
_FIRST_BYTES = frozenset(magic[0] for magic, _ in _BY_MAGIC) | {
    _FAT[0][0],
    b"M"[0],
    *(code[0] for code in _MACHINES),
}

_BYTECODE = re.compile(
    rb".[\x0d-\x0f]\r\n[\0-\3]\0\0\0"  # CPython from 3.7 on: magic number, flags
    rb"|.[\x0b-\x0d]\r\n.{8}[c\xe3]"  # 3.0 to 3.6: magic number, time and size, a code object
    rb"|\x03\xf3\r\n.{4}c",  # 2.7: magic number, time, a code object
    re.DOTALL,
)

_PE_OFFSET_AT = 0x3C
_PE_HEADER_BYTES = 24
_PE_DLL = 0x2000


def native_kind(start: bytes, size_bytes: int) -> NativeKind:
    """Return which native code a file of that size is, told by its first `START_BYTES`; empty for none.

    >>> native_kind(b"MZ is how this text begins", 26)
    ''
    """
    # Nearly all files are text, which the first byte tells.
    if not start or start[0] not in _FIRST_BYTES:
        return ""
    if _DEBIAN_PACKAGE.match(start):
        return ""
    for magic, kind in _BY_MAGIC:
        if start.startswith(magic):
            return kind
    if start.startswith(_FAT):
        return "Mach-O" if int.from_bytes(start[4:8], "big") < _FIRST_JAVA else ""
    if start.startswith(b"MZ"):
        return _pe_kind(start, size_bytes)
    return "COFF" if _is_coff(start, size_bytes) else ""


def is_bytecode(start: bytes) -> bool:
    """Return whether a file begins as bytecode of CPython does, whatever it is called.

    >>> is_bytecode(bytes.fromhex("a70d0d0a") + bytes(12))
    True
    """
    return _BYTECODE.match(start) is not None


def _is_coff(start: bytes, size_bytes: int) -> bool:
    """Return whether this is an object file of Windows: it has no magic, but a header whose parts fit the file."""
    if len(start) < _COFF_HEADER_BYTES:
        return False
    if start.startswith(_BIG_COFF):
        return start[6:8] in _MACHINES
    sections, symbols_at, symbols = (
        int.from_bytes(start[a:b], "little") for a, b in ((2, 4), (8, 12), (12, 16))
    )
    sections_end = _COFF_HEADER_BYTES + sections * _COFF_SECTION_BYTES
    return (
        start[:2] in _MACHINES
        and start[16:18] == b"\0\0"
        and sections_end <= size_bytes
        and (symbols_at == 0 or sections_end <= symbols_at)
        and symbols_at + symbols * _COFF_SYMBOL_BYTES <= size_bytes
    )


def _pe_kind(start: bytes, size_bytes: int) -> NativeKind:
    at = int.from_bytes(start[_PE_OFFSET_AT : _PE_OFFSET_AT + 4], "little")
    if len(start) < _PE_OFFSET_AT + 4 or at + _PE_HEADER_BYTES > size_bytes:
        return ""
    header = start[at : at + _PE_HEADER_BYTES]
    if len(header) < _PE_HEADER_BYTES:
        # Nobody puts it there: taken for the worse of the two.
        return "PE library"
    if not header.startswith(b"PE\0\0"):
        return ""
    is_library = int.from_bytes(header[22:24], "little") & _PE_DLL
    return "PE library" if is_library else "PE program"
