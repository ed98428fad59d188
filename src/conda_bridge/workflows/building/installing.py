"""Packages of the output channel and all that they need become a new environment."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISLNK
from urllib.parse import unquote, urlsplit

from conda_bridge.archives.typed_paths import exists
from conda_bridge.errors import UsageError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import EngineSetting, NeededEnvironment
from conda_bridge.model.events import StepStarted, WorkFinished
from conda_bridge.processes.cache_use import mark_used
from conda_bridge.processes.work_folders import INSTALLED
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker
from conda_bridge.workflows.building.context import BuildContext
from conda_bridge.workflows.building.environments import missing_error
from conda_bridge.workflows.writing import unwritable

__all__ = ["Installed", "check_prefix", "install_packages", "install_request", "specs_of"]

_READ_BY_SHELLS = frozenset("$`\"'\\\n\r")
"""Packages' scripts have the prefix between quotes of either kind."""
_HINT = "name another folder with --install"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An environment that was made."""

    prefix: str
    """Absolute."""
    packages: tuple[str, ...]
    """File names of all packages in it, sorted."""


def check_prefix(prefix: str) -> None:
    """Refuse a prefix that is there already, and one that scripts can't name.

    Raises:
        UsageError: `prefix-exists`, `unusable-prefix`; `not-writable` for what can't become a folder.
    """
    path = Path(prefix)
    found = next((each for each in str(path.absolute()) if each in _READ_BY_SHELLS), "")
    if found:
        raise UsageError("unusable-prefix", f"has {found!r} in it, which shells read", where=prefix)
    if exists(path) and (not path.is_dir() or any(path.iterdir())):
        raise UsageError("prefix-exists", "is there already, and isn't empty", where=prefix)
    try:
        is_link = S_ISLNK(path.lstat().st_mode)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unwritable(error, prefix, hint=_HINT) from error
    if is_link and not exists(path):
        raise UsageError("not-writable", "it is a link that leads nowhere", where=prefix, hint=_HINT)


def install_packages(records: Sequence[PackageRecord], prefix: str, context: BuildContext) -> Installed:
    """Make the environment `prefix` of packages of the output channel and what they need.

    Of several builds of one package the solver chooses. After a failure there is no prefix.

    Raises:
        UsageError: `prefix-exists`, `unusable-prefix`.
        SolverError: `unsatisfiable`, `packages-missing`.
        EngineError: `engine-missing`, `engine-crashed`, `build-timeout`.
    """
    check_prefix(prefix)
    context.reporter.report(StepStarted(subject="install", step=f"installing into {prefix}"))
    specs = specs_of(records)
    distributor = context.services.distributor
    environment = NeededEnvironment(label=f"install into {prefix}", kind="run", specs=specs)
    provided = distributor.provide([environment], beside=context.services.channel.records())
    if provided.missing:
        raise missing_error(provided.missing, distributor.name)
    path = Path(prefix).absolute()
    try:
        names = _installed(specs, path, context)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    context.reporter.report(WorkFinished(subject="install"))
    return Installed(prefix=str(path), packages=names)


def specs_of(records: Sequence[PackageRecord]) -> tuple[str, ...]:
    """Return what is asked of the solver: just these packages, or one of the builds of each."""
    names = [record.conda_name for record in records]
    return tuple(
        dict.fromkeys(
            f"{one.conda_name} =={one.version}"
            + (f" {one.build}" if names.count(one.conda_name) == 1 else "")
            for one in records
        )
    )


def _installed(specs: tuple[str, ...], prefix: Path, context: BuildContext) -> tuple[str, ...]:
    setting = context.setting()
    prefix.mkdir(parents=True, exist_ok=True)
    mark_used(context.cache_dir, INSTALLED)
    request = install_request(specs, str(prefix), setting)
    place = WorkerPlace(
        readable=(*setting.readable, *_folders(setting.channels)),
        # Not what is around it, which may be the user's home.
        writable=(str(prefix),),
        has_network=setting.needs_network,
        # Of its own: whatever builds write into theirs doesn't come into the user's environments.
        cache_dir=str(context.cache_dir / INSTALLED),
    )
    answer = run_worker(request, place=place, timeout_s=setting.timeout_s)
    packages = answer.result["packages"]
    assert isinstance(packages, Sequence)
    return tuple(sorted(str(one["fn"]) for one in packages if isinstance(one, dict)))


def install_request(specs: Sequence[str], prefix: str, setting: EngineSetting) -> WorkerRequest:
    """Return what a worker is asked to make an environment."""
    return WorkerRequest(
        operation="install",
        arguments={
            "channels": list(setting.channels),
            "specs": list(specs),
            "subdir": setting.subdir,
            "prefix": prefix,
        },
    )


def _folders(channels: Sequence[str]) -> tuple[str, ...]:
    return tuple(unquote(urlsplit(one).path) for one in channels if one.startswith("file://"))
