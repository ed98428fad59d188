"""Packages made of wheels are installed by rattler, imported and run."""

import csv
import hashlib
import subprocess
import sys
from base64 import urlsafe_b64encode
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.condition import Target
from conda_bridge.model.names import CondaName, NameTable
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker
from conda_bridge.repack.to_conda.wheel_to_conda import WheelTarget, wheel_to_conda
from support.wheels import WheelParts, write_wheel

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(sys.platform != "linux", reason="the handmade python is a shell script for Linux"),
]
pytest.importorskip("rattler", reason="py-rattler is missing")

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
CP = f"cp{sys.version_info[0]}{sys.version_info[1]}"
SITE = f"lib/python{MINOR}/site-packages"
TARGET = WheelTarget(
    target=Target(platform="linux-64", python=PyVersion(sys.version_info[:3])), has_bytecode=True
)
# The interpreter that runs the tests, with the modules of the environment that this script lies in.
PYTHON = f"""#!/bin/sh
PYTHONPATH="$(dirname "$0")/../{SITE}" exec {sys.executable} -S "$@"
"""
MAIN = b"def main():\n    print('called', __file__)\n"
COMMANDS = "[console_scripts]\n{0} = {0}:main\n"
MADE = (
    WheelParts(
        name="bound",
        tag=f"{CP}-{CP}-manylinux1_x86_64",
        files={
            "bound.py": MAIN,
            "DATA/scripts/bound-script": b"#!python\nimport bound, sys\nprint(sys.argv[0])\n",
            "DATA/data/share/bound/data.txt": b"data",
        },
        entry_points=COMMANDS.format("bound"),
        is_purelib=False,
    ),
    WheelParts(
        name="stable",
        tag="cp38-abi3-manylinux1_x86_64",
        files={
            "stable.py": MAIN,
            "DATA/scripts/stable-script": b"#!python\nimport stable, sys\nprint(sys.argv[0])\n",
        },
        entry_points=COMMANDS.format("stable"),
        is_purelib=False,
        metadata=("Requires-Dist: bound",),
    ),
    WheelParts(name="removed", files={"removed/__init__.py": MAIN}, entry_points=COMMANDS.format("removed")),
    WheelParts(
        name="program",
        tag="py3-none-manylinux1_x86_64",
        files={"program/__init__.py": MAIN, "program/data/bin/program": Path("/bin/true").read_bytes()},
        entry_points=COMMANDS.format("program"),
        is_purelib=False,
    ),
)


def bundled_wheels() -> list[Path]:
    spec = find_spec("ensurepip")
    folder = Path(spec.origin).parent / "_bundled" if spec and spec.origin else Path("/nowhere")
    return sorted(folder.glob("*.whl"))


def add_python(channel: Path) -> None:
    python = PackageRecord(
        conda_name=CondaName("python"),
        version=".".join(map(str, sys.version_info[:3])),
        build="0_cpython",
        subdir="linux-64",
        depends=(f"python_abi {MINOR}.* *_{CP}",),
        python_site_packages_path=SITE,
    )
    files = [
        PackedFile(path=f"bin/python{MINOR}", content=PYTHON.encode(), mode=0o755),
        PackedFile(path="bin/python", link=f"python{MINOR}"),
    ]
    write_conda(str(channel / f"linux-64/{python.stem}.conda"), python, files)
    abi = PackageRecord(
        conda_name=CondaName("python_abi"), version=MINOR, build=f"8_{CP}", build_number=8, noarch="generic"
    )
    write_conda(str(channel / f"noarch/{abi.stem}.conda"), abi, [])


def add_wheel(channel: Path, wheel: Path) -> str:
    converted = wheel_to_conda(str(wheel), str(channel), target=TARGET, names=NameTable())
    Path(converted.path).rename(channel / converted.record.subdir / Path(converted.path).name)
    return converted.record.conda_name


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment of all of these packages."""
    root = tmp_path_factory.mktemp("installed")
    channel = root / "channel"
    for name in ("noarch", "linux-64"):
        (channel / name).mkdir(parents=True)
    add_python(channel)
    bundled = bundled_wheels()
    if not bundled:
        pytest.skip("the interpreter has no ensurepip with wheels")
    wheels = [*bundled, *(write_wheel(root, parts) for parts in MADE)]
    specs = ["python", *(add_wheel(channel, wheel) for wheel in wheels)]
    place = WorkerPlace(writable=(str(root),))
    run_worker(
        WorkerRequest(operation="index", arguments={"folder": str(channel)}), place=place, timeout_s=100
    )
    prefix = root / "prefix"
    arguments = {"channels": [channel.as_uri()], "specs": specs, "subdir": "linux-64", "prefix": str(prefix)}
    run_worker(WorkerRequest(operation="install", arguments=arguments), place=place, timeout_s=100)
    return prefix


def said(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pip_runs_from_the_environment(prefix: Path) -> None:
    assert str(prefix / SITE) in said(prefix / "bin/pip", "--version")


def test_dependencies_are_complete(prefix: Path) -> None:
    assert "No broken requirements" in said(prefix / "bin/python", "-m", "pip", "check")


@pytest.mark.parametrize("name", ["bound", "stable"])
def test_commands_and_scripts_run(prefix: Path, name: str) -> None:
    assert said(prefix / "bin" / name) == f"called {prefix}/{SITE}/{name}.py\n"
    script = prefix / "bin" / f"{name}-script"
    assert said(script).strip() == str(script)


def test_program_runs_without_its_python(prefix: Path) -> None:
    said(prefix / "bin/program")
    assert not (prefix / SITE / "program").exists()


def test_data_lies_in_the_prefix(prefix: Path) -> None:
    assert (prefix / "share/bound/data.txt").read_text() == "data"


def test_record_of_each_project_is_true(prefix: Path) -> None:
    site = prefix / SITE
    records = sorted(site.glob("*.dist-info/RECORD"))
    assert len(records) >= 4
    for record in records:
        with record.open(newline="") as file:
            for path, digest, size in csv.reader(file):
                content = (site / path).read_bytes()
                if digest:
                    found = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                    assert (digest, size) == (f"sha256={found}", str(len(content))), path


def test_bytecode_that_was_packed_is_what_python_loads(prefix: Path) -> None:
    code = "import pip, importlib.util as u; print(open(u.cache_from_source(pip.__file__), 'rb').read()[4])"
    assert said(prefix / "bin/python", "-c", code).strip() == "1"


def test_project_that_is_removed_by_pip_leaves_nothing(prefix: Path) -> None:
    """RECORD names the command that the installer made, too."""
    assert (prefix / "bin/removed").exists()
    said(prefix / "bin/python", "-m", "pip", "uninstall", "-y", "removed")
    left = [path for path in prefix.rglob("*removed*") if "conda-meta" not in path.parts]
    assert not left
