"""What builds keep is listed, and removed when nobody needs it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conda_bridge.distributors.host.store import Store
from conda_bridge.model.options import NetworkOptions
from conda_bridge.processes.cache_use import cache_used, is_in_use
from conda_bridge.processes.removal import remove_tree
from conda_bridge.processes.unchecked_builds import UncheckedBuild
from conda_bridge.processes.work_folders import WorkFolders
from conda_bridge.workflows.kept_folders import clean_kept, kept_folders
from support.local_channels import make_package

CURRENT, OLD, IDLE = "0" * 16, "1" * 16, "2" * 16
_MONTH_S = 31 * 86_400


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache with channels that are of use, of an older format and unused, and unpacked packages."""
    for key in (CURRENT, OLD, IDLE):
        store = Store(str(tmp_path / "cache"), key)
        store.channel.publish([make_package(tmp_path, "python")])
        store.mark_used()
    host = tmp_path / "cache/host"
    (host / OLD / "used").write_text("1\n", encoding="ascii")
    then = time.time() - _MONTH_S
    os.utime(host / IDLE / "used", (then, then))
    unpacked = tmp_path / "cache/build/packages/pkgs/zlib-1.3-0"
    unpacked.mkdir(parents=True)
    (unpacked / "libz.so").write_bytes(b"x" * 1000)
    return tmp_path / "cache"


def states(cache: Path) -> dict[str, str]:
    return {Path(one.path).name: one.state for one in kept_folders(NetworkOptions(cache_dir=str(cache)))}


def test_channels_and_packages_are_listed_with_what_is_known_of_them(cache: Path) -> None:
    found = {Path(one.path).name: one for one in kept_folders(NetworkOptions(cache_dir=str(cache)))}

    assert states(cache) == {CURRENT: "kept", OLD: "older format", IDLE: "unused", "packages": "kept"}
    assert (found[CURRENT].detail, found[CURRENT].packages) == ("python 1.0", 1)
    assert (found[CURRENT].idle_days, found[IDLE].idle_days) == (0, 31)
    assert found["packages"].size_bytes == 1000


def test_what_nobody_needs_is_removed(cache: Path) -> None:
    clean_kept(NetworkOptions(cache_dir=str(cache)))

    assert states(cache) == {CURRENT: "kept"}
    assert [path.name for path in (cache / "host").iterdir()] == [CURRENT]


def test_unpacked_packages_stay_where_all_channels_do(cache: Path) -> None:
    network = NetworkOptions(cache_dir=str(cache))
    clean_kept(network)
    (cache / "build/packages/pkgs").mkdir(parents=True)

    assert [one.is_removed for one in clean_kept(network)] == [False, False]


def test_all_is_removed_where_that_is_wanted(cache: Path) -> None:
    removed = clean_kept(NetworkOptions(cache_dir=str(cache)), is_all=True)

    assert all(one.is_removed for one in removed)
    assert states(cache) == {}


def test_nothing_is_removed_in_a_dry_run(cache: Path) -> None:
    told = clean_kept(NetworkOptions(cache_dir=str(cache)), is_dry_run=True)

    assert {Path(one.path).name for one in told if one.is_removed} == {OLD, IDLE, "packages"}
    assert len(states(cache)) == 4


def test_nothing_is_removed_while_somebody_builds(cache: Path) -> None:
    with cache_used(cache):
        told = clean_kept(NetworkOptions(cache_dir=str(cache)), is_all=True)
        assert "leftover" not in states(cache).values()

    assert {one.state for one in told} == {"in use"}
    assert not any(one.is_removed for one in told)
    assert (cache / "host" / OLD).is_dir()


@pytest.mark.parametrize(("used_ago_s", "state"), [(0, "kept"), (_MONTH_S, "unused")])
def test_packages_that_are_only_read_are_of_use(cache: Path, used_ago_s: int, state: str) -> None:
    with WorkFolders(str(cache), "a channel").lent("demo"):
        pass
    now, then = time.time() - used_ago_s, time.time() - 2 * _MONTH_S
    os.utime(cache / "build-locks/packages.used", (now, now))
    for folder in (cache / "build/packages/pkgs", cache / "build/packages"):
        os.utime(folder, (then, then))

    assert states(cache)["packages"] == state


