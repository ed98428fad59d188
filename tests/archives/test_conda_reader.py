"""Conda packages are read, and their info/ is changed while the payload stays as it is."""

import json
import zipfile
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import InfoFiles, read_record, rewrite_info
from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import BridgeError, RepackError, SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from support.archives import TarMember, link, regular, tar_bytes
from support.conda_packages import package_members

RECORD = PackageRecord(
    conda_name=CondaName("demo"),
    version="1.0",
    build="py311_0",
    build_number=3,
    subdir="linux-64",
    depends=("python 3.11.*",),
    constrains=("other >=2",),
    license="MIT",
    timestamp_ms=1_700_000_000_000,
    python_site_packages_path="lib/python3.11/site-packages",
)
INFO = PackageInfo(files=(("recipe/recipe.yaml", b"staged: true\n"), ("recipe/note", b"x")))


def package(folder: Path) -> tuple[Path, PackageRecord]:
    path = folder / f"{RECORD.stem}.conda"
    record = write_conda(str(path), RECORD, [PackedFile(path="lib/x", content=b"x" * 5000)], info=INFO)
    return path, record


def test_record_survives_writing_and_reading(tmp_path: Path) -> None:
    path, record = package(tmp_path)
    assert read_record(str(path)) == record
    assert record.size_bytes > 0


def test_all_times_become_another_and_no_content_does(tmp_path: Path) -> None:
    path, _ = package(tmp_path)
    contents = {name: data for name, (_, data) in package_members(path).items()}

    rewrite_info(str(path), str(path), with_recipe, time_s=1_600_000_000)

    members = package_members(path)
    assert {name: data for name, (_, data) in members.items()} == contents
    assert {header.mtime for header, _ in (*members.values(), *package_members(path, "info").values())} == {
        1_600_000_000
    }
    with zipfile.ZipFile(path) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2020, 9, 13, 12, 26, 40)}


def with_recipe(files: InfoFiles) -> InfoFiles:
    kept = {name: content for name, content in files.items() if name != "recipe/note"}
    return {**kept, "recipe/recipe.yaml": b"original: true\n"}


def test_info_is_changed_and_the_payload_is_not(tmp_path: Path) -> None:
    path, _ = package(tmp_path)
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / path.name
    before = package_members(path, "info")
    record = rewrite_info(str(path), str(target), with_recipe)
    after = package_members(target, "info")
    assert after.keys() == before.keys() - {"info/recipe/note"}
    assert after["info/recipe/recipe.yaml"][1] == b"original: true\n"
    assert after["info/paths.json"][1] == before["info/paths.json"][1]
    assert read_record(str(target)) == record
    name = f"pkg-{RECORD.stem}.tar.zst"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target) as new:
        assert new.read(name) == old.read(name)


def test_nothing_changed_gives_the_same_bytes_in_place(tmp_path: Path) -> None:
    path, _ = package(tmp_path)
    before = path.read_bytes()
    rewrite_info(str(path), str(path), lambda files: files)
    assert path.read_bytes() == before


def test_failing_edit_leaves_the_package(tmp_path: Path) -> None:
    path, _ = package(tmp_path)
    before = path.read_bytes()

    def fail(_: InfoFiles) -> InfoFiles:
        raise RepackError("invalid-package", "no")

    with pytest.raises(RepackError):
        rewrite_info(str(path), str(path), fail)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [before]


def repacked(path: Path, changes: dict[str, bytes | None], *, method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path) as archive:
        members: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in (members | changes).items():
            if content is not None:
                archive.writestr(name, content)


@pytest.mark.parametrize(
    "changes",
    [
        {"other-part.tar.zst": b"x"},
        {f"info-{RECORD.stem}.tar.zst": None},
        {f"info-{RECORD.stem}.tar.zst": b"no zstd"},
        {f"pkg-{RECORD.stem}.tar.zst": None},
    ],
    ids=["unknown part", "no info", "damaged info", "no payload"],
)
def test_damaged_package_is_refused(tmp_path: Path, changes: dict[str, bytes | None]) -> None:
    path, _ = package(tmp_path)
    repacked(path, changes)
    before = path.read_bytes()
    with pytest.raises(BridgeError) as caught:
        rewrite_info(str(path), str(path), lambda files: files)
    assert caught.value.slug in {"invalid-package", "broken-archive"}
    assert caught.value.where == str(path)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [before]


def test_payload_that_was_damaged_is_refused(tmp_path: Path) -> None:
    path, _ = package(tmp_path)
    data = bytearray(path.read_bytes())
    data[data.index(b"\x28\xb5\x2f\xfd") + 20] ^= 1
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        rewrite_info(str(path), str(path), lambda files: files)
    assert caught.value.slug == "broken-archive"
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "odd",
    [[link("info/recipe/link", "recipe.yaml")], [regular("info/index.json"), regular("info/index.json")]],
    ids=["link", "twice"],
)
def test_info_that_cant_be_packed_again_is_refused(tmp_path: Path, odd: list[TarMember]) -> None:
    path, _ = package(tmp_path)
    plain = tar_bytes(odd)
    repacked(path, {f"info-{RECORD.stem}.tar.zst": zstd.compress(plain)})
    with pytest.raises(SourceError) as caught:
        rewrite_info(str(path), str(path), lambda files: files)
    assert caught.value.slug == "unsafe-archive"


def test_compressed_members_are_refused(tmp_path: Path) -> None:
    path, _ = package(tmp_path)
    repacked(path, {}, method=zipfile.ZIP_DEFLATED)
    with pytest.raises(RepackError, match="stored"):
        rewrite_info(str(path), str(path), lambda files: files)


@pytest.mark.parametrize(
    "change",
    [
        {"name": 3},
        {"name": ""},
        {"version": None},
        {"build_number": "0"},
        {"depends": "python"},
        {"name": "x"},
    ],
    ids=str,
)
def test_record_that_is_none_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path, _ = package(tmp_path)

    def edit(files: InfoFiles) -> InfoFiles:
        return {**files, "index.json": json.dumps(json.loads(files["index.json"]) | change).encode()}

    with pytest.raises(RepackError) as caught:
        rewrite_info(str(path), str(path), edit)
    assert caught.value.slug == "invalid-package"


def test_old_boolean_noarch_is_generic(tmp_path: Path) -> None:
    path, _ = package(tmp_path)

    def edit(files: InfoFiles) -> InfoFiles:
        return {
            **files,
            "index.json": json.dumps(json.loads(files["index.json"]) | {"noarch": True}).encode(),
        }

    assert rewrite_info(str(path), str(path), edit).noarch == "generic"
