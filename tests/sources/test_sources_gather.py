"""Every kind of reference becomes facts, and nothing of a source is ever run."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.events import StepStarted
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.source import (
    ArchiveRef,
    FileEntry,
    GitOrigin,
    LocalOrigin,
    SourceFacts,
    SourceRef,
    UrlOrigin,
    UrlRef,
)
from conda_bridge.protocols import SilentReporter
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.sources.gather import gather
from conda_bridge.sources.reading import decoded_text
from conda_bridge.sources.references import parse_source
from support.archives import wheel_bytes, write_tar_gz
from support.index_server import IndexServer

FINAL = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n"
OLD = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
SETUP = "from setuptools import Extension, setup\nsetup(name='demo', ext_modules=[Extension('demo._x', ['x.c'])])\n"

Gather = Callable[..., SourceFacts]


def _sdist(path: Path, files: Mapping[str, str | bytes] | None = None, *, top: str = "demo-1.0") -> Path:
    known = {"PKG-INFO": FINAL, "setup.py": SETUP, "demo/__init__.py": "", "x.c": "int x;\n"}
    return write_tar_gz(path, {f"{top}/{name}": text for name, text in {**known, **(files or {})}.items()})


def _bytes(tmp_path: Path, files: Mapping[str, str | bytes] | None = None) -> bytes:
    return _sdist(tmp_path / "scratch.tar.gz", files).read_bytes()


@pytest.fixture
def gather_text(tmp_path: Path, index_server: IndexServer) -> Gather:
    """Gather what a text refers to, with the server as the only index."""

    def run(source: str | SourceRef, *, python: str = "", **network: Any) -> SourceFacts:
        options = replace(
            NetworkOptions(cache_dir=str(tmp_path / "cache"), timeout_s=5, retries=0), **network
        )
        fetcher = IndexFetcher(IndexOptions(urls=(index_server.index_url,)), options)
        ref = parse_source(source) if isinstance(source, str) else source
        return gather(ref, fetcher=fetcher, options=options, reporter=SilentReporter(), python=python)

    return run


def _slug(call: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        call()
    return caught.value.slug


def _slugs(facts: SourceFacts) -> list[str]:
    return [diagnostic.slug for diagnostic in facts.diagnostics]


# ---------------------------------------------------------------- requirements


def test_requirement_becomes_the_facts_of_its_sdist(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    content = _bytes(tmp_path)
    index_server.add_file("demo", "demo-1.0.tar.gz", content, **{"requires-python": ">=3.9"})
    index_server.add_file("demo", "demo-1.0-cp311-cp311-win32.whl", b"never asked for")
    facts = gather_text("demo")
    sha256 = hashlib.sha256(content).hexdigest()
    assert facts.origin == UrlOrigin(
        url=f"{index_server.url}/files/demo-1.0.tar.gz", sha256=sha256, filename="demo-1.0.tar.gz"
    )
    assert (facts.label, facts.top_folder, facts.size_bytes) == ("demo-1.0.tar.gz", "demo-1.0", len(content))
    assert facts.files == (
        FileEntry(path="PKG-INFO", size_bytes=len(FINAL)),
        FileEntry(path="demo/__init__.py", size_bytes=0),
        FileEntry(path="setup.py", size_bytes=len(SETUP)),
        FileEntry(path="x.c", size_bytes=7),
    )
    assert facts.text("setup.py") == SETUP
    assert facts.text("x.c") is None
    assert {signal.path for signal in facts.signals} == {"setup.py"}
    assert facts.index is not None
    assert facts.index.index_url == index_server.index_url
    assert (str(facts.index.version), facts.index.requires_python) == ("1.0", ">=3.9")
    assert facts.index.wheels == ("demo-1.0-cp311-cp311-win32.whl",)
    assert facts.index.wheel_metadata == ""
    assert facts.diagnostics == ()


def test_release_that_a_python_cant_use_is_passed_over_and_told(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path), **{"requires-python": ">=3.9"})
    index_server.add_file("demo", "demo-2.0.tar.gz", b"never asked for", **{"requires-python": ">=3.12"})

    facts = gather_text("demo", python="3.11")

    (told,) = facts.diagnostics
    assert (told.slug, told.message) == (
        "newer-release",
        "demo 1.0 is taken, the newest for python 3.11: 2.0 is for >=3.12, and demo==2.0 asks for it",
    )
    assert gather_text("demo==1.0", python="3.11").diagnostics == ()


def test_wheel_metadata_is_fetched_where_the_sdist_doesnt_tell(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    metadata = f"{OLD}Requires-Dist: click\n"
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path, {"PKG-INFO": OLD}))
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", b"", metadata=metadata)
    facts = gather_text("demo")
    assert facts.index is not None
    assert facts.index.wheel_metadata == metadata
    assert facts.index.wheel_metadata_file == "demo-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("wheel", "entry"),
    [(b"no wheel", {}), (wheel_bytes("demo", "1.0"), {"hashes": {}, "size": 10**9, "url": "gone.whl"})],
    ids=["broken", "not to be had"],
)
def test_wheel_metadata_that_cant_be_had_is_a_finding(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather, wheel: bytes, entry: dict[str, Any]
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path, {"PKG-INFO": OLD}))
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", wheel, **entry)
    facts = gather_text("demo")
    assert _slugs(facts) == ["no-wheel-metadata"]
    assert facts.index is not None
    assert facts.index.wheel_metadata_file == ""


def test_17_wheel_metadata_of_another_hash_is_refused(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path, {"PKG-INFO": OLD}))
    entry = {"core-metadata": {"sha256": "b" * 64}}
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", b"", metadata=OLD, **entry)
    assert _slug(lambda: gather_text("demo")) == "hash-mismatch"


def test_wheels_alone_are_refused_with_the_repository_as_advice(
    index_server: IndexServer, gather_text: Gather
) -> None:
    metadata = f"{OLD}Project-URL: Homepage, https://demo.example\nProject-URL: Source, https://github.com/acme/demo\n"
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", b"", metadata=metadata)
    with pytest.raises(SourceError) as caught:
        gather_text("demo")
    assert caught.value.slug == "no-sdist"
    assert "has 1 wheel and no source distribution" in caught.value.message
    assert "git+https://github.com/acme/demo@TAG" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/demo",
        "https://gitlab.acme.example/demo",
        "https://codeberg.org/acme/demo/",
        "https://bitbucket.org/acme/demo",
        "https://git.sr.ht/~acme/demo",
        "https://code.example/demo.git",
    ],
)
def test_homepage_at_a_forge_counts_as_the_repository_where_none_is_named(
    index_server: IndexServer, gather_text: Gather, url: str
) -> None:
    metadata = f"{OLD}Home-page: {url}\nProject-URL: Source, http://insecure.example\n"
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", b"", metadata=metadata)
    with pytest.raises(SourceError) as caught:
        gather_text("demo")
    assert f"git+{url}@TAG" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "url",
    [
        "https://demo.example/docs",
        "http://github.com/acme/demo",
        "https://github.com",
        "https://github.com.example/a",
    ],
)
def test_page_that_may_be_no_repository_is_not_advised(
    index_server: IndexServer, gather_text: Gather, url: str
) -> None:
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", b"", metadata=f"{OLD}Home-page: {url}\n")
    index_server.add_file("demo", "demo-1.0-py2-none-any.whl", b"", metadata=f"{OLD}Home-page: {url}\n")
    with pytest.raises(SourceError) as caught:
        gather_text("demo")
    assert "has 2 wheels and no source distribution" in caught.value.message
    assert caught.value.hint is None


def test_wheels_alone_are_refused_even_if_none_can_be_read(
    index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-1.0-py3-none-any.whl", b"broken")
    assert _slug(lambda: gather_text("demo")) == "no-sdist"


def test_name_of_a_folder_that_no_index_has_is_hinted_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gather_text: Gather
) -> None:
    (tmp_path / "afolder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as caught:
        gather_text("afolder")
    assert caught.value.slug == "project-not-found"
    assert caught.value.hint == "there is a folder of that name: write ./afolder"


def test_50_quarantined_project_is_refused(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path))
    index_server.page("demo")["project-status"] = {"status": "quarantined", "reason": "malware"}
    with pytest.raises(SourceError) as caught:
        gather_text("demo")
    assert caught.value.slug == "quarantined"
    assert "malware" in caught.value.message
    assert index_server.asked("/files") == []


@pytest.mark.parametrize("status", ["archived", "deprecated"])
def test_50_archived_or_deprecated_project_is_reported(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather, status: str
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path))
    index_server.page("demo")["project-status"] = {"status": status, "reason": "use another"}
    facts = gather_text("demo")
    assert _slugs(facts) == [f"{status}-project"]
    assert "use another" in facts.diagnostics[0].message


@pytest.mark.parametrize(("reason", "said"), [("bad build", "bad build"), ("", "without a reason")])
def test_pinned_yanked_release_is_reported(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather, reason: str, said: str
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path), yanked=reason or True)
    facts = gather_text("demo==1.0")
    assert _slugs(facts) == ["yanked"]
    assert said in facts.diagnostics[0].message


def test_15_sdist_of_another_version_than_its_name_is_refused(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-2.0.tar.gz", _bytes(tmp_path))
    assert _slug(lambda: gather_text("demo")) == "sdist-mismatch"


def test_25_signed_url_of_an_index_is_refused_before_it_is_fetched(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    url = "/files/demo-1.0.tar.gz?X-Amz-Signature=hunter2"
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path), url=url)
    with pytest.raises(SourceError) as caught:
        gather_text("demo")
    assert caught.value.slug == "secret-in-url"
    assert "hunter2" not in repr(caught.value)
    assert index_server.asked("/files") == []


def test_sdist_of_an_index_on_the_disk_stays_local(tmp_path: Path) -> None:
    folder = tmp_path / "simple/demo"
    folder.mkdir(parents=True)
    _sdist(folder / "demo-1.0.tar.gz")
    options = NetworkOptions(cache_dir=str(tmp_path / "cache"), offline=True)
    fetcher = IndexFetcher(IndexOptions(urls=((tmp_path / "simple").as_uri(),)), options)
    facts = gather(parse_source("demo"), fetcher=fetcher, options=options, reporter=SilentReporter())
    assert facts.origin == LocalOrigin(path=str(folder / "demo-1.0.tar.gz"))


def test_steps_are_told(tmp_path: Path, index_server: IndexServer) -> None:
    class Listener:
        def __init__(self) -> None:
            self.steps: list[str] = []

        def report(self, event: object) -> None:
            if isinstance(event, StepStarted):
                self.steps.append(event.step)

    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path))
    options = NetworkOptions(cache_dir=str(tmp_path / "cache"))
    listener = Listener()
    fetcher = IndexFetcher(IndexOptions(urls=(index_server.index_url,)), options)
    gather(parse_source("demo"), fetcher=fetcher, options=options, reporter=listener)
    assert listener.steps == ["asking the index", "reading the sdist"]


LIGHT = """
import sys
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.protocols import SilentReporter
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.sources.gather import gather
from conda_bridge.sources.references import parse_source
index, cache, *sources = sys.argv[1:]
options = NetworkOptions(cache_dir=cache)
fetcher = IndexFetcher(IndexOptions(urls=(index,)), options)
for source in sources:
    gather(parse_source(source), fetcher=fetcher, options=options, reporter=SilentReporter())
