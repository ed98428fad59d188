"""The PATH of builds has what scripts may count on, and no compiler, interpreter or build tool."""

import os
import shutil
from pathlib import Path

from conda_bridge.processes.minimal_path import PROGRAMS, minimal_path


def test_programs_of_this_machine_are_linked(tmp_path: Path) -> None:
    folder = minimal_path(str(tmp_path / "bin"))

    for name in ("bash", "sh", "env", "sed", "tar"):
        assert os.access(Path(folder, name), os.X_OK)


def test_what_recipes_must_ask_for_is_not_there() -> None:
    forbidden = {
        "gcc",
        "cc",
        "g++",
        "ld",
        "make",
        "cmake",
        "git",
        "python",
        "python3",
        "perl",
        "curl",
        "patch",
    }

    assert not forbidden & set(PROGRAMS)


def test_program_that_is_missing_is_left_out(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    shutil.copy(shutil.which("true") or "/bin/true", there / "true")

    folder = minimal_path(str(tmp_path / "bin"), searched=(str(there),))

    assert [path.name for path in Path(folder).iterdir()] == ["true"]


def test_filled_folder_can_be_filled_again(tmp_path: Path) -> None:
    first = sorted(Path(minimal_path(str(tmp_path))).iterdir())

    assert sorted(Path(minimal_path(str(tmp_path))).iterdir()) == first
