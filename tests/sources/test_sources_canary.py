"""Reading a source runs nothing of it: files that would leave a mark leave none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.source import GitOrigin, GitRef, SourceFacts
from conda_bridge.protocols import SilentReporter
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.sources.gather import gather
from conda_bridge.sources.git import checkout
from conda_bridge.sources.reading import facts_of_directory
from conda_bridge.sources.references import parse_source
from support.archives import write_tar_gz, write_zip
from support.index_server import IndexServer

NAMES = (
    "setup.py", "conftest.py", "demo/__init__.py", "backend/build.py", "sitecustomize.py", "tests/conftest.py",
    "version.py", "_version.py",
)  # fmt: skip
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "build"\nbackend-path = ["backend"]\n'


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


def _files(marker: Path) -> dict[str, str]:
    code = f"open({str(marker)!r}, 'w').close()\n"
    pkg_info = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    return {
        **dict.fromkeys(NAMES, code),
        "pyproject.toml": PYPROJECT,
        "PKG-INFO": pkg_info,
        "evil.pth": f"import os; os.system('touch {marker}')\n",
    }


def _gather(text: str, tmp_path: Path, index: str = "https://127.0.0.1:1/simple") -> SourceFacts:
    options = NetworkOptions(cache_dir=str(tmp_path / "cache"), retries=0, timeout_s=5)
    fetcher = IndexFetcher(IndexOptions(urls=(index,)), options)
    return gather(parse_source(text), fetcher=fetcher, options=options, reporter=SilentReporter())


def _assert_read_but_not_run(facts: SourceFacts, marker: Path) -> None:
    assert set(NAMES) <= facts.paths
    assert facts.text("setup.py")
    assert not marker.exists()
    assert not {module for module in sys.modules if module in {"setup", "sitecustomize_demo", "backend"}}


def test_canary_itself_sings(marker: Path) -> None:
    subprocess.run([sys.executable, "-c", _files(marker)["setup.py"]], check=True)
    assert marker.exists()


def test_44_archive_is_not_run(tmp_path: Path, marker: Path) -> None:
    files = {f"demo-1.0/{name}": text for name, text in _files(marker).items()}
    _assert_read_but_not_run(
        _gather(str(write_tar_gz(tmp_path / "demo-1.0.tar.gz", files)), tmp_path), marker
    )
    zipped = write_zip(tmp_path / "demo-1.0.zip", [(name, text.encode()) for name, text in files.items()])
    _assert_read_but_not_run(_gather(str(zipped), tmp_path), marker)


def test_44_directory_is_not_run(tmp_path: Path, marker: Path) -> None:
    root = tmp_path / "project"
    for name, text in _files(marker).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    _assert_read_but_not_run(_gather(str(root), tmp_path), marker)


def test_44_sdist_of_an_index_is_not_run(tmp_path: Path, marker: Path, index_server: IndexServer) -> None:
    files = {f"demo-1.0/{name}": text for name, text in _files(marker).items()}
    content = write_tar_gz(tmp_path / "x.tar.gz", files).read_bytes()
    index_server.add_file("demo", "demo-1.0.tar.gz", content)
    _assert_read_but_not_run(_gather("demo", tmp_path, index_server.index_url), marker)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_44_repository_is_not_run(tmp_path: Path, marker: Path) -> None:
    root = tmp_path / "project"
    for name, text in {**_files(marker), ".gitattributes": "* filter=evil"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=root, check=True)
    ref = GitRef(text="git+https://x", url=root.as_uri())
    with checkout(ref, NetworkOptions(), protocol="file") as tree:
        origin = GitOrigin(url=ref.url, commit=tree.commit)
        facts = facts_of_directory(tree.folder, ref=ref, origin=origin)
    _assert_read_but_not_run(facts, marker)
