"""Command lines of `build` that can't be carried out: each says what is wrong with which option, and ends with 2."""

from pathlib import Path

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.workflows.build import builds
from support.building import Workshop
from support.cli_runs import RunCli
from support.index_server import IndexServer


@pytest.fixture
def recipe(work: Path) -> str:
    folder = work / "recipes/demo"
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text('package: {name: demo, version: "1"}\n', encoding="utf-8")
    return "recipes/demo"


@pytest.mark.engine
def test_folder_that_is_no_distributor_is_told_plainly(cli: RunCli, recipe: str) -> None:
    done = cli("build", recipe, "--distributor", "./nochannel")

    assert done.status == 2
    assert "there is no folder './nochannel'" in done.err
    assert "do:" in done.err


def test_program_that_is_not_there_is_refused_whatever_is_built(cli: RunCli, recipe: str) -> None:
    done = cli("build", recipe, "--conda-build", "/nope")

    assert done.status == 2
    assert "--conda-build: there is no program '/nope'" in done.err


def test_program_that_nothing_would_come_of_is_refused(cli: RunCli, recipe: str) -> None:
    done = cli("build", recipe, "--engine", "rattler-build", "--conda-build", "/bin/sh")

    assert done.status == 2
    assert "--conda-build has no effect with --engine rattler-build" in done.err


def test_output_that_is_no_folder_is_refused_before_any_work(
    tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    (tmp_path / "channel").write_text("a file", encoding="utf-8")
    options = shop.options()

    with pytest.raises(UsageError) as caught:
        list(builds(["demo"], options=options, services=shop.services(options)))

    assert caught.value.slug == "not-writable"
    assert shop.engine.built == []


@pytest.mark.engine
def test_pinning_file_that_is_not_there_is_told_by_its_path(cli: RunCli, recipe: str) -> None:
    done = cli("build", recipe, "--variants", "nowhere.yaml")

    assert done.status == 2
    assert "nowhere.yaml: can't be read" in done.err
    assert "do:  check the path" in done.err


def test_migration_without_a_pinning_file_is_refused(cli: RunCli) -> None:
    done = cli("distributor", "show", "conda-forge", "--migration", "python315.yaml")

    assert done.status == 2
    assert "no pinning file that python315.yaml could be applied to" in done.err


@pytest.mark.parametrize(
    ("file", "engine", "said"),
    [
        ("recipe.yaml", "conda-build", "conda-build takes no recipe.yaml"),
        ("meta.yaml", "rattler-build", "rattler-build takes no meta.yaml"),
    ],
)
@pytest.mark.engine
def test_engine_that_does_not_take_the_format_is_left_out(
    cli: RunCli, work: Path, file: str, engine: str, said: str
) -> None:
    (work / file).write_text('package: {name: demo, version: "1"}\n', encoding="utf-8")

    done = cli("build", file, "--engine", engine)

    assert done.status == 8
    assert said in done.err
    assert "leave --engine out" in done.err
