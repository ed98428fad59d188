"""Links of a published wheel become signals; what can't be had is told."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.version import Version

from conda_bridge.errors import SourceError
from conda_bridge.infer.project import infer_project
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.recipe import spec_key
from conda_bridge.model.source import FileLink, IndexFacts, IndexProject, Signal, SourceFacts, WheelLinks
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.services import Services, name_source
from conda_bridge.workflows.wheels import with_wheel_links
from support.archives import write_tar_gz
from support.converting import PYPROJECT
from support.trees import facts_of_texts

LINUX = "demo-1.2.3-cp311-cp311-manylinux_2_28_x86_64.whl"
OLDER = "demo-1.2.3-cp39-cp39-manylinux_2_28_x86_64.whl"
WINDOWS = "demo-1.2.3-cp311-cp311-win_amd64.whl"
PURE = "demo-1.2.3-py3-none-any.whl"


class Index:
    """A `Fetcher` of one page, and a `WheelInspector` of one answer."""

    def __init__(
        self, wheels: Sequence[str], answer: WheelLinks | SourceError | None, sdist_sha256: str = ""
    ) -> None:
        self.wheels = wheels
        self.answer = answer
        self.sdist_sha256 = sdist_sha256
        self.asked: list[str] = []

    def get_project(self, name: PypiName) -> IndexProject:
        files = tuple(FileLink(filename=wheel, url=f"https://index.example/{wheel}") for wheel in self.wheels)
        if self.sdist_sha256:
            url = "https://index.example/demo-1.2.3.tar.gz"
            sdist = FileLink(filename="demo-1.2.3.tar.gz", url=url, sha256=self.sdist_sha256)
            files = (*files, sdist)
        return IndexProject(pypi_name=name, index_url="https://index.example/simple", files=files)

    def get_metadata(self, link: FileLink) -> str | None:
        assert link.filename in self.wheels
        return None

    def get_file(self, link: FileLink) -> str:
        raise AssertionError(link)

    def get_url(self, url: str) -> str:
        raise AssertionError(url)

    def get_wheel_links(self, link: FileLink) -> WheelLinks | None:
        self.asked.append(link.filename)
        if isinstance(self.answer, SourceError):
            raise self.answer
        return self.answer


def looked_into(wheels: Sequence[str], answer: WheelLinks | SourceError | None) -> tuple[SourceFacts, Index]:
    index = IndexFacts(
        index_url="https://index.example/simple", version=Version("1.2.3"), wheels=tuple(wheels)
    )
    facts = facts_of_texts({"pyproject.toml": PYPROJECT}, label="demo-1.2.3", index=index)
    web = Index(wheels, answer)
    services = Services(fetcher=web, names=name_source(RecipeOptions()), wheels=web)
    return with_wheel_links(facts, infer_project(facts), services), web


def test_links_of_the_newest_linux_wheel_become_signals() -> None:
    links = WheelLinks(sonames=("libz.so.1",), bundled=("openssl",))
    facts, web = looked_into([OLDER, LINUX, WINDOWS], links)
    assert web.asked == [LINUX]
    assert facts.signals == (
        Signal(kind="wheel-link", token="libz.so.1", path=LINUX),
        Signal(kind="wheel-link", token="openssl", path=LINUX),
    )
    assert facts.diagnostics == ()


def test_facts_with_links_are_left_alone() -> None:
    facts, web = looked_into([LINUX], WheelLinks(sonames=("libz.so.1",)))
    services = Services(fetcher=web, names=name_source(RecipeOptions()), wheels=web)
    assert with_wheel_links(facts, infer_project(facts), services) is facts
    assert web.asked == [LINUX]


@pytest.mark.parametrize(
    ("wheels", "answer", "reason"),
    [
        ([WINDOWS], WheelLinks(), "no wheel for Linux"),
        ([], WheelLinks(), "no wheel for Linux"),
        ([LINUX], None, "no parts of files"),
        ([LINUX], SourceError("offline", "it is not in the cache"), "not in the cache"),
        ([LINUX], WheelLinks(unread=("a.so", "b.so", "c.so", "d.so")), "c.so and 1 more too large"),
    ],
    ids=["other system", "none", "no ranges", "offline", "too large"],
)
def test_what_cannot_be_had_is_a_finding(
    wheels: list[str], answer: WheelLinks | SourceError | None, reason: str
) -> None:
    facts, _ = looked_into(wheels, answer)
    (found,) = facts.diagnostics
    assert found.slug == "wheel-not-inspected"
    assert reason in found.message
    assert facts.signals == ()


def test_pure_wheels_link_nothing_and_are_not_told() -> None:
    facts, web = looked_into([PURE], WheelLinks())
    assert (facts.diagnostics, web.asked) == ((), [])


def test_source_of_no_index_is_a_finding() -> None:
    facts = facts_of_texts({"pyproject.toml": PYPROJECT}, label="demo-1.2.3")
    web = Index([], None)
    services = Services(fetcher=web, names=name_source(RecipeOptions()), wheels=web)
    (found,) = with_wheel_links(facts, infer_project(facts), services).diagnostics
    assert "no index" in found.message


SETUP = """\
from setuptools import Extension, setup

setup(name="demo", version="1.2.3", ext_modules=[Extension("demo._x", ["demo/x.c"], libraries=["z"])])
"""
SOURCE = """\
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
"""


@pytest.mark.parametrize("is_wanted", [True, False])
def test_what_a_wheel_links_goes_into_the_recipe_where_that_is_wanted(
    tmp_path: Path, *, is_wanted: bool
) -> None:
    files = {"PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.2.3\n", "setup.py": SETUP}
    files |= {"demo/__init__.py": "", "demo/x.c": SOURCE}
    sdist = write_tar_gz(
        tmp_path / "demo-1.2.3.tar.gz", {f"demo-1.2.3/{path}": text for path, text in files.items()}
    )
    web = Index([LINUX], WheelLinks(sonames=("libz.so.1",)), hashlib.sha256(sdist.read_bytes()).hexdigest())
    services = Services(fetcher=web, names=name_source(RecipeOptions()), wheels=web)
    conversion = convert(str(sdist), options=RecipeOptions(inspect_wheels=is_wanted), services=services)
    (output,) = conversion.recipe.outputs
    names = {spec_key(line.spec) for line in output.requirements.host}
    assert ("zlib" in names) is is_wanted
    reasons = [one for one in conversion.evidence if one.address == "demo/requirements.host/zlib"]
    assert [LINUX in one.origins for one in reasons] == [True] * is_wanted
