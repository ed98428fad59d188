"""Who uses what is kept for builds, and who removes it, wait for each other."""

import os
from pathlib import Path
from threading import Event, Thread

import pytest

from conda_bridge.processes.cache_use import cache_used, is_in_use, taken_alone
from conda_bridge.processes.work_folders import WorkFolders


def test_all_who_use_it_share_it_and_nobody_removes_anything(tmp_path: Path) -> None:
    with cache_used(tmp_path):
        with cache_used(tmp_path), taken_alone(tmp_path) as is_alone:
            assert not is_alone
        assert is_in_use(tmp_path)

    assert not is_in_use(tmp_path)
    with taken_alone(tmp_path) as is_alone:
        assert is_alone


def test_who_wants_to_use_it_waits_for_the_removal(tmp_path: Path) -> None:
    has_begun = Event()

    def use() -> None:
        with cache_used(tmp_path):
            has_begun.set()

    with taken_alone(tmp_path):
        user = Thread(target=use)
        user.start()
        assert not has_begun.wait(0.1)

    user.join(5)
    assert has_begun.is_set()


def test_work_folder_is_a_use(tmp_path: Path) -> None:
    with WorkFolders(str(tmp_path), "channel").lent("click"):
        assert is_in_use(tmp_path)


def test_nothing_is_written_to_find_out(tmp_path: Path) -> None:
    assert not is_in_use(tmp_path)

    assert not list(tmp_path.iterdir())


def test_where_it_can_not_be_told_it_is_in_use(tmp_path: Path) -> None:
    (tmp_path / "build-locks").mkdir()
    (tmp_path / "build-locks/in-use").symlink_to("in-use")

    with taken_alone(tmp_path) as is_alone:
        assert not is_alone
    assert is_in_use(tmp_path)
    with cache_used(tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open anything")
def test_lock_of_another_user_is_enough_to_share_it(tmp_path: Path) -> None:
    with cache_used(tmp_path):
        (tmp_path / "build-locks/in-use").chmod(0o444)

    with cache_used(tmp_path), taken_alone(tmp_path) as is_alone:
        assert not is_alone
