"""What builds leave, and what they do to what they were given, is looked at before anything is published."""

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from conda_bridge.model.build import BuildJob, BuildOutcome
from conda_bridge.protocols import Reporter
from conda_bridge.workflows.build import BuildResult, builds
from support.building import FakeEngine, Workshop
from support.index_server import IndexServer
from support.local_channels import make_package


def build(shop: Workshop) -> BuildResult:
    options = shop.options()
    (result,) = builds(["demo"], options=options, services=shop.services(options))
    return result


def published(shop: Workshop) -> list[str]:
    return [path.name for path in (shop.folder / "channel").glob("*/*.conda")]


@dataclass
class ForgingEngine(FakeEngine):
    """Answers that it built something else."""

    def build(self, job: BuildJob, reporter: Reporter) -> BuildOutcome:
        outcome = super().build(job, reporter)
        path = make_package(Path(job.taken_dir, "noarch"), "python")
        return replace(outcome, packages=((path, replace(outcome.packages[0][1], conda_name="python")),))  # type: ignore[arg-type]


def test_package_that_the_recipe_does_not_give_is_not_published(
    tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server, engine=ForgingEngine())
    shop.offer("demo")

    result = build(shop)

    assert result.error is not None
    assert result.error.slug == "unexpected-output"
    assert published(shop) == []


@pytest.mark.parametrize("is_failing", [False, True])
def test_build_that_changes_a_package_of_the_cache_is_not_published(
    *, is_failing: bool, tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"} if is_failing else ())
    entries: list[Path] = []

    def poison(_name: str) -> None:
        entry = Path(shop.engine.jobs[-1].setting.cache_dir, "pkgs/pip-25.0-0")
        entries.append(entry)
        (entry / "info").mkdir(parents=True)
        row = {"_path": "pip.py", "path_type": "hardlink", "sha256": sha256(b"good").hexdigest()}
        (entry / "info/paths.json").write_text(json.dumps({"paths": [row]}))
        (entry / "pip.py").write_text("evil")

    shop.engine.during = poison

    result = build(shop)

    assert result.error is not None
    assert result.error.slug == ("build-failed" if is_failing else "changed-packages")
    assert ("damaged-packages" in [one.slug for one in result.diagnostics]) == is_failing
    assert not entries[0].exists()
    assert published(shop) == []


def test_channel_among_the_files_of_its_recipe_is_refused(tmp_path: Path, index_server: IndexServer) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    options = shop.options()
    list(builds(["demo"], options=options, services=shop.services(options)))
    recipe = tmp_path / "channel/builds/demo-1.0-py_0/recipe"
    options = replace(options, channel_dir=str(recipe))

    (result,) = builds([str(recipe)], options=options, services=shop.services(options))

    assert result.error is not None
    assert result.error.slug == "unsafe-recipe-folder"


def test_source_that_a_build_replaces_is_told_as_it_was(tmp_path: Path, index_server: IndexServer) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    sizes: list[int] = []

    def swap(_name: str) -> None:
        (file,) = (Path(shop.engine.jobs[-1].recipe_path).parents[1] / "sources/0").iterdir()
        sizes.append(file.stat().st_size)
        file.write_text("")

    shop.engine.during = swap

    result = build(shop)

    (row,) = json.loads(Path(result.manifest).read_text())["inputs"]["sources"]
    assert row["size_bytes"] == sizes[0]
