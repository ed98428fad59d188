"""Recipes in format v1 -> packages, by py-rattler-build in worker processes."""

import os
import shlex
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from conda_bridge.archives.package_info import read_info
from conda_bridge.archives.taking import held_folder, take_packages
from conda_bridge.engines.by_hand import by_hand
from conda_bridge.engines.outcomes import EngineLog, concerns, with_log
from conda_bridge.engines.places import environment_of, path_of_url, place_of
from conda_bridge.engines.rattler_answers import (
    environments_of,
    outputs_of,
    pairs_of,
    results_of,
    tested_in,
    texts_of,
)
from conda_bridge.errors import EngineError, SolverError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import (
    BuildJob,
    BuildOutcome,
    EngineCapabilities,
    EnvironmentRecord,
    RenderedOutput,
    RenderJob,
    TestJob,
    TestOutcome,
)
from conda_bridge.model.variants import VariantConfig
from conda_bridge.processes.removal import remove_tree
from conda_bridge.processes.workers import (
    Json,
    WorkerAnswer,
    WorkerMessage,
    WorkerPlace,
    WorkerRequest,
    Workers,
)
from conda_bridge.protocols import Reporter
from conda_bridge.translate.url_secrets import channel_label

__all__ = ["RattlerBuildEngine"]

_NAME = "rattler-build"
_DISTRIBUTION = "py-rattler-build"
_RENDERED = "info/recipe/rendered_recipe.yaml"


class RattlerBuildEngine:
    """rattler-build as its Python package brings it; each call works in a child of its own."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._workers = Workers()

    def capabilities(self) -> EngineCapabilities:
        """Return its version, and that it takes v1 recipes; it isn't imported for that."""
        try:
            found = version(_DISTRIBUTION)
        except PackageNotFoundError as error:
            raise EngineError("engine-missing", f"{_DISTRIBUTION} isn't installed") from error
        return EngineCapabilities(name=_NAME, version=found, formats=frozenset({"v1"}))

    def render(self, job: RenderJob) -> tuple[RenderedOutput, ...]:
        """Return the packages that a recipe gives; see `Engine.render`."""
        request, place = _render_request(job)
        answer = self._ask(request, place, job.setting.timeout_s, _pass_over)
        return outputs_of(answer.result)

    def build(self, job: BuildJob, reporter: Reporter) -> BuildOutcome:
        """Build all outputs of a recipe; see `Engine.build`."""
        request, place = _build_request(job)
        with held_folder(job.output_dir) as folder:
            answer = self._heard(request, place, job, reporter)
            built = take_packages(
                folder,
                texts_of(answer.result, "packages"),
                subdirs={"noarch", job.setting.subdir},
                target=job.taken_dir,
            )
            remove_tree("bld", dir_fd=folder)
        return BuildOutcome(
            packages=built,
            environments=tuple(record for path, package in built for record in _environments(path, package)),
            unpacked=pairs_of(answer.result, "unpacked"),
            isolation=answer.isolation,
            duration_s=answer.duration_s,
            diagnostics=concerns(answer, job),
        )

    def test(self, job: TestJob, reporter: Reporter) -> TestOutcome:
        """Run the tests that a package carries; see `Engine.test`."""
        request, place = _test_request(job)
        answer = self._heard(request, place, job, reporter)
        return TestOutcome(
            results=results_of(answer.result),
            environments=tested_in(answer.result, job),
            unpacked=pairs_of(answer.result, "unpacked"),
            isolation=answer.isolation,
            duration_s=answer.duration_s,
        )

    def command(self, job: RenderJob | BuildJob | TestJob) -> str:
        """Return shell text that does the same by hand, without the isolation and without channels' credentials."""
        channels = tuple(map(channel_label, job.setting.channels))
        request, place = _request(replace(job, setting=replace(job.setting, channels=channels)))
        variables = {
            **dict(place.environment),
            **({"RATTLER_CACHE_DIR": place.cache_dir} if place.cache_dir else {}),
        }
        said = [
            "LANG=C.UTF-8",
            f"PATH={shlex.quote(os.pathsep.join((*place.tools, os.defpath)))}",
            *(f"{name}={shlex.quote(value)}" for name, value in variables.items()),
        ]
        words = (shlex.quote(sys.executable), "-I", "-m", "conda_bridge.adapters.worker")
        return by_hand(said, words, request.as_line())

    @contextmanager
    def expecting(self, job: RenderJob | TestJob, *, is_now: bool = False) -> Iterator[None]:
        """Have a child ready for what this thread will ask soon; see `ReadyEngine.expecting`."""
        request, place = _request(job)
        with self._workers.expecting(request.operation, place, is_now=is_now):
            yield

    def stop(self) -> None:
        """End the children of calls in other threads; see `Engine.stop`."""
        self._stopped.set()

    def _heard(
        self, request: WorkerRequest, place: WorkerPlace, job: BuildJob | TestJob, reporter: Reporter
    ) -> WorkerAnswer:
        log = EngineLog(job, reporter)
        try:
            return self._ask(request, place, job.setting.timeout_s, log.hear)
        except (EngineError, SolverError) as error:
            raise with_log(error, log.last, job) from error

    def _ask(
        self,
        request: WorkerRequest,
        place: WorkerPlace,
        timeout_s: float,
        hear: Callable[[WorkerMessage], None],
    ) -> WorkerAnswer:
        return self._workers.run(
            request, place=place, timeout_s=timeout_s, on_message=hear, stopped=self._stopped
        )


