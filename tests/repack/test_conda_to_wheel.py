"""A noarch package becomes a wheel for any platform, file by file; the rules are those of wheels and of noarch packages."""

import csv
import hashlib
import io
import json
import os
import stat
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError, UsageError
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.repackaging import DeflateName, WheelMade, WheelSetting
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from support.archives import link, regular
from support.names_known import EqualNames, KnownNames
from support.noarch_made import METADATA, PREFIX, Noarch, dist_info

MODULE = {"site-packages/demo.py": b"x = 1\n"}
NAMES = KnownNames({CondaName("idna"): (PypiName("idna"),)})
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)


def made(
    folder: Path, package: Noarch, *, suffix: str = ".conda", setting: WheelSetting | None = None
) -> WheelMade:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return conda_to_wheel(
        package.write(folder, suffix), str(out), setting=setting or WheelSetting(), names=NAMES
    )


def contents(wheel: WheelMade) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(
    folder: Path, package: Noarch, *, setting: WheelSetting | None = None, suffix: str = ".conda"
) -> BridgeError:
    """Return how a package is refused, having left nothing."""
    with pytest.raises(BridgeError) as caught:
        made(folder, package, setting=setting, suffix=suffix)

    assert list((folder / "out").iterdir()) == []
    assert (caught.value.where or "").startswith(package.stem)
    return caught.value


def slugs(wheel: WheelMade) -> list[str]:
    return [row.slug for row in wheel.diagnostics]


def dropped(wheel: WheelMade) -> dict[str, str]:
    return {row.path: row.reason for row in wheel.dropped}


# ---------------------------------------------------------------- what goes where


@pytest.mark.parametrize("suffix", [".conda", ".tar.bz2"])
def test_modules_are_those_of_the_package_byte_for_byte(tmp_path: Path, suffix: str) -> None:
    files = {
        "site-packages/demo/__init__.py": b"a\r\n\xff",
        "site-packages/demo/data/x.bin": bytes(range(256)),
    }

    wheel = made(tmp_path, Noarch(files=files | dist_info()), suffix=suffix)

    assert Path(wheel.path).name == "demo-1.0-py3-none-any.whl"
    found = contents(wheel)
    assert {path: found[path.removeprefix("site-packages/")] for path in files} == files
    assert found["demo-1.0.dist-info/METADATA"] == METADATA


def test_both_containers_give_the_same_wheel(tmp_path: Path) -> None:
    package = Noarch(files=MODULE | dist_info() | {"share/doc/demo.txt": b"doc"})

    one = made(tmp_path, package).sha256

    assert made(tmp_path, package, suffix=".tar.bz2").sha256 == one


@pytest.mark.parametrize("engine", ["zlib", "libdeflate"])
def test_order_of_the_members_makes_no_difference(tmp_path: Path, engine: DeflateName) -> None:
    if engine == "libdeflate":
        pytest.importorskip("deflate")
    files = MODULE | dist_info() | {"share/doc/demo.txt": b"doc", "site-packages/a.py": b"a"}
    reverse = dict(reversed(files.items()))
    setting = WheelSetting(deflate=engine)

    one = made(tmp_path, Noarch(files=files), setting=setting).sha256

    assert made(tmp_path, Noarch(files=reverse), suffix=".tar.bz2", setting=setting).sha256 == one


def test_documents_behind_the_payload_are_found(tmp_path: Path) -> None:
    package = Noarch(info={"licenses/LICENSE": b"free"}, is_info_last=True)

    wheel = made(tmp_path, package, suffix=".tar.bz2")

    assert contents(wheel)["demo-1.0.dist-info/licenses/LICENSE"] == b"free"


def test_record_has_every_file_with_its_digest(tmp_path: Path) -> None:
    found = contents(made(tmp_path, Noarch()))

    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(found["demo-1.0.dist-info/RECORD"].decode()))}
    assert list(rows) == sorted(found)
    assert rows.pop("demo-1.0.dist-info/RECORD") == ["", ""]
    for path, (digest, size) in rows.items():
        raw = urlsafe_b64encode(hashlib.sha256(found[path]).digest()).rstrip(b"=").decode()
        assert (digest, size) == (f"sha256={raw}", str(len(found[path])))


