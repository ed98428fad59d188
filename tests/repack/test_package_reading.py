"""What conda packages say of themselves is read as builders meant it; what contradicts itself is damage."""

import bz2
import json
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError
from conda_bridge.repack.to_wheel.package_reading import PackageReading
from support.archives import regular, tar_bytes
from support.noarch_made import PREFIX, Noarch
from support.package_facts import read_package

SUFFIXES = pytest.mark.parametrize("suffix", [".conda", ".tar.bz2"])


@SUFFIXES
def test_documents_are_read_from_both_containers(tmp_path: Path, suffix: str) -> None:
    package = Noarch(
        index={"depends": ["python"], "track_features": "one two", "extra_depends": {"all": ["idna >=2"]}},
        info={
            "link.json": b'{"noarch": {"type": "python", "entry_points": ["demo = demo:main"]}}',
            "run_exports.json": b'{"weak": ["demo >=1"]}',
            "licenses/sub/LICENSE": b"free",
            "LICENSE.txt": b"old",
            "recipe/licenses/x": b"no",
        },
        placeholders=("site-packages/demo.py",),
    )

    facts = read_package(package.write(tmp_path, suffix))

    assert (facts.record.stem, facts.record.depends) == ("demo-1.0-py_0", ("python",))
    assert facts.about == {"summary": "A demo"}
    assert facts.entry_points == ("demo = demo:main",)
    assert facts.licenses == (("LICENSE.txt", b"old"), ("sub/LICENSE", b"free"))
    assert facts.run_exports.weak == ("demo >=1",)
    assert (facts.features, facts.extra_depends) == (("one", "two"), {"all": ("idna >=2",)})
    row = facts.paths["site-packages/demo.py"]
    assert (row.placeholder, row.size_bytes, len(row.sha256)) == (PREFIX, 6, 64)


def test_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    index = json.dumps({
        "name": "demo", "version": "1.0", "build": "py_0", "subdir": "noarch", "noarch": "python",
    }, indent=2).replace("\n", "\r\n")  # fmt: skip

    assert read_package(Noarch(info={"index.json": index.encode()}).write(tmp_path)).record.noarch == "python"


@pytest.mark.parametrize("link", [b"", b"{}", b'{"noarch": {"type": "python", "entry_points": null}}', None])
def test_empty_list_of_commands_is_none(tmp_path: Path, link: bytes | None) -> None:
    assert read_package(Noarch(info={"link.json": link}).write(tmp_path)).entry_points == ()


def test_lists_of_old_packages_are_understood(tmp_path: Path) -> None:
    lines = f'"{PREFIX}" "text" "python-scripts/a"\n{PREFIX} text python-scripts/b\npython-scripts/c\n'
    package = Noarch(
        info={
            "paths.json": None,
            "files": b"site-packages/demo.py\r\npython-scripts/a\n",
            "has_prefix": lines.encode(),
        }
    )

    facts = read_package(package.write(tmp_path, ".tar.bz2"))

    assert facts.is_listed
    assert {path: row.placeholder for path, row in facts.paths.items()} == {
        "site-packages/demo.py": "",
        **{f"python-scripts/{name}": PREFIX for name in "abc"},
    }


def test_start_of_an_old_package_is_enough_to_judge_it(tmp_path: Path) -> None:
    path = Path(Noarch(files={"site-packages/a.bin": bytes(50_000)}).write(tmp_path, ".tar.bz2"))
    start = bz2.decompress(path.read_bytes())[:20_480]
    # Two streams in a row are one file; here the second one is damaged.
    path.write_bytes(bz2.compress(start) + b"BZh9 no")
    with closing(PackageReading(str(path))) as reading:
        reading.start()

        assert reading.record().conda_name == "demo"


@SUFFIXES
def test_payload_follows_what_was_read_to_judge_it(tmp_path: Path, suffix: str) -> None:
    files = {"site-packages/a.py": b"a = 1\n", "site-packages/b.bin": bytes(50_000)}
    path = Noarch(files=files).write(tmp_path, suffix)
    with closing(PackageReading(path)) as reading:
        reading.start()

        for _ in range(2):
            found = {member.path: b"".join(member.pieces()) for member in reading.payload()}
            assert {name: found[name] for name in files} == files


