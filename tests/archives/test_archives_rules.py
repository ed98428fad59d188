"""The numbered bad archives: each is refused with its class, or read with its warning, and nothing is written.

The numbers are those of the list of bad inputs that conda-bridge must survive.
"""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conda_bridge.archives.contents import Contents
from conda_bridge.archives.limits import Limits
from conda_bridge.archives.reading import stream_archive
from conda_bridge.errors import SourceError
from support.archives import device, gz, link, regular, tar_bytes, write_tar_gz, write_zip, zip_bytes

SETUP = regular("demo-1.0/setup.py", b"raise SystemExit\n")


def _read(path: Path, limits: Limits | None = None) -> Contents[bytes]:
    return stream_archive(
        str(path),
        wanted=lambda _path, _size: True,
        digest=lambda _path, data: data,
        limits=limits or Limits(),
    )


def _refused(path: Path, slug: str = "unsafe-archive", limits: Limits | None = None) -> str:
    """Demand the refusal, and that it left nothing behind; return its message."""
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(SourceError) as caught:
        _read(path, limits)
    assert caught.value.slug == slug
    assert caught.value.where == path.name
    assert sorted(path.parent.rglob("*")) == before
    return caught.value.message


def _slugs(path: Path) -> list[str]:
    return [diagnostic.slug for diagnostic in _read(path).diagnostics]


@pytest.mark.parametrize("name", ["../x", "demo-1.0/../../x", "demo-1.0/..", ".."])
def test_01_tar_member_that_climbs_is_refused(tmp_path: Path, name: str) -> None:
    assert "climbs" in _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(name)]))


@pytest.mark.parametrize("name", ["/abs", "//abs", "/demo-1.0/x"])
def test_02_tar_member_with_absolute_path_is_refused(tmp_path: Path, name: str) -> None:
    assert "absolute" in _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(name)]))


@pytest.mark.parametrize(
    "target", ["/etc", "/etc/passwd", "../../etc", "..", "../other/x", "C:/Windows", r"..\..\x", r"\\host\x"]
)
def test_03_symlink_to_outside_is_refused(tmp_path: Path, target: str) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, link("demo-1.0/a", target)])
    assert "symbolic link" in _refused(path)


def test_03_symlink_to_outside_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("demo-1.0/a")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = write_zip(tmp_path / "demo-1.0.zip", [("demo-1.0/setup.py", b""), (info, b"/etc/passwd")])
    assert "symbolic link" in _refused(path)


@pytest.mark.parametrize(
    "links",
    [
        (("a", "b"), ("b", "sub/deep/deeper"), ("c", "a/../../../../x")),
        (("a", "."), ("b", "a/a/a/../x")),
        (("a", "a"),),
        (("a", "b"), ("b", "a")),
        (("a", "a/a/x"),),
    ],
    ids=["through a folder", "through itself", "to itself", "in a circle", "growing"],
)
def test_04_symlink_chain_that_leaves_or_never_ends_is_refused(
    tmp_path: Path, links: tuple[tuple[str, str], ...]
) -> None:
    members = [SETUP, *(link(f"demo-1.0/{name}", target) for name, target in links)]
    assert "symbolic link" in _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))


def test_04_member_below_a_symlink_is_refused(tmp_path: Path) -> None:
    members = [SETUP, regular("demo-1.0/sub/y"), link("demo-1.0/a", "sub"), regular("demo-1.0/a/x")]
    assert "below" in _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))


def test_04_symlinks_that_stay_inside_are_passed_over(tmp_path: Path) -> None:
    members = [
        SETUP,
        regular("demo-1.0/sub/deep/x"),
        link("demo-1.0/a", "sub/deep"),
        link("demo-1.0/sub/b", "../a/../../setup.py"),
        link("demo-1.0/missing", "nowhere"),
    ]
    contents = _read(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))
    assert [entry.path for entry in contents.files] == ["setup.py", "sub/deep/x"]
    assert contents.diagnostics == ()


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "demo-1.0/missing", "demo-1.0/later"])
def test_05_hardlink_to_anything_but_an_earlier_file_is_refused(tmp_path: Path, target: str) -> None:
    members = [SETUP, link("demo-1.0/a", target, is_hard=True), regular("demo-1.0/later")]
    _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))


