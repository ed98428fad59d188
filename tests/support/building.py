"""Builds without an engine: an index of tiny projects, an engine that packs a file, a distributor that has what a test says."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.formats.v1 import read_v1
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import (
    BuildJob,
    BuildOutcome,
    EngineCapabilities,
    EnvironmentPackage,
    EnvironmentRecord,
    Isolation,
    MissingPackage,
    NeededEnvironment,
    Provided,
    RenderedOutput,
    RenderedSource,
    RenderJob,
    TestJob,
    TestOutcome,
    TestResult,
)
from conda_bridge.model.events import LogLine
from conda_bridge.model.names import CondaName
from conda_bridge.model.options import BuildOptions, IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.model.recipe import MatchSpec, Output, PathSource, Recipe, UrlSource
from conda_bridge.model.variants import VariantConfig
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.translate.spec_matching import matches
from conda_bridge.workflows.building.context import BuildServices
from conda_bridge.workflows.building.environments import spec_name
from conda_bridge.workflows.services import services_of
from support.archives import write_tar_gz
from support.index_server import IndexServer

__all__ = ["FakeDistributor", "FakeEngine", "Workshop", "offer"]

NOWHERE = Isolation(kind="none", has_network=False, are_files_hidden=False, can_leave_orphans=False)


def offer(
    index: IndexServer,
    folder: Path,
    name: str,
    *,
    version: str = "1.0",
    needs: Sequence[str] = (),
    builds_with: Sequence[str] = (),
    requires_python: str = ">=3.9",
) -> None:
    """Put the sdist of a tiny project on the index."""
    top = f"{name.replace('-', '_')}-{version}"
    needed = "".join(f"Requires-Dist: {one}\n" for one in needs)
    requires = ", ".join(f'"{one}"' for one in ("hatchling", *builds_with))
    path = write_tar_gz(
        folder / f"{top}.tar.gz",
        {
            f"{top}/PKG-INFO": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nSummary: A demo\n"
            f"License-Expression: MIT\nLicense-File: LICENSE\nRequires-Python: {requires_python}\n{needed}",
            f"{top}/pyproject.toml": f'[build-system]\nrequires = [{requires}]\nbuild-backend = "hatchling.build"\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\nlicense = "MIT"\n'
            f'requires-python = "{requires_python}"\n'
            f"dependencies = {[*needs]!r}\n",
            f"{top}/LICENSE": "MIT License\n",
            f"{top}/src/{name.replace('-', '_')}/__init__.py": "",
        },
    )
    index.add_file(name, path.name, path.read_bytes(), **{"requires-python": requires_python})


@dataclass
class FakeEngine:
    """Packs one file for each output; `failing` recipes fail, those whose `failing_tests` are named don't pass."""

    failing: frozenset[str] = frozenset()
    failing_tests: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    variants_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The build strings of a recipe's outputs, one for each variant."""
    formats: frozenset[str] = frozenset({"v1"})
    is_missing: bool = False
    environment: tuple[str, ...] = ("c/noarch/pip-1-0.conda",)
    """Of every host."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Path in the prefix -> content of what is packed; empty for one file of no account."""
    noarch: Literal["", "python"] = "python"
    says: str = "the very cause"
    """The last line of its log."""
    fails_with: str = "the script failed"
    during: Callable[[str], None] = lambda _name: None
    """Called with the recipe's name while it is built."""
    built: list[str] = field(default_factory=list)
    tested: list[str] = field(default_factory=list)
    jobs: list[BuildJob] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    at_once: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def capabilities(self) -> EngineCapabilities:
        if self.is_missing:
            raise EngineError("engine-missing", "py-rattler-build is not installed")
        return EngineCapabilities(name="fake", version="1", formats=self.formats)  # type: ignore[arg-type]

    def render(self, job: RenderJob) -> tuple[RenderedOutput, ...]:
        recipe = read_v1(Path(job.recipe_path).read_text(encoding="utf-8"))
        if recipe.name in self.skipped:
            return ()
        return tuple(
            self._output(recipe, output, build)
            for build in self.variants_of.get(recipe.name, ("py_0",))
            for output in recipe.outputs
        )

    def _output(self, recipe: Recipe, output: Output, build: str) -> RenderedOutput:
        def specs(section: str) -> tuple[str, ...]:
            found = getattr(output.requirements, section)
            return tuple(str(one.spec) for one in found if isinstance(one.spec, MatchSpec))

        return RenderedOutput(
            conda_name=output.conda_name,
            version=output.version or recipe.version,
            build=build,
            noarch=self.noarch,
            subdir="noarch" if self.noarch else "linux-64",
            variant=(("python", build),),
            build_specs=specs("build"),
            host_specs=specs("host"),
            run_specs=specs("run"),
            test_specs=(("pip",),),
            sources=tuple(
                RenderedSource(kind="url", urls=(one.url,), sha256=one.sha256)
                if isinstance(one, UrlSource)
                else RenderedSource(kind="path", urls=(one.path,))
                for one in recipe.sources
                if isinstance(one, UrlSource | PathSource)
            ),
        )

    def build(self, job: BuildJob, reporter: Reporter) -> BuildOutcome:
        recipe = read_v1(Path(job.recipe_path).read_text(encoding="utf-8"))
        with self._lock:
            self.built.append(recipe.name)
            self.jobs.append(job)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            Path(job.log_path).write_text(f"building {recipe.name}\n{self.says}\n", encoding="utf-8")
            reporter.report(LogLine(subject=job.subject, text=self.says))
            self.during(recipe.name)
            if recipe.name in self.failing:
                raise EngineError("build-failed", self.fails_with, where=job.log_path)
            rendered = self.render(RenderJob(recipe_path=job.recipe_path, setting=job.setting))
            packages = tuple(self._packed(one, job) for one in rendered)
        finally:
            with self._lock:
                self.at_once -= 1
        return BuildOutcome(
            packages=packages,
            environments=(
                EnvironmentRecord(
                    kind="host",
                    package=recipe.outputs[0].conda_name,
                    packages=tuple(map(EnvironmentPackage.from_url, self.environment)),
                ),
            ),
            isolation=NOWHERE,
            duration_s=0.1,
        )

    def _packed(self, output: RenderedOutput, job: BuildJob) -> tuple[str, PackageRecord]:
        record = PackageRecord(
            conda_name=output.conda_name,
            version=output.version,
            build=output.build,
            noarch=self.noarch,
            subdir="noarch" if self.noarch else "linux-64",
            depends=output.run_specs,
            timestamp_ms=job.source_date_epoch * 1000,
        )
        folder = Path(job.taken_dir) / record.subdir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{record.stem}.conda"
        text = Path(job.recipe_path).read_bytes()
        contents = self.contents or {f"share/{output.conda_name}.txt": b"hello\n"}
        files = [PackedFile(path=name, content=content) for name, content in contents.items()]
        info = PackageInfo(files=(("recipe/recipe.yaml", text),))
        return str(path), write_conda(str(path), record, files, info=info)

    def test(self, job: TestJob, reporter: Reporter) -> TestOutcome:
        name = Path(job.package_path).name
        reporter.report(LogLine(subject=job.subject, text=f"testing {name}"))
        self.tested.append(name)
        is_passed = not any(name.startswith(one) for one in self.failing_tests)
        own = f"{job.setting.channels[0]}/noarch/{name}"
        packages = tuple(map(EnvironmentPackage.from_url, (*self.environment, own)))
        environment = EnvironmentRecord(
            kind="test", package=CondaName(name.rsplit("-", 2)[0]), packages=packages
        )
        return TestOutcome(
            results=(TestResult(index=0, is_passed=is_passed),),
            environments=(environment,),
            isolation=NOWHERE,
            duration_s=0.1,
        )

    def command(self, job: RenderJob | BuildJob | TestJob) -> str:
        place = job.package_path if isinstance(job, TestJob) else job.recipe_path
        return " ".join((f"fake-{type(job).__name__} {place}", *job.setting.channels))

    def stop(self) -> None:
        self.stopped.set()


