"""The bytes of a tar archive -> its members, strictly.

`tarfile` is not used, for three reasons: a header costs it 40 us and us 5 (that was half of the time that a large
sdist takes); it takes headers that other readers take differently, which is how attacks hide; and before
Python 3.11.14 a crafted size or pax header makes it loop for very long (CVE-2024-6232, CVE-2025-8194). Here whatever is
ambiguous is refused, and tests compare both readers on generated archives.

Source: POSIX.1-2008 pax, ustar and pax interchange formats; GNU tar manual, "Basic Tar Format".
"""

import re
from collections.abc import Iterator
from zlib import adler32

from conda_bridge.archives.members import Member, MemberKind
from conda_bridge.archives.paths import decoded_name, shown
from conda_bridge.archives.streams import DecompressedStream
from conda_bridge.errors import SourceError

__all__ = ["TarReader"]

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_MAX_EXTENSION_BYTES = 1 << 20

_KINDS: dict[bytes, MemberKind] = {
    b"0": "file", b"\x00": "file", b"7": "file", b"1": "hardlink", b"2": "symlink", b"5": "directory",
}  # fmt: skip
_UNSAFE_TYPES = {b"3": "a device", b"4": "a device", b"6": "a fifo", b"S": "a sparse file"}
_GNU_LONG_NAME, _GNU_LONG_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"x", b"g"
_EXTENSIONS = frozenset({_GNU_LONG_NAME, _GNU_LONG_LINK, _PAX, _PAX_GLOBAL})
_SETUID_OR_SETGID = 0o6000
_PERMISSIONS = 0o7777
_ANY_EXECUTABLE = 0o111
_USUAL_MODES = {
    b"0000644\x00": 0o644, b"0000664\x00": 0o664, b"0000755\x00": 0o755, b"000644 \x00": 0o644, b"000755 \x00": 0o755,
}  # fmt: skip
# What Python's tarfile and `git archive` write for every member, and which changes nothing here.
_TIME_RECORD = re.compile(rb"(\d{2}) (?:mtime|atime|ctime)=[\d.]+\n")


class TarReader:
    """Members of a tar archive as its decompressed bytes stream by."""

    def __init__(self, stream: DecompressedStream) -> None:
        self._stream = stream
        self._unread_bytes = 0
        self._mode = b""
        self._idle = b""

    def members(self) -> Iterator[Member]:
        """Yield every member once; see `ArchiveReader`."""
        overrides: dict[str, bytes] = {}
        while (header := self._next_header()) is not None:
            type_flag = header[156:157]
            if type_flag in _EXTENSIONS:
                self._add_overrides(overrides, header)
                continue
            member = _member(header, overrides)
            overrides = {}
            self._unread_bytes = member.size_bytes
            self._mode = header[100:108]
            yield member
            self._stream.skip(self._unread_bytes + -member.size_bytes % _BLOCK)
        if overrides:
            raise SourceError("broken-archive", "it ends after an extended header")

    @property
    def mode(self) -> int:
        """The permission bits of the member yielded last."""
        usual = _USUAL_MODES.get(self._mode)
        return _number(self._mode, "mode") & _PERMISSIONS if usual is None else usual

    def read(self, max_bytes: int | None = None) -> bytes:
        """Return the content of the member yielded last; see `ArchiveReader`."""
        count = self._unread_bytes if max_bytes is None else min(max_bytes, self._unread_bytes)
        self._unread_bytes -= count
        data = self._stream.read(count)
        if len(data) < count:
            raise SourceError("broken-archive", "it ends in the middle of a member")
        return data

    def _next_header(self) -> bytes | None:
        header = self._stream.read(_BLOCK)
        if not header:
            return None
        if len(header) < _BLOCK:
            raise SourceError("broken-archive", "it ends in the middle of a header")
        if header == _ZEROS:
            if not self._stream.rest_is_zeros():
                raise SourceError("broken-archive", "data follows the end of the archive")
            return None
        stored = _number(header[148:156], "checksum")
        if stored != _checksum(header):
            raise SourceError("broken-archive", "a header's checksum is wrong")
        return header

    def _add_overrides(self, overrides: dict[str, bytes], header: bytes) -> None:
        size_bytes = _number(header[124:136], "size")
        if size_bytes > _MAX_EXTENSION_BYTES:
            raise SourceError("unsafe-archive", f"an extended header has {size_bytes:,} bytes")
        data = self._stream.read(size_bytes)
        self._stream.skip(-size_bytes % _BLOCK)
        type_flag = header[156:157]
        if type_flag == _PAX and data == self._idle:
            return
        match type_flag:
            case b"L":
                found = {"path": data.partition(b"\x00")[0]}
            case b"K":
                found = {"linkpath": data.partition(b"\x00")[0]}
            case _:
                found = _pax_records(data)
                # Builders give all members one time, so that most headers say what the one before said.
                self._idle = self._idle if found else data
        if type_flag == _PAX_GLOBAL:
            if found:
                raise SourceError("unsafe-archive", f"a global header sets {', '.join(sorted(found))}")
            return
        if overrides.keys() & found.keys():
            raise SourceError("unsafe-archive", "one member has two extended headers that contradict")
        overrides.update(found)


