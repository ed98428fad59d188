"""What a package tries to bring into a wheel under another name, by a link or unlisted is judged as everything else."""

import io
import stat
import time
import zipfile
from pathlib import Path

import pytest

from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import BridgeError
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.repackaging import WheelMade, WheelSetting
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.repack.to_wheel.package_facts import PathRow
from conda_bridge.repack.to_wheel.prefix_scan import PrefixScan
from conda_bridge.repack.to_wheel.wheel_scripts import wheel_script
from conda_bridge.repack.wheels.native_code import native_kind
from support.archives import link, regular, tar_bytes
from support.names_known import KnownNames
from support.noarch_made import METADATA, PREFIX, Noarch, dist_info

MODULE = {"site-packages/demo.py": b"x = 1\n"}
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
PROGRAM = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(18) + b"\x02\x01" + bytes(100)
LONG = "/home/x/build_env" + "_placehold" * 9


def made(folder: Path, package: Noarch) -> WheelMade:
    out = folder / "out"
    out.mkdir(exist_ok=True, parents=True)
    return conda_to_wheel(package.write(folder), str(out), setting=WheelSetting(), names=KnownNames({}))


def refusal(folder: Path, package: Noarch) -> BridgeError:
    with pytest.raises(BridgeError) as caught:
        made(folder, package)
    assert list((folder / "out").iterdir()) == []
    return caught.value


def with_file(path: str, content: bytes) -> Noarch:
    return Noarch(files=MODULE | dist_info() | {path: content})


def slugs(wheel: WheelMade) -> list[str]:
    return [row.slug for row in wheel.diagnostics]


# ---------------------------------------------------------------- links


LINKED = {
    "a command": ("demo-1.0.data/scripts/python", "../../x.txt", "unsafe-data-file"),
    "a module of a scheme": ("demo-1.0.data/purelib/demo.py", "../../x.txt", "unsafe-data-file"),
    "an egg's list": ("easy-install.pth", "x.txt", "package-metadata"),
}


@pytest.mark.parametrize(("path", "target", "slug"), LINKED.values(), ids=LINKED)
@pytest.mark.parametrize("is_hard", [False, True])
def test_link_is_placed_as_a_file_of_its_name(
    tmp_path: Path, path: str, target: str, slug: str, *, is_hard: bool
) -> None:
    goal = "site-packages/x.txt" if is_hard else target
    members = (regular("site-packages/x.txt", b"x"), link(f"site-packages/{path}", goal, is_hard=is_hard))

    assert refusal(tmp_path, Noarch(members=members, info={"paths.json": None})).slug == slug


def test_link_that_is_run_at_startup_is_told(tmp_path: Path) -> None:
    package = Noarch(members=(link("site-packages/e.pth", "demo.py"),))

    assert "startup-file" in slugs(made(tmp_path, package))


def test_link_does_not_bring_dropped_files_back(tmp_path: Path) -> None:
    files = MODULE | dist_info() | {"site-packages/demo.pyc": b"code"}
    package = Noarch(files=files, members=(link("site-packages/x.bin", "demo.pyc"),))

    assert refusal(tmp_path, package).slug == "package-link"


def test_many_links_to_a_large_file_are_a_bomb(tmp_path: Path) -> None:
    members = tuple(link(f"site-packages/{number}.bin", "large.bin") for number in range(11))
    package = Noarch(
        files=MODULE | dist_info() | {"site-packages/large.bin": b"x" * 2_000_000}, members=members
    )

    assert refusal(tmp_path, package).slug == "archive-too-large"


def test_name_of_a_link_that_windows_has_not_is_told(tmp_path: Path) -> None:
    found = made(tmp_path, Noarch(members=(link("site-packages/con.py", "demo.py"),))).diagnostics

    origins = {row.slug: row.origin for row in found}
    assert origins == {"link-copied": "site-packages/con.py", "windows-name": "site-packages/con.py"}


def test_link_to_an_executable_file_is_executable(tmp_path: Path) -> None:
    package = Noarch(
        modes={"site-packages/demo.py": 0o755}, members=(link("site-packages/run.py", "demo.py"),)
    )

    with zipfile.ZipFile(made(tmp_path, package).path) as archive:
        assert archive.getinfo("run.py").external_attr >> 16 == stat.S_IFREG | 0o755


