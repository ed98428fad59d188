"""What every step of a build knows: the options, the services, and where things are."""

import os
import platform
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from conda_bridge.archives.typed_paths import is_dir
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.engines import CONDA_BUILD
from conda_bridge.errors import EngineError
from conda_bridge.model.build import EngineSetting, RenderJob, TestJob
from conda_bridge.model.events import Event, LogLine
from conda_bridge.model.options import BuildOptions, RecipeFormat
from conda_bridge.model.variants import NO_VARIANTS, VariantConfig
from conda_bridge.processes.work_folders import WorkFolders
from conda_bridge.protocols import Distributor, Engine, ReadyEngine, Reporter
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.services import Services

__all__ = ["BuildContext", "BuildServices", "DiscreetReporter", "engine_for", "expecting", "machine_subdir"]

_LOCK_TIMEOUT_S = 7200.0
"""So long another build of the same recipe for the same channel is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildServices:
    """What builds ask of the world; each is thread-safe."""

    recipe: Services
    """The indexes and the name tables."""
    distributor: Distributor
    engines: tuple[tuple[str, Engine], ...]
    """(name, engine), those first that are tried first."""
    channel: LocalChannel
    """Where finished packages go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """One call of `builds`."""

    options: BuildOptions
    services: BuildServices
    reporter: Reporter
    subdir: str
    cache_dir: Path
    variants: VariantConfig = NO_VARIANTS
    """The distributor's, as far as the user chose them."""

    @property
    def folder(self) -> Path:
        """The output channel, absolute."""
        return Path(self.services.channel.folder)

    @property
    def own_outputs(self) -> tuple[str, ...]:
        """What builds make, which is no part of any source that it lies in; absolute."""
        prefix = self.options.install_prefix
        made = (self.folder, self.cache_dir, *((Path(prefix),) if prefix else ()))
        return tuple(str(path.absolute()) for path in made)

    @property
    def work_folders(self) -> WorkFolders:
        """Where recipes are built for the output channel."""
        return WorkFolders(str(self.cache_dir), os.path.realpath(self.folder), lock_timeout_s=_LOCK_TIMEOUT_S)

    def work_dir(self, name: str) -> Path:
        """Return the folder that a recipe will be built in."""
        return Path(self.work_folders.path(name))

    def setting(self, *first: str) -> EngineSetting:
        """Return where an engine works; `first` are channels before the output channel and the distributor's."""
        own = (self.folder.as_uri(),) if is_dir(self.folder) else ()
        channels = (*first, *own, *self.services.distributor.channels())
        folders = self.work_folders
        return EngineSetting(
            channels=channels,
            subdir=self.subdir,
            cache_dir=folders.packages,
            tree=folders.tree,
            readable=self.services.distributor.readable(),
            tools=self.services.distributor.tools(),
            needs_network=any(not channel.startswith("file://") for channel in channels),
            timeout_s=self.options.timeout_s,
        )

    def without_secrets(self, text: str) -> str:
        """Return text in which the distributor's channels are named without what opens them."""
        for channel in self.services.distributor.channels():
            text = text.replace(channel, channel_label(channel))
        return text

    def stop(self) -> None:
        """End what engines are doing in other threads."""
        for _, engine in self.services.engines:
            engine.stop()


def engine_for(recipe_format: RecipeFormat, options: BuildOptions, services: BuildServices) -> Engine:
    """Return the first engine that is here and takes the format; of a named one, that one.

    Raises:
        EngineError: `engine-missing`.
    """
    missing: list[EngineError] = []
    for name, engine in services.engines:
        if options.engine not in {"", name}:
            continue
        try:
            if recipe_format in engine.capabilities().formats:
                return engine
        except EngineError as error:
            missing.append(error)
    if options.engine and missing and (options.engine, recipe_format) != (CONDA_BUILD, "v1"):
        raise missing[0]
    if recipe_format == "v1":
        if options.engine:
            raise EngineError("engine-missing", f"{options.engine} takes no recipe.yaml", hint=_NO_V1)
        raise missing[0] if missing else EngineError("engine-missing", "no engine takes recipe.yaml")
    who = f"{options.engine} takes no" if options.engine else "no engine here takes"
    hint = f"leave --engine out: {_NO_CONDA_BUILD}" if options.engine else _NO_CONDA_BUILD
    raise EngineError("engine-missing", f"{who} meta.yaml", hint=hint)


def expecting(
    engine: Engine, job: RenderJob | TestJob, *, is_now: bool = False
) -> AbstractContextManager[None]:
    """Let an engine that can do so get ready for a job; see `ReadyEngine.expecting`."""
    return engine.expecting(job, is_now=is_now) if isinstance(engine, ReadyEngine) else nullcontext()


_NO_V1 = "leave --engine out, or choose rattler-build"
_NO_CONDA_BUILD = (
    "conda-build takes it: have it on the PATH or name it with --conda-build; or build the project itself, "
    "conda-bridge build NAME==VERSION, whose recipe.yaml says the same"
)

_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win"}
_MACHINES = {"x86_64": "64", "amd64": "64", "aarch64": "aarch64", "arm64": "arm64", "i686": "32"}


def machine_subdir() -> str:
    """Return what conda calls this machine, such as `linux-64`. Source: CEP 26, subdirs."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{_MACHINES.get(machine, machine)}"


class DiscreetReporter:
    """A Reporter that passes on what an engine says without the secrets of channels."""

    def __init__(self, context: BuildContext) -> None:
        self._context = context

    def report(self, event: Event) -> None:
        """Take note of one event."""
        if isinstance(event, LogLine):
            event = replace(event, text=self._context.without_secrets(event.text))
        self._context.reporter.report(event)