@dataclass
class FakeDistributor:
    """Has the packages `has`, as name -> version, and whatever is beside them."""

    has: Mapping[str, str] = field(default_factory=dict)
    not_python: frozenset[str] = frozenset()
    error: BridgeError | None = None
    urls: tuple[str, ...] = ("file:///fake",)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    name: str = "fake"
    pythons: tuple[str, ...] = ("3.11.* *_cpython", "3.12.* *_cpython")

    def channels(self) -> tuple[str, ...]:
        return self.urls

    def variants(self) -> VariantConfig:
        if self.error:
            raise self.error
        return VariantConfig(values=(("python", self.pythons),))

    def readable(self) -> tuple[str, ...]:
        return ()

    def tools(self) -> tuple[str, ...]:
        return ()

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        missing: dict[tuple[str, str], MissingPackage] = {}
        own = [PackageRecord(conda_name=CondaName(n), version=v, build="0") for n, v in self.has.items()]
        for environment in environments:
            self.asked.append(environment.specs)
            for spec in environment.specs:
                if not any(matches(spec, record) for record in (*beside, *own)):
                    missing.setdefault((environment.label, spec), self._missing(environment, spec))
        return Provided(missing=tuple(missing.values()))

    def _missing(self, environment: NeededEnvironment, spec: str) -> MissingPackage:
        name = spec_name(spec)
        return MissingPackage(
            conda_name=CondaName(name),
            spec=spec,
            wanted_by=environment.label,
            reason="not-python" if name in self.not_python else "version" if name in self.has else "absent",
        )


@dataclass
class Workshop:
    """What a test builds with."""

    folder: Path
    index: IndexServer
    engine: FakeEngine = field(default_factory=FakeEngine)
    distributor: FakeDistributor = field(
        default_factory=lambda: FakeDistributor(has={"python": "3.11.5", "pip": "25.0", "hatchling": "1.27"})
    )

    def offer(
        self,
        name: str,
        *,
        version: str = "1.0",
        needs: Iterable[str] = (),
        builds_with: Iterable[str] = (),
        requires_python: str = ">=3.9",
    ) -> None:
        """Put a project on the index."""
        offer(
            self.index,
            self.folder,
            name,
            version=version,
            needs=[*needs],
            builds_with=[*builds_with],
            requires_python=requires_python,
        )

    def options(self, **chosen: object) -> BuildOptions:
        """Return options that name this test's index, cache and channel."""
        recipe = RecipeOptions(
            index=IndexOptions(urls=(self.index.index_url,)),
            network=NetworkOptions(cache_dir=str(self.folder / "cache"), retries=0),
            ask_channels=False,
        )
        return BuildOptions(recipe=recipe, channel_dir=str(self.folder / "channel"), **chosen)  # type: ignore[arg-type]

    def services(self, options: BuildOptions) -> BuildServices:
        """Return the fakes, and the real services for the rest."""
        return BuildServices(
            recipe=services_of(options.recipe, SilentReporter()),
            distributor=self.distributor,
            engines=(("fake", self.engine),),
            channel=LocalChannel(options.channel_dir),
        )
