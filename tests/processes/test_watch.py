"""Who notices that a disk fills while a child works."""

import shutil
import sys
from pathlib import Path

import pytest

from conda_bridge.errors import EngineError
from conda_bridge.processes.watch import SpaceWatch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a system that says what is free")


def test_full_disk_is_a_failure_that_names_the_folder(tmp_path: Path) -> None:
    watch = SpaceWatch(folders=(str(tmp_path),), least_free_bytes=shutil.disk_usage(tmp_path).total + 1)

    with pytest.raises(EngineError, match=str(tmp_path)) as caught:
        watch.look()

    assert caught.value.slug == "disk-full"


def test_folder_that_is_gone_and_one_with_space_are_none(tmp_path: Path) -> None:
    SpaceWatch(folders=(str(tmp_path / "gone"), str(tmp_path)), least_free_bytes=1).look()
