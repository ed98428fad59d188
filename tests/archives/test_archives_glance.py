"""Files that are looked through as an archive or a directory streams by."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from conda_bridge.archives.contents import Contents, Glance
from conda_bridge.archives.directories import walk_directory
from conda_bridge.archives.limits import Limits
from conda_bridge.archives.reading import stream_archive
from conda_bridge.errors import SourceError

FILES = {
    "a.c": b"0123456789",
    "kept.txt": b"text",
    "b.c": b"xy",
    "z.h": b"z" * 2000,
    "empty.c": b"",
    "none.bin": b"1",
}


class Looking:
    def __init__(self) -> None:
        self.passes = 0

    def begin(self) -> None:
        self.passes += 1

    def glance(self) -> Glance[bytes]:
        return Glance(
            lambda path, size: min(size, 4) if path.endswith((".c", ".h")) else 0,
            lambda _path, data: None if data == b"xy" else data,
            self.begin,
        )


def packed(folder: Path, kind: str, *, top: str = "demo-1.0/") -> Path:
    path = folder / f"demo-1.0.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in FILES.items():
                archive.writestr(top + name, data)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, data in FILES.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def read(path: Path, looking: Looking, *, limits: Limits | None = None) -> Contents[bytes]:
    def wanted(name: str, _size: int) -> bool:
        return name == "kept.txt"

    def digest(_name: str, data: bytes) -> bytes:
        return data

    if path.is_dir():
        return walk_directory(str(path), wanted=wanted, digest=digest, glance=looking.glance())
    return stream_archive(
        str(path), wanted=wanted, digest=digest, glance=looking.glance(), limits=limits or Limits()
    )


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "folder"])
def test_only_the_beginning_of_a_file_is_read_and_what_says_nothing_leaves_nothing(
    tmp_path: Path, kind: str
) -> None:
    if kind == "folder":
        path = tmp_path / "demo"
        path.mkdir()
        for name, data in FILES.items():
            (path / name).write_bytes(data)
    else:
        path = packed(tmp_path, kind)
    contents = read(path, Looking())
    assert contents.digests == (("a.c", b"0123"), ("kept.txt", b"text"), ("z.h", b"zzzz"))
    assert {entry.path for entry in contents.files} == set(FILES)


def test_an_archive_without_a_top_folder_begins_anew(tmp_path: Path) -> None:
    looking = Looking()
    contents = read(packed(tmp_path, "tar.gz", top=""), looking)
    assert [path for path, _ in contents.digests] == ["a.c", "kept.txt", "z.h"]
    assert looking.passes == 2


def test_files_looked_through_do_not_count_as_read(tmp_path: Path) -> None:
    contents = read(packed(tmp_path, "tar.gz"), Looking(), limits=Limits(max_read_bytes=4))
    assert len(contents.digests) == 3


def test_a_damaged_member_of_a_zip_file_is_refused_where_only_its_beginning_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path, "zip")
    data = path.read_bytes()
    start = data.index(b"demo-1.0/z.h") + len(b"demo-1.0/z.h")
    path.write_bytes(data[:start] + b"\xff" * 4 + data[start + 4 :])
    with pytest.raises(SourceError) as caught:
        read(path, Looking())
    assert caught.value.slug == "broken-archive"