def _pass_over(message: WorkerMessage) -> None:
    """Say nothing of a message: rendering is quick."""


# ---------------------------------------------------------------- what is asked


def _request(job: RenderJob | BuildJob | TestJob) -> tuple[WorkerRequest, WorkerPlace]:
    if isinstance(job, RenderJob):
        return _render_request(job)
    return _build_request(job) if isinstance(job, BuildJob) else _test_request(job)


def _render_request(job: RenderJob) -> tuple[WorkerRequest, WorkerPlace]:
    arguments = _of_recipe(job.recipe_path, job.variants, job.setting.subdir)
    # Nothing is run, so nothing of the machine is needed.
    place = WorkerPlace(readable=(str(Path(job.recipe_path).parent),))
    return WorkerRequest(operation="render", arguments=arguments), place


def _build_request(job: BuildJob) -> tuple[WorkerRequest, WorkerPlace]:
    arguments = {
        **_of_recipe(job.recipe_path, job.variants, job.setting.subdir),
        "channels": job.setting.channels,
        "output_dir": job.output_dir,
        "source_date_epoch": job.source_date_epoch,
    }
    place = place_of(
        job.setting,
        readable=(str(Path(job.recipe_path).parent),),
        writable=(job.output_dir,),
        log_path=job.log_path,
        environment=(*environment_of(job.setting), ("SOURCE_DATE_EPOCH", str(job.source_date_epoch))),
    )
    return WorkerRequest(operation="build", arguments=arguments), place


def _test_request(job: TestJob) -> tuple[WorkerRequest, WorkerPlace]:
    arguments: dict[str, Json] = {
        "package": job.package_path,
        "channels": job.setting.channels,
        "work_dir": job.work_dir,
        "subdir": job.setting.subdir,
    }
    place = place_of(
        job.setting,
        # Of a channel that is shown it can be tested as soon as it is there.
        readable=()
        if any(_is_in(job.package_path, url) for url in job.setting.channels)
        else (job.package_path,),
        writable=(job.work_dir,),
        log_path=job.log_path,
        environment=environment_of(job.setting),
    )
    return WorkerRequest(operation="test", arguments=arguments), place


def _is_in(path: str, url: str) -> bool:
    folder = path_of_url(url)
    return bool(folder) and Path(path).is_relative_to(folder)


def _of_recipe(path: str, variants: VariantConfig, subdir: str) -> Mapping[str, Json]:
    return {
        "recipe": path,
        "variants": dict(variants.values),
        "zip_keys": variants.zip_keys,
        "subdir": subdir,
    }


# ---------------------------------------------------------------- what came of it


def _environments(path: str, package: PackageRecord) -> tuple[EnvironmentRecord, ...]:
    texts = read_info(path, {_RENDERED})
    rendered = texts.get(_RENDERED, b"").decode("utf-8", errors="replace")
    return environments_of(rendered, package.conda_name)
