import gzip
import io
import json
import random
import tarfile
from bz2 import compress, decompress
from collections.abc import Mapping
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.package_info import payload_hash, read_info
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.errors import BridgeError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName

INDEX = "info/index.json"


def conda(folder: Path, files: Mapping[str, bytes], *, timestamp_ms: int = 0, summary: str = "") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    record = PackageRecord(conda_name=CondaName("demo"), version="1", build="0", timestamp_ms=timestamp_ms)
    packed = [PackedFile(path=path, content=content) for path, content in files.items()]
    path = str(folder / "demo-1-0.conda")
    write_conda(path, record, packed, info=PackageInfo(about=(("summary", summary),)))
    return path


def bz2(path: Path, files: Mapping[str, bytes]) -> str:
    with tarfile.open(path, "w:bz2", compresslevel=1) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return str(path)


def test_both_formats_are_read(tmp_path: Path) -> None:
    old = bz2(tmp_path / "demo-1-0.tar.bz2", {"x": b"1", INDEX: b"{}"})

    assert read_info(old, (INDEX,)) == {INDEX: b"{}"}
    assert json.loads(read_info(conda(tmp_path, {}), (INDEX,))[INDEX])["name"] == "demo"


def test_file_that_a_package_lacks_is_left_out(tmp_path: Path) -> None:
    assert read_info(conda(tmp_path, {}), ("info/run_exports.json",)) == {}


def test_reading_ends_with_the_last_file_that_is_asked_for(tmp_path: Path) -> None:
    path = Path(bz2(tmp_path / "demo-1-0.tar.bz2", {INDEX: b"{}", "x": random.Random(1).randbytes(400_000)}))
    path.write_bytes(path.read_bytes()[:-100])

    assert read_info(str(path), (INDEX,)) == {INDEX: b"{}"}
    with pytest.raises(BridgeError, match="truncated"):
        read_info(str(path), ("info/absent",))


def test_old_package_that_is_compressed_otherwise_is_told(tmp_path: Path) -> None:
    path = Path(bz2(tmp_path / "demo-1-0.tar.bz2", {INDEX: b"{}"}))
    content = path.read_bytes()

    for data, said in (
        (compress(content), "compressed twice"),
        (gzip.compress(decompress(content)), "no bzip2 data"),
        (decompress(content), "no bzip2 data"),
    ):
        path.write_bytes(data)
        with pytest.raises(BridgeError, match=said) as caught:
            read_info(str(path), (INDEX,))
        assert (caught.value.slug, caught.value.where) == ("broken-archive", str(path))


@pytest.mark.parametrize("damage", ["cut", "garbage", "renamed"])
def test_what_is_no_package_is_told_with_its_path(tmp_path: Path, damage: str) -> None:
    path = Path(conda(tmp_path, {"x": b"1"}))
    match damage:
        case "cut":
            path.write_bytes(path.read_bytes()[:-30])
        case "garbage":
            path.write_bytes(b"garbage")
        case _:
            path = path.rename(tmp_path / "demo-2-0.conda")

    with pytest.raises(BridgeError) as caught:
        read_info(str(path), (INDEX,))

    assert (caught.value.slug, caught.value.where) == ("broken-archive", str(path))


def test_absent_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(BridgeError) as caught:
        read_info(str(tmp_path / "demo-1-0.conda"), (INDEX,))

    assert caught.value.slug == "unreadable-source"


# ---------------------------------------------------------------- payload hashes


def test_payload_hash_knows_no_times_and_no_metadata(tmp_path: Path) -> None:
    files = {"lib/a": b"1", "lib/b": b"2"}

    one = payload_hash(conda(tmp_path / "1", files, timestamp_ms=1_700_000_000_000))
    other = payload_hash(conda(tmp_path / "2", files, timestamp_ms=1_800_000_000_000, summary="else"))

    assert one == other


@pytest.mark.parametrize("files", [{"lib/a": b"other"}, {"lib/c": b"1"}, {"lib/a": b"1", "lib/b": b""}, {}])
def test_payload_hash_knows_every_path_and_content(tmp_path: Path, files: dict[str, bytes]) -> None:
    assert payload_hash(conda(tmp_path / "1", {"lib/a": b"1"})) != payload_hash(conda(tmp_path / "2", files))


def test_payload_hash_is_that_of_sorted_lines(tmp_path: Path) -> None:
    """The definition, so that others can compute it."""
    paths = {"paths": [{"_path": "b", "sha256": "22"}, {"_path": "a", "sha256": "11"}], "paths_version": 1}
    package = bz2(tmp_path / "demo-1-0.tar.bz2", {"info/paths.json": json.dumps(paths).encode()})

    # printf '11  a\n22  b\n' | sha256sum
    assert payload_hash(package) == "416ccbb108242872963558d2b2800ec8cc6d6c2b62ec0ce35f6a0ae486adbfaa"


@pytest.mark.parametrize("text", [None, b"[]", b"{", b'{"paths": [1]}', b'{"paths": [{}]}'])
def test_package_without_a_list_of_files_has_no_payload_hash(tmp_path: Path, text: bytes | None) -> None:
    package = bz2(tmp_path / "demo-1-0.tar.bz2", {"x": b""} if text is None else {"info/paths.json": text})

    with pytest.raises(BridgeError) as caught:
        payload_hash(package)

    assert caught.value.slug == "invalid-package"
