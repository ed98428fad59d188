"""What builds leave, and what they do to what they were given, is looked at before anything is published."""

import json
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from conda_bridge.model.build import BuildJob, BuildOutcome
from conda_bridge.processes.unchecked_builds import UncheckedBuild
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


def poison(shop: Workshop) -> Path:
    """Put a package into the cache that isn't what it says, and return it."""
    entry = Path(shop.engine.jobs[-1].setting.cache_dir, "pkgs/pip-25.0-0")
    (entry / "info").mkdir(parents=True)
    row = {"_path": "pip.py", "path_type": "hardlink", "sha256": sha256(b"good").hexdigest()}
    (entry / "info/paths.json").write_text(json.dumps({"paths": [row]}))
    (entry / "pip.py").write_text("evil")
    return entry


@pytest.mark.parametrize("is_failing", [False, True])
def test_build_that_changes_a_package_of_the_cache_is_not_published(
    *, is_failing: bool, tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"} if is_failing else ())
    entries: list[Path] = []

    shop.engine.during = lambda _name: entries.append(poison(shop))

    result = build(shop)

    assert result.error is not None
    assert result.error.slug == ("build-failed" if is_failing else "changed-packages")
    assert ("damaged-packages" in [one.slug for one in result.diagnostics]) == is_failing
    assert not entries[0].exists()
    assert published(shop) == []


def test_what_a_killed_build_did_is_looked_at_before_the_next(
    tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    entries: list[Path] = []

    def killed(_name: str) -> None:
        entries.append(poison(shop))
        raise KeyboardInterrupt

    shop.engine.during = killed
    with pytest.raises(KeyboardInterrupt):
        build(shop)
    unfinished = entries[0].with_name(".pip-25.0-0x")
    unfinished.mkdir()
    seen: list[bool] = []
    shop.engine.during = lambda _name: seen.append(entries[0].exists() or unfinished.exists())

    result = build(shop)
    again = build(shop)

    assert seen == [False, False]
    assert [one.slug for one in result.diagnostics].count("damaged-packages") == 1
    assert "damaged-packages" not in [one.slug for one in again.diagnostics]
    assert len(published(shop)) == 1


def test_what_another_build_did_before_this_one_began_is_looked_at(
    tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    build(shop)
    other = UncheckedBuild.begun(str(tmp_path / "cache/build-locks"), time.time_ns())
    entry = poison(shop)
    time.sleep(0.2)

    result = build(shop)
    other.done(is_checked=True)

    assert result.error is not None
    assert result.error.slug == "changed-packages"
    assert not entry.exists()


def test_package_that_another_build_unpacks_just_now_is_left_alone(
    tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    unfinished: list[Path] = []

    def unpack(_name: str) -> None:
        folder = Path(shop.engine.jobs[-1].setting.cache_dir, "pkgs/.pip-25.0-0x/lib")
        folder.mkdir(parents=True)
        unfinished.append(folder)

    shop.engine.during = unpack

    assert build(shop).error is None
    assert unfinished[0].exists()


def test_channel_among_the_files_of_its_recipe_is_refused(tmp_path: Path, index_server: IndexServer) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    options = shop.options()
    list(builds(["demo"], options=options, services=shop.services(options)))
    recipe = tmp_path / "channel/builds/demo-1.0-py_0/recipe"
    (recipe / "noarch").mkdir()
    (recipe / "noarch/repodata.json").write_text('{"packages": {}}')
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
