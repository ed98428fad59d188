"""A .conda package: its container, its info files, its bytes, and what can't be packed."""

import hashlib
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.archives.conda_writer import PackedFile, write_conda
from conda_bridge.archives.gnu_tar import file_header, link_header
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.errors import RepackError
from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.names import CondaName
from support.conda_packages import info_document, package_members

TIME_S = 1_700_000_000
RECORD = PackageRecord(
    conda_name=CondaName("demo"),
    version="1.0",
    build="pyhd8ed1ab_0",
    noarch="python",
    depends=("python >=3.9",),
    license="MIT",
    timestamp_ms=TIME_S * 1000,
)
FILES = (
    PackedFile(path="site-packages/demo/b.py", content=b"b = 1\n"),
    PackedFile(path="site-packages/demo/a.py", content=b"", mode=0o755),
    PackedFile(path="site-packages/demo.link", link="demo/b.py"),
    PackedFile(path="python-scripts/x", content=b"#!/opt/p/bin/python\n", placeholder="/opt/p"),
)


def write(folder: Path, files: tuple[PackedFile, ...] = FILES, **changes: object) -> Path:
    path = folder / f"{RECORD.stem}.conda"
    write_conda(str(path), RECORD, files, **changes)  # type: ignore[arg-type] # options of write_conda
    return path


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_container_has_three_stored_members_of_one_time(tmp_path: Path) -> None:
    with zipfile.ZipFile(write(tmp_path)) as archive:
        members = archive.infolist()
        document = archive.read("metadata.json")
    stem = "demo-1.0-pyhd8ed1ab_0"
    assert [m.filename for m in members] == [
        "metadata.json", f"pkg-{stem}.tar.zst", f"info-{stem}.tar.zst",
    ]  # fmt: skip
    assert {m.compress_type for m in members} == {zipfile.ZIP_STORED}
    assert {m.date_time for m in members} == {(2023, 11, 14, 22, 13, 20)}
    # A reader that streams needs the sizes before the data.
    assert not any(m.flag_bits & 0x8 for m in members)
    assert document == b'{"conda_pkg_format_version": 2}'


def test_payload_is_sorted_and_belongs_to_nobody(tmp_path: Path) -> None:
    members = package_members(write(tmp_path))
    assert list(members) == sorted(file.path for file in FILES)
    for header, _ in members.values():
        assert (header.uid, header.gid, header.uname, header.gname, header.mtime) == (0, 0, "", "", TIME_S)
    assert members["site-packages/demo/b.py"][1] == b"b = 1\n"
    assert members["site-packages/demo/a.py"][0].mode == 0o755
    assert members["site-packages/demo.link"][0].linkname == "demo/b.py"


def test_paths_document_has_digests_sizes_links_and_placeholders(tmp_path: Path) -> None:
    entries = {entry.pop("_path"): entry for entry in info_document(write(tmp_path), "paths.json")["paths"]}
    content = {"sha256": digest(b"b = 1\n"), "size_in_bytes": 6}
    assert entries["site-packages/demo/b.py"] == {"path_type": "hardlink", **content}
    # CEP 34: of a link, the target's content.
    assert entries["site-packages/demo.link"] == {"path_type": "softlink", **content}
    script = entries["python-scripts/x"]
    assert (script["file_mode"], script["prefix_placeholder"]) == ("text", "/opt/p")


def test_info_documents_say_what_was_given(tmp_path: Path) -> None:
    info = PackageInfo(
        about=(("summary", "A demo"), ("home", "")),
        run_exports=RunExports(weak=("demo >=1.0,<2",)),
        entry_points=("demo = demo:main",),
        files=(("licenses/LICENSE", b"free\n"),),
    )
    package = write(tmp_path, info=info)
    index = info_document(package, "index.json")
    assert (index["name"], index["noarch"], index["arch"], index["timestamp"]) == (
        "demo", "python", None, TIME_S * 1000,
    )  # fmt: skip
    assert info_document(package, "about.json") == {"summary": "A demo"}
    assert info_document(package, "run_exports.json") == {"weak": ["demo >=1.0,<2"]}
    assert info_document(package, "link.json") == {
        "noarch": {"type": "python", "entry_points": ["demo = demo:main"]},
        "package_metadata_version": 1,
    }
    members = package_members(package, "info")
    assert members["info/licenses/LICENSE"][1] == b"free\n"
    assert members["info/files"][1].decode().splitlines() == sorted(file.path for file in FILES)


