"""Good archives of every kind are read the same, in one pass, and only what is wanted is handed over."""

import bz2
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conda_bridge.archives.contents import Contents
from conda_bridge.archives.limits import Limits
from conda_bridge.archives.reading import archive_suffix, stream_archive
from conda_bridge.errors import SourceError
from support.archives import gz, link, regular, tar_bytes, write_tar_gz, zip_bytes

LONG = "demo-1.0/" + "/".join(["folder-of-some-length"] * 12) + "/file.txt"
FILES = {
    "demo-1.0/setup.py": b"print('never run')\n",
    "demo-1.0/empty": b"",
    "demo-1.0/exact": bytes(512),
    "demo-1.0/src/demo/data.bin": bytes(range(256)) * 1000,
    LONG: b"long\n",
}


def _all(path: Path) -> Contents[bytes]:
    return stream_archive(str(path), wanted=lambda _path, _size: True, digest=lambda _path, data: data)


def _tar(tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    return tar_bytes([regular(name, content) for name, content in FILES.items()], tar_format=tar_format)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("demo-1.0.tar.gz", lambda: gz(_tar())),
        ("demo-1.0.tgz", lambda: gz(_tar(tarfile.GNU_FORMAT))),
        ("demo-1.0.tar.bz2", lambda: bz2.compress(_tar())),
        ("demo-1.0.tar.bz2", lambda: bz2.compress(_tar()[:9000]) + bz2.compress(_tar()[9000:])),
        ("demo-1.0.tar.xz", lambda: lzma.compress(_tar())),
        ("demo-1.0.tar.xz", lambda: lzma.compress(_tar()[:9000]) + bytes(8) + lzma.compress(_tar()[9000:])),
        ("demo-1.0.tar", _tar),
        ("demo-1.0.zip", lambda: zip_bytes(list(FILES.items()))),
    ],
    ids=["gzip", "gnu", "bzip2", "bzip2 in two", "xz", "xz in two", "tar", "zip"],
)
def test_every_kind_of_archive_tells_the_same(tmp_path: Path, name: str, make: Callable[[], bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    contents = _all(path)
    assert contents.top_folder == "demo-1.0"
    assert dict(contents.digests) == {name.partition("/")[2]: data for name, data in FILES.items()}
    assert [(entry.path, entry.size_bytes) for entry in contents.files] == sorted(
        (name.partition("/")[2], len(data)) for name, data in FILES.items()
    )
    assert contents.diagnostics == ()


def test_unix_prefix_of_a_ustar_header_is_part_of_the_name(tmp_path: Path) -> None:
    name = "demo-1.0/" + "d" * 90 + "/" + "f" * 60
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(gz(tar_bytes([regular(name)], tar_format=tarfile.USTAR_FORMAT)))
    assert [entry.path for entry in _all(path).files] == [name.partition("/")[2]]


def test_only_wanted_files_are_handed_over_with_their_size(tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def wanted(path: str, size_bytes: int) -> bool:
        asked.append((path, size_bytes))
        return path == "setup.py"

    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", FILES)
    contents = stream_archive(str(path), wanted=wanted, digest=lambda path, data: (path, len(data)))
    assert contents.digests == (("setup.py", ("setup.py", 19)),)
    assert sorted(asked) == [(entry.path, entry.size_bytes) for entry in contents.files]


def test_a_file_larger_than_the_limit_is_listed_but_not_read(tmp_path: Path) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", FILES)
    contents = stream_archive(
        str(path),
        wanted=lambda _path, _size: True,
        digest=lambda _path, data: data,
        limits=Limits(max_text_bytes=100),
    )
    assert len(contents.files) == len(FILES)
    assert "src/demo/data.bin" not in dict(contents.digests)


def test_a_hard_link_counts_as_a_file_of_its_targets_size(tmp_path: Path) -> None:
    members = [
        regular("demo-1.0/LICENSE", b"MIT\n"),
        link("demo-1.0/COPYING", "demo-1.0/LICENSE", is_hard=True),
    ]
    contents = _all(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))
    assert [(entry.path, entry.size_bytes) for entry in contents.files] == [("COPYING", 4), ("LICENSE", 4)]
    assert [diagnostic.slug for diagnostic in contents.diagnostics] == ["hardlink-unread"]


def test_names_that_begin_with_a_dot_folder_are_normalised(tmp_path: Path) -> None:
    members = [regular("./demo-1.0/setup.py"), regular("./demo-1.0/.github/workflows/x.yml")]
    contents = _all(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))
    assert contents.top_folder == "demo-1.0"
    assert [entry.path for entry in contents.files] == [".github/workflows/x.yml", "setup.py"]


def test_folders_may_be_members_too_even_twice(tmp_path: Path) -> None:
    folder = tarfile.TarInfo("demo-1.0/src")
    folder.type = tarfile.DIRTYPE
    root = tarfile.TarInfo("./")
    root.type = tarfile.DIRTYPE
    members = [(root, b""), (folder, b""), (folder, b""), regular("demo-1.0/src/x.py")]
    tar = _all(write_tar_gz(tmp_path / "demo-1.0.tar.gz", members))
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(zip_bytes([("demo-1.0/src/", b""), ("demo-1.0/src/x.py", b"x\n")]))
    assert tar == _all(path)
    assert [entry.path for entry in tar.files] == ["src/x.py"]


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress], ids=["bzip2", "xz"])
@pytest.mark.parametrize("position", [20, -10, None], ids=["early", "late", "cut"])
def test_damaged_bzip2_and_xz_are_refused(
    tmp_path: Path, compress: Callable[[bytes], bytes], position: int | None
) -> None:
    data = bytearray(compress(_tar()))
    if position is None:
        del data[-40:]
    else:
        data[position] ^= 0xFF
    path = tmp_path / "demo-1.0.tar.x"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        _all(path)
    assert caught.value.slug == "broken-archive"


def test_a_file_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _all(write_tar_gz(tmp_path / "demo-1.0.tar.gz", [regular(".")]))
    assert "no name" in caught.value.message


def test_a_missing_archive_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _all(tmp_path / "demo-1.0.tar.gz")
    assert caught.value.slug == "unreadable-source"


@pytest.mark.parametrize(
    ("filename", "suffix"),
    [("a-1.tar.gz", ".tar.gz"), ("A-1.TGZ", ".tgz"), ("a-1.zip", ".zip"), ("a-1.whl", ""), ("a.gz", "")],
)
def test_suffixes_of_archives_are_known(filename: str, suffix: str) -> None:
    assert archive_suffix(filename) == suffix
