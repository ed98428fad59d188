"""Commands of a dry run do by hand what the build would have done, with whatever recipes and sources there are."""

from pathlib import Path

import pytest

from conda_bridge.workflows.build import BuildResult, builds
from support.building import Workshop
from support.index_server import IndexServer


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server)


def told(shop: Workshop, source: str) -> BuildResult:
    options = shop.options()
    (result,) = builds([source], options=options, services=shop.services(options), is_dry_run=True)
    assert result.error is None
    return result


def command(result: BuildResult, title: str) -> str:
    """Return the one command whose comment begins so."""
    (found,) = (one for one in result.commands if one.startswith(f"# {title}"))
    return found


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("demo", "demo==1.5"), ("demo==1.*", "demo==1.5"), ("demo~=1.0", "demo==1.5"), ("demo==1.0", "demo==1.0"),
        ("demo===1.0", "demo===1.0"),
    ],
)  # fmt: skip
def test_recipe_is_asked_for_with_the_release_that_was_planned(
    shop: Workshop, source: str, asked: str
) -> None:
    shop.distributor.pythons = ("3.11.* *_cpython",)
    for version, bound in (("1.0", ">=3.9"), ("1.5", ">=3.9"), ("1.6", ">=3.12")):
        shop.offer("demo", version=version, requires_python=bound)

    assert f"conda-bridge recipe {asked} " in command(told(shop, source), "write the recipe").replace("'", "")
