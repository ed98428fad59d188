"""The files of a source are written to a folder under the rules under which they were read."""

from pathlib import Path

import pytest

from conda_bridge.archives.unpacking import unpack_archive
from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import (
    ArchiveRef,
    DirectoryRef,
    FileLink,
    IndexProject,
    LocalOrigin,
    SourceFacts,
    UrlOrigin,
)
from conda_bridge.sources.reading import facts_of_archive, facts_of_directory
from conda_bridge.sources.trees import write_tree
from support.archives import link, regular, write_tar_gz, write_zip

FILES: dict[str, str | bytes] = {
    "demo-1.0/setup.py": "setup()\n",
    "demo-1.0/demo/__init__.py": "",
    "demo-1.0/demo/data.bin": b"\x00\xff" * 5000,
}


class OneFile:
    """A Fetcher that has one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[FileLink] = []

    def get_project(self, name: str) -> IndexProject:
        raise AssertionError(name)

    def get_metadata(self, link: FileLink) -> str | None:
        raise AssertionError(link)

    def get_file(self, link: FileLink) -> str:
        self.asked.append(link)
        return str(self.path)

    def get_url(self, url: str) -> str:
        raise AssertionError(url)


def _written(facts: SourceFacts, tmp_path: Path, archive: Path) -> dict[str, bytes]:
    target = tmp_path / "written"
    write_tree(facts, str(target), fetcher=OneFile(archive), network=NetworkOptions(offline=True))
    return {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in sorted(target.rglob("*"))
        if path.is_file()
    }


def _inner() -> dict[str, bytes]:
    return {
        name.removeprefix("demo-1.0/"): text if isinstance(text, bytes) else text.encode()
        for name, text in FILES.items()
    }


def test_archive_is_unpacked_without_its_top_folder(tmp_path: Path) -> None:
    archive = write_tar_gz(tmp_path / "demo-1.0.tar.gz", FILES)
    ref, origin = ArchiveRef(text="a", path=str(archive)), LocalOrigin(path=str(archive), sha256="0" * 64)
    assert _written(facts_of_archive(str(archive), ref=ref, origin=origin), tmp_path, archive) == _inner()


def test_archive_without_top_folder_is_unpacked_as_it_is(tmp_path: Path) -> None:
    flat = _inner() | {"a/setup.py": b"another\n"}
    archive = write_zip(tmp_path / "demo.zip", sorted(flat.items(), reverse=True))
    ref, origin = ArchiveRef(text="a", path=str(archive)), LocalOrigin(path=str(archive), sha256="0" * 64)
    assert _written(facts_of_archive(str(archive), ref=ref, origin=origin), tmp_path, archive) == flat


def test_published_sdist_comes_verified_from_the_fetcher(tmp_path: Path) -> None:
    archive = write_tar_gz(tmp_path / "demo-1.0.tar.gz", FILES)
    origin = UrlOrigin(url="https://x.example/demo-1.0.tar.gz", sha256="ab" * 32, filename="demo-1.0.tar.gz")
    facts = facts_of_archive(str(archive), ref=ArchiveRef(text="a", path="x"), origin=origin)
    fetcher = OneFile(archive)
    write_tree(facts, str(tmp_path / "new"), fetcher=fetcher, network=NetworkOptions())
    (asked,) = fetcher.asked
    assert (asked.url, asked.sha256) == (origin.url, origin.sha256)


def test_directory_is_copied_without_what_was_left_out(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / ".git").mkdir(parents=True)
    (tree / ".git" / "config").write_text("secret")
    (tree / "setup.py").write_text("setup()\n")
    (tree / "link.py").symlink_to("setup.py")
    (tree / "outside").symlink_to("/etc/passwd")
    facts = facts_of_directory(
        str(tree), ref=DirectoryRef(text="t", path=str(tree)), origin=LocalOrigin(path=str(tree))
    )
    written = _written(facts, tmp_path, tree)
    assert written == {"setup.py": b"setup()\n", "link.py": b"setup()\n"}


def test_links_are_not_made(tmp_path: Path) -> None:
    members = [regular("demo-1.0/setup.py"), link("demo-1.0/again.py", "setup.py")]
    archive = write_tar_gz(tmp_path / "demo-1.0.tar.gz", members)
    unpack_archive(str(archive), str(tmp_path / "new"), paths={"setup.py", "again.py"})
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["setup.py"]


def test_unsafe_archive_is_refused_again(tmp_path: Path) -> None:
    archive = write_tar_gz(tmp_path / "demo-1.0.tar.gz", [regular("../x"), regular("demo-1.0/setup.py")])
    with pytest.raises(SourceError) as caught:
        unpack_archive(str(archive), str(tmp_path / "new"), paths={"x", "setup.py"})
    assert caught.value.slug == "unsafe-archive"
    assert not (tmp_path / "x").exists()


def test_source_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    archive = write_tar_gz(tmp_path / "demo-1.0.tar.gz", FILES)
    ref, origin = ArchiveRef(text="a", path=str(archive)), LocalOrigin(path=str(archive), sha256="0" * 64)
    facts = facts_of_archive(str(archive), ref=ref, origin=origin)
    archive.unlink()
    with pytest.raises(SourceError) as caught:
        _written(facts, tmp_path, archive)
    assert caught.value.slug == "unreadable-source"
