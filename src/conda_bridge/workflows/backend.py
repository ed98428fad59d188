"""Facts -> the same facts with what the source's build backend answers, or its wheel: where code of a source runs.

    files in a scratch folder -> environment of wheels -> [sandbox] what it requires -> environment
        -> [sandbox] metadata, or the wheel

It happens only where the user asked for it, only in a sandbox that was probed, and never with a fall-back to anything
weaker. The scratch folder is gone afterwards, also after an interruption.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from conda_bridge.errors import MetadataError, SourceError
from conda_bridge.infer.project import infer_project
from conda_bridge.infer.project.backend import required_lines
from conda_bridge.infer.project.build_system import read_build_system
from conda_bridge.infer.project.requirements import read_build_requirements
from conda_bridge.infer.project.toml_tables import read_pyproject
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.source import BackendFacts, SourceFacts
from conda_bridge.processes.backend import (
    BackendCall,
    PreparedMetadata,
    build_wheel,
    prepare_metadata,
    required_for_wheel,
)
from conda_bridge.processes.build_environments import BuildEnvironment, PackageIndexes, make_environment
from conda_bridge.processes.sandbox import Sandbox, SandboxLimits, find_sandbox
from conda_bridge.protocols import Fetcher, Reporter
from conda_bridge.sources.cache import Cache
from conda_bridge.sources.indexes import read_indexes
from conda_bridge.sources.trees import write_tree

__all__ = ["BackendWheels", "ask_backend", "check_offline", "ready_backend", "without_answer"]

_LIMITS = SandboxLimits()
_WHEEL_LIMITS = SandboxLimits(wall_s=900.0, cpu_s=600)
_FAILURES = frozenset({"backend-failed", "build-requirements", "backend-timeout"})


def ask_backend(
    facts: SourceFacts,
    *,
    fetcher: Fetcher,
    options: RecipeOptions,
    reporter: Reporter,
    settings: tuple[tuple[str, str], ...] = (),
) -> SourceFacts:
    """Return the facts with the answers of the source's build backend, which is given the config `settings`.

    Raises:
        UsageError: `no-sandbox`, `no-pip`.
        SourceError: the source's files can't be had; `offline` where something would have to be installed.
        MetadataError: `backend-failed`, `build-requirements`, `backend-timeout`; an invalid build system.
    """
    with _session(facts, fetcher=fetcher, options=options, reporter=reporter) as session:
        answer = session.answer(settings)
    return replace(facts, backend=answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendWheels:
    """A source's build backend with all that it requires, ready to build."""

    source: str
    """The folder of the source's files, which no build changes."""
    call: BackendCall
    environment: BuildEnvironment
    sandbox: Sandbox

    def build(self, target_dir: str) -> str:
        """Build the wheel in a sandbox, write it to `target_dir` and return its path.

        Raises:
            MetadataError: `backend-failed`, `backend-timeout`.
        """
        return build_wheel(self.call, self.environment, self.sandbox, _WHEEL_LIMITS, target_dir)


@contextmanager
def ready_backend(
    facts: SourceFacts,
    *,
    fetcher: Fetcher,
    options: RecipeOptions,
    reporter: Reporter,
    settings: tuple[tuple[str, str], ...] = (),
) -> Iterator[BackendWheels]:
    """Get a source's build backend ready; the scratch folder with its files and requirements is gone afterwards.

    Raises:
        UsageError: `no-sandbox`, `no-pip`.
        SourceError: the source's files can't be had; `offline` where something would have to be installed.
        MetadataError: `backend-failed`, `build-requirements`, `backend-timeout`; an invalid build system.
    """
    with _session(facts, fetcher=fetcher, options=options, reporter=reporter) as session:
        ready = session.ready(settings)
        yield BackendWheels(
            source=session.source,
            call=ready.call,
            environment=ready.environment,
            sandbox=session.sandbox,
        )


def check_offline(facts: SourceFacts, options: RecipeOptions) -> None:
    """Refuse a source whose files name build requirements, where there is no network to install them from.

    What a backend asks for beside them is known only once it runs.

    Raises:
        SourceError: `offline`.
        MetadataError: an invalid build system.
    """
    system, _ = read_build_system(read_pyproject(facts), facts)
    _check_network(tuple(str(declared.requirement) for declared in system.requires), facts, options)


def _check_network(requirements: tuple[str, ...], facts: SourceFacts, options: RecipeOptions) -> None:
    if requirements and options.network.offline:
        message = f"build requirements can't be installed offline: {', '.join(requirements):.200}"
        hint = "pip installs them anew for each run: run it without --offline"
        raise SourceError("offline", message, where=facts.label, hint=hint)


