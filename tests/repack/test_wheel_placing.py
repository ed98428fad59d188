"""Several wheels reach their folder together, or not at all."""

from pathlib import Path

import pytest

from conda_bridge.repack.to_wheel.wheel_placing import place_wheels


def drafts(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text("new")
    return paths


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_all_are_there_in_place_of_older_ones(scratch: Path, out: Path) -> None:
    (out / "b.whl").write_text("old")

    found = place_wheels(drafts(scratch, "a.whl", "b.whl"), out, scratch=scratch)

    assert found == (out / "a.whl", out / "b.whl")
    assert [path.read_text() for path in found] == ["new", "new"]


def test_one_that_fails_takes_the_others_with_it(scratch: Path, out: Path) -> None:
    (out / "b.whl").write_text("old")
    (out / "c.whl").mkdir()
    (out / "c.whl/file").write_text("in the way")

    with pytest.raises(OSError, match=r"c\.whl"):
        place_wheels(drafts(scratch, "a.whl", "b.whl", "c.whl"), out, scratch=scratch)

    assert sorted(path.name for path in out.iterdir()) == ["b.whl", "c.whl"]
    assert (out / "b.whl").read_text() == "old"
