"""The first bytes of a file -> which kind of native code it is, whatever it is called.

A suffix proves nothing: `_speed.cpython-311.txt` may be a shared library, and `x.so` a text.

Source: System V ABI, chapter 4; Microsoft PE format; Mach-O, `mach-o/loader.h` and `mach-o/fat.h`; WebAssembly, binary format;
LLVM bitcode file format.
"""

from typing import Literal

__all__ = ["START_BYTES", "NativeKind", "native_kind"]

NativeKind = Literal[
    "ELF", "Mach-O", "PE library", "PE program", "static library", "WebAssembly", "LLVM bitcode", ""
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
_DEBIAN_PACKAGE = b"!<arch>\ndebian-binary"
"""An archive of the same kind as static libraries are. Source: deb(5)."""
_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_FIRST_JAVA = 45
"""Class files of Java begin as fat Mach-O files do; where one has its version, 45 or more, the other counts its architectures."""
_FIRST_BYTES = frozenset(magic[0] for magic, _ in _BY_MAGIC) | {_FAT[0][0], b"M"[0]}

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
    if start.startswith(_DEBIAN_PACKAGE):
        return ""
    for magic, kind in _BY_MAGIC:
        if start.startswith(magic):
            return kind
    if start.startswith(_FAT):
        return "Mach-O" if int.from_bytes(start[4:8], "big") < _FIRST_JAVA else ""
    return _pe_kind(start, size_bytes) if start.startswith(b"MZ") else ""


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
