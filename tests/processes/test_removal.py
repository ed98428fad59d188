"""What builds leave is removed, and nothing else."""

import os
import signal
import threading
from pathlib import Path

import pytest

from conda_bridge.processes.removal import remove_tree


def test_folders_that_nobody_may_write_in_are_removed(tmp_path: Path) -> None:
    for name, mode in (("closed", 0o555), ("dark", 0o000), ("outer", 0o500)):
        (tmp_path / "top" / name / "inner").mkdir(parents=True)
        (tmp_path / "top" / name / "inner/file").touch()
        (tmp_path / "top" / name / "inner").chmod(mode)
        (tmp_path / "top" / name).chmod(mode)
    (tmp_path / "top").chmod(0o555)

    assert remove_tree(tmp_path / "top")

    assert not (tmp_path / "top").exists()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    (tmp_path / "top").mkdir()
    (tmp_path / "top/link").symlink_to(tmp_path / "mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")

    assert remove_tree(tmp_path / "top")
    assert remove_tree(tmp_path / "link")

    assert (tmp_path / "mine/file").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_folder_that_is_held_is_meant_wherever_its_path_leads(tmp_path: Path) -> None:
    for name in ("work", "home"):
        (tmp_path / name / "bld/deep").mkdir(parents=True)
    held = os.open(tmp_path / "work", os.O_RDONLY)
    (tmp_path / "work").rename(tmp_path / "moved")
    (tmp_path / "work").symlink_to("home")

    assert remove_tree("bld", dir_fd=held)
    os.close(held)

    assert (tmp_path / "home/bld/deep").exists()
    assert not (tmp_path / "moved/bld").exists()


def test_depth_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    folder = os.open(tmp_path / "top", os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("deeper", dir_fd=folder)
        inner = os.open("deeper", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)

    assert remove_tree(tmp_path / "top")

    assert not (tmp_path / "top").exists()


def test_interruption_comes_after_the_removal(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    for number in range(5000):
        (tmp_path / "top" / str(number)).touch()
    interrupted = threading.main_thread().ident
    assert interrupted is not None

    def interrupt() -> None:
        while len(os.listdir(tmp_path / "top")) == 5000:  # noqa: PTH208 - quick
            pass
        signal.pthread_kill(interrupted, signal.SIGUSR1)

    # Another signal than that of the tests' own time limit.
    before = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()

    try:
        with pytest.raises(KeyboardInterrupt):
            remove_tree(tmp_path / "top")
    finally:
        interrupter.join()
        signal.signal(signal.SIGUSR1, before)

    assert not (tmp_path / "top").exists()


def test_what_is_not_there_is_removed_already(tmp_path: Path) -> None:
    assert remove_tree(tmp_path / "none")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove anything")
def test_what_can_not_be_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "outer/top").mkdir(parents=True)
    (tmp_path / "outer").chmod(0o555)

    try:
        assert not remove_tree(tmp_path / "outer/top")
    finally:
        (tmp_path / "outer").chmod(0o755)