@pytest.mark.parametrize(
    "kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.GNUTYPE_SPARSE, b"M"]
)
def test_06_fifo_device_and_unknown_types_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    # tarfile gives members of unknown types no size, but wants to write one.
    path.write_bytes(gz(_retyped(tar_bytes([SETUP, regular("demo-1.0/odd", b"")]), kind)))
    _refused(path)


def test_06_fifo_as_tarfile_writes_it_is_refused(tmp_path: Path) -> None:
    members = [SETUP, device("demo-1.0/fifo", tarfile.FIFOTYPE)]
    assert "a fifo" in _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))


def test_06_fifo_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("demo-1.0/fifo")
    info.external_attr = (stat.S_IFIFO | 0o644) << 16
    _refused(write_zip(tmp_path / "demo-1.0.zip", [(info, b"")]))


@pytest.mark.parametrize("mode", [0o4755, 0o2755])
def test_07_setuid_bit_is_reported_and_the_file_read(tmp_path: Path, mode: int) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular("demo-1.0/tool", mode=mode)])
    assert _slugs(path) == ["setuid-member"]
    assert _read(path).digests[1] == ("tool", b"x\n")


def test_07_setuid_bit_in_a_zip_is_reported(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("demo-1.0/tool")
    info.external_attr = (stat.S_IFREG | 0o4755) << 16
    assert _slugs(write_zip(tmp_path / "demo-1.0.zip", [(info, b"")])) == ["setuid-member"]


@pytest.mark.parametrize(
    "name", [r"..\x", r"demo-1.0\..\..\x", "C:x", "C:/x", "demo-1.0/C:x", r"\\host\share", r"demo-1.0\x"]
)
def test_08_zip_member_with_windows_path_is_refused(tmp_path: Path, name: str) -> None:
    _refused(write_zip(tmp_path / "demo-1.0.zip", [("demo-1.0/setup.py", b""), (name, b"")]))


def test_08_zip_folder_with_content_is_refused(tmp_path: Path) -> None:
    _refused(write_zip(tmp_path / "demo-1.0.zip", [("demo-1.0/", b"content")]))


@pytest.mark.parametrize("name", [r"..\x", "C:x", "demo-1.0/C:x", r"\\host\share"])
def test_08_tar_member_with_windows_path_is_refused(tmp_path: Path, name: str) -> None:
    _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(name)]))


@pytest.mark.parametrize(
    "names",
    [
        ("demo-1.0/A", "demo-1.0/a"),
        ("demo-1.0/Data/x", "demo-1.0/data/y"),
        ("demo-1.0/\xc9", "demo-1.0/e\u0301"),
    ],
    ids=["files", "folders", "unicode forms"],
)
def test_09_names_that_differ_by_case_are_reported(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [regular(name) for name in names])
    assert _slugs(path) == ["case-clash"]
    assert len(_read(path).files) == len(names)


@pytest.mark.parametrize("again", ["demo-1.0/setup.py", "./demo-1.0/setup.py", "demo-1.0//setup.py"])
def test_10_duplicate_member_is_refused(tmp_path: Path, again: str) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(again)])
    assert "twice" in _refused(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_10_duplicate_member_of_a_zip_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "demo-1.0.zip", [("demo-1.0/a", b"1"), ("demo-1.0/a", b"2")])
    assert "twice" in _refused(path)


def test_10_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [regular("demo-1.0/a"), regular("demo-1.0/a/b")])
    assert "folder too" in _refused(path)


def test_11_ratio_of_a_bomb_is_refused(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular("demo-1.0/zeros", bytes(30_000_000))])
    assert "200 times" in _refused(path, "archive-too-large")


def test_11_ratio_of_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "demo-1.0.zip", [("demo-1.0/zeros", bytes(30_000_000))])
    assert "200 times" in _refused(path, "archive-too-large")


def test_11_small_file_of_zeros_is_no_bomb(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular("demo-1.0/zeros", bytes(5_000_000))])
    assert len(_read(path).files) == 2


def test_11_total_size_is_limited(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular("demo-1.0/zeros", bytes(50_000))])
    assert "50,000 bytes" in _refused(path, "archive-too-large", Limits(max_bytes=50_000))


