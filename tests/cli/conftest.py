"""What every test of the command line needs: a working directory of its own and a small source."""

import json
import os
from pathlib import Path

import pytest

from conda_bridge.cli.main import run
from support.archives import write_tar_gz
from support.cli_runs import MakeSdist, Outcome, RunCli

__all__: list[str] = []

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"
description = {quoted}
requires-python = ">=3.9"
license = "MIT"
license-files = ["LICENSE"]
dependencies = ["requests>=2", "colorama; os_name == 'nt'"]
urls = {{ Homepage = "https://demo.example" }}
"""

PKG_INFO = """\
Metadata-Version: 2.4
Name: {name}
Version: 1.0
Summary: {summary}
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.9
Requires-Dist: {requires}
Requires-Dist: colorama; os_name == "nt"
Project-URL: Homepage, https://demo.example
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory; nobody's configuration and cache are in reach."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith(("CONDA_BRIDGE_", "PIP_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("CONDA_BRIDGE_ASK_CHANNELS", "no")
    return folder


@pytest.fixture
def cli(work: Path, capsys: pytest.CaptureFixture[str]) -> RunCli:
    """Run a command line in this process."""

    def run_cli(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = run(arguments)
        captured = capsys.readouterr()
        return Outcome(status=status, out=captured.out, err=captured.err)

    assert work.is_dir()
    return run_cli


@pytest.fixture
def make_sdist(work: Path) -> MakeSdist:
    """Write `<name>-1.0.tar.gz` into the working directory."""

    def make(
        name: str = "demo",
        *,
        summary: str = "A demonstration",
        folder: str = ".",
        requires: str = "requests>=2",
    ) -> Path:
        pyproject = PYPROJECT.format(name=name, quoted=json.dumps(summary))
        pkg_info = PKG_INFO.format(name=name, summary=summary, requires=requires)
        top = f"{name}-1.0"
        (work / folder).mkdir(exist_ok=True)
        return write_tar_gz(
            work / folder / f"{top}.tar.gz",
            {
                f"{top}/PKG-INFO": pkg_info,
                f"{top}/pyproject.toml": pyproject,
                f"{top}/LICENSE": "MIT License\n",
                f"{top}/src/{name}/__init__.py": "",
            },
        )

    return make
