"""Commands of a dry run, pasted into a shell, publish what was built and tested, and nothing else."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.engines.rattler_build import RattlerBuildEngine
from conda_bridge.workflows.build import builds
from support.building import FakeDistributor, Workshop
from support.index_server import IndexServer

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is missing"),
]

_RECIPE = """\
package: {name: small, version: "1"}
build: {noarch: generic, script: ['%s', 'touch "$PREFIX/file"']}
tests: [{script: ['%s']}]
"""


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server, distributor=FakeDistributor(urls=()))


def run_by_hand(shop: Workshop, *, script: str = "true", test: str = "true") -> int:
    """Run the commands of building a recipe that has these, and return the shell's status."""
    recipe = shop.folder / "small/recipe.yaml"
    recipe.parent.mkdir(exist_ok=True)
    recipe.write_text(_RECIPE % (script, test), encoding="utf-8")
    options = shop.options()
    services = replace(shop.services(options), engines=(("rattler-build", RattlerBuildEngine()),))
    (told,) = builds([str(recipe)], options=options, services=services, is_dry_run=True)
    assert told.error is None
    return subprocess.run(["bash", "-e"], input="\n".join(told.commands), text=True, check=False).returncode


def published(shop: Workshop) -> Iterator[str]:
    return (path.name for path in (shop.folder / "channel/noarch").glob("*.conda"))


def test_package_that_is_built_and_tested_is_published(shop: Workshop) -> None:
    assert run_by_hand(shop) == 0
    assert [name.partition("-h")[0] for name in published(shop)] == ["small-1"]


def test_nothing_is_left_in_the_folder_of_temporary_files(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop.folder / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(shop.folder / "temporary"))

    assert run_by_hand(shop) == 0
    assert list((shop.folder / "temporary").iterdir()) == []


@pytest.mark.parametrize("failing", ["script", "test"])
def test_nothing_is_published_after_a_failure(shop: Workshop, failing: str) -> None:
    assert run_by_hand(shop, **{failing: "false"}) == 1
    assert list(published(shop)) == []


def test_package_of_an_earlier_build_is_not_taken_for_that_of_a_later_one(shop: Workshop) -> None:
    # Its test fails, so that it is left where it was built.
    run_by_hand(shop, test="false")

    assert run_by_hand(shop, script="false") == 1
    assert list((shop.folder / "cache/build/work").rglob("*.conda")) == []
