import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from conda_bridge.archives.zstandard import zstd
from conda_bridge.distributors.exchange import exchange
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError, UsageError
from conda_bridge.model.artifact import RunExports
from support.local_channels import Listener, make_package, odd_package, repodata_of, shards_of, unwhole

# ---------------------------------------------------------------- publishing


def test_new_channel_has_an_empty_noarch(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))

    channel.open()

    assert repodata_of(tmp_path / "channel") == {}
    assert channel.records() == ()


def test_folder_is_told_without_detours(tmp_path: Path) -> None:
    (tmp_path / "far/away").mkdir(parents=True)
    (tmp_path / "link").symlink_to("far/away")

    assert LocalChannel(f"{tmp_path}/link/../channel").folder == f"{tmp_path}/far/channel"


def test_published_packages_are_in_all_forms_of_repodata(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    paths = [
        make_package(tmp_path, "click", depends=("python >=3.10",)),
        make_package(tmp_path, "markupsafe", subdir="linux-64"),
    ]

    records = channel.publish(paths)

    assert [record.stem for record in records] == ["click-1.0-0", "markupsafe-1.0-0"]
    assert records[0].size_bytes == Path(paths[0]).stat().st_size
    entry = repodata_of(tmp_path / "channel")["click-1.0-0.conda"]
    assert (entry["depends"], entry["sha256"]) == (["python >=3.10"], records[0].sha256)
    assert shards_of(tmp_path / "channel")["click-1.0-0.conda"]["sha256"] == bytes.fromhex(records[0].sha256)
    assert list(repodata_of(tmp_path / "channel", "linux-64")) == ["markupsafe-1.0-0.conda"]
    assert list(unwhole(tmp_path / "channel")) == []


def test_publishing_a_platform_package_leaves_an_indexed_noarch(tmp_path: Path) -> None:
    LocalChannel(str(tmp_path / "channel")).publish([make_package(tmp_path, "zlib", subdir="linux-64")])

    assert repodata_of(tmp_path / "channel", "noarch") == {}


def test_packages_stay_when_others_come(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    (first,) = channel.publish([make_package(tmp_path, "click")])

    (second,) = channel.publish([make_package(tmp_path, "idna")])

    assert channel.records() == (first, second)
    assert list(unwhole(tmp_path / "channel")) == []


def test_records_read_by_another_equal_those_published(tmp_path: Path) -> None:
    published = LocalChannel(str(tmp_path / "channel")).publish(
        [make_package(tmp_path, "click", depends=("a", "b 1.*"))]
    )

    assert LocalChannel(str(tmp_path / "channel")).records() == published


def test_same_package_again_changes_nothing(tmp_path: Path) -> None:
    listener = Listener()
    channel = LocalChannel(str(tmp_path / "channel"), reporter=listener)
    path = make_package(tmp_path, "click")
    first = channel.publish([path])
    before = (tmp_path / "channel/noarch").stat().st_ino

    assert channel.publish([path]) == first
    assert (tmp_path / "channel/noarch").stat().st_ino == before
    assert listener.slugs == []


def test_package_with_other_content_replaces_and_is_noticed(tmp_path: Path) -> None:
    listener = Listener()
    channel = LocalChannel(str(tmp_path / "channel"), reporter=listener)
    channel.publish([make_package(tmp_path / "a", "click")])

    (record,) = channel.publish([make_package(tmp_path / "b", "click", content=b"x = 2\n")])

    assert channel.records() == (record,)
    assert listener.slugs == ["package-replaced"]
    assert list(unwhole(tmp_path / "channel")) == []


def test_same_package_that_was_built_again_replaces_without_a_word(tmp_path: Path) -> None:
    listener = Listener()
    channel = LocalChannel(str(tmp_path / "channel"), reporter=listener)
    channel.publish([make_package(tmp_path / "a", "click")])

    (record,) = channel.publish([make_package(tmp_path / "b", "click", timestamp_ms=1_800_000_000_000)])

    assert channel.records() == (record,)
    assert record.timestamp_ms == 1_800_000_000_000
    assert listener.slugs == []


@pytest.mark.parametrize("other", [{"depends": ("a",)}, {"run_exports": RunExports(weak=("a",))}])
def test_same_files_that_ask_for_something_else_are_noticed(tmp_path: Path, other: dict[str, Any]) -> None:
    listener = Listener()
    channel = LocalChannel(str(tmp_path / "channel"), reporter=listener)
    channel.publish([make_package(tmp_path / "a", "click")])

    channel.publish([make_package(tmp_path / "b", "click", **other)])

    assert listener.slugs == ["package-replaced"]


def test_private_package_is_refused_with_all_that_come_with_it(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    private = make_package(tmp_path / "b", "python", is_private=True)

    with pytest.raises(BridgeError) as caught:
        channel.publish([make_package(tmp_path / "a", "click"), private])

    assert (caught.value.slug, caught.value.where) == ("private-package", private)
    assert channel.records() == ()


def test_private_package_is_taken_by_the_machines_own_channel(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"), holds_private=True)

    channel.publish([make_package(tmp_path / "b", "python", is_private=True)])

    assert [record.conda_name for record in channel.records()] == ["python"]


def test_file_that_is_written_to_later_does_not_change_the_channel(tmp_path: Path) -> None:
    path = Path(make_package(tmp_path, "click"))
    LocalChannel(str(tmp_path / "channel")).publish([str(path)])

    with path.open("r+b") as file:
        file.write(b"spoilt")

    assert list(unwhole(tmp_path / "channel")) == []


@pytest.mark.parametrize("spoil", ["truncated", "renamed", "no package"])
def test_one_bad_file_publishes_nothing(tmp_path: Path, spoil: str) -> None:
    good, bad = make_package(tmp_path, "click"), Path(make_package(tmp_path, "idna"))
    match spoil:
        case "truncated":
            bad.write_bytes(bad.read_bytes()[:-100])
        case "renamed":
            bad = bad.rename(tmp_path / "idna-2.0-0.conda")
        case _:
            bad = bad.rename(tmp_path / "idna.txt")
    channel = LocalChannel(str(tmp_path / "channel"))

    with pytest.raises(BridgeError) as caught:
        channel.publish([good, str(bad)])

    assert caught.value.where == str(bad)
    assert channel.records() == ()
    assert [path.name for path in (tmp_path / "channel/.work").iterdir()] == [".locks"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"subdir": "../../x"}, "no channel has a folder"),
        ({"name": "o d d"}, "is no name, version and build string"),
        ({"version": "1..0"}, "is no name, version and build string"),
        ({"build": "0;0"}, "is no name, version and build string"),
        ({"depends": ["\ud800"]}, "no list of texts"),
        ({"version": "2.0"}, "not what its file is called"),
    ],
    ids=str,
)
def test_package_that_no_client_would_understand_is_refused(
    tmp_path: Path, fields: dict[str, object], complaint: str
) -> None:
    names = {"name": "odd", "version": "1.0", "build": "0"} | fields
    stem = (
        "odd-1.0-0"
        if complaint.startswith("not")
        else "-".join(str(names[key]) for key in ("name", "version", "build"))
    )

    with pytest.raises(BridgeError, match=complaint):
        LocalChannel(str(tmp_path / "channel")).publish([odd_package(tmp_path, stem=stem, fields=fields)])


@pytest.mark.parametrize(
    "fields",
    [
        {"license": "\ud800"},
        {"license_family": float("nan")},
        {"license_family": ["GPL"]},
        {"noarch": "wheel", "legacy_bz2_md5": "none"},
        {"track_features": {"a": 1}},
        {"timestamp": 1 << 70},
        {"app": [[[[1]]]], "run_exports": {"weak": 5}},
        {"md5": "not it", "sha256": None, "size": "large", "indexed_timestamp": "never"},
    ],
    ids=str,
)
def test_odd_metadata_of_one_package_do_not_spoil_the_channel(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))

    (record,) = channel.publish([odd_package(tmp_path, fields=fields)])

    text = (tmp_path / "channel/noarch/repodata.json").read_text()
    entry = json.loads(text, parse_constant=pytest.fail)["packages"]["odd-1.0-0.tar.bz2"]
    assert not set(fields) & set(entry) - {"md5", "sha256", "size", "indexed_timestamp"}
    assert (entry["sha256"], entry["size"], type(entry["indexed_timestamp"])) == (
        record.sha256,
        record.size_bytes,
        int,
    )
    assert list(unwhole(tmp_path / "channel")) == []


