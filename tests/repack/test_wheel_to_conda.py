"""Wheels become conda packages: files, metadata, commands, and the wheels that are refused."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.errors import BridgeError, MetadataError, RepackError, SourceError
from conda_bridge.model.artifact import RunExports
from conda_bridge.model.condition import Target
from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.repack.to_conda.wheel_to_conda import (
    Converted,
    ExtraMetadata,
    WheelTarget,
    needed_names,
    wheel_to_conda,
)
from conda_bridge.repack.wheels.entry_points import PLACEHOLDER
from support.conda_packages import info_document, package_members
from support.host_machine import put
from support.wheels import WheelParts, write_wheel

LINUX = WheelTarget(target=Target(platform="linux-64", python=PyVersion((3, 11, 7))))
WINDOWS = WheelTarget(target=Target(platform="win-64", python=PyVersion((3, 12))))
NATIVE = b"\x7fELF\x02\x01\x01" + bytes(range(200))
PLATFORM = "manylinux2014_x86_64.manylinux_2_28_x86_64"
EXTENSION = WheelParts(
    tag=f"cp311-cp311-{PLATFORM}", files={"demo/_x.so": NATIVE, "demo/__init__.py": b""}, is_purelib=False
)
COMMANDS = "[console_scripts]\ndemo = demo.cli:main.run [color]\n\n[gui_scripts]\ndemo-gui = demo:gui\n"


def convert(folder: Path, parts: WheelParts, target: WheelTarget = LINUX, **options: object) -> Converted:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    wheel = write_wheel(folder, parts)
    return wheel_to_conda(str(wheel), str(out), target=target, **{"names": NameTable(), **options})  # type: ignore[arg-type] # options of wheel_to_conda


def members(converted: Converted) -> dict[str, bytes]:
    return {path: content for path, (_, content) in package_members(Path(converted.path)).items()}


def slugs(converted: Converted) -> set[str]:
    return {diagnostic.slug for diagnostic in converted.diagnostics}


def refused(folder: Path, parts: WheelParts, target: WheelTarget = LINUX) -> BridgeError:
    with pytest.raises(BridgeError) as caught:
        convert(folder, parts, target)
    assert not list((folder / "out").iterdir()), "nothing is left"
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"{parts.stem}-{parts.tag}.whl")
    return caught.value


# ---------------------------------------------------------------- pure wheels


def test_pure_wheel_becomes_noarch_package(tmp_path: Path) -> None:
    parts = WheelParts(
        files={
            "demo/__init__.py": b"x = 1\n",
            "demo/run.sh": b"#!/bin/sh\n",
            "INFO/licenses/LICENSE": b"free\n",
        },
        executable=frozenset({"demo/run.sh"}),
        metadata=(
            "Requires-Python: >=3.9,<4",
            "Summary: A demo",
            "License-Expression: MIT",
            "Project-URL: Source Code, https://example.org/code",
            "Requires-Dist: idna>=2.5,<4",
        ),
    )
    converted = convert(tmp_path, parts)
    record = converted.record
    assert (record.subdir, record.noarch, record.license) == ("noarch", "python", "MIT")
    assert record.depends == ("python <4a0,>=3.9", "idna >=2.5,<4a0")
    assert record.timestamp_ms == 1_714_979_290_000
    assert record == read_record(converted.path)
    files = package_members(Path(converted.path))
    assert files["site-packages/demo/__init__.py"][1] == b"x = 1\n"
    assert files["site-packages/demo/run.sh"][0].mode == 0o755
    assert files["site-packages/demo/__init__.py"][0].mode == 0o644
    assert info_document(Path(converted.path), "about.json") == {
        "summary": "A demo",
        "license": "MIT",
        "license_file": ["LICENSE"],
        "dev_url": "https://example.org/code",
    }
    assert package_members(Path(converted.path), "info")["info/licenses/LICENSE"][1] == b"free\n"


def test_same_wheel_gives_the_same_bytes(tmp_path: Path) -> None:
    first = Path(convert(tmp_path, WheelParts(entry_points=COMMANDS)).path).read_bytes()
    assert Path(convert(tmp_path, WheelParts(entry_points=COMMANDS)).path).read_bytes() == first


def test_other_contents_have_another_build_string(tmp_path: Path) -> None:
    one = convert(tmp_path, WheelParts()).record.build
    other = convert(tmp_path, WheelParts(files={"demo/__init__.py": b"x = 2\n"})).record.build
    assert one != other


def test_build_string_carries_number_and_label(tmp_path: Path) -> None:
    record = convert(tmp_path, WheelParts(), replace(LINUX, build_number=2, build_label="host")).record
    assert record.build.endswith("_2_host")
    assert record.build_number == 2


def test_commands_are_left_to_the_installer(tmp_path: Path) -> None:
    converted = convert(tmp_path, WheelParts(entry_points=COMMANDS))
    link = info_document(Path(converted.path), "link.json")
    assert link["noarch"]["entry_points"] == ["demo = demo.cli:main.run", "demo-gui = demo:gui"]
    assert "entry-point-extra" in slugs(converted)


def record_rows(converted: Converted) -> dict[str, list[str]]:
    path, content = next((p, c) for p, c in members(converted).items() if p.endswith(".dist-info/RECORD"))
    assert path.startswith(("site-packages/", "lib/python3.11/site-packages/"))
    return {row[0]: row[1:] for row in csv.reader(io.StringIO(content.decode()))}


def row_of(content: bytes) -> list[str]:
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return [f"sha256={digest}", str(len(content))]


def test_record_is_that_of_the_installed_project(tmp_path: Path) -> None:
    parts = WheelParts(
        files={
            "demo/__init__.py": b"x = 1\n",
            "DATA/data/share/demo/x.txt": b"data",
            "DATA/scripts/tool": b"#!/bin/sh\n",
            "DATA/scripts/other": b"#!python\n",
            "INFO/direct_url.json": b"{}",
            "INFO/INSTALLER": b"pip\n",
        },
        entry_points="[console_scripts]\ndemo = demo:main\n",
    )
    converted = convert(tmp_path, parts)
    rows = record_rows(converted)
    info = "demo-1.0.dist-info"
    assert rows["demo/__init__.py"] == row_of(b"x = 1\n")
    assert rows["../../../share/demo/x.txt"] == row_of(b"data")
    assert rows["../../../bin/tool"] == row_of(b"#!/bin/sh\n")
    assert rows["../../../bin/other"] == ["", ""], "its content depends on the environment"
    assert rows["../../../bin/demo"] == ["", ""], "the installer makes it"
    assert rows[f"{info}/INSTALLER"] == row_of(b"conda\n")
    assert rows[f"{info}/REQUESTED"] == row_of(b"")
    assert rows[f"{info}/RECORD"] == ["", ""]
    assert f"{info}/direct_url.json" not in rows
    packed = {path.removeprefix("site-packages/") for path in members(converted)}
    assert f"{info}/direct_url.json" not in packed
    assert {row for row in rows if not row.startswith("..")} <= packed


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_stronger_digests_are_verified_too(tmp_path: Path, algorithm: str) -> None:
    parts = WheelParts(algorithm=algorithm)
    assert members(convert(tmp_path, parts))["site-packages/demo/__init__.py"] == b"x = 1\n"
    wrong = replace(parts, record={"demo/__init__.py": f"demo/__init__.py,{algorithm}=AAAA,6"})
    (tmp_path / "two").mkdir()
    assert refused(tmp_path / "two", wrong).slug == "record-mismatch"


# ---------------------------------------------------------------- the .data folder


def test_schemes_of_the_data_folder_have_their_places(tmp_path: Path) -> None:
    parts = WheelParts(
        files={
            "DATA/purelib/pure.py": b"1",
            "DATA/platlib/plat.py": b"2",
            "DATA/headers/demo.h": b"3",
            "DATA/data/etc/demo.conf": b"4",
            "DATA/scripts/tool": b"#!pythonw -u\r\nprint()\n",
        }
    )
    converted = convert(tmp_path, parts)
    files = package_members(Path(converted.path))
    assert files["site-packages/pure.py"][1] == b"1"
    assert files["site-packages/plat.py"][1] == b"2"
    assert files["include/demo/demo.h"][1] == b"3"
    assert files["etc/demo.conf"][1] == b"4"
    header, content = files["python-scripts/tool"]
    assert (header.mode, content) == (0o755, f"#!{PLACEHOLDER}/bin/python -u\nprint()\n".encode())
    paths = {e["_path"]: e for e in info_document(Path(converted.path), "paths.json")["paths"]}
    assert paths["python-scripts/tool"]["prefix_placeholder"] == PLACEHOLDER
    assert "prefix_placeholder" not in paths["etc/demo.conf"]


def test_script_with_an_interpreter_of_its_own_is_named(tmp_path: Path) -> None:
    script = b"#!/usr/local/bin/python3.9\nprint()\n"
    converted = convert(tmp_path, WheelParts(files={"DATA/scripts/tool": script}))
    assert "foreign-interpreter" in slugs(converted)
    assert members(converted)["python-scripts/tool"] == script


@pytest.mark.parametrize("first", [b"#!/usr/bin/env python3\n", b"#!/bin/sh\n", b"#! python\n", b""])
def test_other_scripts_stay_as_they_are(tmp_path: Path, first: bytes) -> None:
    converted = convert(tmp_path, WheelParts(files={"DATA/scripts/tool": first}))
    assert members(converted)["python-scripts/tool"] == first
    assert "foreign-interpreter" not in slugs(converted)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"#!python3", b"\n"),
        (b"#!python3.11", b"\n"),
        (b"#!pythonw", b"\n"),
        (b"#!python -E", b" -E\n"),
        (b"#!python -E -s", b"\n"),
        (b"#!python of mine", b"\n"),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_first_line_of_a_script_is_written_anew(
    first: bytes, expected: bytes, end: bytes, tmp_path: Path
) -> None:
    files = {"DATA/scripts/tool": first + end + b"x = 1" + end}
    content = members(convert(tmp_path, WheelParts(files=files)))["python-scripts/tool"]
    assert content == f"#!{PLACEHOLDER}/bin/python".encode() + expected + b"x = 1" + end


def test_script_that_is_but_its_first_line_has_an_end(tmp_path: Path) -> None:
    converted = convert(tmp_path, WheelParts(files={"DATA/scripts/tool": b"#!python"}))
    assert members(converted)["python-scripts/tool"] == f"#!{PLACEHOLDER}/bin/python\n".encode()


def test_setuid_script_loses_the_bit(tmp_path: Path) -> None:
    parts = WheelParts(files={"DATA/scripts/tool": b"#!/bin/sh\n"}, modes={"DATA/scripts/tool": 0o4755})
    converted = convert(tmp_path, parts)
    assert package_members(Path(converted.path))["python-scripts/tool"][0].mode == 0o755
    assert "setuid-member" in slugs(converted)


@pytest.mark.parametrize(
    "path",
    [
        "DATA/data/etc/conda/activate.d/x.sh",
        "DATA/data/ETC/Conda/activate.d/x.sh",
        "DATA/data/conda-meta/history",
        "DATA/data/info/index.json",
        "DATA/data/Menu/demo.json",
        "DATA/data/site-packages/x.py",
    ],
)
def test_data_that_conda_acts_upon_is_refused(tmp_path: Path, path: str) -> None:
    assert refused(tmp_path, WheelParts(files={path: b"x"})).slug == "unsafe-data-file"


def test_data_folder_may_be_spelled_in_another_way(tmp_path: Path) -> None:
    parts = WheelParts(name="my-demo", files={"My.Demo-1.0.data/data/share/x": b"x"})
    assert members(convert(tmp_path, parts))["share/x"] == b"x"


@pytest.mark.parametrize("folder", ["other-1.0.data", "demo-2.0.data", "demo.data"])
def test_data_folder_of_others_is_refused(tmp_path: Path, folder: str) -> None:
    parts = WheelParts(files={f"{folder}/data/share/x": b"x"})
    assert refused(tmp_path, parts).slug == "invalid-wheel"


def test_unknown_scheme_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, WheelParts(files={"DATA/other/x": b"x"})).slug == "invalid-wheel"


@pytest.mark.parametrize(
    "path",
    [
        "DATA/scripts/python",
        "DATA/scripts/pip3",
        "DATA/scripts/conda",
        "DATA/scripts/a b",
        "DATA/scripts/$(x)",
        "DATA/scripts/sub/x",
        "DATA/scripts/.demo-post-link.sh",
        "DATA/data/bin/python3.11",
        "DATA/data/bin/.demo-post-link.sh",
        "DATA/data/Scripts/.demo-post-link.bat",
    ],
)
def test_script_that_could_be_no_command_or_shadows_one_is_refused(tmp_path: Path, path: str) -> None:
    """Security, rows 29 and 31."""
    assert refused(tmp_path, WheelParts(files={path: b"#!/bin/sh\n"})).slug == "unsafe-entry-point"


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize(
    "line",
    [
        "x = a:b; touch y",
        "../../bin/sh = a:b",
        "a b = a:b",
        "$(x) = a:b",
        "python = a:b",
        "pip = a:b",
        "x = a b:c",
    ],
)
def test_hostile_entry_point_is_refused(tmp_path: Path, line: str) -> None:
    """Security, rows 28, 29 and 31."""
    parts = WheelParts(entry_points=f"[console_scripts]\n{line}\n")
    error = refused(tmp_path, parts)
    assert isinstance(error, MetadataError)
    assert error.slug == "unsafe-entry-point"


def test_projects_own_command_may_be_called_pip(tmp_path: Path) -> None:
    parts = WheelParts(name="pip", entry_points="[console_scripts]\npip = pip:main\npip3 = pip:main\n")
    converted = convert(tmp_path, parts)
    entry_points = info_document(Path(converted.path), "link.json")["noarch"]["entry_points"]
    assert entry_points == ["pip = pip:main", "pip3 = pip:main"]


def test_script_beside_a_command_of_the_same_name_is_refused(tmp_path: Path) -> None:
    parts = replace(
        EXTENSION,
        files={**EXTENSION.files, "DATA/scripts/demo": b"#!/bin/sh\n"},
        entry_points="[console_scripts]\ndemo = demo:main\n",
    )
    assert refused(tmp_path, parts).slug == "invalid-package"


# ---------------------------------------------------------------- wheels for a platform


def test_extension_modules_are_bound_to_their_python(tmp_path: Path) -> None:
    parts = replace(
        EXTENSION,
        files={**EXTENSION.files, "DATA/headers/demo.h": b"h"},
        metadata=("Requires-Python: >=3.8,!=3.11.2,!=3.9.1",),
        entry_points=COMMANDS,
    )
    converted = convert(tmp_path, parts)
    record = converted.record
    assert (record.subdir, record.noarch) == ("linux-64", "")
    assert record.build.startswith("py311h")
    assert record.depends == (
        "python >=3.11,<3.12.0a0,!=3.11.2",
        "python_abi 3.11.* *_cp311",
        "__glibc >=2.17",
    )
    files = package_members(Path(converted.path))
    assert files["lib/python3.11/site-packages/demo/_x.so"][1] == NATIVE
    assert files["include/python3.11/demo/demo.h"][1] == b"h"
    header, script = files["bin/demo"]
    assert header.mode == 0o755
    assert script.startswith(f"#!{PLACEHOLDER}/bin/python\n".encode())
    compile(script, "demo", "exec")
    assert b"from demo.cli import main\n" in script
    assert b"sys.exit(main.run())" in script
    assert "bin/demo-gui" in files
    assert record_rows(converted)["../../../bin/demo"] == ["", ""]


def test_stable_abi_is_bound_from_below_only(tmp_path: Path) -> None:
    """CEP 20: such a package is one of a platform, and installs as a noarch one does."""
    parts = replace(EXTENSION, tag=f"cp38-abi3-{PLATFORM}", entry_points=COMMANDS)
    converted = convert(tmp_path, parts)
    record = converted.record
    assert (record.subdir, record.noarch) == ("linux-64", "python")
    assert record.depends == ("python >=3.8", "__glibc >=2.17")
    assert "site-packages/demo/_x.so" in members(converted)
    assert info_document(Path(converted.path), "index.json")["platform"] == "linux"


def test_windows_has_a_launcher_and_folders_of_its_own(tmp_path: Path) -> None:
    parts = WheelParts(
        tag="cp312-cp312-win_amd64", files={"demo/x.pyd": b"MZ"}, entry_points=COMMANDS, is_purelib=False
    )
    converted = convert(tmp_path, parts, WINDOWS)
    files = members(converted)
    assert "Lib/site-packages/demo/x.pyd" in files
    assert b"demo-script.py" in files["Scripts/demo.bat"]
    assert b"from demo.cli import main" in files["Scripts/demo-script.py"]
    assert converted.record.depends[-1] == "__win"


@pytest.mark.parametrize("tag", ["cp310-cp310-linux_x86_64", "cp311-cp311-win_amd64", "py2-none-any"])
def test_wheel_for_others_is_refused(tmp_path: Path, tag: str) -> None:
    assert refused(tmp_path, replace(EXTENSION, tag=tag)).slug == "unsuitable-wheel"


def test_names_that_clash_are_refused_where_files_do(tmp_path: Path) -> None:
    files = {"demo/a.pyd": b"MZ", "demo/A.pyd": b"MZ"}
    parts = WheelParts(tag="cp312-cp312-win_amd64", files=files)
    assert refused(tmp_path, parts, WINDOWS).slug == "invalid-wheel"
    (tmp_path / "linux").mkdir()
    on_linux = replace(parts, tag="cp311-cp311-linux_x86_64")
    assert "case-clash" in slugs(convert(tmp_path / "linux", on_linux))


# ---------------------------------------------------------------- programs


TOOL = WheelParts(
    name="tool",
    tag=f"py3-none-{PLATFORM}",
    files={
        "tool/__init__.py": b"import os\ndef main(): os.execv('x', [])\ndef extra(): main()\n",
        "tool/data/bin/tool": NATIVE,
        "tool/data/bin/helper": b"#!/bin/sh\n",
        "tool/data/share/tool/x.txt": b"text",
        "tool/data/doc/manual": b"text",
    },
    executable=frozenset({"tool/data/bin/helper"}),
    entry_points="[console_scripts]\ntool = tool:main\n",
)


def test_wheel_that_is_only_a_program_needs_no_python(tmp_path: Path) -> None:
    converted = convert(tmp_path, TOOL)
    record = converted.record
    assert (record.subdir, record.noarch, record.depends) == ("linux-64", "", ("__glibc >=2.17",))
    files = package_members(Path(converted.path))
    assert set(files) == {"bin/tool", "bin/helper", "share/tool/x.txt", "share/doc/manual"}
    assert (files["bin/tool"][1], files["bin/tool"][0].mode) == (NATIVE, 0o755)


def test_program_in_the_scripts_scheme_is_found_alike(tmp_path: Path) -> None:
    parts = WheelParts(name="tool", tag=f"py3-none-{PLATFORM}", files={"DATA/scripts/tool": NATIVE})
    converted = convert(tmp_path, parts)
    assert set(members(converted)) == {"bin/tool"}
    assert converted.record.depends == ("__glibc >=2.17",)


def test_command_of_the_programs_module_without_program_is_left_out(tmp_path: Path) -> None:
    parts = replace(TOOL, entry_points=f"{TOOL.entry_points}extra = tool:extra\n")
    converted = convert(tmp_path, parts)
    assert "bin/tool" in members(converted)
    assert "command-without-program" in slugs(converted)


_TELLS = "import os\nos.environ['TOOL_LIB'] = os.path.join(os.path.dirname(__file__), 'data/share')\n"
_OFFERS = (
    "import os\nos.environ.setdefault('TOOL_LIB', os.path.join(os.path.dirname(__file__), 'data/share'))\n"
)


def _told(launcher: str) -> WheelParts:
    return replace(TOOL, files={**TOOL.files, "tool/__init__.py": launcher.encode()})


@pytest.mark.parametrize(
    ("launcher", "line"),
    [
        (
            (
                "import glob, os\nROOT = os.path.join(os.path.dirname(__file__), 'data')\nENV = os.environ\n"
                "ENV['TOOL_LIB'] = glob.glob(ROOT + os.path.sep + 'share' + os.sep + '*')[0]\n"
            ),
            f"TOOL_LIB='{PLACEHOLDER}/share/tool'; export TOOL_LIB",
        ),
        (
            (
                "import os\nfrom pathlib import Path\ndef main():\n    here = Path(__file__).resolve().parent\n"
                "    env = os.environ.copy()\n"
                "    env.setdefault('TOOL_LIB', str(here / 'data' / 'share'))\n    os.execve('x', [], env)\n"
            ),
            f"test \"${{TOOL_LIB+set}}\" || TOOL_LIB='{PLACEHOLDER}/share'; export TOOL_LIB",
        ),
        (
            "import os\nos.environ['TABLE'] = os.path.join(os.path.dirname(__file__), 'data/share/tool', 'x.txt')\n",
            f"TABLE='{PLACEHOLDER}/share/tool/x.txt'; export TABLE",
        ),
        (
            (
                "import os, sys\nfrom os import environ as env\nHERE = os.path.dirname(__file__)\n"
                "def _tell():\n"
                "    if sys.platform == 'win32' or os.name != 'posix':\n        env['TOOL_LIB'] = HERE + '/data/bin'\n"
                "    elif not sys.platform.startswith('linux'):\n        return\n"
                "    else:\n        env['TOOL_LIB'] = HERE + '/data/share'\n"
                "def main():\n    _tell()\n"
            ),
            f"TOOL_LIB='{PLACEHOLDER}/share'; export TOOL_LIB",
        ),
    ],
    ids=["assigned", "default", "file", "system"],
)
def test_program_is_told_where_its_data_is_as_the_wheels_launcher_tells_it(
    tmp_path: Path, launcher: str, line: str
) -> None:
    converted = convert(tmp_path, _told(launcher))

    files = package_members(Path(converted.path))
    assert set(files) == {
        "bin/tool",
        "bin/helper",
        "libexec-conda-bridge/tool",
        "libexec-conda-bridge/helper",
        "share/tool/x.txt",
        "share/doc/manual",
    }
    assert (files["libexec-conda-bridge/tool"][1], files["libexec-conda-bridge/tool"][0].mode) == (
        NATIVE,
        0o755,
    )
    assert files["bin/tool"][0].mode == 0o755
    assert files["bin/tool"][1].decode().splitlines() == [
        "#!/bin/sh",
        line,
        f"exec '{PLACEHOLDER}/libexec-conda-bridge/tool' \"$@\"",
    ]
    assert converted.record.depends == ("__glibc >=2.17",)
    paths = {row["_path"]: row for row in info_document(Path(converted.path), "paths.json")["paths"]}
    assert paths["bin/tool"]["prefix_placeholder"] == PLACEHOLDER


@pytest.mark.parametrize(
    "launcher",
    [
        "import os, sys\nos.environ['TOOL_PYTHON'] = sys.executable\n",
        "import os\nos.environ['TOOL_LIB'] = os.path.join(os.path.dirname(__file__), 'nowhere')\n",
        "import os\nos.environ['TOOL_MODE'] = 'fast'\n",
        "import os\nother = {}\nother['TOOL_LIB'] = os.path.dirname(__file__) + '/data/share'\n",
        "import os\nos.environ['A; rm'] = os.path.dirname(__file__) + '/data/share'\n",
        "import os\nclass Web: environ = {}\nWeb.environ['TOOL_LIB'] = os.path.dirname(__file__) + '/data/share'\n",
        "import os\nos.environ['TOOL_LIB'] = 'tool/data/share'\n",
        "no python at all",
    ],
    ids=[
        "python", "nowhere", "no path", "no environment", "no variable", "other environment", "relative", "unreadable",
    ],
)  # fmt: skip
def test_launcher_that_tells_no_place_of_the_wheel_changes_nothing(tmp_path: Path, launcher: str) -> None:
    assert members(convert(tmp_path, _told(launcher)))["bin/tool"] == NATIVE


@pytest.mark.parametrize(
    "variable",
    ["PATH", "HOME", "IFS", "ENV", "TMPDIR", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "CONDA_PREFIX"],
)
def test_launcher_says_nothing_of_what_all_programs_are_run_by(tmp_path: Path, variable: str) -> None:
    assert members(convert(tmp_path, _told(_TELLS.replace("TOOL_LIB", variable))))["bin/tool"] == NATIVE


@pytest.mark.parametrize(
    "around",
    [
        "if sys.platform == 'win32':\n    {}",
        "if sys.platform in ('win32', 'cygwin'):\n    {}",
        "if 'win' in sys.platform:\n    {}",
        "if sys.platform.startswith(('win', 'darwin')) and x:\n    {}",
        "is_linux = sys.platform.startswith('linux')\nif not is_linux:\n    {}",
        "if os.name != 'nt':\n    pass\nelse:\n    {}",
        "if platform.system() == 'Windows':\n    {}",
        "def main():\n    if os.name == 'posix':\n        return\n    {}",
        "def never():\n    {}",
    ],
)
def test_what_a_launcher_never_does_here_is_not_said(tmp_path: Path, around: str) -> None:
    launcher = around.format(_TELLS.splitlines()[1])
    assert members(convert(tmp_path, _told(f"import os, platform, sys\n{launcher}\n")))["bin/tool"] == NATIVE


@pytest.mark.parametrize(
    "launcher",
    ["a = 'x'\n" + "a = a + a\n" * 3_000, "import os\na = os" + ".resolve()" * 800 + "\n"],
    ids=["doubled text", "long chain"],
)
def test_launcher_that_never_ends_is_read_in_no_time(tmp_path: Path, launcher: str) -> None:
    assert members(convert(tmp_path, _told(launcher)))["bin/tool"] == NATIVE


def test_starter_stands_for_commands_only(tmp_path: Path) -> None:
    parts = _told(_TELLS)
    own = {"tool/data/lib/own/bin/part": b"#!/bin/sh\n", "tool/data/libexec/tool": b"its own"}

    files = members(convert(tmp_path, replace(parts, files={**parts.files, **own})))

    assert files["lib/own/bin/part"] == b"#!/bin/sh\n"
    assert files["libexec/tool"] == b"its own"
    assert (files["libexec-conda-bridge/tool"], files["bin/tool"][:2]) == (NATIVE, b"#!")


@pytest.mark.parametrize(
    ("launcher", "given", "told"),
    [
        (_TELLS, {"TOOL_LIB": "mine"}, "{prefix}/share"),
        (_OFFERS, {"TOOL_LIB": "mine"}, "mine"),
        (_OFFERS, {}, "{prefix}/share"),
    ],
    ids=["assigned", "default, set", "default, not set"],
)
def test_starter_runs_nothing_of_the_prefix(
    tmp_path: Path, launcher: str, given: dict[str, str], told: str
) -> None:
    prefix = tmp_path / 'a $(touch ran) `touch ran` "\\'
    starter = members(convert(tmp_path, _told(launcher)))["bin/tool"]
    installed = starter.replace(PLACEHOLDER.encode(), str(prefix).encode())
    program = put(prefix / "bin/tool", installed, mode=0o755)
    put(prefix / "libexec-conda-bridge/tool", '#!/bin/sh\necho "$TOOL_LIB" "$@"\n', mode=0o755)

    done = subprocess.run(
        [program, "a  b"], cwd=tmp_path, env=given, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{told.format(prefix=prefix)} a  b\n"
    assert not (tmp_path / "ran").exists()


def test_program_below_the_commands_folder_is_no_command(tmp_path: Path) -> None:
    deeper = {"tool/data/lib/own/bin/sh": NATIVE}

    converted = convert(tmp_path, replace(TOOL, files={**TOOL.files, **deeper}))

    assert "lib/own/bin/sh" in members(converted)
    assert "shadowing-command" not in slugs(converted)


@pytest.mark.parametrize(
    "changed",
    [
        replace(TOOL, entry_points=f"{TOOL.entry_points}other = tool.other:main\n"),
        replace(TOOL, metadata=("Requires-Dist: idna",)),
        replace(TOOL, files={**TOOL.files, "tool/table.json": b"{}"}),
        replace(TOOL, files={**TOOL.files, "tool/big.py": b"#" * 40_000}),
        replace(TOOL, files={**TOOL.files, "tool/api.py": b"def build_wheel(x): pass\n"}),
        replace(TOOL, files={**TOOL.files, "tool/data/bin/tool": b"#!/bin/sh\n"}),
    ],
    ids=["python command", "dependency", "data", "much python", "build backend", "no program"],
)
def test_wheel_that_is_more_than_a_program_keeps_its_python(tmp_path: Path, changed: WheelParts) -> None:
    converted = convert(tmp_path, changed)
    assert converted.record.noarch == "python"
    assert "site-packages/tool/__init__.py" in members(converted)


def test_caller_decides_what_files_dont_tell(tmp_path: Path) -> None:
    more = replace(TOOL, files={**TOOL.files, "tool/table.json": b"{}"})
    assert convert(tmp_path, more, replace(LINUX, is_native_tool=True)).record.noarch == ""
    assert convert(tmp_path, TOOL, replace(LINUX, is_native_tool=False)).record.noarch == "python"


def test_tools_of_windows_go_where_conda_looks_for_them(tmp_path: Path) -> None:
    parts = WheelParts(name="tool", tag="py3-none-win_amd64", files={"DATA/scripts/tool.exe": b"MZ"})
    assert set(members(convert(tmp_path, parts, WINDOWS))) == {"Library/bin/tool.exe"}


# ---------------------------------------------------------------- dependencies and names


def hit(pypi: str, conda: str | None) -> NameHit:
    chosen = CondaName(conda) if conda else None
    return NameHit(pypi_name=PypiName(pypi), chosen=chosen, source="curated", confidence="certain")


def test_names_are_mapped_the_wheels_own_too(tmp_path: Path) -> None:
    names = NameTable(hits=(hit("demo", "python-demo"), hit("torch", "pytorch"), hit("gone", None)))
    parts = WheelParts(metadata=("Requires-Dist: torch>=2", "Requires-Dist: gone"))
    converted = convert(tmp_path, parts, names=names)
    assert converted.record.conda_name == "python-demo"
    assert converted.record.depends == ("python", "pytorch >=2")
    assert "name-dropped" in slugs(converted)


MARKERS = WheelParts(
    metadata=(
        'Requires-Dist: tomli>=1; python_version < "3.12"',
        'Requires-Dist: old; python_version < "3.9"',
        'Requires-Dist: pywin32; sys_platform == "win32"',
        'Requires-Dist: dev; extra == "dev"',
    )
)


@pytest.mark.parametrize(
    ("target", "depends"), [(LINUX, ("python", "tomli >=1")), (WINDOWS, ("python", "pywin32"))]
)
def test_markers_are_those_of_the_target(
    tmp_path: Path, target: WheelTarget, depends: tuple[str, ...]
) -> None:
    converted = convert(tmp_path, MARKERS, target)
    assert converted.record.depends == depends
    stale = [d.message for d in converted.diagnostics if d.slug == "stale-marker"]
    assert len(stale) == 3, "a noarch package installs on others, too"


def test_markers_of_a_bound_package_are_settled(tmp_path: Path) -> None:
    converted = convert(tmp_path, replace(EXTENSION, metadata=MARKERS.metadata))
    assert "stale-marker" not in slugs(converted)
    independent = replace(EXTENSION, tag=f"cp38-abi3-{PLATFORM}", metadata=MARKERS.metadata)
    stale = [d.message for d in convert(tmp_path, independent).diagnostics if d.slug == "stale-marker"]
    assert len(stale) == 2, "the platform is settled, python isn't"


def test_needed_names_are_known_from_the_metadata_alone() -> None:
    text = "Metadata-Version: 2.1\nName: De.mo\nVersion: 1\n" + "\n".join(MARKERS.metadata)
    assert needed_names(text, target=LINUX) == ("de-mo", "tomli")


EXTRAS = (
    ExtraMetadata(
        pypi_name=PypiName("server"),
        requirements=(
            "h11>=0.8",
            'loop>=1; extra == "fast" and sys_platform != "win32"',
            'server[fast]; extra == "all"',
            'plain[deep]; extra == "all"',
            'never; extra == "all" and python_version < "3"',
        ),
    ),
    ExtraMetadata(pypi_name=PypiName("plain"), requirements=('deep-one<2; extra == "deep"',)),
)


def test_extras_of_dependencies_are_merged_in(tmp_path: Path) -> None:
    parts = WheelParts(metadata=("Requires-Dist: server[ALL]>=0.12",))
    converted = convert(tmp_path, parts, extras=EXTRAS)
    assert converted.record.depends == ("python", "deep-one <2a0", "loop >=1", "plain", "server >=0.12")
    assert "extra-unknown" not in slugs(converted)
    text = "Metadata-Version: 2.1\nName: demo\nVersion: 1\nRequires-Dist: server[all]\n"
    assert needed_names(text, target=LINUX, extras=EXTRAS) == ("demo", "server", "plain", "loop", "deep-one")


def test_wheels_own_extras_are_known(tmp_path: Path) -> None:
    lines = ("Provides-Extra: x", "Requires-Dist: demo[x]", 'Requires-Dist: idna; extra == "x"')
    converted = convert(tmp_path, WheelParts(metadata=lines))
    assert "idna" in converted.record.depends


@pytest.mark.parametrize("extras", [(), EXTRAS], ids=["no metadata", "no such extra"])
def test_extra_that_nobody_explains_is_named(tmp_path: Path, extras: tuple[ExtraMetadata, ...]) -> None:
    converted = convert(tmp_path, WheelParts(metadata=("Requires-Dist: server[slow]",)), extras=extras)
    assert "extra-unknown" in slugs(converted)
    assert converted.record.depends == ("python", "server")


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("Requires-Dist: this is none", "invalid-requirement"),
        ("Requires-Dist: x @ https://example.org/x.whl", "direct-reference"),
        ("Requires-Dist: x===1.bogus+", "inexpressible-spec"),
        ("Requires-Python: three", "invalid-wheel"),
    ],
)
def test_metadata_that_cant_be_understood_is_refused(tmp_path: Path, line: str, slug: str) -> None:
    assert refused(tmp_path, WheelParts(metadata=(line,))).slug == slug


def test_local_version_is_refused(tmp_path: Path) -> None:
    """Security, row 34."""
    assert refused(tmp_path, WheelParts(version="1.0+cu118")).slug == "local-version"


def test_run_exports_come_from_the_caller(tmp_path: Path) -> None:
    exports = RunExports(weak=("demo >=1.0,<2",))
    converted = convert(tmp_path, WheelParts(), replace(LINUX, run_exports=exports))
    assert info_document(Path(converted.path), "run_exports.json") == {"weak": ["demo >=1.0,<2"]}


# ---------------------------------------------------------------- bytecode


def test_bytecode_is_unchecked_and_loads(tmp_path: Path) -> None:
    here = Target(platform="linux-64", python=PyVersion(sys.version_info[:3]))
    parts = WheelParts(files={"demo/__init__.py": b"x = 1\n", "demo/broken.py": b"print 1\n"})
    converted = convert(tmp_path, parts, WheelTarget(target=here, has_bytecode=True))
    files = members(converted)
    path = f"site-packages/demo/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    assert files[path][4:8] == b"\x01\0\0\0", "hash-based and never checked"
    module = tmp_path / "module.pyc"
    module.write_bytes(files[path])
    names: dict[str, object] = {}
    import importlib.machinery  # noqa: PLC0415 - only here

    code = importlib.machinery.SourcelessFileLoader("module", str(module)).get_code("module")
    assert code is not None
    exec(code, names)
    assert names["x"] == 1
    assert not any("broken.c" in name for name in files)
    assert path.removeprefix("site-packages/") in record_rows(converted)


def test_bytecode_of_the_wheel_stays(tmp_path: Path) -> None:
    here = Target(platform="linux-64", python=PyVersion(sys.version_info[:3]))
    path = f"demo/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    parts = WheelParts(files={"demo/__init__.py": b"x = 1\n", path: b"own"})
    converted = convert(tmp_path, parts, WheelTarget(target=here, has_bytecode=True))
    assert members(converted)[f"site-packages/{path}"] == b"own"


def test_bytecode_of_another_python_is_not_made(tmp_path: Path) -> None:
    other = Target(platform="linux-64", python=PyVersion((3, sys.version_info[1] + 1)))
    converted = convert(tmp_path, WheelParts(), WheelTarget(target=other, has_bytecode=True))
    assert not any(name.endswith(".pyc") for name in members(converted))


# ---------------------------------------------------------------- wheels that aren't what they say


@pytest.mark.parametrize("name", ["demo/x.so", "demo/libx.so.1.2", "demo/x.pyd", "x.DLL", "demo/x.dylib"])
def test_compiled_file_in_a_wheel_for_any_platform_is_refused(tmp_path: Path, name: str) -> None:
    """Security, row 40."""
    assert refused(tmp_path, WheelParts(files={name: NATIVE})).slug == "impure-wheel"


def test_wheel_for_any_platform_that_isnt_pure_is_refused(tmp_path: Path) -> None:
    """Security, row 40."""
    assert refused(tmp_path, WheelParts(is_purelib=False)).slug == "impure-wheel"


INIT = "demo/__init__.py"


@pytest.mark.parametrize(
    "record",
    [
        {INIT: f"{INIT},sha256={'A' * 43},6"},
        {INIT: None},
        {INIT: f"{INIT},,"},
        {INIT: f"{INIT},md5=AAAA,6"},
        {INIT: f"{INIT},sha256=!!,6"},
        {INIT: f"{INIT},sha256={'A' * 43},7"},
        {INIT: f"{INIT},sha256={'A' * 43}"},
        {"demo/gone.py": f"demo/gone.py,sha256={'A' * 43},1"},
        {"demo/gone.py": f"{INIT},sha256={'A' * 43},6"},
        {INIT: f'"{INIT},sha256=AAAA,6'},
    ],
    ids=["wrong", "missing", "empty", "weak", "garbled", "size", "short row", "no file", "two", "no csv"],
)
def test_record_that_isnt_true_is_refused(tmp_path: Path, record: dict[str, str | None]) -> None:
    """Security, row 41."""
    error = refused(tmp_path, WheelParts(record=record))
    assert isinstance(error, RepackError)
    assert error.slug == "record-mismatch"


def test_metadata_that_record_contradicts_is_not_believed(tmp_path: Path) -> None:
    path = "demo-1.0.dist-info/METADATA"
    parts = WheelParts(record={path: f"{path},sha256={'A' * 43},45"})
    assert refused(tmp_path, parts).slug == "record-mismatch"


@pytest.mark.parametrize("name", ["demo.pth", "sitecustomize.py", "usercustomize/__init__.py"])
def test_file_that_runs_at_every_start_is_named(tmp_path: Path, name: str) -> None:
    """Security, row 42."""
    converted = convert(tmp_path, WheelParts(files={name: b"import demo\n"}))
    found = [d.origin for d in converted.diagnostics if d.slug == "startup-file"]
    assert found == [name]


def test_pth_file_inside_a_package_is_nothing_special(tmp_path: Path) -> None:
    assert "startup-file" not in slugs(convert(tmp_path, WheelParts(files={"demo/x.pth": b""})))


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_incomplete_dist_info_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, WheelParts(without=frozenset({name}))).slug == "invalid-wheel"


@pytest.mark.parametrize(
    "files",
    [
        {"other-1.0.dist-info/METADATA": b"Name: other\n"},
        {"INFO/METADATA": b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"},
        {"INFO/METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.1\n"},
        {"INFO/METADATA": b"\xff"},
        {"INFO/WHEEL": b"Wheel-Version: 2.0\nRoot-Is-Purelib: true\n"},
        {"INFO/WHEEL": b"Root-Is-Purelib: true\n"},
    ],
    ids=["two folders", "other name", "other version", "no UTF-8", "format 2", "no format"],
)
def test_wheel_that_contradicts_itself_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    assert refused(tmp_path, WheelParts(files=files)).slug == "invalid-wheel"


@pytest.mark.parametrize(
    "name", ["demo.whl", "demo-1.0-py3-none.whl", "demo-x-py3-none-any.whl", "demo-1.0.zip"]
)
def test_file_that_is_called_no_wheel_is_refused(tmp_path: Path, name: str) -> None:
    path = write_wheel(tmp_path, WheelParts()).rename(tmp_path / name)
    with pytest.raises(RepackError) as caught:
        wheel_to_conda(str(path), str(tmp_path), target=LINUX, names=NameTable())
    assert caught.value.slug == "invalid-wheel"


def test_dist_info_of_another_version_is_refused(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, WheelParts()).rename(tmp_path / "demo-1.1-py3-none-any.whl")
    with pytest.raises(RepackError) as caught:
        wheel_to_conda(str(path), str(tmp_path), target=LINUX, names=NameTable())
    assert caught.value.slug == "invalid-wheel"


def test_unnormalised_folder_is_taken(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, WheelParts(name="De.Mo", version="1.0.0"))
    (tmp_path / "out").mkdir()
    renamed = path.rename(tmp_path / "de_mo-1.0-py3-none-any.whl")
    converted = wheel_to_conda(str(renamed), str(tmp_path / "out"), target=LINUX, names=NameTable())
    assert (converted.record.conda_name, converted.record.version) == ("de-mo", "1.0")


def test_link_in_a_wheel_is_refused(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, WheelParts())
    member = zipfile.ZipInfo("demo/link")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, "__init__.py")
    with pytest.raises(SourceError) as caught:
        wheel_to_conda(str(path), str(tmp_path), target=LINUX, names=NameTable())
    assert caught.value.slug == "unsafe-archive"


def test_damaged_member_is_refused(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, WheelParts(files={"demo/__init__.py": bytes(range(256)) * 40}))
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(BridgeError) as caught:
        wheel_to_conda(str(path), str(tmp_path), target=LINUX, names=NameTable())
    assert caught.value.slug in {"broken-archive", "record-mismatch", "unsafe-archive"}
    assert not list(tmp_path.glob("*.conda"))
    assert not list(tmp_path.glob(".*"))


def test_missing_wheel_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        wheel_to_conda(str(tmp_path / "a-1-py3-none-any.whl"), str(tmp_path), target=LINUX, names=NameTable())
    assert caught.value.slug == "unreadable-source"


def test_about_has_no_links_that_arent_pages(tmp_path: Path) -> None:
    converted = convert(tmp_path, WheelParts(metadata=("Home-page: javascript:alert(1)",)))
    assert "home" not in json.dumps(info_document(Path(converted.path), "about.json"))


# ---------------------------------------------------------------- metadata of strangers


@pytest.mark.parametrize(
    "line",
    [
        f"Requires-Dist: part; {'(' * 5000}os_name == 'x'{')' * 5000}",
        f"Requires-Dist: part >={'9' * 5000}",
        f"Requires-Python: >={'9' * 5000}",
        f"Requires-Python: !={'9' * 5000}",
    ],
)
def test_metadata_that_nobody_can_read_is_refused(tmp_path: Path, line: str) -> None:
    assert refused(tmp_path, WheelParts(metadata=(line,))).slug in {"invalid-requirement", "invalid-wheel"}


def test_marker_without_meaning_is_refused_for_one_machine(tmp_path: Path) -> None:
    parts = WheelParts(metadata=('Requires-Dist: part; os_name ~= "1"',))
    target = replace(LINUX, markers=(("os_name", "posix"),))
    assert refused(tmp_path, parts, target).slug == "invalid-requirement"


def test_metadata_of_an_endless_version_is_refused(tmp_path: Path) -> None:
    text = f"Metadata-Version: 2.1\nName: demo\nVersion: {'9' * 5000}\n".encode()
    error = refused(tmp_path, WheelParts(files={"INFO/METADATA": text}))
    assert error.slug == "invalid-wheel"


def test_own_extra_is_flattened_into_the_package(tmp_path: Path) -> None:
    parts = WheelParts(
        metadata=(
            "Provides-Extra: all",
            "Requires-Dist: demo[all]",
            "Requires-Dist: part; extra == 'all'",
        )
    )
    assert convert(tmp_path, parts).record.depends[1:] == ("part",)


def test_what_an_extra_requires_of_the_project_itself_is_no_dependency(tmp_path: Path) -> None:
    parts = WheelParts(metadata=("Requires-Dist: base[fast]",))
    base = ExtraMetadata(pypi_name=PypiName("base"), requirements=("demo>=1; extra == 'fast'",))
    assert convert(tmp_path, parts, extras=(base,)).record.depends[1:] == ("base",)


# ---------------------------------------------------------------- what stands in the way of others


@pytest.mark.parametrize(
    "path",
    [
        "lib/python3.11/site-packages/pip/__init__.py",
        "Lib/site-packages/pip/__init__.py",
        "lib/os.py",
        "lib64/python3/x",
        "ssl/cert.pem",
    ],
)
def test_data_in_the_places_of_python_and_of_trust_is_refused(tmp_path: Path, path: str) -> None:
    assert refused(tmp_path, WheelParts(files={f"DATA/data/{path}": b"x"})).slug == "unsafe-data-file"


def test_data_beside_the_modules_of_one_python_stays(tmp_path: Path) -> None:
    files = {**EXTENSION.files, "DATA/data/lib/python3.11/site-packages/demo/table": b"x"}
    found = members(convert(tmp_path, replace(EXTENSION, files=files)))
    assert found["lib/python3.11/site-packages/demo/table"] == b"x"


@pytest.mark.parametrize("path", ["lib/python3.11/os.py", "lib/libpython3.11.so.1.0"])
def test_data_over_the_library_of_one_python_is_refused(tmp_path: Path, path: str) -> None:
    files = {**EXTENSION.files, f"DATA/data/{path}": b"x"}
    assert refused(tmp_path, replace(EXTENSION, files=files)).slug == "unsafe-data-file"


@pytest.mark.parametrize(
    "parts",
    [
        WheelParts(files={"DATA/data/bin/bash": b"#!/bin/sh\n"}),
        WheelParts(files={"DATA/scripts/x86_64-conda-linux-gnu-cc": b"#!python\n"}),
        WheelParts(entry_points="[console_scripts]\ngcc = demo:main\n"),
        replace(EXTENSION, entry_points="[console_scripts]\nwheel = demo:main\n"),
        WheelParts(tag="py3-none-manylinux2014_x86_64", files={"DATA/scripts/sh": NATIVE}, is_purelib=False),
    ],
)
def test_command_that_shadows_a_tool_of_builds_is_noticed(tmp_path: Path, parts: WheelParts) -> None:
    assert "shadowing-command" in slugs(convert(tmp_path, parts))


def test_project_may_use_its_own_name_for_a_command(tmp_path: Path) -> None:
    parts = WheelParts(name="wheel", entry_points="[console_scripts]\nwheel = demo:main\n")
    assert "shadowing-command" not in slugs(convert(tmp_path, parts))
