"""rattler finds the one package of a wheel that fits a system and a python, installs it, and its commands run."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName, NameTable
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker
from conda_bridge.repack.to_conda.wheel_to_packages import PackageSetting, wheel_to_packages
from support.rattler_channels import solve_with_rattler
from support.wheels import WheelParts, write_wheel

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler") is None, reason="py-rattler is missing"),
]

PYTHONS = ("3.8.19", "3.9.7", "3.10.14", "3.11.0rc1", "3.11.0", "3.12.3", "3.14.0")
NEEDED = ("colorama", "pexpect", "tomli")
WHEEL = WheelParts(
    files={"demo/__init__.py": b"def main():\n    print('called')\n"},
    entry_points="[console_scripts]\ndemo = demo:main [color]\n",
    metadata=(
        "Requires-Python: >=3.8,!=3.9.*",
        'Requires-Dist: colorama; sys_platform == "win32"',
        'Requires-Dist: pexpect; sys_platform != "win32"',
        'Requires-Dist: tomli>=1; python_version < "3.11"',
        'Requires-Dist: pysocks>=1.5; extra == "socks"',
        "Provides-Extra: socks",
    ),
)


def plain(folder: Path, name: str, version: str) -> str:
    record = PackageRecord(
        conda_name=CondaName(name),
        version=version,
        build="0",
        noarch="generic",
        timestamp_ms=1_700_000_000_000,
    )
    write_conda(str(folder / f"{record.stem}.conda"), record, ())
    return str(folder / f"{record.stem}.conda")


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a channel with the packages of a wheel, and with all that they need."""
    root = tmp_path_factory.mktemp("solved")
    made = wheel_to_packages(
        str(write_wheel(root, WHEEL)), str(root), setting=PackageSetting(level=1), names=NameTable()
    )
    paths = [one.path for one in made]
    paths += [plain(root, "python", version) for version in PYTHONS]
    paths += [plain(root, name, "2.0") for name in NEEDED]
    LocalChannel(str(root / "channel")).publish(paths)
    return root / "channel"


@pytest.mark.parametrize("platform", ["linux-64", "osx-arm64", "win-64"])
@pytest.mark.parametrize("python", [one for one in PYTHONS if not one.startswith("3.9")])
def test_the_solver_takes_the_case_that_fits(platform: str, python: str, channel: Path) -> None:
    found = solve_with_rattler(channel, "demo", f"python =={python}", platform=platform)
    names = {path.partition("/")[2].rsplit("-", 2)[0] for path in found}
    wanted = {"colorama"} if platform == "win-64" else {"pexpect"}
    wanted |= {"tomli"} if python.startswith(("3.8", "3.10")) else set()
    assert names == {"demo", "python", *wanted}


def test_the_solver_finds_none_where_the_project_installs_nowhere(channel: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        solve_with_rattler(channel, "demo", "python ==3.9.7", platform="linux-64")


@pytest.mark.skipif(sys.platform != "linux", reason="the channel's python is for Linux")
def test_the_package_that_fits_is_installed_with_its_command(channel: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    arguments = {
        "channels": [channel.as_uri()],
        "specs": ["demo", "python ==3.10.14"],
        "subdir": "linux-64",
        "prefix": str(prefix),
    }
    run_worker(
        WorkerRequest(operation="install", arguments=arguments),
        place=WorkerPlace(readable=(str(channel),), writable=(str(tmp_path),)),
        timeout_s=100,
    )
    site = prefix / "lib/python3.10/site-packages"
    assert (site / "demo/__init__.py").is_file()
    script = (prefix / "bin/demo").read_text().partition("\n")[2]
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert said.stdout == "called\n"