def test_other_files_of_a_subdir_stay_but_outdated_indexes_go(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    channel.open()
    noarch = tmp_path / "channel/noarch"
    (noarch / "notes").mkdir()
    (noarch / "notes/README").write_text("mine")
    (noarch / "current_repodata.json").write_text("{}")

    channel.publish([make_package(tmp_path, "click")])

    assert (noarch / "notes/README").read_text() == "mine"
    assert not (noarch / "current_repodata.json").exists()


def test_shard_that_a_client_may_still_want_stays_for_a_week(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    channel.publish([make_package(tmp_path / "a", "click")])
    (old,) = (tmp_path / "channel/noarch/shards").iterdir()

    channel.publish([make_package(tmp_path / "b", "click", content=b"2")])
    assert old.exists()

    os.utime(old, (0, 0))
    channel.publish([make_package(tmp_path, "idna")])
    assert not old.exists()


# ---------------------------------------------------------------- what others left


def test_packages_that_repodata_lack_are_read_from_themselves(tmp_path: Path) -> None:
    make_package(tmp_path / "channel/noarch", "click")

    records = LocalChannel(str(tmp_path / "channel")).records()

    assert [record.stem for record in records] == ["click-1.0-0"]
    assert records[0].sha256


@pytest.mark.parametrize(
    "damage", ["lost", "cut", "foreign package", "package gone", "package changed", "old zst"]
)
def test_opening_mends_the_index(tmp_path: Path, damage: str) -> None:
    top = tmp_path / "channel"
    channel = LocalChannel(str(top))
    channel.publish([make_package(tmp_path, "click"), make_package(tmp_path, "idna")])
    match damage:
        case "lost":
            (top / "noarch/repodata.json").unlink()
        case "cut":
            text = (top / "noarch/repodata.json").read_bytes()
            (top / "noarch/repodata.json").write_bytes(text[:50])
        case "foreign package":
            make_package(top / "noarch", "rich")
        case "package gone":
            (top / "noarch/idna-1.0-0.conda").unlink()
        case "package changed":
            (top / "noarch/idna-1.0-0.conda").unlink()
            make_package(top / "noarch", "idna", content=b"x = 2\n")
        case _:
            (top / "noarch/repodata.json.zst").write_bytes(zstd.compress(b"{}"))
            os.utime(top / "noarch/repodata.json.zst", (0, 0))

    LocalChannel(str(top)).open()

    assert list(unwhole(top)) == []
    assert {path.name for path in (top / "noarch").glob("*.conda")} == set(repodata_of(top))


def test_what_a_channel_corrected_stays(tmp_path: Path) -> None:
    top = tmp_path / "channel"
    LocalChannel(str(top)).publish([make_package(tmp_path, "click")])
    repodata = top / "noarch/repodata.json"
    repodata.write_text(repodata.read_text().replace('"depends":[]', '"depends":["python <4"]'))
    (top / "noarch/click-1.0-0.conda").touch()

    LocalChannel(str(top)).open()

    assert repodata_of(top)["click-1.0-0.conda"]["depends"] == ["python <4"]
    assert shards_of(top)["click-1.0-0.conda"]["depends"] == ["python <4"]


def test_file_that_is_no_package_is_noticed_and_left_alone(tmp_path: Path) -> None:
    listener = Listener()
    channel = LocalChannel(str(tmp_path / "channel"), reporter=listener)
    channel.open()
    (tmp_path / "channel/noarch/odd-1.0-0.conda").write_bytes(b"odd")

    channel.publish([make_package(tmp_path, "click")])

    assert list(repodata_of(tmp_path / "channel")) == ["click-1.0-0.conda"]
    assert set(listener.slugs) == {"unreadable-package"}
    assert (tmp_path / "channel/noarch/odd-1.0-0.conda").exists()


def test_damaged_package_is_replaced_by_the_whole_one(tmp_path: Path) -> None:
    listener = Listener()
    channel = LocalChannel(str(tmp_path / "channel"), reporter=listener)
    channel.publish([make_package(tmp_path, "click")])
    whole = tmp_path / "channel/noarch/click-1.0-0.conda"
    content = whole.read_bytes()
    whole.write_bytes(content[:100])

    channel.publish([make_package(tmp_path, "click")], replaces=False)

    assert listener.slugs == ["package-replaced"]
    assert whole.read_bytes() == content
    assert list(repodata_of(tmp_path / "channel")) == [whole.name]


def test_opening_a_whole_channel_writes_nothing(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    channel.publish([make_package(tmp_path, "click")])
    before = (tmp_path / "channel/noarch").stat().st_ino

    channel.open()

    assert (tmp_path / "channel/noarch").stat().st_ino == before


def test_opening_removes_what_dead_processes_left(tmp_path: Path) -> None:
    top = tmp_path / "channel"
    for leftover in (f".publish-{0:032x}/next/noarch", "click/out", ".locks"):
        (top / ".work" / leftover).mkdir(parents=True)
    (top / ".work/.locks/click.lock").touch()

    LocalChannel(str(top)).open()

    assert [path.name for path in (top / ".work").iterdir()] == [".locks"]


def test_folders_of_others_are_never_removed(tmp_path: Path) -> None:
    mine = tmp_path / "channel/.work/click"
    mine.mkdir(parents=True)
    channel = LocalChannel(str(tmp_path / "channel"))

    channel.open()
    with pytest.raises(BridgeError) as caught, channel.work("click"):
        pass

    assert (caught.value.slug, caught.value.where) == ("channel-unwritable", str(mine))
    channel.open()
    assert mine.is_dir()


def test_folders_that_nobody_may_write_in_do_not_block_a_name(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    for _ in range(2):
        with channel.work("click") as folder:
            Path(folder, "closed").mkdir()
            Path(folder, "closed/file").touch()
            Path(folder, "closed").chmod(0o555)

    assert not (tmp_path / "channel/.work/click").exists()


# ---------------------------------------------------------------- one at a time


def test_work_folder_is_lent_empty_and_removed(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))

    with channel.work("click") as folder:
        assert folder == str(tmp_path / "channel/.work/click")
        assert list(Path(folder).iterdir()) == []
        (Path(folder) / "out").mkdir()

    assert not Path(folder).exists()


def test_opening_leaves_the_work_of_the_living(tmp_path: Path) -> None:
    with LocalChannel(str(tmp_path / "channel")).work("click") as folder:
        LocalChannel(str(tmp_path / "channel")).open()

        assert Path(folder).exists()


@pytest.mark.slow
def test_workers_that_begin_at_once_wait_for_each_other(tmp_path: Path) -> None:
    def begin(name: str) -> None:
        barrier.wait()
        with LocalChannel(str(tmp_path / "channel")).work(name):
            pass

    LocalChannel(str(tmp_path / "channel")).open()
    barrier = Barrier(4)
    interval_s = sys.getswitchinterval()
    try:
        # Of a hundred rounds three found the folder of another before they saw its lock.
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(4) as pool:
            for number in range(200):
                list(pool.map(begin, [f"click-{number}"] * 4))
    finally:
        sys.setswitchinterval(interval_s)


def test_second_worker_on_a_name_waits_and_gives_up(tmp_path: Path) -> None:
    second = LocalChannel(str(tmp_path / "channel"), lock_timeout_s=0.01)

    with (
        LocalChannel(str(tmp_path / "channel")).work("click"),
        pytest.raises(BridgeError) as caught,
        second.work("click"),
    ):
        pass

    assert caught.value.slug == "channel-locked"


def test_publishing_waits_for_the_lock_and_gives_up(tmp_path: Path) -> None:
    second = LocalChannel(str(tmp_path / "channel"), lock_timeout_s=0.01)

    with LocalChannel(str(tmp_path / "channel")).lock(), pytest.raises(BridgeError) as caught:
        second.publish([make_package(tmp_path, "click")])

    assert caught.value.slug == "channel-locked"


def test_who_has_the_lock_can_publish(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"), lock_timeout_s=0.01)

    with channel.lock():
        channel.publish([make_package(tmp_path, "click")])

    assert len(channel.records()) == 1


def test_threads_publish_one_after_the_other(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    paths = [make_package(tmp_path, f"p{number}") for number in range(8)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: channel.publish([path]), paths))

    assert len(channel.records()) == 8
    assert list(unwhole(tmp_path / "channel")) == []


def test_place_that_can_not_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "channel").write_text("a file")

    with pytest.raises(BridgeError) as caught:
        LocalChannel(str(tmp_path / "channel")).open()

    assert (caught.value.slug, caught.value.where) == ("channel-unwritable", str(tmp_path / "channel"))


def test_work_folder_that_can_not_be_made_is_said(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    channel.open()
    (tmp_path / "channel/.work/click").write_text("a file")

    with pytest.raises(BridgeError) as caught, channel.work("click"):
        pass

    assert caught.value.slug == "channel-unwritable"


# ---------------------------------------------------------------- where folders can't trade places


def test_publishing_works_with_two_renames(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"), exchange=lambda _one, _other: False)
    channel.publish([make_package(tmp_path, "click")])
    channel.publish([make_package(tmp_path, "idna")])

    assert len(channel.records()) == 2
    assert list(unwhole(tmp_path / "channel")) == []
    assert [path.name for path in (tmp_path / "channel/.work").iterdir()] == [".locks"]


def test_folders_trade_places(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()

    if not exchange(str(tmp_path / "one"), str(tmp_path / "other")):
        pytest.skip("this system or filesystem can't do that")

    assert [path.name for path in (tmp_path / "one").iterdir()] == ["other"]


def test_what_can_not_be_renamed_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        exchange(str(tmp_path / "one"), str(tmp_path / "other"))


# ---------------------------------------------------------------- what isn't ours


@pytest.mark.parametrize("place", [".work", ".work/.locks", "noarch"])
def test_link_in_the_place_of_a_folder_is_refused(place: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "photos").mkdir(parents=True)
    (home / "photos/cat.jpg").write_text("cat")
    link = tmp_path / "channel" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(home)

    channel = LocalChannel(str(tmp_path / "channel"))
    with pytest.raises(BridgeError) as opened:
        channel.open()
    with pytest.raises(BridgeError) as published:
        channel.publish([make_package(tmp_path, "click")])

    assert [opened.value.slug, published.value.slug] == ["unsafe-channel", "unsafe-channel"]
    assert [path.name for path in home.rglob("*")] == ["photos", "cat.jpg"]


def test_staging_folder_that_is_a_link_is_not_brought_to_its_end(tmp_path: Path) -> None:
    planted, work = tmp_path / "planted", tmp_path / "channel/.work"
    (planted / "next/noarch").mkdir(parents=True)
    inode = (planted / "next/noarch").stat().st_ino
    (planted / "journal.json").write_text(json.dumps({"noarch": inode}))
    work.mkdir(parents=True)
    (work / f".publish-{0:032x}").symlink_to(planted)

    LocalChannel(str(tmp_path / "channel")).open()

    assert (planted / "next/noarch").exists()


@pytest.mark.parametrize("kind", ["link", "escape"])
def test_journal_that_is_not_ours_is_thrown_away(kind: str, tmp_path: Path) -> None:
    staging, victim = tmp_path / f"channel/.work/.publish-{0:032x}", tmp_path / "victim"
    victim.mkdir()
    subdir = "noarch" if kind == "link" else "../../../../victim"
    prepared = staging / "next" / subdir if kind == "link" else victim
    prepared.mkdir(parents=True, exist_ok=True)
    (prepared / "planted").write_text("")
    (staging / "next").mkdir(parents=True, exist_ok=True)
    journal = staging / "journal.json" if kind == "escape" else tmp_path / "journal.json"
    journal.write_text(json.dumps({subdir: prepared.stat().st_ino}))
    if kind == "link":
        (staging / "journal.json").symlink_to(journal)

    LocalChannel(str(tmp_path / "channel")).open()

    assert not (tmp_path / "channel/noarch/planted").exists()
    assert (victim / "planted").exists() == (kind == "escape")
    assert not staging.exists()


# ---------------------------------------------------------------- folders of something else


@pytest.mark.parametrize(
    "files",
    [
        ("pyproject.toml", "src/demo.py"),
        ("my-project/setup.py",),
        ("noarch/notes.txt",),
        ("noarch/", "photos/cat.jpg"),
        ("src/demo.py", "linux-64/demo-1.0-0.conda"),
        ("builds/important.txt",),
        ("index.html", "rss.xml"),
        (".bashrc", ".ssh/id"),
        ("README.md",),
        (".work/mine.txt",),
    ],
)
def test_folder_of_something_else_is_refused(tmp_path: Path, files: tuple[str, ...]) -> None:
    for name in files:
        place = tmp_path / "channel" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if name.endswith("/") else place.write_text("mine", encoding="utf-8")

    with pytest.raises(
        UsageError,
        match=r"it is no channel, and has (pyproject|my-project|noarch|photos|src|builds|index|\.bashrc|README|\.work)",
    ) as caught:
        LocalChannel(str(tmp_path / "channel")).check_place()

    assert caught.value.slug == "no-channel-folder"


@pytest.mark.parametrize("below", [".", "deep/down"])
def test_file_where_a_channel_should_be_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="it is a file") as caught:
        LocalChannel(str(tmp_path / "file" / below)).check_place()

    assert caught.value.slug == "not-writable"


@pytest.mark.parametrize(
    "files",
    [
        (),
        (".git/config", ".gitkeep"),
        (".work/.locks/a.lock", "builds/x/build.log", "noarch/"),
        ("noarch/", "README.md", "LICENSE"),
        ("noarch/.gitkeep", "osx-64/"),
        ("linux-64/demo-1.0-0.conda",),
        ("src/demo.py", "linux-64/repodata.json"),
    ],
)
def test_folder_that_may_become_a_channel_is_taken(tmp_path: Path, files: tuple[str, ...]) -> None:
    for name in files:
        place = tmp_path / "channel" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if name.endswith("/") else place.write_text("", encoding="utf-8")

    LocalChannel(str(tmp_path / "channel")).check_place()


def test_channel_may_have_files_of_its_owner(tmp_path: Path) -> None:
    channel = LocalChannel(str(tmp_path / "channel"))
    channel.publish([make_package(tmp_path, "zlib", subdir="linux-64")])
    (tmp_path / "channel/README.md").write_text("ours", encoding="utf-8")

    channel.check_place()


def test_folder_with_a_name_like_ours_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "channel/.work/.publish-my-notes/next"
    kept.mkdir(parents=True)

    LocalChannel(str(tmp_path / "channel")).open()

    assert kept.is_dir()
