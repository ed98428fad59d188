"""Packages are taken out of a folder in which foreign code has worked, and nothing else is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.taking import held_folder, take_packages
from conda_bridge.errors import EngineError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName

RECORD = PackageRecord(conda_name=CondaName("demo"), version="1.0", build="h1_0")
NAME = f"{RECORD.stem}.conda"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def folder(out: Path) -> Iterator[int]:
    with held_folder(str(out)) as number:
        yield number


def taken(folder: int, told: str, tmp_path: Path) -> list[str]:
    found = take_packages(folder, [told], subdirs={"noarch", "linux-64"}, target=str(tmp_path / "taken"))
    return [path for path, _ in found]


def write(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_conda(str(folder / NAME), RECORD, ())
    return folder / NAME


def test_package_is_copied(out: Path, folder: int, tmp_path: Path) -> None:
    package = write(out / "noarch")

    assert taken(folder, str(package), tmp_path) == [str(tmp_path / "taken/noarch" / NAME)]
    assert (tmp_path / "taken/noarch" / NAME).read_bytes() == package.read_bytes()
    assert (tmp_path / "taken/noarch" / NAME).stat().st_ino != package.stat().st_ino


def test_what_is_told_leads_to_no_other_folder(folder: int, tmp_path: Path) -> None:
    write(tmp_path / "home/noarch")

    with pytest.raises(EngineError, match="can't be taken") as caught:
        taken(folder, str(tmp_path / "home/noarch" / NAME), tmp_path)
    assert caught.value.slug == "unexpected-output"


@pytest.mark.parametrize(
    "told", ["", "/", "../demo-1.0-h1_0.conda", "home/demo-1.0-h1_0.conda", "noarch/x.txt"]
)
def test_only_packages_of_the_subdirs_are_taken(told: str, folder: int, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is no package of"):
        taken(folder, told, tmp_path)


@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "pipe", "folder"])
def test_links_and_special_files_are_refused(kind: str, out: Path, folder: int, tmp_path: Path) -> None:
    own = write(tmp_path / "home/noarch")
    if kind == "link to a folder":
        (out / "noarch").symlink_to(own.parent)
    else:
        (out / "noarch").mkdir()
    if kind == "link to a file":
        (out / "noarch" / NAME).symlink_to(own)
    elif kind == "pipe":
        os.mkfifo(out / "noarch" / NAME)
    elif kind == "folder":
        (out / "noarch" / NAME).mkdir()

    with pytest.raises(EngineError) as caught:
        taken(folder, f"noarch/{NAME}", tmp_path)

    assert caught.value.slug == "unexpected-output"
    assert not (tmp_path / "taken/noarch" / NAME).exists()


def test_folder_that_was_swapped_is_still_the_one_that_was_opened(
    out: Path, folder: int, tmp_path: Path
) -> None:
    write(tmp_path / "home/noarch")
    out.rename(tmp_path / "elsewhere")
    out.symlink_to(tmp_path / "home")

    with pytest.raises(EngineError, match="can't be taken"):
        taken(folder, f"noarch/{NAME}", tmp_path)


def test_link_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "home")

    with pytest.raises(EngineError) as caught, held_folder(str(tmp_path / "out")):
        pass
    assert caught.value.slug == "unexpected-output"


def test_package_is_what_its_file_and_folder_say(out: Path, folder: int, tmp_path: Path) -> None:
    package = write(out / "noarch")
    package.rename(package.with_name("other-1.0-h1_0.conda"))
    write(out / "linux-64")

    for told in ("noarch/other-1.0-h1_0.conda", f"linux-64/{NAME}"):
        with pytest.raises(EngineError) as caught:
            taken(folder, told, tmp_path)
        assert caught.value.slug == "unexpected-output"
