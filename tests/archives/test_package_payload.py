"""Files that a small conda package installs are read in memory."""

import bz2
import zipfile
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_payload import read_payload
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from support.archives import regular, tar_bytes

RECORD = PackageRecord(conda_name=CondaName("demo"), version="1", build="h1_0", noarch="generic")
STEM = "demo-1-h1_0"
BOTH = {"a.txt": b"a", "share/b.txt": b"b"}


def package(folder: Path, suffix: str) -> str:
    path = folder / f"{STEM}{suffix}"
    if suffix == ".conda":
        write_conda(str(path), RECORD, [PackedFile(path=name, content=data) for name, data in BOTH.items()])
    else:
        members = [regular("info/index.json"), *(regular(name, data) for name, data in BOTH.items())]
        path.write_bytes(bz2.compress(tar_bytes(members)))
    return str(path)


@pytest.mark.parametrize("suffix", [".conda", ".tar.bz2"])
def test_wanted_files_are_read_from_either_format(tmp_path: Path, suffix: str) -> None:
    path = package(tmp_path, suffix)

    assert read_payload(path, lambda name: name.endswith(".txt")) == BOTH
    assert read_payload(path, lambda name: name.startswith("share/")) == {"share/b.txt": b"b"}


def conda_of(folder: Path, payload: bytes, *, stem: str = STEM) -> str:
    path = folder / f"{STEM}.conda"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"pkg-{stem}.tar.zst", payload)
    return str(path)


@pytest.mark.parametrize(
    ("payload", "slug"),
    [
        (zstd.compress(tar_bytes([regular("../x.txt")])), "unsafe-archive"),
        (b"no zstd", "broken-archive"),
        (zstd.compress(tar_bytes([regular("x.txt")]))[:-6], "archive-too-large"),
        (zstd.compress(b"\0" * 70_000_000), "archive-too-large"),
    ],
    ids=["outside", "not compressed", "cut", "a bomb"],
)
def test_payload_that_is_none_is_refused(tmp_path: Path, payload: bytes, slug: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_payload(conda_of(tmp_path, payload), lambda _: True)

    assert caught.value.slug == slug


def test_package_of_another_name_inside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_payload(conda_of(tmp_path, b"", stem="other-1-0"), lambda _: True)

    assert caught.value.slug == "broken-archive"


def test_package_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_payload(str(tmp_path / "none.conda"), lambda _: True)

    assert caught.value.slug == "unreadable-source"
