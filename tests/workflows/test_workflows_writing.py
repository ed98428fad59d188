import os
from pathlib import Path

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.workflows.writing import write_files

needs_permissions = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere"
)


def everything_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_all_files_are_written_and_their_folders_made(tmp_path: Path) -> None:
    write_files({tmp_path / "a/b/one": "1\n", tmp_path / "a/two": "é"})

    assert everything_in(tmp_path) == ["a", "a/b", "a/b/one", "a/two"]
    assert (tmp_path / "a/two").read_bytes() == "é".encode()


def test_present_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("old")

    write_files({tmp_path / "one": "new"})

    assert (tmp_path / "one").read_text() == "new"


def test_failure_in_the_middle_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder is needed")
    (tmp_path / "kept").write_text("old")

    with pytest.raises(UsageError) as caught:
        write_files(
            {tmp_path / "kept": "new", tmp_path / "fresh/one": "1", tmp_path / "blocked/two": "2"},
        )

    assert caught.value.slug == "not-writable"
    assert (caught.value.where, caught.value.message) == (str(tmp_path / "blocked"), "it is a file")
    assert everything_in(tmp_path) == ["blocked", "kept"]
    assert (tmp_path / "kept").read_text() == "old"


def test_folder_in_the_place_of_a_file_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()

    with pytest.raises(UsageError, match="one: Is a directory"):
        write_files({tmp_path / "one": "1"})

    assert everything_in(tmp_path) == ["one"]


def test_folder_in_the_place_of_the_second_file_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("old")
    (tmp_path / "second").mkdir()

    with pytest.raises(UsageError):
        write_files({tmp_path / "first": "new", tmp_path / "second": "new"})

    assert (tmp_path / "first").read_text() == "old"
    assert everything_in(tmp_path) == ["first", "second"]


def test_interruption_leaves_no_trace(tmp_path: Path) -> None:
    class Interrupting(dict[Path, str]):
        def items(self) -> object:  # type: ignore[override]
            yield tmp_path / "new/one", "1"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_files(Interrupting())

    assert everything_in(tmp_path) == []


@needs_permissions
def test_unwritable_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(UsageError, match="Permission denied"):
        write_files({tmp_path / "one": "1"})


def test_new_files_have_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "ordinary").write_text("")

    write_files({tmp_path / "one": "1"})

    assert (tmp_path / "one").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


@pytest.mark.parametrize("target", ["nowhere", "link"])
def test_folder_that_is_a_link_to_nowhere_is_told_so(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(target)

    with pytest.raises(UsageError, match="link: it is a link that leads nowhere"):
        write_files({tmp_path / "link/folder/one": "1"})