def test_records_of_the_installation_are_left_out(tmp_path: Path) -> None:
    files = dist_info(REQUESTED=b"", RECORD=b"demo.py,,\n") | {
        "site-packages/demo-1.0.dist-info/direct_url.json": b'{"url": "file:///home/builder/work"}',
        "site-packages/__pycache__/demo.cpython-311.pyc": b"code",
    }

    wheel = made(tmp_path, Noarch(files=MODULE | files))

    assert dropped(wheel) == {
        "site-packages/__pycache__/demo.cpython-311.pyc": "bytecode",
        **{
            f"site-packages/demo-1.0.dist-info/{name}": "installer-record"
            for name in ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json")
        },
    }
    assert set(contents(wheel)) == {
        "demo.py",
        *(f"demo-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD")),
    }


def test_executable_files_stay_executable(tmp_path: Path) -> None:
    files = MODULE | {"site-packages/tool.py": b"#!/usr/bin/env python\n"} | dist_info()

    wheel = made(tmp_path, Noarch(files=files, modes={"site-packages/tool.py": 0o744}))

    with zipfile.ZipFile(wheel.path) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["tool.py"] == stat.S_IFREG | 0o755
    assert modes["demo.py"] == stat.S_IFREG | 0o644


def test_executable_metadata_stays_executable(tmp_path: Path) -> None:
    folder = "demo-1.0.dist-info"
    files = MODULE | dist_info(LICENSE=b"free", AUTHORS=b"all")

    wheel = made(tmp_path, Noarch(files=files, modes={f"site-packages/{folder}/LICENSE": 0o755}))

    with zipfile.ZipFile(wheel.path) as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert (modes[f"{folder}/LICENSE"], modes[f"{folder}/AUTHORS"]) == (0o755, 0o644)


def test_missing_folder_is_told(tmp_path: Path) -> None:
    folder = str(tmp_path / "missing")

    with pytest.raises(UsageError) as caught:
        conda_to_wheel(Noarch().write(tmp_path), folder, setting=WheelSetting(), names=NAMES)

    assert (caught.value.slug, caught.value.where) == ("not-writable", folder)


def test_what_a_kill_left_is_gone_after_the_next_wheel(tmp_path: Path) -> None:
    left = tmp_path / "out" / ".conda-bridge-wheel-left"
    left.mkdir(parents=True)
    for path in (left / "draft.whl", left / ".lock"):
        path.touch()
    os.utime(left / ".lock", (1, 1))

    wheel = made(tmp_path, Noarch())

    assert [str(path) for path in (tmp_path / "out").iterdir()] == [wheel.path]


def test_what_another_run_is_making_stays(tmp_path: Path) -> None:
    with scratch_folder("wheel", place=str(tmp_path)) as other:
        os.utime(other / ".lock", (1, 1))

        conda_to_wheel(Noarch().write(tmp_path), str(tmp_path), setting=WheelSetting(), names=NAMES)

        assert other.is_dir()


def test_data_folders_become_data(tmp_path: Path) -> None:
    files = {"share/man/demo.1": b"man", "etc/demo.conf": b"conf", "help/index.html": b"help"}

    wheel = made(tmp_path, Noarch(files=MODULE | dist_info() | files))

    found = contents(wheel)
    assert {path: found[f"demo-1.0.data/data/{path}"] for path in files} == files
    told = [(row.message, row.origin) for row in wheel.diagnostics if row.slug == "moved-data"]
    assert told == [("1 file becomes the wheel's data", "help/")]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("include/demo/api.h", "api.h"),
        ("include/python3.11/demo/api.h", "api.h"),
        ("include/other/api.h", "other/api.h"),
        ("include/api.h", "api.h"),
    ],
)
def test_headers_have_their_scheme(tmp_path: Path, path: str, place: str) -> None:
    wheel = made(tmp_path, Noarch(files=MODULE | dist_info() | {path: b"int x;"}))

    assert contents(wheel)[f"demo-1.0.data/headers/{place}"] == b"int x;"
    assert "moved-data" in slugs(wheel)


def test_data_folder_is_named_as_the_metadata_has_it(tmp_path: Path) -> None:
    metadata = METADATA.replace(b"demo", b"Zope.Demo")
    files = MODULE | {"share/a.txt": b"a"} | dist_info("odd-1.0.dist-info", metadata=metadata)

    wheel = made(tmp_path, Noarch(files=files))

    assert Path(wheel.path).name == "zope_demo-1.0-py3-none-any.whl"
    assert contents(wheel)["zope_demo-1.0.data/data/share/a.txt"] == b"a"
    assert not any(path.startswith("odd") for path in contents(wheel))