def test_nobody_begins_to_build_during_a_removal(cache: Path) -> None:
    mark = cache / "host" / OLD / "used"
    mark.unlink()
    os.mkfifo(mark)

    with ThreadPoolExecutor() as pool:
        cleaning = pool.submit(clean_kept, NetworkOptions(cache_dir=str(cache)))
        with mark.open("w", encoding="ascii") as its_format:
            # Now it is being read.
            assert is_in_use(cache)
            its_format.write("1\n")

    assert {one.is_removed for one in cleaning.result() if Path(one.path).name == OLD} == {True}
    assert not is_in_use(cache)


def test_channel_that_can_not_be_locked_can_not_be_removed(cache: Path) -> None:
    lock = cache / "host" / OLD / "channel/.work/.locks/.channel.lock"
    lock.unlink()
    lock.mkdir()

    (told,) = (one for one in clean_kept(NetworkOptions(cache_dir=str(cache))) if Path(one.path).name == OLD)

    assert (told.state, told.is_removed) == ("older format", False)


def test_locks_of_builds_that_are_over_go_too_and_what_was_not_looked_at_stays_noted(cache: Path) -> None:
    locks = cache / "build-locks"
    with WorkFolders(str(cache), "a channel").lent("demo"):
        pass
    UncheckedBuild.begun(str(locks), 1).done(is_checked=False)
    (note,) = (locks / "unchecked").iterdir()
    note.with_suffix(".new").touch()

    clean_kept(NetworkOptions(cache_dir=str(cache)))

    assert {path.name for path in locks.iterdir()} == {"in-use", "packages.used", "unchecked"}
    assert [*(locks / "unchecked").iterdir()] == [note]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into anything")
def test_cache_that_is_closed_to_the_user_has_nothing(cache: Path) -> None:
    cache.chmod(0)
    try:
        assert states(cache) == {}
        assert clean_kept(NetworkOptions(cache_dir=str(cache)), is_all=True) == ()
    finally:
        cache.chmod(0o700)


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    assert clean_kept(NetworkOptions(cache_dir=str(tmp_path / "none")), is_all=True) == ()

    assert not (tmp_path / "none").exists()


def test_channel_in_which_packages_are_made_stays(cache: Path) -> None:
    with Store(str(cache), OLD).work():
        told = clean_kept(NetworkOptions(cache_dir=str(cache)))

    assert {Path(one.path).name: one.is_removed for one in told}[OLD] is False
    assert states(cache).keys() == {CURRENT, OLD}


def test_work_of_killed_builds_is_left_over(cache: Path) -> None:
    left = Path(WorkFolders(str(cache), "a channel").path("demo"))
    left.mkdir(parents=True)

    clean_kept(NetworkOptions(cache_dir=str(cache)))

    assert not left.parent.exists()


def test_what_a_killed_removal_left_goes_with_the_next(cache: Path) -> None:
    (cache / "host/.removed-0/channel").mkdir(parents=True)

    clean_kept(NetworkOptions(cache_dir=str(cache)))

    assert not (cache / "host/.removed-0").exists()


@pytest.mark.parametrize("link", ["build/work", "build/work/0123456789ab"])
def test_links_of_builds_lead_to_no_folder_of_the_user(cache: Path, tmp_path: Path, link: str) -> None:
    for name in ("Documents/thesis.tex", ".removed-lists/todo"):
        (tmp_path / "home" / name).parent.mkdir(parents=True)
        (tmp_path / "home" / name).touch()
    (cache / link).parent.mkdir(parents=True, exist_ok=True)
    (cache / link).symlink_to(tmp_path / "home")

    told = clean_kept(NetworkOptions(cache_dir=str(cache)), is_all=True)

    assert {one.kind for one in told} == {"host channel", "unpacked packages"}
    assert (tmp_path / "home/Documents/thesis.tex").exists()
    assert (tmp_path / "home/.removed-lists/todo").exists()


def test_work_that_is_nested_too_deep_to_be_walked_is_left_over(cache: Path) -> None:
    inner = Path(WorkFolders(str(cache), "a channel").path("demo"))
    inner.mkdir(parents=True)
    for _ in range(1200):
        inner /= "d"
        inner.mkdir()

    try:
        assert {one.kind for one in clean_kept(NetworkOptions(cache_dir=str(cache)))} >= {"unfinished work"}
        assert not list((cache / "build/work").iterdir())
    finally:
        # Whatever removes the folders of tests can't.
        remove_tree(cache / "build")