print(sorted({"requests", "urllib3", "sqlite3", "http.client"} & set(sys.modules)))
"""


def test_local_and_cached_sources_load_no_http_client(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path))
    gather_text("demo")
    path = _sdist(tmp_path / "demo-1.0.tar.gz")
    command = [
        sys.executable,
        "-c",
        LIGHT,
        index_server.index_url,
        str(tmp_path / "cache"),
        str(path),
        "demo",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- files, directories, URLs


def test_archive_is_read_without_any_request(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    path = _sdist(tmp_path / "demo-1.0.tar.gz")
    facts = gather_text(str(path), offline=True)
    assert facts.origin == LocalOrigin(path=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    assert (facts.label, facts.index) == ("demo-1.0.tar.gz", None)
    assert index_server.requests == []


def test_51_archive_without_build_files_is_refused(tmp_path: Path, gather_text: Gather) -> None:
    path = write_tar_gz(tmp_path / "demo-1.0.tar.gz", {"demo-1.0/setup.cfg": ""})
    assert _slug(lambda: gather_text(str(path))) == "no-build-files"


def test_missing_archive_is_refused(tmp_path: Path, gather_text: Gather) -> None:
    ref = ArchiveRef(text="x", path=str(tmp_path / "missing.tar.gz"))
    assert _slug(lambda: gather_text(ref)) == "unreadable-source"


def test_directory_is_read(tmp_path: Path, gather_text: Gather) -> None:
    root = tmp_path / "demo"
    root.mkdir()
    (root / "setup.py").write_text(SETUP)
    facts = gather_text(str(root))
    assert facts.origin == LocalOrigin(path=str(root))
    assert (facts.label, facts.top_folder) == ("demo", "")
    assert facts.signals
    (root / "setup.py").unlink()
    assert _slug(lambda: gather_text(str(root))) == "no-build-files"


def test_folder_of_recipes_is_told_as_such(tmp_path: Path, gather_text: Gather) -> None:
    for folder in ("a", "b/recipe"):
        (tmp_path / "recipes" / folder).mkdir(parents=True)
    (tmp_path / "recipes/a/recipe.yaml").touch()
    (tmp_path / "recipes/b/recipe/meta.yaml").touch()

    with pytest.raises(SourceError) as caught:
        gather_text(f"{tmp_path}/recipes/")

    told = f"{tmp_path}/recipes/a, {tmp_path}/recipes/b/recipe"
    assert caught.value.hint == f"it holds recipes, which build and check take one by one: {told}"


@pytest.mark.parametrize("is_hash_given", [True, False])
def test_url_is_fetched_and_read(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather, *, is_hash_given: bool
) -> None:
    content = _bytes(tmp_path)
    index_server.add_file("demo", "demo-1.0.tar.gz", content)
    sha256 = hashlib.sha256(content).hexdigest()
    url = f"{index_server.url}/files/demo-1.0.tar.gz"
    facts = gather_text(UrlRef(text=url, url=url, sha256=sha256 if is_hash_given else ""))
    assert facts.origin == UrlOrigin(url=url, sha256=sha256, filename="demo-1.0.tar.gz")
    assert facts.has("setup.py")
    assert index_server.asked("/simple") == []


def test_17_url_with_another_hash_is_refused(
    tmp_path: Path, index_server: IndexServer, gather_text: Gather
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", _bytes(tmp_path))
    url = f"{index_server.url}/files/demo-1.0.tar.gz"
    assert _slug(lambda: gather_text(UrlRef(text=url, url=url, sha256="b" * 64))) == "hash-mismatch"


FAKE_GIT = """\
#!/bin/sh
case "$*" in
  *"fetch "*) echo "$@" >> "$0.log"; env >> "$0.log" ;;
  *rev-parse*) echo 1234567890123456789012345678901234567890 ;;
  *"checkout "*) mkdir -p py/demo; printf 'setup()' > py/demo/setup.py ;;
