"""Who works where, one at a time, and what is left of the dead."""

from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError
from conda_bridge.processes.work_folders import WorkFolders


def test_folder_is_lent_empty_in_the_tree_and_removed(tmp_path: Path) -> None:
    folders = WorkFolders(str(tmp_path), "channel")

    with folders.lent("click") as folder:
        assert Path(folder).is_relative_to(folders.tree)
        assert list(Path(folder).iterdir()) == []
        (Path(folder) / "out").mkdir()
        (Path(folder) / "out").chmod(0o555)

    assert not Path(folder).exists()
    assert folder == folders.path("click") == WorkFolders(str(tmp_path), "channel").path("click")
    assert folder != WorkFolders(str(tmp_path), "other").path("click")


def test_second_one_waits_and_gives_up(tmp_path: Path) -> None:
    second = WorkFolders(str(tmp_path), "channel", lock_timeout_s=0.01)

    with (
        WorkFolders(str(tmp_path), "channel").lent("click"),
        pytest.raises(BridgeError) as caught,
        second.lent("click"),
    ):
        pass

    assert caught.value.slug == "work-locked"


def test_what_the_dead_left_is_removed_and_the_work_of_the_living_is_not(tmp_path: Path) -> None:
    folders = WorkFolders(str(tmp_path), "channel")
    with folders.lent("dead") as dead, folders.lent("alive") as alive:
        pass
    (Path(dead) / "out").mkdir(parents=True)

    with folders.lent("alive"), WorkFolders(str(tmp_path), "channel").lent("third"):
        assert Path(alive).exists()
        assert not Path(dead).exists()


def test_link_in_the_tree_leads_nobody_astray(tmp_path: Path) -> None:
    (tmp_path / "mine/click").mkdir(parents=True)
    folders = WorkFolders(str(tmp_path / "cache"), "channel")
    with folders.lent("click") as folder:
        pass
    Path(folder).parent.rmdir()
    Path(folder).parent.symlink_to(tmp_path / "mine")

    with folders.lent("click") as folder:
        assert Path(folder).resolve() == Path(folder)

    assert (tmp_path / "mine/click").exists()


def test_folder_is_not_removed_where_a_build_has_a_link_lead(tmp_path: Path) -> None:
    (tmp_path / "mine/click").mkdir(parents=True)

    with WorkFolders(str(tmp_path / "cache"), "channel").lent("click") as folder:
        Path(folder).parent.rename(tmp_path / "cache/build/away")
        Path(folder).parent.symlink_to(tmp_path / "mine")

    assert (tmp_path / "mine/click").exists()


def test_place_that_can_not_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "build-locks").write_text("a file")

    with pytest.raises(BridgeError) as caught, WorkFolders(str(tmp_path), "channel").lent("click"):
        pass

    assert caught.value.slug == "work-unwritable"
