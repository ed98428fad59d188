"""Unpacked packages that were changed, in whatever way, are found by the archives that they came from."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_cache import changed_packages, remove_unknown
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.unpacked_notes import note_of
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from conda_bridge.processes.removal import remove_tree
from support.conda_packages import package_members

FILES = (
    PackedFile(path="lib/demo.py", content=b"x = 1\n"),
    PackedFile(path="lib/other.py", content=b"y = 1\n"),
    PackedFile(path="bin/demo", link="../lib/demo.py"),
)
STEM = "demo-1.0-h1_0"


class Cache:
    """A cache with one package, unpacked from a channel."""

    def __init__(self, folder: Path) -> None:
        self.channel = folder / "channel"
        self.pkgs = folder / "cache/pkgs"
        self.entry = self.pkgs / STEM
        self.unpack(STEM)
        self.began_ns = self.entry.stat().st_ctime_ns

    def unpack(self, stem: str) -> None:
        name, version, build = stem.split("-")
        archive = self.channel / "noarch" / f"{stem}.conda"
        archive.parent.mkdir(parents=True, exist_ok=True)
        record = PackageRecord(conda_name=CondaName(name), version=version, build=build)
        write_conda(str(archive), record, FILES)
        entry = self.pkgs / stem
        for part in ("info", "pkg"):
            for path, (_, data) in package_members(archive, part).items():
                (entry / path).parent.mkdir(parents=True, exist_ok=True)
                if path != "bin/demo":
                    (entry / path).write_bytes(data)
        (entry / "bin").mkdir(exist_ok=True)
        (entry / "bin/demo").symlink_to("../lib/demo.py")
        Path(f"{entry}.lock").write_bytes(b"")

    def changed(
        self,
        *,
        since_ns: int = 0,
        channels: tuple[str, ...] | None = None,
        notes: dict[str, str] | None = None,
    ) -> tuple[str, ...]:
        named = (str(self.channel),) if channels is None else channels
        return changed_packages(str(self.pkgs), named, since_ns=since_ns, notes=notes)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    yield Cache(tmp_path)
    remove_tree(tmp_path / "cache")


def test_package_that_is_linked_stays(cache: Cache, tmp_path: Path) -> None:
    os.link(cache.entry / "lib/demo.py", tmp_path / "demo.py")

    assert cache.changed() == ()
    assert cache.entry.exists()


def _write(cache: Cache) -> None:
    (cache.entry / "lib/demo.py").write_text("x = 2\n")


def _write_with_its_old_time(cache: Cache) -> None:
    status = (cache.entry / "lib/demo.py").stat()
    (cache.entry / "lib/demo.py").write_text("x = 2\n")
    os.utime(cache.entry / "lib/demo.py", ns=(status.st_atime_ns, status.st_mtime_ns))


def _remove(cache: Cache) -> None:
    (cache.entry / "lib/demo.py").unlink()


def _write_the_list_too(cache: Cache) -> None:
    _write(cache)
    rows = json.loads((cache.entry / "info/paths.json").read_bytes())
    for row in rows["paths"]:
        if row["_path"] == "lib/demo.py":
            row["sha256"] = sha256(b"x = 2\n").hexdigest()
    (cache.entry / "info/paths.json").write_text(json.dumps(rows))


def _lead_elsewhere(cache: Cache) -> None:
    (cache.entry / "bin/demo").unlink()
    (cache.entry / "bin/demo").symlink_to("/bin/sh")


def _move_a_folder(cache: Cache) -> None:
    (cache.entry / "lib").rename(cache.pkgs.parent / "lib")
    (cache.entry / "lib").symlink_to("../../lib")


def _move_all(cache: Cache) -> None:
    cache.entry.rename(cache.pkgs.parent / "moved")
    cache.entry.symlink_to("../moved")


def _spoil_the_list(cache: Cache) -> None:
    (cache.entry / "info/paths.json").write_bytes(b"\xff[")


def _add_a_pipe(cache: Cache) -> None:
    os.mkfifo(cache.entry / "lib/pipe")


def _dig(cache: Cache) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(cache.entry)
    for _ in range(1500):
        Path("deep").mkdir()
        os.chdir("deep")
    os.fchdir(here)
    os.close(here)


def _add_exports(cache: Cache) -> None:
    (cache.entry / "info/run_exports.json").write_text('{"weak": ["evil"]}')


@pytest.mark.parametrize(
    "change",
    [
        _write, _write_with_its_old_time, _remove, _write_the_list_too, _lead_elsewhere, _move_a_folder, _move_all,
        _spoil_the_list, _add_a_pipe, _dig, _add_exports,
    ],
)  # fmt: skip
def test_changed_package_is_removed(change: Callable[[Cache], None], cache: Cache) -> None:
    cache.unpack("other-1.0-h1_0")
    change(cache)

    assert cache.changed() == (STEM,)
    assert not os.path.lexists(cache.entry)
    assert (cache.pkgs / "other-1.0-h1_0").exists()


def test_package_without_archive_is_compared_with_its_own_list(cache: Cache) -> None:
    assert cache.changed(channels=()) == ()

    _write(cache)

    assert cache.changed(channels=()) == (STEM,)


def test_package_without_archive_is_compared_with_what_was_noted(cache: Cache) -> None:
    notes = {STEM: note_of(cache.entry)}
    os.link(cache.entry / "lib/demo.py", cache.pkgs.parent / "demo.py")

    assert cache.changed(channels=(), notes=notes) == ()

    _write_the_list_too(cache)

    assert cache.changed(channels=(), notes=notes) == (STEM,)


def test_package_that_nobody_knows_is_removed(cache: Cache) -> None:
    cache.unpack("other-1.0-h1_0")
    notes = {"other-1.0-h1_0": note_of(cache.pkgs / "other-1.0-h1_0")}

    remove_unknown(str(cache.pkgs), (), notes)

    assert not cache.entry.exists()
    assert (cache.pkgs / "other-1.0-h1_0").exists()


def test_package_under_the_name_of_another_is_removed(cache: Cache) -> None:
    cache.unpack("other-1.0-h1_0")
    (cache.entry / "lib/demo.py").write_text("x = 2\n")
    archive = cache.channel / "noarch/other-1.0-h1_0.conda"
    write_conda(
        str(archive), PackageRecord(conda_name=CondaName("other"), version="1.0", build="h1_0"), FILES[:1]
    )

    assert cache.changed() == (STEM, "other-1.0-h1_0")


def test_what_was_not_touched_is_not_read(cache: Cache) -> None:
    _write(cache)

    assert cache.changed(since_ns=(cache.entry / "lib/demo.py").stat().st_ctime_ns + 1) == ()


def test_checks_at_once_each_find_it(cache: Cache) -> None:
    for number in range(60):
        (cache.pkgs / f"forged-{number}-0/info").mkdir(parents=True)
    together = Barrier(3)

    def check() -> tuple[str, ...]:
        together.wait()
        return cache.changed(channels=())

    with ThreadPoolExecutor(3) as pool:
        found = [each.result() for each in [pool.submit(check) for _ in range(3)]]

    assert {name for names in found for name in names} == {f"forged-{number}-0" for number in range(60)}
    assert [path.name for path in cache.pkgs.iterdir() if path.name.startswith("forged")] == []


def test_cache_that_is_not_there_has_no_changes(tmp_path: Path) -> None:
    assert changed_packages(str(tmp_path / "none"), (), since_ns=0) == ()
    shutil.rmtree(tmp_path)