# ---------------------------------------------------------------- native code


def test_native_code_as_a_licence_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, Noarch(info={"licenses/LICENSE": ELF})).slug == "compiled-file"


@pytest.mark.parametrize(
    "name", ["demo/x.pyd", "demo/x.dll", "demo/x.so", "demo/x", "demo-1.0.dist-info/x.exe"]
)
def test_windows_program_under_another_name_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, with_file(f"site-packages/{name}", PROGRAM)).slug == "compiled-file"


def test_link_does_not_rename_a_program(tmp_path: Path) -> None:
    files = MODULE | dist_info() | {"site-packages/cli.exe": PROGRAM}
    package = Noarch(files=files, members=(link("site-packages/x.pyd", "cli.exe"),))

    assert refusal(tmp_path, package).slug == "compiled-file"


def test_object_of_windows_is_native_code() -> None:
    section = bytes(40)
    header = b"\x64\x86\x01\0" + bytes(4) + (60).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4)
    coff = header + section + bytes(18)

    assert native_kind(coff, len(coff)) == "COFF"
    assert native_kind(coff[:-1], len(coff) - 1) == ""
    assert native_kind(b"\0\0\xff\xff\x02\0\x64\x86" + bytes(50), 58) == "COFF"


def test_static_library_with_a_member_of_debian_is_one() -> None:
    member = b"debian-binary   " + b"0".ljust(42) + b"`\n"

    assert native_kind(b"!<arch>\n" + member + b"\x7fELF", 72) == "static library"
    assert native_kind(b"!<arch>\n" + member + b"2.0\ncontrol.tar.gz", 90) == ""


# ---------------------------------------------------------------- prefixes


@pytest.mark.parametrize(
    "path", ["site-packages/demo/x.py", "site-packages/x.pth", "share/x.conf", "bin/x.bat", "bin/x"]
)
@pytest.mark.parametrize("prefix", [PREFIX, LONG])
def test_prefix_that_no_list_names_is_refused(tmp_path: Path, path: str, prefix: str) -> None:
    error = refusal(tmp_path, with_file(path, f"#!/bin/sh\nexec {prefix}/bin/perl\n".encode()))

    assert (error.slug, error.where) == ("embedded-prefix", f"demo-1.0-py_0.conda/{path}")


def test_prefix_of_another_file_is_known(tmp_path: Path) -> None:
    files = MODULE | dist_info() | {"bin/x": b"#!/home/me/env/bin/python\n", "share/x": b"/home/me/env/share"}
    package = Noarch(files=files, rows={"bin/x": {"prefix_placeholder": "/home/me/env", "file_mode": "text"}})

    assert refusal(tmp_path, package).slug == "embedded-prefix"


@pytest.mark.parametrize("at", [0, 1, 17, 33, 60, 90])
def test_prefix_over_the_borders_of_pieces_is_found(at: int) -> None:
    data = bytes(at) + LONG.encode() + bytes(100)
    for size in (1, 7, 20, 64):
        scan = PrefixScan(())
        pieces = [data[start : start + size] for start in range(0, len(data), size)]

        assert b"".join(scan.looked_through("x", iter(pieces))) == data
        with pytest.raises(BridgeError):
            list(scan.findings())


def test_other_folders_of_the_builder_are_told(tmp_path: Path) -> None:
    wheel = made(
        tmp_path, with_file("site-packages/x.txt", b"# /home/conda/feedstock_root/build_artifacts/x_1/work")
    )

    assert "leaked-folder" in slugs(wheel)


def test_older_list_of_prefixes_is_believed_beside_the_newer_one(tmp_path: Path) -> None:
    package = Noarch(info={"has_prefix": b"site-packages/demo.py\n"})

    assert refusal(tmp_path, package).slug == "embedded-prefix"


@pytest.mark.parametrize("line", [b"#!" + b" " * 400_000, b"#!" + b"/python " * 50_000 + b"\rx"])
def test_long_first_line_takes_no_time(line: bytes) -> None:
    row = PathRow(sha256="", size_bytes=-1, path_type="hardlink", has_placeholder=False)
    start = time.process_time()

    assert wheel_script("bin/x", line, row) == line
    assert time.process_time() - start < 0.5


