"""What is on this machine gives way to the index's sdist only where the two are equal."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.model.options import NETWORK_DEFAULTS
from conda_bridge.model.source import (
    FileLink,
    GitOrigin,
    GitRef,
    IndexProject,
    LocalOrigin,
    SourceFacts,
    UrlOrigin,
    UrlRef,
)
from conda_bridge.protocols import SilentReporter
from conda_bridge.sources.gather import gather
from conda_bridge.sources.matching import match_index
from conda_bridge.sources.references import parse_source
from support.archives import write_tar_gz

DEMO = pypi_name("demo")
PKG_INFO = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n"
TREE = {"pyproject.toml": "[project]\nname = 'demo'\n", "demo/__init__.py": "x = 1\n", "data.bin": "\x00\x01"}
BUILT = {"PKG-INFO": PKG_INFO, "setup.cfg": "[egg_info]\n", "demo.egg-info/SOURCES.txt": "x\n"}


class ShelfFetcher:
    """A Fetcher of files in a folder; a failure takes the place of any answer."""

    def __init__(self, folder: Path, *links: FileLink, failure: SourceError | None = None) -> None:
        self.links = links
        self.failure = failure
        self.file_failure: SourceError | None = None
        self.status: str = "active"
        self._folder = folder

    def get_project(self, name: PypiName) -> IndexProject:
        if self.failure:
            raise self.failure
        return IndexProject(
            pypi_name=name,
            index_url="https://index.example/simple",
            files=self.links,
            status="quarantined" if self.status == "quarantined" else "active",
        )

    def get_metadata(self, link: FileLink) -> str | None:
        raise AssertionError(f"nothing asks for {link}")

    def get_file(self, link: FileLink) -> str:
        if self.file_failure:
            raise self.file_failure
        return str(self._folder / link.filename)

    def get_url(self, url: str) -> str:
        raise AssertionError(f"nothing asks for {url}")


Shelve = Callable[..., ShelfFetcher]


@pytest.fixture
def shelve(tmp_path: Path) -> Shelve:
    """Publish an sdist of these files."""

    def make(files: Mapping[str, str], filename: str = "demo-1.0.tar.gz") -> ShelfFetcher:
        folder = tmp_path / "shelf"
        folder.mkdir(exist_ok=True)
        path = write_tar_gz(folder / filename, {f"demo-1.0/{name}": text for name, text in files.items()})
        link = FileLink(filename=filename, url=f"https://files.example/{filename}", sha256=_sha256(path))
        return ShelfFetcher(folder, link)

    return make


def _sha256(path: Path) -> str:
    facts = _gathered(str(path))
    assert isinstance(facts.origin, LocalOrigin)
    return facts.origin.sha256


def _gathered(text: str) -> SourceFacts:
    nothing = ShelfFetcher(Path("/nowhere"), failure=SourceError("offline", "not to be asked"))
    return gather(parse_source(text), fetcher=nothing, options=NETWORK_DEFAULTS, reporter=SilentReporter())


def _tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    return root


def _matched(facts: SourceFacts, fetcher: ShelfFetcher, version: str = "1.0") -> SourceFacts:
    return match_index(facts, name=DEMO, version=Version(version), fetcher=fetcher)


def _slugs(facts: SourceFacts) -> list[str]:
    return [diagnostic.slug for diagnostic in facts.diagnostics]


def test_archive_with_the_published_hash_gets_the_public_url(tmp_path: Path, shelve: Shelve) -> None:
    fetcher = shelve({**TREE, **BUILT})
    facts = _matched(_gathered(str(tmp_path / "shelf/demo-1.0.tar.gz")), fetcher)
    [link] = fetcher.links
    assert facts.origin == UrlOrigin(url=link.url, sha256=link.sha256, filename=link.filename)
    assert facts.index is not None
    assert (facts.index.sdist, str(facts.index.version)) == (link, "1.0")
    assert facts.diagnostics == ()


def test_archive_with_another_hash_stays_local_with_a_finding(tmp_path: Path, shelve: Shelve) -> None:
    fetcher = shelve({**TREE, **BUILT})
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", {"demo-1.0/setup.py": ""})
    facts = _matched(_gathered(str(path)), fetcher)
    assert isinstance(facts.origin, LocalOrigin)
    assert facts.index is None
    assert _slugs(facts) == ["local-source"]
    assert "another sha256" in facts.diagnostics[0].message


def test_url_keeps_its_own_address_and_learns_what_the_index_says(tmp_path: Path, shelve: Shelve) -> None:
    fetcher = shelve({**TREE, **BUILT})
    mine = UrlOrigin(
        url="https://mirror.example/demo.tar.gz", sha256=fetcher.links[0].sha256, filename="demo.tar.gz"
    )
    facts = replace(
        _gathered(str(tmp_path / "shelf/demo-1.0.tar.gz")), origin=mine, ref=UrlRef(text="x", url=mine.url)
    )
    matched = _matched(facts, fetcher)
    assert matched.origin == mine
    assert matched.index is not None
    other = _matched(replace(facts, origin=replace(mine, sha256="b" * 64)), fetcher)
    assert (other.index, other.diagnostics) == (None, ())


def test_directory_that_holds_the_sdists_files_becomes_the_sdist(tmp_path: Path, shelve: Shelve) -> None:
    fetcher = shelve({**TREE, **BUILT})
    root = _tree(tmp_path / "demo", {**TREE, "setup.cfg": "# other\n", "tests/extra.py": "", "notes.txt": ""})
    facts = _matched(_gathered(str(root)), fetcher)
    assert isinstance(facts.origin, UrlOrigin)
    assert facts.text("PKG-INFO") == PKG_INFO
    assert facts.ref == parse_source(str(root))
    assert facts.index is not None
    assert _slugs(facts) == []


@pytest.mark.parametrize(
    ("published", "difference"),
    [
        ({"demo/__init__.py": "x = 2\n"}, "'demo/__init__.py' has other content"),
        ({"data.bin": "\x00\x02"}, "'data.bin' has other content"),
        ({"demo/__init__.py": "x = 10\n"}, "'demo/__init__.py' has another size"),
        ({"demo/_version.py": ""}, "'demo/_version.py' is only there"),
    ],
)
def test_directory_that_differs_stays_local_with_the_difference_named(
    tmp_path: Path, shelve: Shelve, published: dict[str, str], difference: str
) -> None:
    fetcher = shelve({**TREE, **BUILT, **published})
    before = _gathered(str(_tree(tmp_path / "demo", TREE)))
    facts = _matched(before, fetcher)
    assert (facts.origin, facts.files, facts.index) == (before.origin, before.files, None)
    assert _slugs(facts) == ["local-source"]
    assert difference in facts.diagnostics[0].message


@pytest.mark.parametrize("is_equal", [True, False])
def test_repository_is_compared_by_the_hashes_taken_while_it_was_there(
    tmp_path: Path, shelve: Shelve, *, is_equal: bool
) -> None:
    fetcher = shelve({**TREE, **BUILT})
    tree = _gathered(str(_tree(tmp_path / "demo", TREE)))
    sdist = _gathered(str(tmp_path / "shelf/demo-1.0.tar.gz"))
    origin = GitOrigin(url="https://code.example/demo", commit="c" * 40)
    hashes = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in TREE.items()}
    files = tuple(replace(entry, sha256=hashes[entry.path] if is_equal else "d" * 64) for entry in tree.files)
    ref = GitRef(text="git+https://code.example/demo", url="https://code.example/demo")
    facts = _matched(replace(tree, ref=ref, origin=origin, files=files), fetcher)
    assert isinstance(facts.origin, UrlOrigin if is_equal else GitOrigin)
    assert (facts.files == sdist.files) is is_equal
    assert _slugs(facts) == []


@pytest.mark.parametrize("version", ["0.9", "1.0.post1"])
def test_version_that_is_not_published_stays_local(tmp_path: Path, shelve: Shelve, version: str) -> None:
    facts = _matched(_gathered(str(_tree(tmp_path / "demo", TREE))), shelve(TREE), version)
    assert _slugs(facts) == ["local-source"]


def test_release_without_sdist_or_in_quarantine_is_no_match(tmp_path: Path, shelve: Shelve) -> None:
    local = _gathered(str(_tree(tmp_path / "demo", TREE)))
    wheel = FileLink(filename="demo-1.0-py3-none-any.whl", url="https://x/demo-1.0-py3-none-any.whl")
    assert _slugs(_matched(local, ShelfFetcher(tmp_path, wheel))) == ["local-source"]
    fetcher = shelve({**TREE, **BUILT})
    fetcher.status = "quarantined"
    assert _slugs(_matched(local, fetcher)) == ["local-source"]


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("project-not-found", "local-source"),
        ("offline", "index-not-asked"),
        ("index-unreachable", "index-not-asked"),
        ("not-served", "index-not-asked"),
        ("invalid-index-page", "index-not-asked"),
    ],
)
def test_index_that_cant_be_asked_is_a_finding(tmp_path: Path, slug: str, expected: str) -> None:
    local = _gathered(str(_tree(tmp_path / "demo", TREE)))
    facts = _matched(local, ShelfFetcher(tmp_path, failure=SourceError(slug, "why")))
    assert facts.origin == local.origin
    assert _slugs(facts) == [expected]
    public = replace(local, origin=UrlOrigin(url="https://x/x", sha256="a" * 64, filename="x"))
    assert _matched(public, ShelfFetcher(tmp_path, failure=SourceError(slug, "why"))) == public


def test_sdist_that_cant_be_had_is_a_finding_but_a_wrong_one_a_failure(
    tmp_path: Path, shelve: Shelve
) -> None:
    fetcher = shelve({**TREE, **BUILT})
    local = _gathered(str(_tree(tmp_path / "demo", TREE)))
    fetcher.file_failure = SourceError("offline", "not cached")
    assert _slugs(_matched(local, fetcher)) == ["index-not-asked"]
    fetcher.file_failure = SourceError("hash-mismatch", "other bytes")
    with pytest.raises(SourceError):
        _matched(local, fetcher)


def test_facts_from_an_index_are_left_alone(tmp_path: Path, shelve: Shelve) -> None:
    fetcher = shelve({**TREE, **BUILT})
    facts = _matched(_gathered(str(tmp_path / "shelf/demo-1.0.tar.gz")), fetcher)
    assert _matched(facts, ShelfFetcher(tmp_path, failure=SourceError("offline", "never asked"))) is facts
