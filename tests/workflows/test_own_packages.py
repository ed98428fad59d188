"""What a child unpacked by itself is shared only as it came; what others put among the shared packages isn't given to it."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from conda_bridge.archives.unpacked_notes import note_of
from conda_bridge.errors import EngineError
from conda_bridge.model.build import EngineSetting, Isolation, TestOutcome
from conda_bridge.workflows.building.given_packages import GivenPackages

NAME = "zlib-1-0"
HIDDEN = Isolation(
    kind="bubblewrap",
    has_network=True,
    are_files_hidden=True,
    can_leave_orphans=False,
    are_other_builds_hidden=True,
)


def unpack(pkgs: Path, content: str = "good") -> Path:
    entry = pkgs / NAME
    (entry / "info").mkdir(parents=True)
    row = {"_path": "z.h", "path_type": "hardlink", "sha256": sha256(content.encode()).hexdigest()}
    (entry / "info/paths.json").write_text(json.dumps({"paths": [row]}))
    (entry / "z.h").write_text(content)
    (pkgs / f"{NAME}.lock").write_bytes(b"\0" * 8 + b"digest")
    return entry


class Child:
    """A child of a build that uses a remote channel."""

    def __init__(self, folder: Path) -> None:
        tree = folder / "cache/build"
        setting = EngineSetting(
            channels=("https://conda.example/forge",),
            cache_dir=str(tree / "packages"),
            tree=str(tree),
            needs_network=True,
        )
        self.shared = tree / "packages/pkgs"
        self.given = GivenPackages(setting)
        self.setting = self.given.lent(setting, tree / "work/0/demo/packages")
        self.pkgs = Path(self.setting.cache_dir, "pkgs")
        assert list(self.given.before()) == []
        self.given.ready(self.setting)

    def ends(self, entry: Path | None = None, *, note: str = "", isolation: Isolation = HIDDEN) -> None:
        unpacked = ((entry.name, note or note_of(entry)),) if entry else ()
        outcome = TestOutcome(results=(), isolation=isolation, duration_s=0, unpacked=unpacked)
        self.given.came(self.setting, outcome)
        try:
            self.given.check()
        finally:
            self.given.done()


def test_what_came_before_scripts_is_shared_and_found_by_the_next(tmp_path: Path) -> None:
    first = Child(tmp_path)
    first.ends(unpack(first.pkgs))

    second = Child(tmp_path)

    assert (second.pkgs / NAME).resolve() == first.shared / NAME
    assert (second.pkgs / f"{NAME}.lock").read_bytes() == (first.shared / f"{NAME}.lock").read_bytes()
    second.ends()


def test_what_a_build_beside_put_there_is_not_given(tmp_path: Path) -> None:
    beside, child = Child(tmp_path), Child(tmp_path)
    unpack(child.shared, "evil")
    later = Child(tmp_path)

    assert list(later.pkgs.iterdir()) == []
    for one in (beside, child, later):
        one.ends()


def test_what_a_build_beside_put_in_the_place_of_a_noted_one_is_not_given(tmp_path: Path) -> None:
    first = Child(tmp_path)
    first.ends(unpack(first.pkgs))
    (first.shared / NAME).rename(tmp_path / "gone")
    unpack(first.shared, "evil")

    second = Child(tmp_path)

    assert list(second.pkgs.iterdir()) == []


def test_what_a_script_changed_is_not_shared(tmp_path: Path) -> None:
    child = Child(tmp_path)
    entry = unpack(child.pkgs)
    note = note_of(entry)
    (entry / "z.h").write_text("evil")

    with pytest.raises(EngineError) as caught:
        child.ends(entry, note=note)

    assert caught.value.slug == "changed-packages"
    assert not (child.shared / NAME).exists()


def test_what_a_script_brought_is_not_shared(tmp_path: Path) -> None:
    child = Child(tmp_path)
    unpack(child.pkgs)

    child.ends()

    assert not (child.shared / NAME).exists()


def test_nothing_is_shared_where_other_builds_could_write(tmp_path: Path) -> None:
    child = Child(tmp_path)

    child.ends(unpack(child.pkgs), isolation=replace(HIDDEN, are_other_builds_hidden=False))

    assert not (child.shared / NAME).exists()


def test_links_that_scripts_put_there_lead_nowhere(tmp_path: Path) -> None:
    child = Child(tmp_path)
    mine = tmp_path / "mine"
    (mine / "deep").mkdir(parents=True)
    child.pkgs.rmdir()
    child.pkgs.parent.rmdir()
    child.pkgs.parent.symlink_to(mine)

    with pytest.raises(EngineError) as caught:
        child.given.ready(child.setting)

    assert caught.value.slug == "work-unwritable"
    assert [path.name for path in mine.iterdir()] == ["deep"]


def test_package_that_is_another_one_in_a_channel_here_is_not_shared(tmp_path: Path) -> None:
    child = Child(tmp_path)
    entry = unpack(child.pkgs)
    outcome = TestOutcome(
        results=(), isolation=HIDDEN, duration_s=0, unpacked=((entry.name, note_of(entry)),)
    )
    (tmp_path / "taken/noarch").mkdir(parents=True)
    (tmp_path / f"taken/noarch/{NAME}.conda").write_bytes(b"")

    child.given.came(child.setting, outcome, str(tmp_path / "taken"))

    assert not (child.shared / NAME).exists()