# ---------------------------------------------------------------- metadata, parts and names


@pytest.mark.parametrize(
    "name", ["record", "Installer", "Direct_url.json", "requested", "RECORD.jws", "RECORD.p7s"]
)
def test_file_of_an_installation_is_one_in_any_case(tmp_path: Path, name: str) -> None:
    path = f"site-packages/demo-1.0.dist-info/{name}"
    files = MODULE | {"site-packages/demo-1.0.dist-info/METADATA": METADATA, path: b"x"}

    wheel = made(tmp_path, Noarch(files=files))

    assert [(row.path, row.reason) for row in wheel.dropped] == [(path, "installer-record")]


@pytest.mark.parametrize("name", ["wheel", "Metadata", "Entry_points.txt"])
def test_metadata_under_a_name_that_is_not_quite_its_own_is_refused(tmp_path: Path, name: str) -> None:
    path = f"site-packages/demo-1.0.dist-info/{name}"
    required = "WHEEL" if name != "wheel" else "METADATA"
    files = MODULE | {f"site-packages/demo-1.0.dist-info/{required}": METADATA, path: b"x"}

    error = refusal(tmp_path, Noarch(files=files))

    assert (error.slug, error.where) == ("package-metadata", f"demo-1.0-py_0.conda/{path}")


def test_file_with_a_prefix_is_named_once(tmp_path: Path) -> None:
    listed = Noarch(placeholders=("site-packages/demo.py",))
    others = {f"site-packages/{name}.py": PREFIX.encode() for name in "ab"}

    assert "demo.py" not in refusal(tmp_path, listed).message
    assert refusal(tmp_path, Noarch(files=MODULE | dist_info() | others)).message.endswith(
        "'site-packages/b.py'"
    )


def test_folder_of_metadata_is_one_in_any_case(tmp_path: Path) -> None:
    wheel = made(tmp_path, Noarch(files=MODULE | dist_info("demo-1.0.DIST-INFO")))

    assert wheel.metadata_origin == "kept"


def test_folder_of_metadata_without_a_name_is_one(tmp_path: Path) -> None:
    nameless = {"site-packages/.dist-info/METADATA": METADATA}

    alone = made(tmp_path, Noarch(files=MODULE | nameless | {"share/x": b""}))

    assert (alone.metadata_origin, Path(alone.path).name) == ("kept", "demo-1.0-py3-none-any.whl")
    assert (
        refusal(tmp_path / "two", Noarch(files=MODULE | nameless | dist_info())).slug
        == "several-distributions"
    )


def test_egg_is_used_where_the_newer_folder_has_no_metadata(tmp_path: Path) -> None:
    files = MODULE | {
        "site-packages/demo-1.0.dist-info/LICENSE": b"free",
        "site-packages/demo-1.0.egg-info/PKG-INFO": METADATA,
    }

    assert made(tmp_path, Noarch(files=files)).metadata_origin == "egg-info"


@pytest.mark.parametrize("extra", ["pkg-other-1.0-py_0.tar.zst", "info-other-1.0-py_0.tar.zst"])
def test_parts_of_two_packages_are_refused(tmp_path: Path, extra: str) -> None:
    path = Noarch().write(tmp_path)
    buffer = io.BytesIO(Path(path).read_bytes())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(extra, zstd.compress(tar_bytes([regular("site-packages/evil.py", b"")])))
    Path(path).write_bytes(buffer.getvalue())

    with pytest.raises(BridgeError) as caught:
        conda_to_wheel(path, str(tmp_path), setting=WheelSetting(), names=KnownNames({}))
    assert caught.value.slug == "unknown-component"


@pytest.mark.parametrize(
    "name", ["con.py", "x./y.py", "a /b", "nul", "what?.txt", "COM\u00b9.txt", "lpt\u00b3"]
)
def test_names_that_windows_has_not_are_told(tmp_path: Path, name: str) -> None:
    assert "windows-name" in slugs(made(tmp_path, with_file(f"site-packages/demo/{name}", b"x")))


