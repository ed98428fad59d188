"""The tar reader is strict: what other readers would take in different ways is refused."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.members import Member
from conda_bridge.archives.reading import stream_archive
from conda_bridge.archives.streams import DecompressedStream, decompressed
from conda_bridge.archives.tar import TarReader
from conda_bridge.errors import SourceError
from support.archives import gz, regular, tar_bytes
from support.effort import examples


def _members(data: bytes) -> list[Member]:
    stream = DecompressedStream(decompressed(io.BytesIO(data)), archive_bytes=len(data), limits=LIMITS)
    return list(TarReader(stream).members())


def _header(**fields: bytes) -> bytes:
    """Return a ustar header with a right checksum; the fields replace those of an empty file called `a`."""
    values = {
        "name": b"a", "mode": b"0000644\x00", "size": b"00000000000\x00", "type": b"0", "link": b"",
        "magic": b"ustar\x0000", "prefix": b"",
    } | fields  # fmt: skip
    block = bytearray(512)
    for name, start in (("name", 0), ("mode", 100), ("size", 124), ("type", 156), ("link", 157)):
        block[start : start + len(values[name])] = values[name]
    block[257 : 257 + len(values["magic"])] = values["magic"]
    block[345 : 345 + len(values["prefix"])] = values["prefix"]
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block)


def _extension(kind: bytes, data: bytes) -> bytes:
    header = _header(name=b"ext", type=kind, size=b"%011o\x00" % len(data))
    return header + data + bytes(-len(data) % 512)


END = bytes(1024)


@pytest.mark.parametrize(
    "data",
    [
        _header(size=b"\xff" * 12) + END,
        _header(size=b"-0000000001\x00") + END,
        _header(size=b"0o000000010\x00") + END,
        _header(size=b"00_00000000\x00") + END,
        _header(size=b"00000000009\x00") + END,
        _header(size=b"\x80" + b"\xff" * 11) + END,
        _header(type=b"2", link=b"b", size=b"00000000010\x00") + END,
        _header(type=b"5", size=b"00000001000\x00") + bytes(512) + END,
        _header(name=b"a/", size=b"00000000001\x00") + bytes(512) + END,
        _header(magic=b"ustar  \x00", prefix=b"folder") + END,
        _extension(b"x", b"12 path=../x") + _header() + END,
        _extension(b"x", b"99 path=b\n") + _header() + END,
        _extension(b"x", b"x path=b\n") + _header() + END,
        _extension(b"x", b"9" * 400) + _header() + END,
        _extension(b"x", b"0 path=b\n") + _header() + END,
        _extension(b"x", b"13 size=-100\n") + _header() + END,
        _extension(b"x", b"22 GNU.sparse.major=1\n") + _header() + END,
        _extension(b"g", b"9 path=b\n") + _header() + END,
        _extension(b"L", b"b\x00") + _extension(b"x", b"9 path=c\n") + _header() + END,
        _extension(b"x", b"9 path=b\n") + _extension(b"x", b"9 path=c\n") + _header() + END,
        _extension(b"x", b"9 path=b\n") + END,
        _header(name=b"ext", type=b"L", size=b"77777777777\x00") + END,
        _header()[:-1] + b"x" + END,
        _header() + _header()[:100],
    ],
    ids=[
        "negative size", "minus", "prefix 0o", "underscore", "digit 9", "size of 2**88", "link with content",
        "folder with content", "folder name with content", "gnu with prefix", "pax without newline",
        "pax too long", "pax without length", "pax of digits", "pax length 0", "pax negative size",
        "pax sparse", "global path", "two names", "two pax names", "nothing after pax", "huge long name",
        "wrong checksum", "cut header",
    ],
)  # fmt: skip
def test_ambiguous_or_damaged_header_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        _members(data)
    assert caught.value.slug in {"unsafe-archive", "broken-archive"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (_header(), Member("a", "file")),
        (_header(type=b"\x00"), Member("a", "file")),
        (_header(type=b"\x00", name=b"a/"), Member("a/", "directory")),
        (_header(magic=b""), Member("a", "file")),
        (_header(prefix=b"folder"), Member("folder/a", "file")),
        (_header(size=b"\x80" + bytes(11)), Member("a", "file")),
        (_extension(b"L", b"long\x00") + _header(), Member("long", "file")),
        (_extension(b"K", b"t\x00") + _header(type=b"2"), Member("a", "symlink", link="t")),
        (_extension(b"x", b"9 path=b\n\x00\x00") + _header(), Member("b", "file")),
        (_extension(b"x", b"20 mtime=1700000000\n") + _header(), Member("a", "file")),
        (_extension(b"g", b"15 comment=abc\n") + _header(), Member("a", "file")),
    ],
    ids=[
        "ustar", "old regular", "old folder", "v7", "prefix", "base 256", "gnu name", "gnu link", "pax name",
        "pax time", "git's comment",
    ],
)  # fmt: skip
def test_header_forms_in_use_are_read(data: bytes, expected: Member) -> None:
    assert _members(data + END) == [expected]
    assert _members(data) == [expected], "an archive without its end marker is complete too"


def test_size_of_a_pax_header_replaces_that_of_the_member() -> None:
    data = (
        _extension(b"x", b"9 size=5\n") + _header() + b"hello".ljust(512, b"\x00") + _header(name=b"b") + END
    )
    assert _members(data) == [Member("a", "file", 5), Member("b", "file")]


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp"), exclude_characters="/\\:"),
            min_size=1, max_size=60).filter(lambda part: part not in {".", ".."}),
    min_size=1, max_size=6,
).map("/".join)  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(
    files=st.dictionaries(NAMES, st.binary(max_size=1500), max_size=6),
    tar_format=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_the_reader_agrees_with_tarfile(files: dict[str, bytes], tar_format: int) -> None:
    data = tar_bytes(
        [regular(f"top/{name}", content) for name, content in files.items()], tar_format=tar_format
    )
    stream = DecompressedStream(decompressed(io.BytesIO(data)), archive_bytes=len(data), limits=LIMITS)
    reader = TarReader(stream)
    ours = [(member.name, reader.read()) for member in reader.members()]
    assert ours == [(f"top/{name}", content) for name, content in files.items()]


@settings(max_examples=examples(300), deadline=None)
@given(position=st.integers(0, 4095), value=st.integers(0, 255), tar_format=st.sampled_from([1, 2]))
def test_a_changed_byte_never_makes_the_reader_say_other_than_tarfile(
    position: int, value: int, tar_format: int
) -> None:
    names = ["top/a", "top/" + "b" * 120, "top/c/d"]
    data = bytearray(tar_bytes([regular(name, b"12345") for name in names], tar_format=tar_format))
    data[position] = value
    try:
        ours = [(m.name.rstrip("/"), m.size_bytes) for m in _members(bytes(data))]
    except SourceError:
        return
    with tarfile.open(fileobj=io.BytesIO(bytes(data)), encoding="utf-8") as archive:
        theirs = [(m.name, m.size) for m in archive]
    assert ours == theirs


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"x"], ids=["cut", "longer"])
def test_damage_is_found_in_the_last_byte(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(damage(gz(tar_bytes([regular("demo-1.0/x")]))))
    with pytest.raises(SourceError):
        stream_archive(str(path), wanted=lambda _p, _s: False, digest=lambda _p, data: data)


@pytest.mark.parametrize("name", ["a", "\xe9" * 40, "~" * 100])
@pytest.mark.parametrize("delta", [1, -1, 256, 65521])
def test_a_wrong_checksum_is_refused_whatever_the_bytes(tmp_path: Path, name: str, delta: int) -> None:
    info = tarfile.TarInfo(f"top/{name[:90]}")
    header = bytearray(info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict"))
    stored = int(header[148:154], 8)
    path = tmp_path / "x.tar"
    path.write_bytes(bytes(header) + bytes(1024))
    assert stream_archive(str(path), wanted=lambda _p, _s: False, digest=lambda _p, data: data).files
    header[148:156] = b"%06o\0 " % (stored + delta)
    path.write_bytes(bytes(header) + bytes(1024))
    with pytest.raises(SourceError, match="checksum"):
        stream_archive(str(path), wanted=lambda _p, _s: False, digest=lambda _p, data: data)


@pytest.mark.parametrize(
    ("record", "is_refused"),
    [
        (b"22 mtime=1794772165.0\n", False),
        (b"21 mtime=1794772165.0\n", True),
        (b"23 mtime=1794772165.0\n", True),
        (b"22 mtime=1794772165.0x", True),
    ],
)
def test_a_record_of_the_time_alone_is_held_to_its_length(
    tmp_path: Path,
    record: bytes,
    is_refused: bool,  # noqa: FBT001
) -> None:
    extension = tarfile.TarInfo("top/pax")
    extension.type, extension.size = tarfile.XHDTYPE, len(record)
    blocks = extension.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0")
    path = tmp_path / "x.tar"
    path.write_bytes(blocks + tarfile.TarInfo("top/a").tobuf(tarfile.USTAR_FORMAT) + bytes(1024))
    if is_refused:
        with pytest.raises(SourceError, match="pax header is malformed"):
            stream_archive(str(path), wanted=lambda _p, _s: False, digest=lambda _p, data: data)
    else:
        contents = stream_archive(str(path), wanted=lambda _p, _s: False, digest=lambda _p, data: data)
        assert [entry.path for entry in contents.files] == ["a"]