def without_answer(facts: SourceFacts, failure: MetadataError) -> SourceFacts:
    """Return the facts with a finding in the place of the backend's answer, where files tell enough without it.

    Raises:
        MetadataError: the failure itself, where they don't, or where it isn't the backend's own.
    """
    if failure.slug not in _FAILURES:
        raise failure
    try:
        infer_project(facts)
    except MetadataError:
        raise failure from None
    first, *others = failure.message.splitlines()
    message = " ".join((first, *others[-1:]))
    return replace(facts, diagnostics=(*facts.diagnostics, finding("backend-unheard", message)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """One source, from its files to its backend's answer."""

    facts: SourceFacts
    options: RecipeOptions
    reporter: Reporter
    scratch: str
    sandbox: Sandbox

    @property
    def source(self) -> str:
        return f"{self.scratch}/source"

    def answer(self, settings: tuple[tuple[str, str], ...]) -> BackendFacts:
        ready = self.ready(settings)
        self._step(f"asking {ready.call.backend} for the metadata")
        prepared = prepare_metadata(ready.call, ready.environment, self.sandbox, _LIMITS)
        return BackendFacts(
            metadata=prepared.metadata,
            requires=ready.required,
            entry_points=prepared.entry_points,
            top_level=prepared.top_level,
            hook=prepared.hook,
            diagnostics=tuple(self._findings(prepared, has_installed=ready.has_installed)),
        )

    def ready(self, settings: tuple[tuple[str, str], ...]) -> "_Ready":
        system, _ = read_build_system(read_pyproject(self.facts), self.facts)
        static = tuple(str(declared.requirement) for declared in system.requires)
        call = BackendCall(
            source=self.source,
            backend=system.backend,
            backend_path=system.backend_path,
            settings=settings,
        )
        environment = self._environment("environment", static)
        self._step(f"asking {system.backend} what it requires")
        required = required_for_wheel(call, environment, self.sandbox, _LIMITS)
        dynamic = _checked(required)
        if not set(dynamic) <= set(static):
            environment = self._environment("full-environment", (*static, *dynamic))
        return _Ready(
            call=call, environment=environment, required=required, has_installed=bool(static or dynamic)
        )

    def _environment(self, name: str, requirements: tuple[str, ...]) -> BuildEnvironment:
        options = self.options
        _check_network(requirements, self.facts, options)
        if requirements:
            self._step("installing build requirements")
        indexes = PackageIndexes(
            urls=options.index.urls,
            certificates=options.network.certificates,
            cache_dir=str(Cache(options.network.cache_dir).folder / "pip"),
        )
        return make_environment(f"{self.scratch}/{name}", requirements, indexes)

    def _findings(self, prepared: PreparedMetadata, *, has_installed: bool) -> Iterator[Diagnostic]:
        if prepared.hook == "build_wheel":
            message = "the metadata is that of the wheel, which was built for it"
            yield finding("backend-built-wheel", message)
        indexes = read_indexes(self.options.index.urls).ordered
        if has_installed and len(indexes) > 1:
            yield finding("merged-indexes", ", ".join(index.url for index in indexes))

    def _step(self, step: str) -> None:
        self.reporter.report(StepStarted(subject=self.facts.ref.text, step=step))


@contextmanager
def _session(
    facts: SourceFacts, *, fetcher: Fetcher, options: RecipeOptions, reporter: Reporter
) -> Iterator[_Session]:
    """Write a source's files to a scratch folder, where a sandbox was found to hold; the folder is gone afterwards."""
    sandbox = find_sandbox()
    with tempfile.TemporaryDirectory(prefix="conda-bridge-backend-", ignore_cleanup_errors=True) as scratch:
        session = _Session(facts=facts, options=options, reporter=reporter, scratch=scratch, sandbox=sandbox)
        write_tree(facts, session.source, fetcher=fetcher, network=options.network)
        yield session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A backend that has what it requires."""

    call: BackendCall
    environment: BuildEnvironment
    required: tuple[str, ...]
    """What it asked for, as it wrote it."""
    has_installed: bool


def _checked(required: tuple[str, ...]) -> tuple[str, ...]:
    """Return requirements of strangers as texts that pip can't take for anything else."""
    declared, _ = read_build_requirements(required_lines(BackendFacts(metadata="", requires=required)))
    return tuple(str(item.requirement) for item in declared)
