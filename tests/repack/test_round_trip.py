"""A wheel that goes to conda and comes back is the same in all that its project made."""

import zipfile
from pathlib import Path

import pytest

from conda_bridge.model.names import NameTable
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.repackaging import WheelMade, WheelSetting
from conda_bridge.protocols import SilentReporter
from conda_bridge.repack.to_conda.wheel_to_packages import PackageSetting, wheel_to_packages
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.workflows.conda import CondaOptions, conda
from conda_bridge.workflows.services import name_source, services_of
from conda_bridge.workflows.wheel_sources import find_wheel
from support.wheels import WheelParts, write_wheel

OWN = ("RECORD", "WHEEL")
PARTS = WheelParts(
    name="Demo-Project",
    files={
        "demo/__init__.py": b"x = 1\n",
        "demo/data/ä.txt": "ä\n".encode(),
        "demo/run.sh": b"#!/bin/sh\n",
        "demo/nothing.py": b"",
        "INFO/licenses/LICENSE": b"free\n",
        "INFO/top_level.txt": b"demo\n",
        "DATA/data/share/demo/x.txt": b"data",
        "DATA/data/etc/demo.conf": b"[demo]\n",
        "DATA/scripts/demo-tool": b"#!python\nprint(1)\n",
        "DATA/scripts/demo-crlf": b"#!python -u\r\nprint(1)\r\n",
    },
    executable=frozenset({"demo/run.sh"}),
    entry_points="[console_scripts]\ndemo = demo:main [color]\n\n[demo.plugins]\na = demo:a\n",
    metadata=(
        "Requires-Python: >=3.8",
        "Summary: A demo",
        'Requires-Dist: colorama ; sys_platform == "win32"',
        "Requires-Dist: tomli>=1; python_version < '3.11'",
        "Provides-Extra: color",
        'Requires-Dist: rich; extra == "color"',
        "License-File: LICENSE",
    ),
)


def back(folder: Path, parts: WheelParts = PARTS) -> tuple[Path, list[WheelMade]]:
    wheel = write_wheel(folder, parts)
    packages = wheel_to_packages(str(wheel), str(folder), setting=PackageSetting(level=1), names=NameTable())
    made = []
    for number, package in enumerate(packages):
        out = folder / str(number)
        out.mkdir()
        setting = WheelSetting(allows_gated=True)
        made.append(
            conda_to_wheel(package.path, str(out), setting=setting, names=name_source(RecipeOptions()))
        )
    return wheel, made


def members(wheel: str | Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        names = [one for one in archive.namelist() if one.rpartition("/")[2] not in OWN]
        # The folder's name is normalised; that of the wheel's maker need not be.
        return {name.lower().replace("-project", "_project"): archive.read(name) for name in names}


def test_each_package_gives_the_wheel_back(tmp_path: Path) -> None:
    wheel, made = back(tmp_path)
    assert len(made) == 4
    for one in made:
        assert members(one.path) == members(wheel)
        assert Path(one.path).name == wheel.name.lower()


def test_metadata_without_requires_python_stays_as_it_is(tmp_path: Path) -> None:
    wheel, made = back(tmp_path, WheelParts())
    assert members(made[0].path) == members(wheel)


def test_pythons_that_only_markers_tell_apart_are_no_requires_python(tmp_path: Path) -> None:
    markers = ("Requires-Dist: tomli; python_version < '3.11'", "Requires-Dist: a; sys_platform == 'win32'")
    wheel, made = back(tmp_path, WheelParts(metadata=markers))
    assert len(made) == 4
    for one in made:
        assert members(one.path) == members(wheel)


def test_pythons_that_only_the_tag_tells_are_kept(tmp_path: Path) -> None:
    marker = "Requires-Dist: tomli; python_version < '3.11'"
    _, made = back(tmp_path, WheelParts(tag="py36-none-any", metadata=(marker,)))
    said = {line for one in made for line in _metadata(one.path) if line.startswith("Requires-Python")}
    assert said == {"Requires-Python: >=3.6,<3.11", "Requires-Python: >=3.11a0"}


def _metadata(wheel: str) -> list[str]:
    text = next(content for name, content in members(wheel).items() if name.endswith("metadata"))
    return text.decode().splitlines()


def test_modes_come_back(tmp_path: Path) -> None:
    _, made = back(tmp_path)
    with zipfile.ZipFile(made[0].path) as archive:
        modes = {one.filename: one.external_attr >> 16 & 0o777 for one in archive.infolist()}
    assert modes["demo/run.sh"] == 0o755
    assert modes["demo/__init__.py"] == 0o644


@pytest.mark.network
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("requirement", "packages"),
    [("pytest==8.3.4", 4), ("jsonpointer==3.0.0", 1), ("exceptiongroup==1.2.2", 1), ("build==1.2.2", 10)],
)
def test_wheels_of_the_index_come_back(requirement: str, packages: int, tmp_path: Path) -> None:
    services = services_of(RecipeOptions(), SilentReporter())
    wheel = find_wheel(requirement, services.fetcher).path
    (result,) = conda(
        [requirement], options=CondaOptions(output_dir=str(tmp_path), level=3), services=services
    )
    assert len(result.packages) == packages
    for number, package in enumerate(result.packages):
        out = tmp_path / str(number)
        out.mkdir()
        setting = WheelSetting(allows_gated=True)
        made = conda_to_wheel(package.path, str(out), setting=setting, names=services.names)
        assert members(made.path) == members(wheel)
