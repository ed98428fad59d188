from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.sources.repository_licenses import fetch_license, is_forge

RAW = "https://raw.githubusercontent.com/someone/demo"


@dataclass
class Web:
    """A `Fetcher` whose web is a table."""

    folder: Path
    texts: Mapping[str, bytes]
    slug: str = "not-served"
    asked: list[str] = field(default_factory=list)

    def get_project(self, name: PypiName) -> IndexProject:
        raise NotImplementedError

    def get_metadata(self, link: FileLink) -> str | None:
        raise NotImplementedError

    def get_file(self, link: FileLink) -> str:
        raise NotImplementedError

    def get_url(self, url: str) -> str:
        self.asked.append(url)
        if url not in self.texts:
            raise SourceError(self.slug, "status 404", where=url)
        path = self.folder / "file"
        path.write_bytes(self.texts[url])
        return str(path)


def test_licence_of_the_release_wins_over_that_of_the_default_branch(tmp_path: Path) -> None:
    web = Web(tmp_path, {f"{RAW}/v1.0/LICENSE.txt": b"old\n", f"{RAW}/HEAD/LICENSE": b"new\n"})

    found = fetch_license("https://github.com/someone/demo.git", "1.0", web)

    assert found is not None
    assert (found.name, found.text, found.is_of_release) == ("LICENSE.txt", "old\n", True)


def test_default_branch_stands_in_and_says_so(tmp_path: Path) -> None:
    web = Web(tmp_path, {f"{RAW}/HEAD/COPYING": b"text\n"})

    found = fetch_license("https://github.com/someone/demo/tree/main/python", "1.0", web)

    assert found is not None
    assert (found.name, found.is_of_release) == ("COPYING", False)


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://gitlab.com/a/b", "https://gitlab.com/a/b/-/raw/v1.0/LICENSE"),
        ("https://gitlab.com/g/sub/proj", "https://gitlab.com/g/sub/proj/-/raw/v1.0/LICENSE"),
        ("https://gitlab.com/g/sub/proj.git", "https://gitlab.com/g/sub/proj/-/raw/v1.0/LICENSE"),
        ("https://gitlab.com/g/sub/proj/-/tree/main/a", "https://gitlab.com/g/sub/proj/-/raw/v1.0/LICENSE"),
        ("https://gitlab.com/a/b/tree/main/c", "https://gitlab.com/a/b/-/raw/v1.0/LICENSE"),
        ("https://codeberg.org/a/b/", "https://codeberg.org/api/v1/repos/a/b/raw/LICENSE?ref=v1.0"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/raw/v1.0/LICENSE"),
    ],
)
def test_each_forge_has_its_own_addresses(tmp_path: Path, repository: str, url: str) -> None:
    assert fetch_license(repository, "1.0", Web(tmp_path, {url: b"text\n"})) is not None


@pytest.mark.parametrize(
    "repository",
    [
        "",
        "https://example.org/a/b",
        "https://github.com/a",
        "nonsense",
        "https://github.com/../pallets",
        "https://github.com/pallets/..",
        "https://github.com/./click",
        "https://github.com/a//b",
        "https://github.com/a/.git",
        "https://github.com/a/...git",
        "https://gitlab.com/g/../other/proj",
        "https://gitlab.com/g/-/tree",
        "https://[::1",
    ],
)
def test_unknown_forge_is_not_asked(tmp_path: Path, repository: str) -> None:
    web = Web(tmp_path, {})

    assert not is_forge(repository)
    assert fetch_license(repository, "1.0", web) is None
    assert web.asked == []


@pytest.mark.parametrize(
    "body", [b"", b"<!DOCTYPE html><html>sign in", b"\xff\xfe\x00", b"x" * 300_000], ids=range(4)
)
def test_answer_that_is_no_licence_is_passed_over(tmp_path: Path, body: bytes) -> None:
    web = Web(tmp_path, {f"{RAW}/v1.0/LICENSE": body, f"{RAW}/v1.0/COPYING": b"the text\n"})

    found = fetch_license("https://github.com/someone/demo", "1.0", web)

    assert found is not None
    assert found.name == "COPYING"


def test_version_cannot_leave_its_place_in_the_address(tmp_path: Path) -> None:
    web = Web(tmp_path, {})

    assert fetch_license("https://github.com/someone/demo", "../../x?y", web) is None
    assert all("../" not in url and "?" not in url for url in web.asked)


def test_offline_the_cache_is_asked_for_every_name(tmp_path: Path) -> None:
    cached = Web(tmp_path, {f"{RAW}/v1.0/COPYING": b"text\n"}, slug="offline")
    empty = Web(tmp_path, {}, slug="offline")

    assert fetch_license("https://github.com/someone/demo", "1.0", cached) is not None
    with pytest.raises(SourceError) as caught:
        fetch_license("https://github.com/someone/demo", "1.0", empty)
    assert caught.value.slug == "offline"


def test_forge_that_does_not_answer_is_asked_once(tmp_path: Path) -> None:
    web = Web(tmp_path, {}, slug="index-unreachable")

    with pytest.raises(SourceError):
        fetch_license("https://github.com/someone/demo", "1.0", web)
    assert len(web.asked) == 1
