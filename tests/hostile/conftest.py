"""What every hostile input is tried on: the command line, in a folder of its own."""

import os
from pathlib import Path

import pytest

from conda_bridge.cli.main import run
from support.cli_runs import Outcome
from support.hostile import SECRET, Laboratory

__all__: list[str] = []


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Laboratory:
    """A laboratory; nobody's configuration, cache and credentials are in reach."""

    def run_cli(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = run(arguments)
        captured = capsys.readouterr()
        return Outcome(status=status, out=captured.out, err=captured.err)

    for name in [name for name in os.environ if name.startswith(("CONDA_BRIDGE_", "PIP_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("TOKEN", SECRET)
    laboratory = Laboratory(tmp_path, run_cli)
    laboratory.work.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(laboratory.work)
    return laboratory