@pytest.mark.parametrize(
    ("subdir", "arch", "platform"),
    [
        ("linux-64", "x86_64", "linux"),
        ("linux-aarch64", "aarch64", "linux"),
        ("osx-arm64", "arm64", "osx"),
        ("win-64", "x86_64", "win"),
    ],
)
def test_index_names_system_and_machine(tmp_path: Path, subdir: str, arch: str, platform: str) -> None:
    record = PackageRecord(conda_name=CondaName("demo"), version="1", build="0", subdir=subdir)
    path = tmp_path / "demo-1-0.conda"
    write_conda(str(path), record, [])
    index = info_document(path, "index.json")
    assert (index["arch"], index["platform"], index["subdir"]) == (arch, platform, subdir)
    assert "noarch" not in index
    assert "timestamp" not in index


def test_record_is_completed_with_what_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / f"{RECORD.stem}.conda"
    record = write_conda(str(path), RECORD, FILES)
    data = path.read_bytes()
    assert (record.size_bytes, record.sha256) == (len(data), digest(data))
    assert record.md5 == hashlib.md5(data).hexdigest()


def test_order_and_spelling_of_contents_dont_change_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_bytes(b"b = 1\n")
    again = (
        *reversed(FILES[1:]),
        PackedFile(path="site-packages/demo/b.py", content=tmp_path / "b.py"),
    )
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert write(tmp_path / "one").read_bytes() == write(tmp_path / "two", again).read_bytes()


def test_level_changes_the_size(tmp_path: Path) -> None:
    text = b"".join(b"%d,%d\n" % (i, i * i % 977) for i in range(20_000))
    files = (PackedFile(path="x", content=text),)
    assert (
        write(tmp_path, files, level=19).stat().st_size < write(tmp_path, files, level=1).stat().st_size * 0.9
    )


class Failing:
    """A content that breaks off."""

    size_bytes = 3_000_000

    def pieces(self) -> Iterator[bytes]:
        yield bytes(1_000_000)
        raise OSError("gone")


def test_failure_leaves_the_old_package_and_nothing_else(tmp_path: Path) -> None:
    before = write(tmp_path).read_bytes()
    with pytest.raises(OSError, match="gone"):
        write(tmp_path, (PackedFile(path="x", content=Failing()),))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


def test_content_with_another_digest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepackError) as caught:
        write(tmp_path, (PackedFile(path="x", content=b"x", sha256=digest(b"y")),))
    assert caught.value.slug == "record-mismatch"
    assert not list(tmp_path.iterdir())


class Short:
    size_bytes = 10

    def pieces(self) -> Iterator[bytes]:
        yield b"short"


@pytest.mark.parametrize(
    "files",
    [
        [PackedFile(path="a"), PackedFile(path="a")],
        [PackedFile(path="a"), PackedFile(path="a/b")],
        [PackedFile(path="a"), PackedFile(path="a-b"), PackedFile(path="a/b")],
        [PackedFile(path="../a")],
        [PackedFile(path="/a")],
        [PackedFile(path="a//b")],
        [PackedFile(path="a\\b")],
        [PackedFile(path="")],
        [PackedFile(path="info/index.json")],
        [PackedFile(path="conda-meta/history")],
        [PackedFile(path="a", link="/etc/passwd")],
        [PackedFile(path="lib/a", link="../../etc/passwd")],
        [PackedFile(path="a", content=Short())],
    ],
    ids=lambda files: " ".join(f"{file.path}" for file in files),
)
def test_what_no_prefix_can_hold_is_refused(tmp_path: Path, files: list[PackedFile]) -> None:
    with pytest.raises(RepackError) as caught:
        write(tmp_path, tuple(files))
    assert caught.value.slug == "invalid-package"
    assert not list(tmp_path.iterdir())


NAMES = st.text(st.sampled_from("ab/é"), min_size=1, max_size=230)


@given(NAMES, st.one_of(st.integers(0, 9), st.just(8**11)), st.sampled_from([0o644, 0o755]))
def test_headers_are_those_of_tarfile(name: str, size_bytes: int, mode: int) -> None:
    expected = tarfile.TarInfo(name)
    expected.size, expected.mode, expected.mtime = size_bytes, mode, TIME_S
    assert file_header(name, size_bytes, mode=mode, mtime_s=TIME_S) == expected.tobuf(tarfile.GNU_FORMAT)


@given(NAMES, NAMES)
def test_links_are_those_of_tarfile(name: str, target: str) -> None:
    expected = tarfile.TarInfo(name)
    expected.type, expected.linkname, expected.mode, expected.mtime = tarfile.SYMTYPE, target, 0o777, TIME_S
    assert link_header(name, target, mtime_s=TIME_S) == expected.tobuf(tarfile.GNU_FORMAT)
