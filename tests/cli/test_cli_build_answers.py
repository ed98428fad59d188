"""Failures in the answers of `build --json`."""

from pathlib import Path

import pytest

from conda_bridge.cli.answers import failure_of
from conda_bridge.cli.build import failed_source
from conda_bridge.errors import RecipeError
from conda_bridge.workflows.build import BuildResult, builds
from support.building import Workshop
from support.cli_runs import RunCli
from support.index_server import IndexServer


def failed_build(folder: Path, index_server: IndexServer, says: str) -> BuildResult:
    shop = Workshop(folder=folder, index=index_server)
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    shop.engine.says = says
    options = shop.options()
    (result,) = builds(["demo"], options=options, services=shop.services(options))
    return result


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ("ld: cannot find -lz: No such file or directory", "-lz isn't found: it belongs to zlib"),
        ("ValueError: no such thing", "ValueError: no such thing"),
    ],
)
def test_message_is_what_tells_most_and_the_log_stands_beside_it(
    tmp_path: Path, index_server: IndexServer, says: str, message: str
) -> None:
    failure = failed_source(failed_build(tmp_path, index_server, says))

    assert (failure.source, failure.message) == ("demo", message)
    assert failure.detail == f"building demo\n{says}"
    assert failure.where.endswith("build.log")


def test_words_of_an_engine_are_told_by_their_first_line() -> None:
    failure = failure_of(RecipeError("engine-refuses-recipe", "it is wrong\n  - here\n  - and here"))

    assert (failure.message, failure.detail) == ("it is wrong", "  - here\n  - and here")


def test_source_that_ends_a_run_is_named(cli: RunCli) -> None:
    done = cli("build", "click", "nowhere/recipe.yaml", "--json")

    assert done.status == 2
    assert '"source": "nowhere/recipe.yaml"' in done.out
