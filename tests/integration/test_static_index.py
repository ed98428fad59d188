"""The static index as pip uses it: from the disk, with what else is needed from PyPI."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conda_bridge.model.options import NetworkOptions, RecipeOptions, WheelOptions
from conda_bridge.sources.pip_config import read_pip_settings
from conda_bridge.workflows.wheel import wheels
from conda_bridge.workflows.wheel_index import WheelIndex
from support.wheels import WheelParts, write_wheel

_CONVERT = "convert/"
_PROJECTS = ("requests", "charset-normalizer", "tqdm", "archspec", "packaging")
"""Commands of three of them are run; the dependencies of two come from PyPI."""
_COMMANDS = (("normalizer", "--version"), ("tqdm", "--version"), ("archspec", "--help"))


def python_of(folder: Path) -> Path:
    """Make a virtual environment, and return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def pip(python: Path, *arguments: str) -> str:
    # The machine's other indexes may have the same versions.
    elsewhere = {"PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"}
    environment = {key: value for key, value in os.environ.items() if key not in elsewhere}
    done = subprocess.run(
        [str(python), "-m", "pip", *arguments, "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PIP_CONFIG_FILE": os.devnull},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_pip_reads_the_metadata_beside_the_wheel_and_heeds_requires_python(tmp_path: Path) -> None:
    index = WheelIndex(str(tmp_path / "simple"))
    offered = (
        WheelParts(
            name="Demo.App", version="1.0", metadata=("Requires-Python: >=3.8", "Requires-Dist: needed")
        ),
        WheelParts(name="Demo.App", version="2.0", metadata=("Requires-Python: >=4",)),
        WheelParts(name="needed", version="1.0+local", files={"needed.py": b""}),
    )
    for parts in offered:
        index.add(str(write_wheel(tmp_path, parts)))
    python = python_of(tmp_path / "env")

    pip(python, "install", "--index-url", index.url, "demo-app")

    installed = pip(python, "list", "--format", "freeze")
    assert "Demo.App==1.0" in installed
    assert "needed==1.0+local" in installed


@pytest.mark.network
@pytest.mark.slow
def test_real_packages_are_installed_from_the_index_and_their_commands_run(
    tmp_path: Path, test_data_dir: Path
) -> None:
    folder = test_data_dir / "conda-packages"
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row["file"] for row in csv.DictReader(file, delimiter="\t") if row["kind"] == "convert"]
    packages = [row for row in rows if row.removeprefix(_CONVERT).rsplit("-", 2)[0] in _PROJECTS]
    options = WheelOptions(
        recipe=RecipeOptions(network=NetworkOptions(offline=True, cache_dir=str(tmp_path / "cache"))),
        output_dir="",
        index_dir=str(tmp_path / "simple"),
    )
    results = list(wheels([str(folder / row) for row in packages], options=options))
    assert [result.error for result in results] == [None] * len(_PROJECTS)
    pypi = (read_pip_settings(os.environ).index_urls or ("https://pypi.org/simple",))[0]
    ours = WheelIndex(options.index_dir).url
    python = python_of(tmp_path / "env")
    pinned = [f"{result.made.pypi_name}=={result.made.version}" for result in results if result.made]

    pip(python, "install", "--index-url", ours, "--no-deps", *pinned)
    pip(python, "install", "--index-url", ours, "--extra-index-url", pypi, *pinned)

    report = pip(python, "list", "--format", "freeze")
    assert all(pin.lower() in report.lower() for pin in pinned)
    assert "idna==" in report
    assert "No broken requirements" in pip(python, "check")
    for command, *arguments in _COMMANDS:
        done = subprocess.run([str(python.parent / command), *arguments], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    site_packages = next((tmp_path / "env").rglob("site-packages"))
    generators = [path.read_text() for path in site_packages.glob("*.dist-info/WHEEL")]
    assert len([text for text in generators if "conda-bridge" in text]) == len(_PROJECTS)
