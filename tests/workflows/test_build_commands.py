"""Commands of a dry run do by hand what the build would have done, with whatever recipes and sources there are."""

import hashlib
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.model.build import BuildJob, RenderJob, TestJob
from conda_bridge.processes.work_folders import WorkFolders
from conda_bridge.workflows.build import BuildResult, builds
from support.building import FakeEngine, Workshop
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

    assert f"{sys.executable} -I -m conda_bridge recipe {asked} " in command(
        told(shop, source), "write the recipe"
    ).replace("'", "")


def test_project_is_named_by_its_whole_path(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.folder / "here").mkdir()
    (shop.folder / "here/pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "demo"\nversion = "1.0"\nlicense = "MIT"\n'
    )
    monkeypatch.chdir(shop.folder)

    assert f" recipe {shop.folder}/here " in command(told(shop, "./here"), "write the recipe")


class _TimeTeller(FakeEngine):
    """Its commands are the times that builds are told."""

    def command(self, job: RenderJob | BuildJob | TestJob) -> str:
        return str(job.source_date_epoch) if isinstance(job, BuildJob) else ""


def test_build_is_told_the_time_of_the_source(shop: Workshop) -> None:
    shop.engine = _TimeTeller()
    path, member = shop.folder / "demo-1.tar.gz", tarfile.TarInfo("demo-1/demo.py")
    member.mtime = 1_700_000_000
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    source = f"source: {{url: '{path.as_uri()}', sha256: {sha256}}}"
    text = f"package: {{name: demo, version: '1'}}\n{source}\nbuild: {{script: 'true'}}\n"

    assert command(told(shop, given(shop, text)), "build demo").splitlines()[-1] == "1700000000"


def test_what_would_be_passed_over_has_no_commands(shop: Workshop) -> None:
    shop.offer("top", needs=["bottom"])
    shop.offer("bottom", needs=["nowhere-at-all"])
    options = shop.options()

    results = builds(["top", "bottom"], options=options, services=shop.services(options), is_dry_run=True)

    assert {one.planned.key: (one.is_passed_over, one.commands) for one in results} == {
        "bottom": (False, ()),
        "top": (True, ()),
    }


def given(shop: Workshop, text: str) -> str:
    """Return the folder of a recipe."""
    folder = shop.folder / "given"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    return str(folder)


def staged_by_hand(shop: Workshop, source: str) -> Path:
    """Return the folder that the command lays a recipe and its sources out in, once it was run."""
    return staged_by(shop, told(shop, source))


def staged_by(shop: Workshop, result: BuildResult) -> Path:
    """Return the same of a dry run's result."""
    text = command(result, "lay out")
    subprocess.run(["bash", "-e"], input=text, text=True, check=True, cwd=shop.folder)
    (recipe,) = (shop.folder / "cache/build/work").glob("*/*/staged/recipe/recipe.yaml")
    return recipe.parent.parent


def test_sources_of_one_file_name_are_laid_out_each_in_its_place(shop: Workshop) -> None:
    rows = []
    for name in ("one", "two"):
        path = shop.folder / name / "v1.0.txt"
        path.parent.mkdir()
        path.write_text(name, encoding="utf-8")
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append(f"  - {{url: '{path.as_uri()}', sha256: {sha256}}}\n")
    text = f"package: {{name: demo, version: '1'}}\nsource:\n{''.join(rows)}build: {{script: 'true'}}\n"

    staged = staged_by_hand(shop, given(shop, text))

    assert [(staged / f"sources/{number}/v1.0.txt").read_text() for number in range(2)] == ["one", "two"]


def test_output_channel_within_the_source_is_not_laid_out(shop: Workshop) -> None:
    (shop.folder / "flat").mkdir()
    (shop.folder / "flat/demo.py").touch()
    text = f"package: {{name: demo, version: '1'}}\nsource: {{path: '{shop.folder}/flat'}}\nbuild: {{script: 'true'}}\n"
    options = replace(shop.options(), channel_dir=str(shop.folder / "flat/channel"))
    folder = given(shop, text)
    (result,) = builds([folder], options=options, services=shop.services(options), is_dry_run=True)
    (shop.folder / "flat/channel/noarch").mkdir(parents=True)

    staged = staged_by(shop, result)

    assert [path.name for path in (staged / "sources/0").iterdir()] == ["demo.py"]
    assert f"{staged}/sources/0" in (staged / "recipe/recipe.yaml").read_text()


@pytest.mark.parametrize("end", ["\n", "\n\n\n"])
def test_text_of_a_recipe_is_never_run(shop: Workshop, end: str) -> None:
    text = (
        "{package: {name: demo, version: '1'}, build: {script: 'true'},\n"
        f'about: {{summary: "x\nRECIPE\ntouch run\nRECIPE_\ncat <<RECIPE\ny"}}}}{end}'
    )

    staged = staged_by_hand(shop, given(shop, text))

    assert (staged / "recipe/recipe.yaml").read_text() == text
    assert not (shop.folder / "run").exists()


def test_no_link_is_followed_to_what_an_earlier_build_left(shop: Workshop) -> None:
    shop.offer("demo")
    result = told(shop, "demo")
    mine = shop.folder / "mine/demo/thesis.tex"
    mine.parent.mkdir(parents=True)
    mine.touch()
    options = shop.options()
    key = Path(WorkFolders(str(shop.folder / "cache"), options.channel_dir).path("demo")).parent
    key.parent.mkdir(parents=True)
    key.symlink_to(shop.folder / "mine")

    subprocess.run(["bash", "-e"], input=command(result, "remove what"), text=True, check=True)

    assert mine.is_file()
    assert not key.is_symlink()