def test_11_what_is_read_into_memory_is_limited(tmp_path: Path) -> None:
    members = [regular(f"demo-1.0/{n}", bytes(range(200)) * 10) for n in range(11)]
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", members)
    assert "20,000 bytes" in _refused(path, "archive-too-large", Limits(max_read_bytes=20_000))


@pytest.mark.parametrize("write", [write_tar_gz, None])
def test_11_number_of_members_is_limited(
    tmp_path: Path, write: Callable[[Path, list[tuple[tarfile.TarInfo, bytes]]], Path] | None
) -> None:
    names = [f"demo-1.0/{i}" for i in range(11)]
    if write:
        path = write(tmp_path / "demo-1.0.tar.gz", [regular(name) for name in names])
    else:
        path = write_zip(tmp_path / "demo-1.0.zip", [(name, b"") for name in names])
    assert "10 members" in _refused(path, "archive-too-large", Limits(max_members=10))


def test_11_number_of_folders_is_limited(tmp_path: Path) -> None:
    deep = "/".join("abcdefghijk")
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(f"demo-1.0/{deep}/x")])
    assert "10 members" in _refused(path, "archive-too-large", Limits(max_members=10))


def test_11_name_longer_than_any_path_is_refused(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(f"demo-1.0/{'a/' * 20_000}x")])
    assert "longer" in _refused(path)


def test_11_overlapping_zip_members_are_refused(tmp_path: Path) -> None:
    data = bytearray(zip_bytes([("demo-1.0/a", b"a" * 100), ("demo-1.0/b", b"b" * 100)]))
    second = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)  # both entries of the directory point to the first member
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(data)
    assert "overlap" in _refused(path)


def test_12_inner_archives_are_files_like_any_other(tmp_path: Path) -> None:
    bomb = gz(bytes(30_000_000))
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular("demo-1.0/inner.tar.gz", bomb)])
    contents = _read(path)
    assert dict(contents.digests)["inner.tar.gz"] == bomb
    assert {entry.path: entry.size_bytes for entry in contents.files}["inner.tar.gz"] == len(bomb)


@pytest.mark.parametrize(
    "name",
    ["a\nb", "a\x1b[31mb", "a\u202eb", "a\u2066b", "a\u200fb", "a\x85b", "a\u2028b"],
    ids=["newline", "escape", "override", "isolate", "mark", "C1", "line separator"],
)
def test_13_control_and_direction_characters_are_refused(tmp_path: Path, name: str) -> None:
    tar = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [SETUP, regular(f"demo-1.0/{name}")])
    assert name not in _refused(tar)
    _refused(write_zip(tmp_path / "demo-1.0.zip", [(f"demo-1.0/{name}", b"")]))


def test_13_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    info, content = regular("demo-1.0/long")
    info.pax_headers = {"path": "demo-1.0/a\x00b"}
    _refused(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [(info, content)]))
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(zip_bytes([("demo-1.0/aXb", b"")]).replace(b"aXb", b"a\x00b"))
    _refused(path)


def test_13_names_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("demo-1.0/caf\xe9")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT, encoding="latin-1") as archive:
        archive.addfile(info)
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(gz(buffer.getvalue()))
    assert "UTF-8" in _refused(path)


@pytest.mark.parametrize("flag", [0, 0x800], ids=["no flag", "UTF-8 flag"])
def test_13_zip_names_that_are_not_utf8_are_refused(tmp_path: Path, flag: int) -> None:
    data = bytearray(zip_bytes([("demo-1.0/cafX", b"")]).replace(b"cafX", b"caf\xe9"))
    struct.pack_into("<H", data, data.find(b"PK\x01\x02") + 8, flag)
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(data)
    assert "UTF-8" in _refused(path)


def test_13_utf8_names_are_fine(tmp_path: Path) -> None:
    names = ["demo-1.0/caf\xe9.txt", "demo-1.0/\u65e5\u672c.txt"]
    tar = _read(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [regular(name) for name in names]))
    zipped = _read(write_zip(tmp_path / "demo-1.0.zip", [(name, b"x\n") for name in names]))
    assert [entry.path for entry in tar.files] == ["caf\xe9.txt", "\u65e5\u672c.txt"]
    assert tar == zipped


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.999])
def test_14_truncated_gzip_is_refused(tmp_path: Path, keep: float) -> None:
    data = gz(tar_bytes([SETUP, regular("demo-1.0/data", bytes(range(256)) * 200)]))
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(data[: int(len(data) * keep)])
    _refused(path, "broken-archive")