esac
"""


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_repository_is_fetched_read_and_hashed(
    tmp_path: Path, gather_text: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(FAKE_GIT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    facts = gather_text("git+https://code.example/team/demo.git@v1.0#subdirectory=py/demo")
    assert facts.origin == GitOrigin(
        url="https://code.example/team/demo.git",
        commit="1234567890123456789012345678901234567890",
        requested_revision="v1.0",
    )
    assert facts.label == "demo"
    sha256 = hashlib.sha256(b"setup()").hexdigest()
    assert facts.files == (FileEntry(path="setup.py", size_bytes=7, sha256=sha256),)
    log = (tmp_path / "bin/git.log").read_text()
    assert "--depth=1 -- https://code.example/team/demo.git v1.0" in log
    assert "GIT_ALLOW_PROTOCOL=https" in log
    assert "hunter2" not in log
    assert _slug(lambda: gather_text("git+https://code.example/demo", offline=True)) == "offline"


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"plain\n", ("plain\n", "utf-8-sig")),
        (b"\xef\xbb\xbfwith a mark\r\n", ("with a mark\n", "utf-8-sig")),
        (b"caf\xe9", ("caf\xe9", "latin-1")),
        ("two bytes".encode("utf-16"), ("two bytes", "utf-16")),
        (b"bin\x00ary", (None, "")),
        (b"\xff\xfeodd", ("\xff\xfeodd", "latin-1")),
    ],
)
def test_texts_are_decoded_as_python_would_read_them(data: bytes, expected: tuple[str | None, str]) -> None:
    assert decoded_text(data) == expected


def test_metadata_that_isnt_utf8_is_reported_and_binary_texts_are_dropped(
    tmp_path: Path, gather_text: Gather
) -> None:
    files = {"setup.cfg": b"[metadata]\nauthor = Ren\xe9\n", "LICENSE": b"\x00\x01", "COPYING": b"\xa9"}
    facts = gather_text(str(_sdist(tmp_path / "demo-1.0.tar.gz", files)))
    assert _slugs(facts) == ["text-not-utf8"]
    assert facts.text("setup.cfg") == "[metadata]\nauthor = Ren\xe9\n"
    assert facts.text("COPYING") == "\xa9"
    assert facts.text("LICENSE") is None
    assert facts.has("LICENSE")
