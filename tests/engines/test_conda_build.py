"""What becomes of jobs in an installation of conda-build, played by a stub: how it ends, what it says, what it sees."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.engines.conda_build import CondaBuildEngine
from conda_bridge.engines.conda_build_home import find_conda_build
from conda_bridge.engines.conda_build_jobs import asked_to_build, asked_to_test, variants_text
from conda_bridge.errors import EngineError, RecipeError, SolverError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import BuildJob, RenderJob, TestJob
from conda_bridge.model.names import CondaName
from conda_bridge.model.variants import VariantConfig
from support.conda_build_stub import install_stub
from support.engines import EPOCH, HeardReporter, setting_in

_FINAL = b"""\
package:
  name: told
requirements:
  build: []
  host:
    - python 3.11.7 0_cpython
    - unheard 1 0
  run:
    - python 3.11.7 0_cpython
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_stub(tmp_path_factory.mktemp("installed"))


@dataclass(frozen=True, kw_only=True)
class Bench:
    engine: CondaBuildEngine
    folder: Path

    def recipe(self, words: str) -> str:
        path = self.folder / "recipe/meta.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"package: {{name: told}}  # stub: {words}\n")
        return str(path)

    def build_job(self, words: str) -> BuildJob:
        return BuildJob(
            subject="./told",
            recipe_path=self.recipe(words),
            setting=setting_in(self.folder),
            output_dir=str(self.folder / "out"),
            taken_dir=str(self.folder / "taken"),
            log_path=str(self.folder / "build.log"),
            source_date_epoch=EPOCH,
        )

    def test_job(self, words: str) -> TestJob:
        package = write_told(self.folder / "out/noarch")
        (self.folder / "test/bld").mkdir(parents=True)
        (self.folder / "test/words").write_text(f"# stub: {words}\n")
        return TestJob(
            subject="./told",
            package_path=package,
            setting=setting_in(self.folder, channels=[self.folder / "out"]),
            work_dir=str(self.folder / "test"),
            log_path=str(self.folder / "build.log"),
        )


def write_told(folder: Path) -> str:
    record = PackageRecord(conda_name=CondaName("told"), version="1.5", build="0", subdir="noarch")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "told-1.5-0.conda"
    write_conda(str(path), record, (), info=PackageInfo(files=(("recipe/meta.yaml", _FINAL),)))
    return str(path)


@pytest.fixture
def bench(command: Path, tmp_path: Path) -> Bench:
    return Bench(engine=CondaBuildEngine(program=str(command)), folder=tmp_path)


# ---------------------------------------------------------------- what is asked


def test_values_of_variants_are_texts_and_groups_have_known_keys_only() -> None:
    variants = VariantConfig(
        values=(("a", ("3.10", "x # [win]")), ("b", ("true", "false"))),
        zip_keys=(("a", "b", "c"), ("a", "d")),
    )

    assert variants_text(variants) == (
        'a:\n  - "3.10"\n  - "x # [win]"\nb:\n  - "true"\n  - "false"\nzip_keys:\n  -\n    - a\n    - b\n'
    )


def test_build_has_a_place_and_a_configuration_of_its_own(tmp_path: Path) -> None:
    job = Bench(engine=CondaBuildEngine(), folder=tmp_path).build_job("")
    job = replace(job, setting=replace(job.setting, channels=("file:///one", "file:///two")))

    asked = asked_to_build(job)

    line = " ".join(asked.command)
    assert f"--croot {job.output_dir}/bld --output-folder {job.output_dir} " in line
    assert "--no-test --no-anaconda-upload" in line
    assert "--override-channels -c file:///one -c file:///two" in line
    files = dict(asked.files)
    assert "offline: true" in files["condarc"]
    assert f'SOURCE_DATE_EPOCH:\n  - "{EPOCH}"' in files["conda_build_config.yaml"]
    assert asked.place.writable == (job.output_dir,)
    assert not asked.place.has_network


def test_test_works_on_a_copy_of_the_package(tmp_path: Path) -> None:
    job = Bench(engine=CondaBuildEngine(), folder=tmp_path).test_job("")

    asked = asked_to_test(job)

    assert asked.copied == (job.package_path, f"{job.work_dir}/bld/channel/noarch/told-1.5-0.conda")
    assert asked.place.writable == (job.work_dir,)


def test_recipe_of_the_other_format_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    engine = CondaBuildEngine(program="/nowhere/conda-build")

    with pytest.raises(RecipeError, match=r"rattler-build \(v1\)") as caught:
        engine.render(RenderJob(recipe_path="/r/recipe.yaml", setting=setting_in(tmp_path)))

    assert caught.value.hint


# ---------------------------------------------------------------- where it is


def test_no_such_program_is_missing_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        CondaBuildEngine(program=str(tmp_path / "conda-build")).capabilities()

    assert caught.value.slug == "engine-missing"
    assert "--conda-build" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("first_line", "told"),
    [("#!/bin/sh", "no interpreter"), ("#!/nowhere/python", "/nowhere/python"), ("#!/bin/false", "imported")],
)
def test_program_that_cannot_be_asked_is_missing(tmp_path: Path, first_line: str, told: str) -> None:
    command = tmp_path / "conda-build"
    command.write_text(f"{first_line}\n")
    command.chmod(0o755)

    with pytest.raises(EngineError, match=told) as caught:
        find_conda_build(str(command))

    assert caught.value.slug == "engine-missing"


def test_interpreter_beside_is_taken_where_the_first_line_names_a_shell(
    command: Path, tmp_path: Path
) -> None:
    wrapper = command.with_name("wrapped")
    wrapper.write_text("#!/bin/sh\n'''exec' something long\n")
    wrapper.chmod(0o755)
    linked = tmp_path / "conda-build"
    linked.symlink_to(wrapper)

    found = find_conda_build(str(linked))

    assert (found.python, found.version) == (str(command.with_name("python")), "26.9.1")
    assert str(command.parents[1]) in found.readable


