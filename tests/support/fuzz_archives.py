"""Archives made up member by member, as nobody would pack them: for fuzzing the readers of archives."""

import bz2
import io
import lzma
import struct
import zipfile
from random import Random

from support.archives import gz

__all__ = ["any_archive", "any_wheel"]

_NAMES = (
    b"demo-1.0", b"setup.py", b"pyproject.toml", b"PKG-INFO", b"a", b"A", b"b", b"..", b".", b"", b"C:", b"x\\y", b"/",
    b"e\xcc\x81", b"\xc3\xa9", b"\xff", b"a\nb", b"\xe2\x80\xae", b"a" * 99, b"a" * 155, b"LICENSE", b"METADATA",
    b"demo-1.0.dist-info", b"a b", b"~", b"-",
)  # fmt: skip
_TYPES = b"0\x00" * 8 + b"12222555567xgLKSMVNADX"
_TEXTS = (b"", b"x", b"Name: demo\n", b"\x00" * 600, b"[project]\nname = 'a'\n", b"a" * 5000, b"\xff\xfe\x00")


def any_archive(random: Random) -> bytes:
    """Return a tar, compressed in any way, or a zip."""
    if random.random() < 0.3:
        return _zip(random)
    data = b"".join(_member(random) for _ in range(random.choice((0, 1, 2, 3, 5, 9))))
    data += bytes(random.choice((0, 511, 512, 1024, 10240)))
    match random.randrange(8):
        case 0:
            return data
        case 1:
            return bz2.compress(data)
        case 2:
            return lzma.compress(data, preset=0)
        case 3:
            return gz(data[: len(data) // 2]) + gz(data[len(data) // 2 :])
        case 4:
            return gz(data) + random.choice((b"\x00" * 20, b"junk", gz(b"more"), b"\x1f\x8b"))
        case _:
            return gz(data)


def any_wheel(random: Random) -> bytes:
    """Return a zip that mostly holds a METADATA file."""
    wanted = "demo-1.0.dist-info/METADATA"
    return _zip(random, *[wanted] * random.choice((0, 1, 1, 1, 1)))


def _path(random: Random) -> bytes:
    parts = [random.choice(_NAMES) for _ in range(random.choice((0, 1, 1, 2, 3)))]
    top = [b"demo-1.0"] if random.random() < 0.8 else []
    return b"/".join(top + parts)


def _octal(random: Random, number: int, width: int) -> bytes:
    match random.randrange(12):
        case 0:
            return bytes(width)
        case 1:
            return b"\x80" + number.to_bytes(width - 1, "big")
        case 2:
            return b"\xff" * width
        case 3:
            return random.choice((b"-1", b"0o7", b"7_7", b"8", b"+7", b"\x80\xff\xff\xff\xff")).ljust(
                width, b"\x00"
            )
        case 4:
            return b"7" * width
        case _:
            return (b"%o" % number).rjust(width - 1, b"0")[: width - 1] + b"\x00"


def _member(random: Random) -> bytes:
    kind = random.choice(_TYPES)
    content = (
        _pax(random) if kind in b"xg" else _path(random) + b"\x00" if kind in b"LK" else random.choice(_TEXTS)
    )
    if kind in b"12345" and random.random() < 0.9:
        content = b""
    size = len(content) if random.random() < 0.9 else random.choice((0, 1, 511, 512, 1 << 33, (1 << 63) - 1))
    header = bytearray(512)
    header[0:100] = _path(random)[:100].ljust(100, b"\x00")
    header[100:108] = _octal(random, random.choice((0o644, 0o4755)), 8)
    header[124:136] = _octal(random, size, 12)[:12]
    header[156] = kind
    header[157:257] = _path(random)[:100].ljust(100, b"\x00")
    header[257:265] = random.choice((b"ustar\x0000", b"ustar\x0000", b"ustar  \x00", bytes(8)))
    if random.random() < 0.1:
        header[345:500] = _path(random)[:155].ljust(155, b"\x00")
    header[148:156] = b" " * 8
    checksum = sum(header) if random.random() < 0.97 else 0
    header[148:156] = b"%06o\x00 " % checksum
    return bytes(header) + content + bytes(-len(content) % 512)


def _pax(random: Random) -> bytes:
    data = b""
    for _ in range(random.choice((1, 1, 2, 5))):
        key = random.choice(
            (b"path", b"linkpath", b"size", b"mtime", b"GNU.sparse.major", b"comment", b"", b"hdrcharset")
        )
        value = random.choice((_path(random), b"10", b"-1", b"9" * 30, b"\x00", b"1e9", b"BINARY"))
        body = b" " + key + b"=" + value + b"\n"
        length = len(body) + len(str(len(body) + 2))
        data += b"%d" % (length if random.random() < 0.9 else random.choice((0, 1, 5, 10**18, 10**30))) + body
    return data


def _zip(random: Random, *wanted: str) -> bytes:
    buffer = io.BytesIO()
    names = [
        _path(random).decode("utf-8", "replace").replace("\x00", "") or "x"
        for _ in range(random.randrange(5))
    ]
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (*names, *wanted):
            info = zipfile.ZipInfo(name)
            info.compress_type = random.choice((0, 8, 8, 12, 14))
            info.external_attr = (
                random.choice((0, 0o100644, 0o120777, 0o040755, 0o104755, 0o010644, 0o140777)) << 16
            )
            if not any(known.filename == info.filename for known in archive.infolist()):
                archive.writestr(info, random.choice(_TEXTS))
    data = bytearray(buffer.getvalue())
    for _ in range(random.choice((0, 0, 1, 2))):
        place = data.find(
            random.choice((b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06")), random.randrange(len(data))
        )
        if place >= 0:
            at = min(place + random.randrange(4, 46), len(data) - 4)
            struct.pack_into("<I", data, at, random.choice((0, 1, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, 8, 64)))
    return bytes(data)
