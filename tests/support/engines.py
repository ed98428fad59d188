"""An engine in memory, and what tests ask of any engine."""

import os
import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.engines import engine_of
from conda_bridge.errors import EngineError, RecipeError, SolverError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import (
    BuildJob,
    BuildOutcome,
    EngineCapabilities,
    EngineSetting,
    EnvironmentPackage,
    EnvironmentRecord,
    Isolation,
    RenderedOutput,
    RenderJob,
    TestJob,
    TestOutcome,
    TestResult,
)
from conda_bridge.model.events import Event, LogLine
from conda_bridge.model.names import CondaName
from conda_bridge.model.options import RecipeFormat
from conda_bridge.protocols import Engine, Reporter

__all__ = ["CONDA_BUILD", "EPOCH", "FakeEngine", "HeardReporter", "present_engine", "setting_in"]

CONDA_BUILD = "CONDA_BRIDGE_CONDA_BUILD_COMMAND"
"""The variable that names a conda-build which isn't on the PATH."""
EPOCH = 1_500_000_000
_UNTOUCHED = Isolation(kind="none", has_network=False, are_files_hidden=True, can_leave_orphans=False)


def present_engine(name: str) -> Engine:
    """Return an engine, or skip the test with the reason."""
    found = engine_of(name, conda_build=os.environ.get(CONDA_BUILD, ""))
    try:
        found.capabilities()
    except EngineError as error:
        how = f"; {CONDA_BUILD} can name it" if name == "conda-build" else ""
        pytest.skip(f"{name} is missing: {error.message}{how}")
    return found


def setting_in(folder: Path, *, channels: Iterable[Path] = (), timeout_s: float = 60.0) -> EngineSetting:
    """Return a setting whose cache is in a test's own folder."""
    return EngineSetting(
        channels=tuple(channel.as_uri() for channel in channels),
        cache_dir=str(folder / "cache"),
        timeout_s=timeout_s,
    )


class HeardReporter:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)

    @property
    def texts(self) -> list[str]:
        """What the engine said."""
        return [event.text for event in self.events if isinstance(event, LogLine)]


@dataclass(slots=True)
class FakeEngine:
    """Takes recipes with one output, runs nothing of them, and keeps their tests in memory.

    Of scripts it knows `echo WORD` and `false`; it has the packages of `known`, and needs no channel.
    """

    known: frozenset[str] = frozenset()
    formats: frozenset[RecipeFormat] = frozenset({"v1"})
    rendered: tuple[RenderedOutput, ...] = ()
    """What every recipe gives, whatever it says; empty: what it says."""
    jobs: list[RenderJob | BuildJob | TestJob] = field(default_factory=list)
    _tests: dict[str, list[list[str]]] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def capabilities(self) -> EngineCapabilities:
        return EngineCapabilities(name="fake", version="1", formats=self.formats)

    def render(self, job: RenderJob) -> tuple[RenderedOutput, ...]:
        self._begin(job)
        recipe = _read(job.recipe_path)
        if recipe.get("build", {}).get("skip"):
            return ()
        return self.rendered or (_output(recipe),)

    def build(self, job: BuildJob, reporter: Reporter) -> BuildOutcome:
        self._begin(job)
        recipe = _read(job.recipe_path)
        outputs = () if recipe.get("build", {}).get("skip") else self.rendered or (_output(recipe),)
        packages = tuple(self._built(output, recipe, job, reporter) for output in outputs)
        return BuildOutcome(packages=packages, isolation=_UNTOUCHED, duration_s=0.0)

    def test(self, job: TestJob, reporter: Reporter) -> TestOutcome:
        self._begin(job)
        results = []
        for index, script in enumerate(self._tests.get(Path(job.package_path).name, [])):
            said = _run(script, job, reporter)
            results.append(
                TestResult(index=index, is_passed=said is None, output=() if said is None else (said,))
            )
        package = Path(job.package_path)
        place = f"{job.setting.channels[0]}/{package.parent.name}/{package.name}"
        packages = (EnvironmentPackage.from_url(place),)
        name = CondaName(package.name.rsplit("-", 2)[0])
        environment = EnvironmentRecord(kind="test", package=name, packages=packages)
        return TestOutcome(
            results=tuple(results),
            environments=(environment,) if results else (),
            isolation=_UNTOUCHED,
            duration_s=0.0,
        )

    def command(self, job: RenderJob | BuildJob | TestJob) -> str:
        return f"fake-engine {type(job).__name__}"

    def stop(self) -> None:
        self._stopped.set()

    def _begin(self, job: RenderJob | BuildJob | TestJob) -> None:
        if self._stopped.is_set():
            raise KeyboardInterrupt
        self.jobs.append(job)

    def _built(
        self, output: RenderedOutput, recipe: Mapping[str, Any], job: BuildJob, reporter: Reporter
    ) -> tuple[str, PackageRecord]:
        own = Path(job.output_dir)
        present = self.known | {path.name.rsplit("-", 2)[0] for path in own.glob("*/*.conda")}
        lacking = [
            spec for spec in (*output.build_specs, *output.host_specs) if spec.split()[0] not in present
        ]
        if lacking:
            raise SolverError("unsatisfiable", f"nothing provides {', '.join(lacking)}", where=job.log_path)
        said = _run(_listed(recipe.get("build", {}).get("script")), job, reporter)
        if said is not None:
            raise EngineError(
                "build-failed", f"the script failed; the last lines of the log:\n  {said}", where=job.log_path
            )
        record = PackageRecord(
            conda_name=output.conda_name,
            version=output.version,
            build=output.build,
            build_number=output.build_number,
            subdir=output.subdir,
            noarch=output.noarch,
            depends=output.run_specs,
            timestamp_ms=job.source_date_epoch * 1000,
        )
        path = own / record.subdir / f"{record.stem}.conda"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._tests[path.name] = [_listed(test.get("script")) for test in recipe.get("tests", [])]
        written = write_conda(str(path), record, ())
        taken = Path(job.taken_dir, record.subdir, path.name)
        taken.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, taken)
        return str(taken), written


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _run(script: list[str], job: BuildJob | TestJob, reporter: Reporter) -> str | None:
    """Return why the script failed; None where it didn't."""
    with Path(job.log_path).open("a", encoding="utf-8") as log:
        for command in script:
            said = command.removeprefix("echo ")
            log.write(f"{said}\n")
            reporter.report(LogLine(subject=job.subject, text=said))
            if command == "false":
                return "false failed"
    return None


def _read(path: str) -> Mapping[str, Any]:
    try:
        recipe = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RecipeError("engine-refuses-recipe", "it is no YAML", where=path) from error
    if not isinstance(recipe, dict) or "version" not in recipe.get("package", {}):
        raise RecipeError("engine-refuses-recipe", "it has no version", where=path)
    return recipe


def _output(recipe: Mapping[str, Any]) -> RenderedOutput:
    build = recipe.get("build", {})
    requirements = recipe.get("requirements", {})
    number = int(build.get("number", 0))
    return RenderedOutput(
        conda_name=CondaName(recipe["package"]["name"]),
        version=str(recipe["package"]["version"]),
        build=f"h0000000_{number}",
        build_number=number,
        subdir="noarch" if build.get("noarch") else "linux-64",
        noarch=build.get("noarch", ""),
        build_specs=tuple(requirements.get("build", ())),
        host_specs=tuple(requirements.get("host", ())),
        run_specs=tuple(requirements.get("run", ())),
        test_specs=tuple(
            tuple(test.get("requirements", {}).get("run", ())) for test in recipe.get("tests", ())
        ),
    )
