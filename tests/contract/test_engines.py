"""What every engine promises: those that are here, and the one in memory that tests of workflows use."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.engines import ENGINES
from conda_bridge.errors import EngineError, RecipeError, SolverError
from conda_bridge.model.build import BuildJob, BuildOutcome, EngineSetting, RenderJob, TestJob, TestOutcome
from conda_bridge.model.events import LogLine
from conda_bridge.protocols import Engine, SilentReporter
from support.engines import EPOCH, FakeEngine, HeardReporter, present_engine, setting_in

_HEAD = "package: {name: told, version: '1.5'}\n"
# Both formats say the same in these; each engine is given the file that it takes.
_PLAIN = _HEAD + "build: {noarch: generic, number: 2, script: [echo first-words]}\n"
_SKIPPED = _HEAD + "build: {noarch: generic, skip: true, script: [echo first-words]}\n"
_FAILING = _HEAD + "build: {noarch: generic, script: [echo last-words, 'false']}\n"
_NEEDY = _HEAD + "build: {noarch: generic}\nrequirements: {host: [nowhere-to-be-found >=3]}\n"
_TESTED = {
    "v1": "tests: [{script: [echo tested-words]}, {script: ['false']}]\n",
    "v0": "test: {commands: [echo tested-words, 'false']}\n",
}


@pytest.fixture(params=["fake", *(pytest.param(name, marks=pytest.mark.engine) for name in ENGINES)])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "fake":
        return FakeEngine()
    return present_engine(request.param)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder to try an engine in."""

    engine: Engine
    folder: Path
    setting: EngineSetting

    @property
    def is_v1(self) -> bool:
        return "v1" in self.engine.capabilities().formats

    def write(self, text: str) -> str:
        path = self.folder / "recipe" / ("recipe.yaml" if self.is_v1 else "meta.yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def render_job(self, text: str) -> RenderJob:
        return RenderJob(recipe_path=self.write(text), setting=self.setting)

    def build_job(self, text: str) -> BuildJob:
        return BuildJob(
            subject="./told",
            recipe_path=self.write(text),
            setting=self.setting,
            output_dir=str(self.folder / "out"),
            taken_dir=str(self.folder / "taken"),
            log_path=str(self.folder / "build.log"),
            source_date_epoch=EPOCH,
        )

    def built(self, text: str, reporter: HeardReporter | None = None) -> BuildOutcome:
        return self.engine.build(self.build_job(text), reporter or SilentReporter())

    def tested(self, text: str) -> TestOutcome:
        ((path, _),) = self.built(text).packages
        job = TestJob(
            subject="./told",
            package_path=path,
            setting=replace(self.setting, channels=((self.folder / "out").as_uri(),)),
            work_dir=str(self.folder / "test"),
            log_path=str(self.folder / "build.log"),
        )
        return self.engine.test(job, SilentReporter())


@pytest.fixture
def bench(engine: Engine, tmp_path: Path) -> Bench:
    return Bench(engine=engine, folder=tmp_path, setting=setting_in(tmp_path))


def test_engine_says_its_name_and_what_it_takes(engine: Engine) -> None:
    said = engine.capabilities()

    assert said.name
    assert said.version
    assert said.formats


def test_rendering_tells_the_package_and_what_it_needs(bench: Bench) -> None:
    text = (
        _HEAD + "build: {noarch: generic, number: 2}\n"
        "requirements: {host: [a >=1], run: ['b >=2,<3']}\n" + (_TESTED["v1"] if bench.is_v1 else "")
    )

    (output,) = bench.engine.render(bench.render_job(text))

    assert (output.conda_name, output.version, output.build_number) == ("told", "1.5", 2)
    assert (output.subdir, output.noarch) == ("noarch", "generic")
    assert output.host_specs == ("a >=1",)
    assert output.run_specs == ("b >=2,<3",)
    assert not bench.is_v1 or output.test_specs == ((), ())


def test_rendering_runs_nothing(bench: Bench) -> None:
    bench.engine.render(bench.render_job(_PLAIN))

    assert not (bench.folder / "out").exists()


def test_broken_recipe_is_refused(bench: Bench) -> None:
    with pytest.raises(RecipeError) as caught:
        bench.engine.render(bench.render_job("package: {name: told}\nbuild: [\n"))

    assert caught.value.slug == "engine-refuses-recipe"
    assert str(bench.folder) in str(caught.value.where)


def test_skipped_output_is_neither_rendered_nor_built(bench: Bench) -> None:
    assert bench.engine.render(bench.render_job(_SKIPPED)) == ()
    assert bench.built(_SKIPPED).packages == ()


def test_building_leaves_a_package_that_is_what_was_rendered(bench: Bench) -> None:
    (output,) = bench.engine.render(bench.render_job(_PLAIN))

    ((path, record),) = bench.built(_PLAIN).packages

    assert read_record(path) == record
    assert (record.conda_name, record.version, record.build) == ("told", "1.5", output.build)
    assert Path(path) == bench.folder / "taken" / "noarch" / f"{record.stem}.conda"


def test_what_scripts_say_is_reported_and_logged(bench: Bench) -> None:
    heard = HeardReporter()

    bench.built(_PLAIN, heard)

    assert any("first-words" in text for text in heard.texts)
    assert {event.subject for event in heard.events if isinstance(event, LogLine)} == {"./told"}
    assert "first-words" in (bench.folder / "build.log").read_text()


def test_failing_script_is_a_failure_with_the_end_of_its_log(bench: Bench) -> None:
    with pytest.raises(EngineError) as caught:
        bench.built(_FAILING)

    assert caught.value.slug == "build-failed"
    assert caught.value.where == str(bench.folder / "build.log")
    assert "false" in caught.value.message
    assert not list((bench.folder / "out").glob("noarch/told*"))


def test_environment_that_cannot_be_made_is_a_failure_that_says_why(bench: Bench) -> None:
    with pytest.raises(SolverError) as caught:
        bench.built(_NEEDY)

    assert caught.value.slug == "unsatisfiable"
    assert "nowhere-to-be-found" in caught.value.message


def test_failing_test_is_a_value(bench: Bench) -> None:
    outcome = bench.tested(_PLAIN + _TESTED["v1" if bench.is_v1 else "v0"])

    assert not outcome.is_passed
    passed = [result.is_passed for result in outcome.results]
    assert passed == ([True, False] if bench.is_v1 else [False])
    assert any(result.output for result in outcome.results if not result.is_passed)


def test_packages_of_test_environments_are_told(bench: Bench) -> None:
    outcome = bench.tested(_PLAIN + _TESTED["v1" if bench.is_v1 else "v0"])

    (environment,) = outcome.environments
    assert (environment.kind, environment.package) == ("test", "told")
    own = (bench.folder / "out/noarch").as_uri()
    assert [one for one in environment.packages if one.url.startswith(f"{own}/told-1.5-")]
    assert not [one for one in environment.packages if str(bench.folder / "test") in one.url]


def test_package_without_tests_passes(bench: Bench) -> None:
    assert bench.tested(_PLAIN).is_passed


def test_stopped_engine_works_no_more(bench: Bench) -> None:
    bench.engine.stop()

    with pytest.raises(KeyboardInterrupt):
        bench.built(_PLAIN)


def test_command_is_shell_text_and_runs_nothing(bench: Bench) -> None:
    text = bench.engine.command(bench.build_job(_PLAIN))

    checked = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert text.strip()
    assert not (bench.folder / "out").exists()
