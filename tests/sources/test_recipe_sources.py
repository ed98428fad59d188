"""A rendered source becomes the file or the repository that it means."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.build import RenderedSource
from conda_bridge.model.names import pypi_name
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.sources.recipe_sources import clone_source, fetch_source
from support.staging import FakeFetcher, sha256_of, url_source

DATA = b"an sdist"
PUBLIC = "https://pypi.org/packages/source/d/demo/demo-1.0.tar.gz"
ON_MIRROR = "https://mirror/files/demo-1.0.tar.gz"


def _project(sha256: str) -> dict[str, IndexProject]:
    link = FileLink(filename="demo-1.0.tar.gz", url=ON_MIRROR, sha256=sha256)
    return {"demo": IndexProject(pypi_name=pypi_name("demo"), index_url="https://mirror", files=(link,))}


def test_public_file_is_asked_for_at_the_configured_index(tmp_path: Path) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {ON_MIRROR: DATA}, _project(sha256_of(DATA)))
    path = fetch_source(url_source(PUBLIC, sha256=sha256_of(DATA)), fetcher=fetcher)
    assert Path(path).read_bytes() == DATA
    assert fetcher.asked == ["demo", ON_MIRROR]


@pytest.mark.parametrize(
    "url",
    [
        "https://files.pythonhosted.org/packages/ab/cd/ef/demo-1.0.tar.gz",
        "https://pypi.org/packages/py2.py3/d/demo/demo-1.0-py3-none-any.whl",
        "https://files.pythonhosted.org/packages/ab/cd/ef/demo-1.0-py3-none-any.whl",
    ],
)
def test_project_is_told_by_the_file_name(tmp_path: Path, url: str) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {ON_MIRROR: DATA}, _project(sha256_of(DATA)))
    assert fetch_source(url_source(url, sha256=sha256_of(DATA)), fetcher=fetcher)


def test_url_itself_is_asked_where_the_index_lacks_the_file(tmp_path: Path) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {PUBLIC: DATA}, _project("0" * 64))
    assert fetch_source(url_source(PUBLIC, sha256=sha256_of(DATA)), fetcher=fetcher)
    assert fetcher.asked == ["demo", PUBLIC]


@pytest.mark.parametrize(
    ("served", "told"),
    [
        (DATA, "which is that of the downloaded file, too"),
        (None, "the index that it is"),
        (b"broken", "so that neither is right"),
    ],
)
def test_wrong_hash_is_told_with_the_hash_that_the_index_has(
    tmp_path: Path, served: bytes | None, told: str
) -> None:
    files = {} if served is None else {PUBLIC: served}
    fetcher = FakeFetcher(tmp_path / "c", files, _project(sha256_of(DATA)))
    with pytest.raises(SourceError) as caught:
        fetch_source(url_source(PUBLIC, sha256="0" * 64), fetcher=fetcher)
    assert caught.value.slug == "hash-mismatch"
    assert "0" * 64 in caught.value.message
    assert sha256_of(DATA) in caught.value.message
    assert told in caught.value.message


def test_failure_to_get_a_file_that_the_index_lacks_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetch_source(url_source(PUBLIC, sha256="0" * 64), fetcher=FakeFetcher(tmp_path / "c", {}, {}))
    assert caught.value.slug == "not-served"


def test_mirrors_are_tried_in_their_order(tmp_path: Path) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {"https://c/a": DATA, "https://d/a": DATA})
    source = url_source("https://b/a", "https://c/a", "https://d/a", sha256=sha256_of(DATA))
    assert Path(fetch_source(source, fetcher=fetcher)).read_bytes() == DATA
    assert fetcher.asked == ["https://b/a", "https://c/a"]


def test_first_mirror_tells_what_went_wrong(tmp_path: Path) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {"https://b/a": b"other"})
    with pytest.raises(SourceError) as caught:
        fetch_source(url_source("https://b/a", "https://c/a", sha256=sha256_of(DATA)), fetcher=fetcher)
    assert caught.value.slug == "hash-mismatch"


@pytest.mark.parametrize(("md5", "slug"), [(hashlib.md5(DATA).hexdigest(), ""), ("0" * 32, "hash-mismatch")])
def test_md5_alone_is_compared(tmp_path: Path, md5: str, slug: str) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {"https://b/a": DATA})
    source = RenderedSource(kind="url", urls=("https://b/a",), md5=md5)
    if not slug:
        assert Path(fetch_source(source, fetcher=fetcher)).read_bytes() == DATA
        return
    with pytest.raises(SourceError) as caught:
        fetch_source(source, fetcher=fetcher)
    assert caught.value.slug == slug


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    (folder / "a.txt").write_text("first", encoding="utf-8")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "-m", "first")
    _git(folder, "tag", "v1.0")
    (folder / "a.txt").write_text("second", encoding="utf-8")
    _git(folder, "commit", "--quiet", "-a", "-m", "second")
    return folder


@pytest.mark.parametrize("revision", ["v1.0", "refs/tags/v1.0", "commit"])
def test_clone_can_be_asked_for_the_revision_of_the_recipe(
    tmp_path: Path, repository: Path, revision: str
) -> None:
    first = _git(repository, "rev-parse", "v1.0")
    revision = first if revision == "commit" else revision
    source = RenderedSource(kind="git", urls=(repository.as_uri(),), revision=revision)
    target = tmp_path / "staged.git"
    assert clone_source(source, str(target), folder="/", network=NetworkOptions()) == first
    (tmp_path / "work").mkdir()
    _git(tmp_path / "work", "init", "--quiet")
    _git(tmp_path / "work", "fetch", "--quiet", target.as_uri(), revision)
    _git(tmp_path / "work", "checkout", "--quiet", "FETCH_HEAD")
    assert (tmp_path / "work/a.txt").read_text(encoding="utf-8") == "first"


def test_clone_without_a_revision_has_the_newest_commit_as_its_head(tmp_path: Path, repository: Path) -> None:
    source = RenderedSource(kind="git", urls=(repository.as_uri(),))
    clone_source(source, str(tmp_path / "staged.git"), folder="/", network=NetworkOptions())
    _git(tmp_path, "clone", "--quiet", (tmp_path / "staged.git").as_uri(), "work")
    assert (tmp_path / "work/a.txt").read_text(encoding="utf-8") == "second"


def test_two_revisions_of_one_repository_share_a_clone(tmp_path: Path, repository: Path) -> None:
    _git(repository, "checkout", "--quiet", "--orphan", "other")
    _git(repository, "commit", "--quiet", "-m", "unrelated")
    target = tmp_path / "staged.git"
    for revision in ("refs/tags/v1.0", "refs/heads/other", ""):
        source = RenderedSource(kind="git", urls=(repository.as_uri(),), revision=revision)
        clone_source(source, str(target), folder="/", network=NetworkOptions())
    (tmp_path / "work").mkdir()
    _git(tmp_path / "work", "init", "--quiet")
    for revision in ("refs/tags/v1.0", "refs/heads/other", "HEAD"):
        _git(tmp_path / "work", "fetch", "--quiet", target.as_uri(), revision)
        assert _git(tmp_path / "work", "rev-parse", "FETCH_HEAD") == _git(
            repository, "rev-parse", f"{revision}^{{commit}}"
        )


def test_path_of_a_repository_is_relative_to_the_recipe(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "recipe").mkdir()
    source = RenderedSource(kind="git", urls=("../upstream",), revision="v1.0")
    commit = clone_source(
        source, str(tmp_path / "a.git"), folder=str(tmp_path / "recipe"), network=NetworkOptions()
    )
    assert commit == _git(repository, "rev-parse", "v1.0")


def test_mirror_that_has_the_page_but_not_the_file_is_not_the_last_word(tmp_path: Path) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {PUBLIC: DATA}, _project(sha256_of(DATA)))
    assert fetch_source(url_source(PUBLIC, sha256=sha256_of(DATA)), fetcher=fetcher)
    assert fetcher.asked == ["demo", ON_MIRROR, PUBLIC]