def test_14_damaged_gzip_is_refused(tmp_path: Path) -> None:
    data = bytearray(gz(tar_bytes([SETUP, regular("demo-1.0/data", bytes(range(256)) * 200)])))
    data[-6] ^= 0xFF  # the checksum
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(data)
    _refused(path, "broken-archive")


@pytest.mark.parametrize(
    "make",
    [
        lambda tar: gz(tar) + b"trailing",
        lambda tar: gz(tar) + bytes(100) + b"trailing",
        lambda tar: gz(tar + b"trailing".ljust(512, b"\x00")),
        lambda tar: gz(tar + tar),
        lambda tar: gz(tar) + gz(tar),
        lambda tar: gz(tar[:-9000] + b"t"),
    ],
    ids=["behind gzip", "behind padding", "behind tar", "second tar", "second gzip", "within a block"],
)
def test_14_trailing_data_is_refused(tmp_path: Path, make: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(make(tar_bytes([SETUP])))
    _refused(path, "broken-archive")


def test_14_zip_of_a_later_version_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_bytes([("demo-1.0/a", b"a")]))
    data[data.find(b"PK\x01\x02") + 6] = 112
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(data)
    assert "version 11.2" in _refused(path, "broken-archive")


def test_14_zeros_behind_gzip_and_split_gzip_are_no_data(tmp_path: Path) -> None:
    tar = tar_bytes([SETUP])
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(gz(tar[:700]) + gz(tar[700:]) + bytes(100))
    assert [entry.path for entry in _read(path).files] == ["setup.py"]


@pytest.mark.parametrize(
    ("make", "slug"),
    [
        (lambda data: data[:-30], "broken-archive"),
        (lambda data: data + b"trailing", "broken-archive"),
        (lambda data: b"PK\x03\x04 leading" + data, "broken-archive"),
    ],
    ids=["truncated", "trailing", "leading"],
)
def test_14_zip_with_anything_around_it_is_refused(
    tmp_path: Path, make: Callable[[bytes], bytes], slug: str
) -> None:
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(make(zip_bytes([("demo-1.0/setup.py", b"x")])))
    _refused(path, slug)


def test_15_two_top_folders_are_reported_and_nothing_is_cut(tmp_path: Path) -> None:
    members = [SETUP, regular("other/x")]
    contents = _read(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))
    assert [d.slug for d in contents.diagnostics] == ["several-top-folders"]
    assert contents.top_folder == ""
    assert [path for path, _ in contents.digests] == ["demo-1.0/setup.py", "other/x"]


def test_15_files_without_any_folder_are_read(tmp_path: Path) -> None:
    contents = _read(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [regular("setup.py")]))
    assert contents.top_folder == ""
    assert [entry.path for entry in contents.files] == ["setup.py"]


def test_16_tar_called_zip_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.zip", [SETUP])
    assert _slugs(path) == ["wrong-suffix"]
    assert _read(path).digests == (("setup.py", b"raise SystemExit\n"),)


def test_16_zip_called_tar_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert _slugs(write_zip(tmp_path / "demo-1.0.tar.gz", [("demo-1.0/setup.py", b"")])) == ["wrong-suffix"]


@pytest.mark.parametrize(
    "data", [b"", b"<!DOCTYPE html><title>Not Found</title>", b"7z\xbc\xaf\x27\x1c" * 99]
)
def test_16_file_that_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(data)
    _refused(path, "unknown-archive")


def _retyped(data: bytes, kind: bytes) -> bytes:
    """Return the archive with the type of its second member changed, and the checksum with it."""
    changed = bytearray(data)
    start = 1024
    changed[start + 156 : start + 157] = kind
    changed[start + 148 : start + 156] = b" " * 8
    checksum = sum(changed[start : start + 512])
    changed[start + 148 : start + 156] = b"%06o\x00 " % checksum
    return bytes(changed)
