"""A wheel that is written: its members, its bytes, its RECORD, and what leaves nothing."""

import base64
import csv
import hashlib
import io
import stat
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.archives.deflate import deflate_engine
from conda_bridge.archives.wheel_writer import LARGE_BYTES, WheelWriter, wheel_writer
from conda_bridge.errors import RepackError, SourceError
from conda_bridge.model.repackaging import DeflateName

RECORD = "demo-1.0.dist-info/RECORD"
TIME_S = 1_700_000_001
TEXT = b"x = 1\n" * 50

Files = dict[str, bytes]


def write(
    folder: Path,
    files: Files,
    *,
    engine: DeflateName = "zlib",
    time_s: int | None = None,
    executable: Iterable[str] = (),
) -> Path:
    path = folder / "demo-1.0-py3-none-any.whl"
    with wheel_writer(str(path), deflate=deflate_engine(engine), time_s=time_s) as wheel:
        for name, content in files.items():
            wheel.add(name, content, size_bytes=len(content), mode=0o744 if name in executable else 0o600)
        wheel.add_record(RECORD)
    return path


def contents(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def pieces_of(size_bytes: int, *, piece_bytes: int = 1 << 20) -> Iterator[bytes]:
    piece = bytes(range(256)) * (piece_bytes // 256)
    for _ in range(size_bytes // len(piece)):
        yield piece
    yield piece[: size_bytes % len(piece)]


@pytest.mark.parametrize("engine", ["zlib", "libdeflate"])
def test_zipfile_reads_what_was_written_sorted_and_metadata_last(tmp_path: Path, engine: DeflateName) -> None:
    if engine == "libdeflate":
        pytest.importorskip("deflate")
    files = {"demo/b.py": TEXT, "demo/a.py": b"", "demo/data.bin": bytes(range(256)), "été.txt": TEXT}
    files = {"demo-1.0.dist-info/WHEEL": TEXT, **files}
    found = contents(write(tmp_path, files, engine=engine))
    paths = ["demo/a.py", "demo/b.py", "demo/data.bin", "été.txt", "demo-1.0.dist-info/WHEEL", RECORD]
    assert list(found) == paths
    assert {path: found[path] for path in files} == files


def test_headers_have_one_time_unix_modes_and_nothing_that_varies(tmp_path: Path) -> None:
    path = write(tmp_path, {"demo/a.py": TEXT, "demo/run": TEXT}, time_s=TIME_S, executable=["demo/run"])
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        assert archive.comment == b""
    modes = {member.filename: member.external_attr >> 16 for member in members}
    regular = stat.S_IFREG
    assert modes == {"demo/a.py": regular | 0o644, "demo/run": regular | 0o755, RECORD: regular | 0o644}
    # Zip files have no odd seconds.
    assert {member.date_time for member in members} == {(2023, 11, 14, 22, 13, 20)}
    assert {member.extra for member in members} == {b""}
    assert {(member.create_system, member.create_version, member.extract_version) for member in members} == {
        (3, 20, 20)
    }
    # UTF-8 names, and no sizes behind the data: readers that stream need them before it.
    assert {member.flag_bits for member in members} == {0x800}


@pytest.mark.parametrize(
    ("time_s", "date"),
    [
        (None, (1980, 1, 1, 0, 0, 0)),
        (0, (1980, 1, 1, 0, 0, 0)),
        (-5, (1980, 1, 1, 0, 0, 0)),
        (315_532_802, (1980, 1, 1, 0, 0, 2)),
        (10**12, (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_times_that_zip_files_have_no_room_for_become_the_nearest(
    tmp_path: Path, time_s: int | None, date: tuple[int, ...]
) -> None:
    with zipfile.ZipFile(write(tmp_path, {}, time_s=time_s)) as archive:
        assert archive.infolist()[0].date_time == date


def test_content_that_does_not_shrink_is_stored(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"noise").digest(5000)
    with zipfile.ZipFile(write(tmp_path, {"empty": b"", "noise": noise, "text": TEXT})) as archive:
        methods = {info.filename: info.compress_type for info in archive.infolist()}
    assert (methods["empty"], methods["noise"], methods["text"]) == (0, 0, 8)


def test_record_has_all_files_sorted_and_quoted(tmp_path: Path) -> None:
    files = {'b,"x".txt': TEXT, "demo/=a.py": b"", "a.py": TEXT}
    record = contents(write(tmp_path, files))[RECORD].decode()
    rows = list(csv.reader(io.StringIO(record)))
    assert [row[0] for row in rows] == sorted([*files, RECORD])
    digest = base64.urlsafe_b64encode(hashlib.sha256(TEXT).digest()).rstrip(b"=").decode()
    assert ["a.py", f"sha256={digest}", str(len(TEXT))] in rows
    assert [RECORD, "", ""] in rows
    assert "\r" not in record
    assert record.startswith("a.py,")


def test_a_member_is_told_as_it_was_written(tmp_path: Path) -> None:
    with wheel_writer(str(tmp_path / "a.whl"), deflate=deflate_engine("zlib"), time_s=None) as wheel:
        written = wheel.add("a.py", iter([b"ab", b"", b"c"]), size_bytes=3)
    assert written == ("a.py", hashlib.sha256(b"abc").hexdigest(), 3)
    assert contents(tmp_path / "a.whl") == {"a.py": b"abc"}


@pytest.mark.parametrize("size_bytes", [LARGE_BYTES, LARGE_BYTES + 7])
@pytest.mark.parametrize("engine", ["zlib", "libdeflate"])
def test_bytes_depend_on_the_content_and_not_on_its_pieces(
    tmp_path: Path, engine: DeflateName, size_bytes: int
) -> None:
    if engine == "libdeflate":
        pytest.importorskip("deflate")
    whole = b"".join(pieces_of(size_bytes))
    variants: list[bytes | Iterable[bytes]] = [
        whole, pieces_of(size_bytes), pieces_of(size_bytes, piece_bytes=98_304),
    ]  # fmt: skip
    found = set()
    path = tmp_path / "a.whl"
    for content in variants:
        with wheel_writer(str(path), deflate=deflate_engine(engine), time_s=TIME_S) as wheel:
            wheel.add("big.bin", content, size_bytes=size_bytes)
            wheel.add_record(RECORD)
        found.add(path.read_bytes())
    assert len(found) == 1
    assert contents(path)["big.bin"] == whole


def test_order_in_which_files_come_makes_no_difference(tmp_path: Path) -> None:
    files = {"demo/z.py": TEXT, "demo/big.bin": bytes(LARGE_BYTES + 7), "demo/a.py": b"a"}
    found = set()
    for number, order in enumerate((sorted(files), sorted(files, reverse=True))):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.add(write(folder, {path: files[path] for path in order}).read_bytes())
    assert len(found) == 1


@given(st.dictionaries(st.text("abcé/_", min_size=1), st.binary(max_size=200), max_size=6))
def test_same_input_gives_same_bytes_and_comes_back(files: Files) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for target in (first, second):
        kept: Files = {}
        with tempfile.TemporaryFile() as spool:
            wheel = WheelWriter(spool, deflate=deflate_engine("zlib"), time_s=None)
            for path, content in files.items():
                try:
                    wheel.add(path, content, size_bytes=len(content))
                except (AssertionError, RepackError, SourceError):
                    continue  # Not a path, or a folder already.
                kept[path] = content
            wheel.finish(target)
        with zipfile.ZipFile(target) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == kept
    assert first.getvalue() == second.getvalue()


def test_memory_is_that_of_pieces_whatever_the_size_of_a_member(tmp_path: Path) -> None:
    size_bytes = 100 << 20
    tracemalloc.start()
    try:
        with wheel_writer(str(tmp_path / "a.whl"), deflate=deflate_engine("zlib"), time_s=None) as wheel:
            wheel.add("big.bin", pieces_of(size_bytes), size_bytes=size_bytes)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 6 << 20
    with zipfile.ZipFile(tmp_path / "a.whl") as archive:
        assert archive.getinfo("big.bin").file_size == size_bytes


@pytest.mark.parametrize("failure", [RepackError("invalid-package", "no"), KeyboardInterrupt(), OSError()])
def test_failure_in_the_middle_leaves_nothing(tmp_path: Path, failure: BaseException) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a" * (1 << 20)
        raise failure

    def fail() -> None:
        path = str(tmp_path / "a.whl")
        with wheel_writer(path, deflate=deflate_engine("zlib"), time_s=None) as wheel:
            wheel.add("a.py", TEXT, size_bytes=len(TEXT))
            wheel.add("big.bin", broken(), size_bytes=20 << 20)

    with pytest.raises(type(failure)):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_failure_leaves_the_wheel_that_was_there(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.py": TEXT})
    before = path.read_bytes()
    with pytest.raises(RepackError, match="are one"):
        write(tmp_path, {"a.py": b"", "A.py": b""})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demo/a.py", "demo/a.py"),
        ("demo/a.py", "Demo/A.py"),
        ("demo/é.txt", "demo/E\u0301.txt"),
        ("demo/straße", "demo/STRASSE"),
        ("demo/a", "demo/A/b/c.py"),
        ("demo/a/c/b.py", "demo/a"),
        (RECORD, RECORD.lower()),
    ],
)
def test_files_that_are_one_on_some_system_are_refused(one: str, other: str) -> None:
    wheel = WheelWriter(io.BytesIO(), deflate=deflate_engine("zlib"), time_s=None)
    wheel.add(one, b"1", size_bytes=1)
    with pytest.raises(RepackError) as caught:
        wheel.add(other, b"2", size_bytes=1)
    assert caught.value.slug == "clashing-files"


def test_folders_that_differ_by_case_hold_different_files(tmp_path: Path) -> None:
    assert len(contents(write(tmp_path, {"demo/a.py": b"", "Demo/b.py": b""}))) == 3


@pytest.mark.parametrize("count", [65_534, 65_535])
def test_zip64_is_used_where_there_are_more_members_than_have_room(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.whl"
    with wheel_writer(str(path), deflate=deflate_engine("zlib"), time_s=None) as wheel:
        for number in range(count + 1):
            wheel.add(f"{number}", b"", size_bytes=0)
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == count + 1
    assert (b"PK\6\6" in path.read_bytes()[-98:]) == (count == 65_535)


@pytest.mark.slow
def test_zip64_is_used_for_members_of_more_than_4_gigabytes(tmp_path: Path) -> None:
    size_bytes = (4 << 30) + 5
    path = tmp_path / "a.whl"
    with wheel_writer(str(path), deflate=deflate_engine("zlib"), time_s=None) as wheel:
        wheel.add("a.py", TEXT, size_bytes=len(TEXT))
        wheel.add("big.bin", pieces_of(size_bytes), size_bytes=size_bytes)
        wheel.add("b.py", TEXT, size_bytes=len(TEXT))
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("big.bin").file_size == size_bytes
        assert archive.testzip() is None
        assert archive.read("b.py") == TEXT
        assert archive.getinfo("b.py").extra == b""