def test_usual_names_are_not_told(tmp_path: Path) -> None:
    assert "windows-name" not in slugs(made(tmp_path, with_file("site-packages/demo/console.nul.py", b"x")))


def test_cached_bytecode_without_a_source_is_told(tmp_path: Path) -> None:
    wheel = made(tmp_path, with_file("site-packages/__pycache__/other.cpython-311.pyc", b"code"))

    assert "bytecode-dropped" in slugs(wheel)


def test_cached_bytecode_with_its_source_is_dropped_silently(tmp_path: Path) -> None:
    wheel = made(tmp_path, with_file("site-packages/__pycache__/demo.cpython-311.opt-1.pyc", b"code"))

    assert "bytecode-dropped" not in slugs(wheel)


def test_package_of_bytecode_alone_is_refused(tmp_path: Path) -> None:
    files = {"site-packages/__pycache__/demo.cpython-311.pyc": b"code"} | dist_info()

    assert refusal(tmp_path, Noarch(files=files)).slug == "compiled-file"


@pytest.mark.parametrize(
    "name",
    [
        "__editable__.demo-1.0.pth",
        "__editable___demo_1_0_finder.py",
        "_editable_impl_demo.pth",
        "_editable_impl_demo.py",
    ],
)
def test_installation_in_development_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, with_file(f"site-packages/{name}", b"/home/me/src\n")).slug == "package-metadata"


@pytest.mark.parametrize("name", ["x" * 256, "\u00e9" * 128, f"{'y' * 256}/x.py"])
def test_name_that_no_installer_can_write_is_refused(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, with_file(f"share/{name}", b"x"))

    assert (error.slug, error.where) == ("unsafe-archive", f"demo-1.0-py_0.conda/share/{name}")


def test_longest_name_is_taken(tmp_path: Path) -> None:
    assert made(tmp_path, with_file(f"share/{'x' * 255}", b"x")).files == 5


@pytest.mark.parametrize("name", ["real.py", "data.json", "core.nbi"])
def test_other_files_of_a_cache_are_left_out_with_a_true_word(tmp_path: Path, name: str) -> None:
    path = f"site-packages/demo/__pycache__/{name}"

    wheel = made(tmp_path, with_file(path, b"x"))

    assert {row.path: row.reason for row in wheel.dropped}[path] == "cache"
    assert "cache-dropped" in slugs(wheel)
    assert "bytecode-dropped" not in slugs(wheel)


def test_cache_is_one_in_any_case(tmp_path: Path) -> None:
    path = "site-packages/__PYCACHE__/demo.cpython-311.pyc"

    wheel = made(tmp_path, with_file(path, b"code"))

    assert {row.path: row.reason for row in wheel.dropped}[path] == "bytecode"
    assert "bytecode-dropped" not in slugs(wheel)


BYTECODE = {
    "3.11": b"\xa7\r\r\n" + bytes(12) + b"\xe3",
    "3.11-by-hash": b"\xa7\r\r\n\3\0\0\0" + bytes(8) + b"\xe3",
    "3.6": b"3\r\r\n" + b"time" + b"size" + b"\xe3",
    "2.7": b"\x03\xf3\r\n" + b"time" + b"c",
}


@pytest.mark.parametrize("content", BYTECODE.values(), ids=BYTECODE)
def test_bytecode_under_another_name_is_told(tmp_path: Path, content: bytes) -> None:
    assert "misnamed-code" in slugs(made(tmp_path, with_file("site-packages/demo/data.bin", content)))


@pytest.mark.parametrize("content", [b"ab\r\n", b"a\r\r\n1234", b"\xa7\r\r\nlatin text", b""])
def test_text_that_begins_as_bytecode_may_is_text(tmp_path: Path, content: bytes) -> None:
    assert "misnamed-code" not in slugs(made(tmp_path, with_file("site-packages/demo/data.txt", content)))


@pytest.mark.parametrize(
    "name", ["x.so", "x.cpython-311-x86_64-linux-gnu.so", "x.pyd", "libx.so.1.2", "x.DLL"]
)
@pytest.mark.parametrize("content", [b"", b"text"])
def test_name_of_native_code_without_any_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    wheel = made(tmp_path, with_file(f"site-packages/demo/{name}", content))

    assert "misnamed-code" in slugs(wheel)


