"""Rows 1 to 17 of the list of bad inputs: archives and files, from the command line to what is on the disk.

R rows are refused with their class and leave nothing behind (`Laboratory.refused`); W rows give a recipe and
the warning in the answer and in the report.
"""

import hashlib
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from support.archives import device, gz, link, regular, tar_bytes, write_zip, zip_bytes
from support.hostile import Laboratory, core_metadata, members_of
from support.index_server import IndexServer

UNSAFE = "unsafe-archive"


# ---------------------------------------------------------------- paths and links


@pytest.mark.parametrize("name", ["../x", "demo-1.0/../../x", "../../home/.bashrc"])
def test_row_01_member_above_the_top_is_refused(lab: Laboratory, name: str) -> None:
    assert "climbs" in lab.refused(lab.archive(*members_of(), regular(name)), UNSAFE)


@pytest.mark.parametrize("name", ["/abs", "/tmp/abs", "//abs"])
def test_row_02_absolute_member_is_refused(lab: Laboratory, name: str) -> None:
    assert "absolute" in lab.refused(lab.archive(*members_of(), regular(name)), UNSAFE)


@pytest.mark.parametrize("target", ["/etc", "/etc/passwd", "../../../../etc/passwd"])
def test_row_03_symlink_to_a_system_path_is_refused(lab: Laboratory, target: str) -> None:
    source = lab.archive(*members_of({"LICENSE": None}), link("demo-1.0/LICENSE", target))

    assert "symbolic link" in lab.refused(source, UNSAFE)


def test_row_03_directory_with_a_symlink_to_a_system_path_reads_nothing_of_it(lab: Laboratory) -> None:
    for member, content in members_of({"LICENSE": None}):
        path = lab.work / member.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    (lab.work / "demo-1.0/LICENSE").symlink_to("/etc/passwd")

    done = lab.converted("./demo-1.0")

    assert "outside-link" in done.slugs
    assert "root:" not in done.recipe + done.told


def test_row_04_symlink_chain_out_of_the_tree_is_refused(lab: Laboratory) -> None:
    chain = (link("demo-1.0/a", "b"), link("demo-1.0/b", "."), link("demo-1.0/c", "a/../../../etc"))

    assert "symbolic link" in lab.refused(lab.archive(*members_of(), *chain), UNSAFE)


def test_row_04_member_written_through_a_symlink_is_refused(lab: Laboratory) -> None:
    chain = (regular("demo-1.0/sub/x"), link("demo-1.0/a", "sub"), regular("demo-1.0/a/y"))

    assert "below the symbolic link" in lab.refused(lab.archive(*members_of(), *chain), UNSAFE)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "demo-1.0/missing"])
def test_row_05_hardlink_to_outside_is_refused(lab: Laboratory, target: str) -> None:
    lab.refused(lab.archive(*members_of(), link("demo-1.0/a", target, is_hard=True)), UNSAFE)


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_row_06_fifo_or_device_is_refused(lab: Laboratory, kind: bytes) -> None:
    lab.refused(lab.archive(*members_of(), device("demo-1.0/odd", kind)), UNSAFE)


@pytest.mark.parametrize("mode", [0o4755, 0o2755])
def test_row_07_setuid_bit_is_stripped_and_reported(lab: Laboratory, mode: int) -> None:
    done = lab.converted(lab.archive(*members_of(), regular("demo-1.0/tool", mode=mode)))

    assert "setuid-member" in done.slugs
    assert not any(path.stat().st_mode & 0o6000 for path in lab.out.rglob("*"))


@pytest.mark.parametrize("name", [r"..\x", "C:x", r"\\host\share", r"demo-1.0\x", "demo-1.0/C:x"])
def test_row_08_zip_member_with_a_windows_path_is_refused(lab: Laboratory, name: str) -> None:
    files = [(member.name, content) for member, content in members_of()]
    write_zip(lab.work / "demo-1.0.zip", [*files, (name, b"x")])

    lab.refused("./demo-1.0.zip", UNSAFE)


@pytest.mark.parametrize(
    "names", [("A", "a"), ("data/X/1", "data/x/2"), ("\xc9", "e\u0301")], ids=["files", "folders", "forms"]
)
def test_row_09_names_that_windows_and_macos_take_for_one_are_reported(
    lab: Laboratory, names: tuple[str, str]
) -> None:
    done = lab.converted(lab.archive(*members_of(), *(regular(f"demo-1.0/{name}") for name in names)))

    assert "Windows and macOS" in done.finding("case-clash")["message"]


@pytest.mark.parametrize("content", [b"other", b"MIT License\n"], ids=["other", "identical"])
def test_row_10_duplicate_member_is_refused(lab: Laboratory, content: bytes) -> None:
    source = lab.archive(*members_of(), regular("demo-1.0/LICENSE", content))

    assert "twice" in lab.refused(source, UNSAFE)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_row_10_duplicate_member_of_a_zip_is_refused(lab: Laboratory) -> None:
    files = [(member.name, content) for member, content in members_of()]
    write_zip(lab.work / "demo-1.0.zip", [*files, files[0]])

    assert "twice" in lab.refused("./demo-1.0.zip", UNSAFE)


# ---------------------------------------------------------------- size and form


def test_row_11_ratio_of_a_bomb_is_refused(lab: Laboratory) -> None:
    source = lab.archive(*members_of(), regular("demo-1.0/zeros", bytes(30_000_000)))

    assert "200 times" in lab.refused(source, "archive-too-large")