def _member(header: bytes, overrides: dict[str, bytes]) -> Member:
    name = decoded_name(overrides["path"] if "path" in overrides else _header_name(header))
    kind = _kind(header[156:157], name)
    size_bytes = _decimal(overrides["size"]) if "size" in overrides else _number(header[124:136], "size")
    if kind == "file" and name.endswith("/"):
        kind = "directory"
    if kind != "file" and size_bytes:
        # Readers differ in whether such a member has content, and so in what the next member is.
        raise SourceError("unsafe-archive", f"the {kind} {shown(name)} has a size")
    link = ""
    if kind in {"symlink", "hardlink"}:
        link = decoded_name(overrides.get("linkpath", header[157:257].partition(b"\x00")[0]))
    if kind != "file":
        return Member(name, kind, size_bytes, link)
    mode = _USUAL_MODES.get(header[100:108])
    if mode is None:
        mode = _number(header[100:108], "mode")
    return Member(name, kind, size_bytes, link, bool(mode & _SETUID_OR_SETGID), bool(mode & _ANY_EXECUTABLE))


def _kind(type_flag: bytes, name: str) -> MemberKind:
    kind = _KINDS.get(type_flag)
    if kind is None:
        what = _UNSAFE_TYPES.get(type_flag, f"of the unknown type {type_flag!r}")
        raise SourceError("unsafe-archive", f"the member {shown(name)} is {what}")
    return kind


def _header_name(header: bytes) -> bytes:
    name = header[:100].partition(b"\x00")[0]
    prefix = header[345:500].partition(b"\x00")[0]
    if not prefix:
        return name
    if header[257:263] != b"ustar\x00":
        # GNU tar keeps other things there; some readers take them for a prefix.
        raise SourceError("unsafe-archive", f"the member {name[:80]!a} has a prefix but isn't ustar")
    return prefix + b"/" + name


def _checksum(header: bytes) -> int:
    """Return the sum of the bytes with spaces for the checksum itself."""
    before, behind = header[:148], header[156:]
    spaces = 8 * 0x20
    # The low half of Adler-32 is one more than the sum of the bytes, modulo 65521: more than a block of ASCII can have.
    if header.isascii():
        return (adler32(behind, adler32(before)) & 0xFFFF) - 1 + spaces
    return sum(before) + sum(behind) + spaces


def _number(field: bytes, what: str) -> int:
    digits = field.rstrip(b" \x00")
    if digits.isdigit() and b"8" not in digits and b"9" not in digits:
        return int(digits, 8)
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    text = field.partition(b"\x00")[0].strip(b" ")
    # `int` alone would take signs, underscores and `0o`.
    if text.strip(b"01234567"):
        raise SourceError("broken-archive", f"a header's {what} is no number: {text!r}")
    return int(text, 8) if text else 0


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > 18:
        raise SourceError("broken-archive", f"an extended header's number is none: {text[:40]!r}")
    return int(text)


def _pax_records(data: bytes) -> dict[str, bytes]:
    """Return the records that change what a member is. Source: POSIX pax, "pax Extended Header"."""
    time = _TIME_RECORD.fullmatch(data)
    if time and int(time[1]) == len(data):
        return {}
    found: dict[str, bytes] = {}
    data = data.rstrip(b"\x00")
    start = 0
    while start < len(data):
        length_text, space, _ = data[start : start + 20].partition(b" ")
        end = start + (_decimal(length_text) if space else 0)
        record = data[start + len(length_text) + 1 : end]
        key, equals, value = record[:-1].partition(b"=")
        if not (space and equals and record.endswith(b"\n")) or end > len(data):
            raise SourceError("broken-archive", "a pax header is malformed")
        if key.startswith(b"GNU.sparse."):
            raise SourceError("unsafe-archive", "it has a sparse file")
        if key in {b"path", b"linkpath", b"size"}:
            found[key.decode("ascii")] = value
        start = end
    return found