# ---------------------------------------------------------------- what comes of it


@pytest.mark.engine
def test_built_package_and_what_it_was_built_with_are_told(bench: Bench) -> None:
    job = bench.build_job("works")
    package = write_told(bench.folder / "recipe")
    heard = HeardReporter()

    outcome = bench.engine.build(job, heard)

    ((path, record),) = outcome.packages
    assert Path(path) == bench.folder / "taken/noarch" / Path(package).name
    assert record.stem == "told-1.5-0"
    (environment,) = outcome.environments
    assert (environment.kind, [(one.url, one.sha256) for one in environment.packages]) == (
        "host",
        [("file:///channel/linux-64/python-3.11.7-0_cpython.conda", "23")],
    )
    assert not (bench.folder / "out/bld").exists()


@pytest.mark.engine
def test_folders_without_end_are_removed(bench: Bench) -> None:
    bench.engine.build(bench.build_job("digs"), HeardReporter())

    assert not (bench.folder / "out/bld").exists()


@pytest.mark.engine
def test_conda_sees_our_configuration_and_a_solver_that_is_there(bench: Bench) -> None:
    heard = HeardReporter()
    bench.engine.build(bench.build_job("works"), heard)

    folder = bench.folder / "out/bld"
    assert f"CONDARC {folder}/condarc" in heard.texts
    assert f"CONDA_PKGS_DIRS {folder}/pkgs" in heard.texts
    assert f"SOURCE_DATE_EPOCH {EPOCH}" in heard.texts
    assert "solver newest" in heard.texts


@pytest.mark.engine
def test_package_of_an_earlier_build_is_not_taken_for_a_new_one(bench: Bench) -> None:
    write_told(bench.folder / "out/noarch")

    assert bench.engine.build(bench.build_job("works"), HeardReporter()).packages == ()


@pytest.mark.engine
@pytest.mark.parametrize(
    ("words", "slug", "told"),
    [
        ("fails", "build-failed", "a script failed; the last lines of the log:"),
        ("gives up", "build-failed", "a link is odd"),
        ("breaks", "build-failed", "our own mistake"),
        ("is killed", "engine-crashed", "gave no answer"),
    ],
)
def test_failure_is_told_with_its_class_and_the_end_of_the_log(
    bench: Bench, words: str, slug: str, told: str
) -> None:
    with pytest.raises(EngineError) as caught:
        bench.engine.build(bench.build_job(words), HeardReporter())

    assert caught.value.slug == slug
    assert told in caught.value.message
    assert "take care" in caught.value.message
    assert "Leaving" not in caught.value.message
    assert caught.value.where == str(bench.folder / "build.log")


@pytest.mark.engine
def test_what_the_solver_said_is_the_failure_however_deep_it_lies(bench: Bench) -> None:
    with pytest.raises(SolverError) as caught:
        bench.engine.build(bench.build_job("unsolvable"), HeardReporter())

    assert caught.value.slug == "unsatisfiable"
    assert caught.value.message.endswith("no b anywhere")


@pytest.mark.engine
def test_build_that_lasts_is_ended(bench: Bench) -> None:
    job = bench.build_job("lasts")

    with pytest.raises(EngineError) as caught:
        bench.engine.build(replace(job, setting=replace(job.setting, timeout_s=3.0)), HeardReporter())

    assert caught.value.slug == "build-timeout"


@pytest.mark.engine
def test_each_output_is_rendered_once_with_what_its_variant_pins(bench: Bench) -> None:
    job = RenderJob(recipe_path=bench.recipe("works"), setting=setting_in(bench.folder))

    (output,) = bench.engine.render(job)

    assert (output.conda_name, output.version, output.build, output.build_number) == (
        "told", "1.5", "py311_2", 2,
    )  # fmt: skip
    assert (output.subdir, output.noarch, output.variant) == ("linux-64", "", (("python", "3.11"),))
    assert output.host_specs == ("python 3.11.*", "a >=1")
    assert output.run_specs == ("python 3.11",)
    assert output.test_specs == (("pip", "pytest 8.*", "python"),)
    (source,) = output.sources
    assert (source.kind, source.urls, source.file_name) == (
        "url", ("https://example.org/told.tar.gz",), "told.tgz",
    )  # fmt: skip


@pytest.mark.engine
def test_recipe_that_is_refused_is_a_failure_of_the_recipe(bench: Bench) -> None:
    job = RenderJob(recipe_path=bench.recipe("gives up"), setting=setting_in(bench.folder))

    with pytest.raises(RecipeError, match="a link is odd") as caught:
        bench.engine.render(job)

    assert (caught.value.slug, caught.value.where) == ("engine-refuses-recipe", job.recipe_path)


@pytest.mark.engine
@pytest.mark.parametrize(("words", "passed"), [("works", [True]), ("fails", [False]), ("has none", [])])
def test_results_of_tests_are_values(bench: Bench, words: str, passed: list[bool]) -> None:
    outcome = bench.engine.test(bench.test_job(words), HeardReporter())

    assert [result.is_passed for result in outcome.results] == passed
    assert any("last-words" in result.output for result in outcome.results if not result.is_passed) == (
        words == "fails"
    )


@pytest.mark.engine
def test_test_environment_that_cannot_be_made_is_a_failure(bench: Bench) -> None:
    with pytest.raises(SolverError, match="no b anywhere"):
        bench.engine.test(bench.test_job("unsolvable"), HeardReporter())