def test_script_and_command_that_are_one_on_windows_are_told(tmp_path: Path) -> None:
    commands = b"[console_scripts]\na = demo:x\n"
    files = {"python-scripts/A": b"#!/usr/bin/env python\n"}
    package = Noarch(files=MODULE | dist_info(entry_points_txt=commands) | files)

    clashes = [row for row in made(tmp_path, package).diagnostics if row.slug == "command-clash"]

    assert [row.origin for row in clashes] == ["python-scripts/A"]


@pytest.mark.parametrize("top", ["share", "etc", "bin", "site-packages/demo-1.0.dist-info"])
def test_bytecode_is_left_out_wherever_it_lies(tmp_path: Path, top: str) -> None:
    path = f"{top}/__pycache__/x.cpython-311.pyc"

    alone = made(tmp_path, with_file(path, b"code"))
    both = made(
        tmp_path, Noarch(files=MODULE | dist_info() | {path: b"code", f"{top}/x.py": b"#!/usr/bin/perl"})
    )

    assert {row.path: row.reason for row in alone.dropped}[path] == "bytecode"
    assert "bytecode-dropped" in slugs(alone)
    assert "bytecode-dropped" not in slugs(both)


def test_odd_file_of_the_metadata_is_named_once(tmp_path: Path) -> None:
    path = "site-packages/demo-1.0.dist-info/x.so"

    found = [row for row in made(tmp_path, with_file(path, b"")).diagnostics if row.slug == "misnamed-code"]

    assert [(row.message, row.origin) for row in found] == [("'x.so'", path)]


def test_extra_of_an_entry_point_is_no_finding(tmp_path: Path) -> None:
    commands = b"[console_scripts]\na = demo:x [fast]\n"

    wheel = made(tmp_path, Noarch(files=MODULE | dist_info(entry_points_txt=commands)))

    assert wheel.diagnostics == ()


# ---------------------------------------------------------------- places of refusals


@pytest.mark.parametrize(
    "line", [b"Requires-Python: >=3.9\n", b"Requires-Dist:\n", b"License-Expression: ?\n"]
)
def test_metadata_that_no_wheel_may_have_is_the_packages(tmp_path: Path, line: bytes) -> None:
    files = MODULE | dist_info("Demo-1.0.dist-info", metadata=METADATA + line)

    error = refusal(tmp_path, Noarch(files=files))

    assert error.slug == "package-metadata"
    assert error.where == "demo-1.0-py_0.conda/site-packages/Demo-1.0.dist-info/METADATA"


def test_name_of_no_project_is_told_with_its_place(tmp_path: Path) -> None:
    files = MODULE | dist_info(metadata=METADATA.replace(b"Name: demo", b"Name: ../demo"))

    error = refusal(tmp_path, Noarch(files=files))

    assert (error.slug, error.where) == (
        "invalid-name",
        "demo-1.0-py_0.conda/site-packages/demo-1.0.dist-info",
    )


def test_files_that_are_one_are_told_with_a_place_in_the_package(tmp_path: Path) -> None:
    error = refusal(tmp_path, with_file("site-packages/DEMO.py", b""))

    assert (error.slug, error.where) == ("clashing-files", "demo-1.0-py_0.conda/site-packages/DEMO.py")


@pytest.mark.parametrize("spec", ["attrs >=1|<0.5", "attrs * cuda*", "libfoo", "attrs >=2024a"])
def test_dependency_that_no_wheel_can_have_is_told_with_its_document(tmp_path: Path, spec: str) -> None:
    path = Noarch(index={"depends": ["python >=3.8", spec]}).write(tmp_path)

    with pytest.raises(BridgeError) as caught:
        conda_to_wheel(
            path,
            str(tmp_path),
            setting=WheelSetting(dependencies="conda"),
            names=KnownNames({CondaName("attrs"): (PypiName("attrs"),)}),
        )

    assert caught.value.where == "demo-1.0-py_0.conda/info/index.json"
