"""Temporary folders: whose owner lives is left alone, whose was killed goes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conda_bridge.processes.scratch import scratch_folder

OWNER = """\
import sys, time
from conda_bridge.processes.scratch import scratch_folder
with scratch_folder("test") as folder:
    (folder / "content").touch()
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def start_owner(temporary: Path) -> "tuple[subprocess.Popen[str], Path]":
    """Return a process and its folder, which looks older than it is."""
    environment = {**os.environ, "TMPDIR": str(temporary)}
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout
    folder = Path(owner.stdout.readline().strip())
    os.utime(folder / ".lock", (1, 1))
    return owner, folder


def end(owner: "subprocess.Popen[str]") -> None:
    owner.kill()
    owner.communicate()


def test_folder_is_gone_afterwards(temporary: Path) -> None:
    with scratch_folder("test") as folder:
        assert folder.is_dir()

    assert [*temporary.iterdir()] == []


def test_folder_of_a_killed_process_is_removed(temporary: Path) -> None:
    owner, folder = start_owner(temporary)
    end(owner)
    assert (folder / "content").exists()

    with scratch_folder("test") as own:
        assert [*temporary.iterdir()] == [own]


def test_folder_of_who_was_killed_at_once_is_removed(temporary: Path) -> None:
    old, new = temporary / "conda-bridge-test-old", temporary / "conda-bridge-test-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (1, 1))

    with scratch_folder("test") as own:
        assert sorted(temporary.iterdir()) == sorted([new, own])


def test_folder_of_a_living_process_stays(temporary: Path) -> None:
    owner, folder = start_owner(temporary)
    try:
        with scratch_folder("test"):
            assert (folder / "content").exists()
    finally:
        end(owner)


def test_folders_without_our_lock_or_for_another_purpose_stay(temporary: Path) -> None:
    others = [temporary / "conda-bridge-test-mine", temporary / "conda-bridge-other-1"]
    for other in others:
        other.mkdir()
    (others[0] / "content").touch()
    (others[1] / ".lock").touch()
    for old in (others[0], others[1] / ".lock"):
        os.utime(old, (1, 1))

    with scratch_folder("test"):
        assert all(other.exists() for other in others)
