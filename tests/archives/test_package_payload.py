"""Files that a small conda package installs are read in memory."""

import bz2
import zipfile
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_payload import payload_members, read_payload
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from support.archives import TarMember, link, regular, tar_bytes

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
        (zstd.compress(tar_bytes([regular("x.txt")]))[:-6], "broken-archive"),
        (zstd.compress(tar_bytes([regular("x.txt")])) + b"more", "broken-archive"),
        (zstd.compress(b"\0" * 70_000_000), "archive-too-large"),
    ],
    ids=["outside", "not compressed", "cut", "more", "a bomb"],
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


# ---------------------------------------------------------------- member by member


def test_members_come_with_all_that_an_installer_needs(tmp_path: Path) -> None:
    path = tmp_path / f"{STEM}.conda"
    files = [
        PackedFile(path="bin/run", content=b"#!/bin/sh\n" * 300_000, mode=0o755),
        PackedFile(path="lib/a.txt", content=b"a"),
        PackedFile(path="lib/b.txt", link="a.txt"),
    ]
    write_conda(str(path), RECORD, files)

    members = [
        (one.path, one.kind, oct(one.mode), one.size_bytes, one.link, sum(map(len, one.pieces())))
        for one in payload_members(str(path))
    ]

    assert members == [
        ("bin/run", "file", "0o755", 3_000_000, "", 3_000_000),
        ("lib/a.txt", "file", "0o644", 1, "", 1),
        ("lib/b.txt", "symlink", "0o777", 0, "a.txt", 0),
    ]


def test_members_of_the_older_format_are_those_outside_of_info(tmp_path: Path) -> None:
    path = tmp_path / f"{STEM}.tar.bz2"
    path.write_bytes(bz2.compress(tar_bytes([regular("info/index.json"), regular("information", b"x")])))

    assert [one.path for one in payload_members(str(path))] == ["information"]


def test_content_of_a_member_that_is_not_read_is_passed_over(tmp_path: Path) -> None:
    members = payload_members(package(tmp_path, ".conda"))

    first = next(members)

    assert (first.path, first.read(0)) == ("a.txt", b"")
    assert [b"".join(one.pieces()) for one in members] == [b"b"]


@pytest.mark.parametrize(
    "members",
    [[regular("x"), regular("x")], [link("x", "../../y")], [link("lib/x", "/etc"), regular("lib/x/y")]],
    ids=["twice", "outside", "through a link"],
)
def test_members_that_contradict_or_lead_outside_are_refused(
    tmp_path: Path, members: list[TarMember]
) -> None:
    path = conda_of(tmp_path, zstd.compress(tar_bytes(members)))

    with pytest.raises(SourceError) as caught:
        list(payload_members(path))

    assert (caught.value.slug, caught.value.where) == ("unsafe-archive", path)