DAMAGED = {
    "no JSON": {"index.json": b"{"},
    "deep JSON": {"about.json": b"[" * 100_000},
    "a list": {"link.json": b"[]"},
    "commands of another type": {"link.json": b'{"noarch": {"entry_points": "demo"}}'},
    "paths of another type": {"paths.json": b'{"paths": 1}'},
    "a row without a path": {"paths.json": b'{"paths": [{}]}'},
    "a path twice": {"paths.json": b'{"paths": [{"_path": "a"}, {"_path": "./a"}]}'},
    "a path outside": {"paths.json": b'{"paths": [{"_path": "../a"}]}'},
    "a digest of another kind": {"paths.json": b'{"paths": [{"_path": "a", "sha256": "abc"}]}'},
    "a size below nothing": {"paths.json": b'{"paths": [{"_path": "a", "size_in_bytes": -1}]}'},
    "a kind that isn't known": {"paths.json": b'{"paths": [{"_path": "a", "path_type": "device"}]}'},
    "exports of another type": {"run_exports.json": b'{"weak": "demo"}'},
}


@pytest.mark.parametrize("info", DAMAGED.values(), ids=DAMAGED)
@SUFFIXES
def test_documents_of_another_type_are_damage(tmp_path: Path, info: dict[str, bytes], suffix: str) -> None:
    with pytest.raises(BridgeError) as caught:
        read_package(Noarch(info=info).write(tmp_path, suffix))

    assert (caught.value.slug, caught.value.where) == ("corrupt", f"info/{next(iter(info))}")


def test_document_that_is_there_twice_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py_0.tar.bz2"
    path.write_bytes(bz2.compress(tar_bytes([regular("info/index.json", b"{}")] * 2)))

    with pytest.raises(BridgeError) as caught:
        read_package(str(path))

    assert caught.value.slug == "corrupt"


def with_parts(path: str, change: dict[str, bytes | None]) -> str:
    """Change the parts of a `.conda` file."""
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | change).items():
            if data is not None:
                archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"extra.txt": b"x"}, "unknown-component"),
        ({"sig-demo-1.0-py_0.tar.zst": b"x"}, "unknown-component"),
        ({"metadata.json": b'{"conda_pkg_format_version": 3}'}, "unknown-component"),
        ({"metadata.json": None}, "corrupt"),
        ({"metadata.json": b"2"}, "corrupt"),
        ({"info-demo-1.0-py_0.tar.zst": None}, "broken-archive"),
    ],
    ids=["a further part", "a signature", "another version", "no version", "no object", "no info"],
)
def test_parts_of_a_conda_file_are_those_of_its_format(
    tmp_path: Path, change: dict[str, bytes | None], slug: str
) -> None:
    path = with_parts(Noarch().write(tmp_path), change)

    with pytest.raises(BridgeError) as caught:
        read_package(path)

    assert caught.value.slug == slug


@pytest.mark.parametrize("document", [b"", b"{}"])
def test_format_without_a_version_is_the_only_one_that_there_is(tmp_path: Path, document: bytes) -> None:
    path = with_parts(Noarch().write(tmp_path), {"metadata.json": document})

    assert read_package(path).record.conda_name == "demo"


def test_file_of_another_kind_is_none_of_condas(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(b"PK")

    with pytest.raises(BridgeError) as caught:
        read_package(str(path))

    assert caught.value.slug == "corrupt"


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BridgeError) as caught:
        read_package(str(tmp_path / "none-1-0.conda"))

    assert caught.value.slug == "unreadable-source"


def test_file_that_was_renamed_is_told_its_name(tmp_path: Path) -> None:
    path = Path(Noarch().write(tmp_path)).rename(tmp_path / "demo.conda")

    with pytest.raises(BridgeError) as caught:
        read_package(str(path))

    assert caught.value.slug == "corrupt"
    assert caught.value.message == "its parts are those of 'demo-1.0-py_0', and its file is called 'demo'"
    assert "demo-1.0-py_0" in str(caught.value.hint)