def test_large_file_goes_through(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000

    wheel = made(tmp_path, Noarch(files=MODULE | dist_info() | {"site-packages/demo.bin": content}))

    assert contents(wheel)["demo.bin"] == content


def test_vendored_metadata_is_payload(tmp_path: Path) -> None:
    path = "site-packages/demo/_vendor/other-2.0.dist-info/METADATA"

    wheel = made(tmp_path, Noarch(files=dist_info() | {path: b"Name: other\n"}))

    assert contents(wheel)[path.removeprefix("site-packages/")] == b"Name: other\n"


def test_menu_entries_are_left_out_with_a_word(tmp_path: Path) -> None:
    wheel = made(tmp_path, Noarch(files=MODULE | dist_info() | {"Menu/demo.json": b"{}"}))

    assert dropped(wheel)["Menu/demo.json"] == "menu"
    assert "menu-dropped" in slugs(wheel)


def test_startup_files_are_kept_with_a_word(tmp_path: Path) -> None:
    wheel = made(
        tmp_path, Noarch(files=MODULE | dist_info() | {"site-packages/demo-nspkg.pth": b"import sys\n"})
    )

    assert contents(wheel)["demo-nspkg.pth"] == b"import sys\n"
    assert "startup-file" in slugs(wheel)


def test_windows_programs_beside_modules_are_kept_with_a_word(tmp_path: Path) -> None:
    program = (
        b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(18) + b"\x02\x01" + bytes(100)
    )

    wheel = made(tmp_path, Noarch(files=MODULE | dist_info() | {"site-packages/demo/cli.exe": program}))

    assert contents(wheel)["demo/cli.exe"] == program
    assert "windows-program" in slugs(wheel)


def test_link_to_a_file_beside_it_becomes_a_copy_wherever_it_stands(tmp_path: Path) -> None:
    members = (
        link("site-packages/early.py", "late.py"),
        regular("site-packages/late.py", b"late\n"),
        link("site-packages/pkg/up.py", "../early.py"),
        link("site-packages/hard.py", "site-packages/late.py", is_hard=True),
    )
    package = Noarch(members=members, info={"paths.json": None})

    wheel = made(tmp_path, package)

    found = contents(wheel)
    assert [found[path] for path in ("early.py", "pkg/up.py", "hard.py")] == [b"late\n"] * 3
    assert slugs(wheel).count("link-copied") == 3


# ---------------------------------------------------------------- scripts


ENTRY_POINTS = b"[console_scripts]\ndemo = demo:main\n"


def test_scripts_of_entry_points_are_left_to_the_installer(tmp_path: Path) -> None:
    scripts = {f"python-scripts/{name}": b"#!x/python\n" for name in ("demo", "demo-script.py", "demo.exe")}

    wheel = made(tmp_path, Noarch(files=MODULE | dist_info(entry_points_txt=ENTRY_POINTS) | scripts))

    assert {path: dropped(wheel)[path] for path in scripts} == dict.fromkeys(scripts, "made-by-installer")
    assert not any(".data/" in path for path in contents(wheel))


@pytest.mark.parametrize("folder", ["python-scripts", "bin", "Scripts"])
def test_other_scripts_get_the_line_that_installers_replace(tmp_path: Path, folder: str) -> None:
    path = f"{folder}/tool"
    package = Noarch(
        files=MODULE | dist_info() | {path: f"#!{PREFIX}/bin/python\nimport demo\n".encode()},
        placeholders=(path,),
    )

    wheel = made(tmp_path, package)

    assert contents(wheel)["demo-1.0.data/scripts/tool"] == b"#!python\nimport demo\n"


def test_prefix_behind_the_first_line_of_a_script_is_refused(tmp_path: Path) -> None:
    path = "python-scripts/tool"
    content = f"#!{PREFIX}/bin/python\nopen('{PREFIX}/share/x')\n".encode()

    error = refusal(tmp_path, Noarch(files=MODULE | dist_info() | {path: content}, placeholders=(path,)))

    assert (error.slug, error.where) == ("embedded-prefix", f"demo-1.0-py_0.conda/{path}")


def test_script_that_would_replace_python_is_refused(tmp_path: Path) -> None:
    package = Noarch(files=MODULE | dist_info() | {"python-scripts/python3": b"#!/bin/sh\n"})

    assert refusal(tmp_path, package).slug == "unsafe-entry-point"


# ---------------------------------------------------------------- refusals


def with_file(path: str, content: bytes = b"x") -> Noarch:
    return Noarch(files=MODULE | dist_info() | {path: content})


def paths_of(files: dict[str, bytes]) -> bytes:
    """Return a list of these files."""
    return json.dumps({"paths": [{"_path": path} for path in files]}).encode()


LIBRARY = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(18) + b"\x02\x21" + bytes(100)
REFUSED = {
    "another platform": ("platform-package", Noarch(index={"subdir": "linux-64"})),
    "not marked as noarch": ("platform-package", Noarch(index={"noarch": None})),
    "generic": ("generic", Noarch(files={"share/x": b"x"}, index={"noarch": "generic"})),
    "the old boolean": ("generic", Noarch(files={"share/x": b"x"}, index={"noarch": True})),
    "generic that needs a library": (
        "generic",
        Noarch(index={"noarch": "generic", "depends": ["libzlib >=1"]}),
    ),
    "no files": ("metapackage", Noarch(files={})),
    "for one system": ("platform-gated", Noarch(index={"depends": ["python", "__unix"]})),
    "for one ABI": ("platform-gated", Noarch(index={"depends": ["python", "python_abi 3.11.* *_cp311"]})),
    "for one interpreter": ("platform-gated", Noarch(index={"depends": ["python", "c::PyPy3.9"]})),
    "for a graphics card": ("platform-gated", Noarch(index={"depends": ["python", "__cuda >=12"]})),
    "a script after linking": ("install-script", with_file("bin/.demo-post-link.sh")),
    "a script before unlinking": ("install-script", with_file("Scripts/.demo-pre-unlink.bat")),
    "a script at activation": ("install-script", with_file("etc/conda/activate.d/demo.sh")),
    "a script in info": ("install-script", Noarch(info={"link-scripts/post-link.sh": b"rm"})),
    "the prefix in a module": ("embedded-prefix", Noarch(placeholders=("site-packages/demo.py",))),
    "the prefix in data": (
        "embedded-prefix",
        Noarch(files=MODULE | dist_info() | {"share/x": b"x"}, placeholders=("share/x",)),
    ),
    "ELF under another name": ("compiled-file", with_file("site-packages/demo/speed.txt", ELF)),
    "ELF as data": ("compiled-file", with_file("share/demo/x", ELF)),
    "ELF as a command": ("compiled-file", with_file("bin/demo", ELF)),
    "a DLL": ("compiled-file", with_file("site-packages/demo.pyd", LIBRARY)),
    "a static library": ("compiled-file", with_file("site-packages/libdemo.a", b"!<arch>\n")),
    "a library by its place": ("compiled-file", with_file("lib/libdemo.so.1", b"")),
    "bytecode without a source": ("compiled-file", with_file("site-packages/secret.pyc")),
    "conda's records": ("conda-meta", with_file("conda-meta/history")),
    "python's own folder": ("unsafe-data-file", with_file("lib/python3.11/site-packages/other.py")),
    "the environment itself": ("unsafe-data-file", with_file("pyvenv.cfg")),
    "certificates": ("unsafe-data-file", with_file("ssl/cacert.pem")),
    "a folder that installers would take apart": (
        "unsafe-data-file",
        with_file("site-packages/x.data/scripts/y"),
    ),
    "an egg": ("package-metadata", with_file("site-packages/demo-1.0-py3.egg/demo.py")),
    "two projects": (
        "several-distributions",
        Noarch(files=MODULE | dist_info() | dist_info("other-2.dist-info")),
    ),
    "two versions": ("several-distributions", Noarch(files=dist_info() | dist_info("demo-0.9.dist-info"))),
    "a requirement that no installer can read": (
        "package-metadata",
        Noarch(files=MODULE | dist_info(metadata=METADATA + b"Requires-Dist: python =2.7|>=3.7\n")),
    ),
    "site-packages as a file": ("corrupt", Noarch(files={"site-packages": b"x"})),
    "metadata as a file": ("corrupt", Noarch(files=MODULE | {"site-packages/demo-1.dist-info": b"x"})),
    "scripts as a file": ("corrupt", with_file("bin", b"x")),
    "a link among dropped files": ("package-link", Noarch(members=(link("bin/a", "b"),))),
    "names that differ by case": ("clashing-files", with_file("site-packages/DEMO.py")),
    "another file name": ("corrupt", Noarch(index={"version": "2.0"})),
    "no index": ("corrupt", Noarch(info={"index.json": None})),
    "index of another type": ("corrupt", Noarch(index={"build_number": "0"})),
    "index that is a list": ("corrupt", Noarch(info={"index.json": b"[]"})),
    "a digest of another file": ("corrupt", Noarch(rows={"site-packages/demo.py": {"sha256": "0" * 64}})),
    "another size": ("corrupt", Noarch(rows={"site-packages/demo.py": {"size_in_bytes": 7}})),
    "a digest of a dropped file": (
        "corrupt",
        Noarch(rows={"site-packages/demo-1.0.dist-info/INSTALLER": {"sha256": "0" * 64}}),
    ),
    "a row of nothing": (
        "corrupt",
        Noarch(info={"paths.json": paths_of({**MODULE, **dist_info(), "share/none": b""})}),
    ),
    "another path": ("corrupt", Noarch(rows={"site-packages/demo.py": {"_path": "share/none"}})),
    "a file that isn't listed": ("corrupt", Noarch(info={"paths.json": b'{"paths": [], "paths_version": 1}', "link.json": b'{"noarch": {"type": "python", "entry_points": ["a = b:c"]}}'})),
    "a backslash": ("unsafe-archive", with_file("site-packages/demo\\x.py")),
    "a version that PyPI hasn't": (
        "package-version",
        Noarch(index={"version": "1.0_x"}, stem="demo-1.0_x-py_0"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("slug", "package"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("suffix", [".conda", ".tar.bz2"])
def test_what_no_wheel_can_be_is_refused(tmp_path: Path, slug: str, package: Noarch, suffix: str) -> None:
    assert refusal(tmp_path, package, suffix=suffix).slug == slug


LINKS = {
    "to a folder": ("site-packages/x", "demo"),
    "to nothing": ("site-packages/x", "none.py"),
    "to an absolute path": ("site-packages/x", "/etc/passwd"),
    "outside of site-packages": ("site-packages/x", "../share/a"),
    "in data": ("share/x", "a"),
    "to itself": ("site-packages/x", "x"),
    "in the metadata": ("site-packages/demo-1.0.dist-info/x", "METADATA"),
}


@pytest.mark.parametrize(("path", "target"), LINKS.values(), ids=LINKS)
def test_other_links_are_refused(tmp_path: Path, path: str, target: str) -> None:
    files = {"site-packages/demo/__init__.py": b"", "share/a": b"a"} | dist_info()

    error = refusal(tmp_path, Noarch(files=files, members=(link(path, target),)))

    assert error.slug in {"package-link", "unsafe-archive"}


def test_unsafe_member_is_refused_as_in_every_archive(tmp_path: Path) -> None:
    package = Noarch(members=(regular("site-packages/../../evil.py"),))

    assert refusal(tmp_path, package).slug == "unsafe-archive"


def test_damaged_index_is_told_before_the_platform(tmp_path: Path) -> None:
    package = Noarch(index={"subdir": "win-64", "depends": "python"})

    assert refusal(tmp_path, package).slug == "corrupt"


def test_platform_is_told_before_everything_else(tmp_path: Path) -> None:
    package = Noarch(
        files={"bin/.demo-post-link.sh": ELF}, index={"subdir": "win-64"}, info={"paths.json": b"no JSON"}
    )

    assert refusal(tmp_path, package).slug == "platform-package"


def test_cut_package_is_corrupt_and_leaves_the_older_wheel(tmp_path: Path) -> None:
    good = made(tmp_path, Noarch(), suffix=".tar.bz2")
    path = tmp_path / "demo-1.0-py_0.tar.bz2"
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(BridgeError) as caught:
        conda_to_wheel(str(path), str(tmp_path / "out"), setting=WheelSetting(), names=NAMES)

    assert caught.value.slug == "corrupt"
    assert [str(one) for one in (tmp_path / "out").iterdir()] == [good.path]


def test_noarch_package_that_names_a_platform_is_told_of(tmp_path: Path) -> None:
    package = Noarch(index={"platform": "win", "arch": "x86_64"})

    (told,) = made(tmp_path, package).diagnostics

    assert told.slug == "record-ignored"
    assert "'win x86_64'" in told.message


# ---------------------------------------------------------------- what can be allowed


def test_gate_that_the_metadata_tells_itself_is_no_reason(tmp_path: Path) -> None:
    metadata = METADATA + b"Requires-Dist: idna; sys_platform == 'win32'\n"
    package = Noarch(files=MODULE | dist_info(metadata=metadata), index={"depends": ["python", "__unix"]})

    assert "gate-told" in slugs(made(tmp_path, package))


@pytest.mark.parametrize("gate", ["__unix >=1", "__unix[build=x]"])
def test_gate_that_says_more_than_metadata_is_one(tmp_path: Path, gate: str) -> None:
    metadata = METADATA + b"Requires-Dist: idna; sys_platform == 'win32'\n"
    package = Noarch(files=MODULE | dist_info(metadata=metadata), index={"depends": ["python", gate]})

    assert refusal(tmp_path, package).slug == "platform-gated"


def test_condas_dependencies_behind_a_gate_hold_there_only(tmp_path: Path) -> None:
    metadata = METADATA + b"Requires-Dist: idna; sys_platform == 'linux'\n"
    depends = ["python", "__linux", "idna"]
    package = Noarch(files=MODULE | dist_info(metadata=metadata), index={"depends": depends})
    setting = WheelSetting(dependencies="conda")

    with pytest.raises(BridgeError) as caught:
        made(tmp_path, package, setting=setting)

    assert caught.value.slug == "platform-gated"
    assert "--deps conda" in str(caught.value.hint)


def test_gate_is_no_reason_where_it_is_allowed(tmp_path: Path) -> None:
    package = Noarch(index={"depends": ["python", "__unix"]})

    assert "gate-dropped" in slugs(made(tmp_path, package, setting=WheelSetting(allows_gated=True)))


def test_install_scripts_are_left_out_where_that_is_asked_for(tmp_path: Path) -> None:
    wheel = made(tmp_path, with_file("bin/.demo-post-link.sh"), setting=WheelSetting(drops_scripts=True))

    assert dropped(wheel)["bin/.demo-post-link.sh"] == "install-script"
    assert "script-dropped" in slugs(wheel)


def test_metapackage_depends_on_others_where_it_is_allowed(tmp_path: Path) -> None:
    package = Noarch(files={}, index={"depends": ["python >=3.8", "idna >=2"]})

    wheel = made(tmp_path, package, setting=WheelSetting(allows_metapackage=True))

    assert b"Requires-Dist: idna>=2" in contents(wheel)["demo-1.0.dist-info/METADATA"]


def test_python_project_that_is_marked_as_generic_is_one(tmp_path: Path) -> None:
    package = Noarch(index={"noarch": "generic", "depends": ["python", "idna"]})

    assert contents(made(tmp_path, package))["demo.py"] == b"x = 1\n"


def test_generic_package_may_need_what_its_metadata_ask_for(tmp_path: Path) -> None:
    metadata = METADATA + b"Requires-Dist: tool\nRequires-Dist: zlib; extra == 'fast'\n"
    package = Noarch(
        files=MODULE | dist_info(metadata=metadata),
        index={"noarch": "generic", "depends": ["python", "tool[version='>=1']", "__unix"]},
    )
    setting = WheelSetting(allows_gated=True)

    wheel = conda_to_wheel(package.write(tmp_path), str(tmp_path), setting=setting, names=EqualNames())

    assert contents(wheel)["demo.py"] == b"x = 1\n"


@pytest.mark.parametrize("spec", ["tool", "][", "tool[when='__win']"])
def test_generic_package_may_need_nothing_that_is_only_called_like_a_project(
    tmp_path: Path, spec: str
) -> None:
    package = Noarch(index={"noarch": "generic", "depends": ["python", spec]})

    with pytest.raises(BridgeError) as caught:
        conda_to_wheel(package.write(tmp_path), str(tmp_path), setting=WheelSetting(), names=EqualNames())

    assert caught.value.slug == "generic"


def test_older_metadata_of_the_same_project_is_left_out(tmp_path: Path) -> None:
    egg = {"site-packages/demo-1.0-py3.9.egg-info/PKG-INFO": METADATA}

    wheel = made(tmp_path, Noarch(files=MODULE | dist_info() | egg))

    assert dropped(wheel)["site-packages/demo-1.0-py3.9.egg-info/PKG-INFO"] == "older-metadata"