def test_row_11_more_than_two_gigabytes_are_refused_before_they_are_read(lab: Laboratory) -> None:
    # Noise keeps the ratio low; what counts is the size that the directory declares.
    data = bytearray(zip_bytes([("demo-1.0/setup.py", b""), ("demo-1.0/big", b"x" * 100)]))
    struct.pack_into("<I", data, data.rfind(b"PK\x01\x02") + 24, 0xFFFFFF00)

    assert "2,000,000,000" in lab.refused(lab.raw(bytes(data), name="demo-1.0.zip"), "archive-too-large")


@pytest.mark.slow
def test_row_11_more_than_100_000_files_are_refused(lab: Laboratory) -> None:
    source = lab.raw(_zip_of_empty_files(100_001), name="demo-1.0.zip")

    assert "100,000 members" in lab.refused(source, "archive-too-large")


def test_row_12_nested_bomb_is_a_file_like_any_other(lab: Laboratory) -> None:
    layer = gz(bytes(30_000_000))
    bomb = gz(tar_bytes([regular(f"{n}.gz", layer) for n in range(5)]))

    done = lab.converted(lab.archive(*members_of(), regular("demo-1.0/tests/inner.tar.gz", bomb)))

    assert done.row["diagnostics"] == lab.converted(lab.sdist()).row["diagnostics"]


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x1b[31mb", "a\u202eb", "a\u2066b", "a\u200fb", "a\u2028b"], ids=ascii
)
def test_row_13_name_with_newline_or_direction_marks_is_refused(lab: Laboratory, name: str) -> None:
    assert name not in lab.refused(lab.archive(*members_of(), regular(f"demo-1.0/{name}")), UNSAFE)


def test_row_13_name_with_nul_is_refused(lab: Laboratory) -> None:
    info, content = regular("demo-1.0/long")
    info.pax_headers = {"path": "demo-1.0/a\x00b"}

    lab.refused(lab.archive(*members_of(), (info, content)), UNSAFE)


def test_row_13_name_that_is_not_utf8_is_refused(lab: Laboratory) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT, encoding="latin-1") as archive:
        archive.addfile(tarfile.TarInfo("demo-1.0/caf\xe9"))

    assert "UTF-8" in lab.refused(lab.raw(gz(buffer.getvalue())), UNSAFE)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-4],
        lambda data: data + b"trailing",
        lambda data: data + gz(b"more"),
        lambda data: data + data,
    ],
    ids=["half", "without its length", "trailing", "second stream", "twice"],
)
def test_row_14_truncated_gzip_and_trailing_data_are_refused(
    lab: Laboratory, damage: Callable[[bytes], bytes]
) -> None:
    lab.refused(lab.raw(damage(gz(tar_bytes(members_of())))), "broken-archive")


# ---------------------------------------------------------------- what it claims to be


def test_row_15_several_top_folders_are_reported(lab: Laboratory) -> None:
    members = [*members_of(top="."), regular("docs/index.rst")]

    assert "several-top-folders" in lab.converted(lab.archive(*members)).slugs


def test_row_15_project_in_one_of_two_folders_is_refused_because_no_engine_could_build_it(
    lab: Laboratory,
) -> None:
    lab.refused(lab.archive(*members_of(), regular("other-2.0/x")), "no-build-files")


def test_row_15_other_name_of_the_top_folder_is_reported(lab: Laboratory) -> None:
    assert "top-folder-name" in lab.converted(lab.archive(*members_of(top="master"))).slugs


@pytest.mark.parametrize("metadata", [core_metadata(name="other"), core_metadata(version="2.0")])
def test_row_15_other_name_or_version_inside_than_outside_is_refused(lab: Laboratory, metadata: str) -> None:
    assert "PKG-INFO is of" in lab.refused(lab.sdist({"PKG-INFO": metadata}), "sdist-mismatch")


def test_row_16_tar_that_is_called_a_zip_is_read_and_reported(lab: Laboratory) -> None:
    done = lab.converted(lab.sdist(name="demo-1.0.zip"))

    assert "wrong-suffix" in done.slugs
    assert "name: demo" in done.recipe


def test_row_17_other_sha256_than_the_index_promises_is_refused_and_nothing_kept(
    lab: Laboratory, index_server: IndexServer
) -> None:
    sdist = gz(tar_bytes(members_of()))
    promised = hashlib.sha256(b"other").hexdigest()
    index_server.add_file("demo", "demo-1.0.tar.gz", sdist, hashes={"sha256": promised})
    lab.serve(index_server.index_url)

    assert promised in lab.refused("demo", "hash-mismatch")


def test_row_17_the_same_file_is_taken_where_the_sha256_is_right(
    lab: Laboratory, index_server: IndexServer
) -> None:
    sdist = gz(tar_bytes(members_of()))
    index_server.add_file("demo", "demo-1.0.tar.gz", sdist)
    lab.serve(index_server.index_url)

    assert hashlib.sha256(sdist).hexdigest() in lab.converted("demo").recipe


def _zip_of_empty_files(count: int) -> bytes:
    """Return a zip of empty files, which `zipfile` would take seconds to write."""
    local, central = bytearray(), bytearray()
    mode = (stat.S_IFREG | 0o644) << 16
    for number in range(count):
        name = b"demo-1.0/%d" % number
        central += struct.pack(
            "<4sHHHHHHLLLHHHHHLL",
            b"PK\x01\x02", 0x314, 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0, 0, 0, 0, mode, len(local),
        ) + name  # fmt: skip
        local += struct.pack("<4sHHHHHLLLHH", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0) + name
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(central), len(local), 0)
    assert zipfile.is_zipfile(io.BytesIO(bytes(local + central + end)))
    return bytes(local + central + end)
