"""Recipes in format v0 -> packages, by the conda-build that is installed somewhere on this machine.

What the command does is done by its own interpreter, which a small program of ours is started in: it calls the command
with the same arguments, and tells what came of it. Its configuration is ours, not the user's; the packages that it
unpacks are the build's own, since conda keeps several processes apart in one cache only as long as none of them ends.
"""

import os
import shlex
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conda_bridge.adapters import conda_build_program
from conda_bridge.archives.package_info import read_info
from conda_bridge.archives.taking import held_folder, take_packages
from conda_bridge.engines.conda_build_home import CondaBuildHome, find_conda_build
from conda_bridge.engines.conda_build_jobs import Asked, asked_to_build, asked_to_render, asked_to_test
from conda_bridge.engines.outcomes import EngineLog, concerns, with_log
from conda_bridge.engines.rattler_answers import (
    flag_of,
    outputs_of,
    packages_of,
    pairs_of,
    tested_in,
    texts_of,
)
from conda_bridge.errors import EngineError, RecipeError, SolverError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import (
    BuildJob,
    BuildOutcome,
    EngineCapabilities,
    EnvironmentKind,
    EnvironmentRecord,
    RenderedOutput,
    RenderJob,
    TestJob,
    TestOutcome,
    TestResult,
)
from conda_bridge.processes.removal import remove_tree
from conda_bridge.processes.workers import WorkerAnswer, WorkerMessage, run_worker
from conda_bridge.protocols import Reporter

__all__ = ["CondaBuildEngine"]

_NAME = "conda-build"
_RECIPE = "meta.yaml"
_RENDERED = "info/recipe/meta.yaml"
_TEST_LINES = 40
_NO_TESTS = "Nothing to test for:"
_CONDA_VARIABLES = tuple(f'{name}="$PWD/{path}"' for name, path in conda_build_program.PLACES)


class CondaBuildEngine:
    """conda-build as its command is found on this machine; each call works in a child of its own."""

    def __init__(self, *, program: str = "") -> None:
        self._program = program
        self._stopped = threading.Event()
        self._home: CondaBuildHome | None = None

    def capabilities(self) -> EngineCapabilities:
        """Return its version, and that it takes v0 recipes; its interpreter is asked once."""
        return EngineCapabilities(name=_NAME, version=self._found().version, formats=frozenset({"v0"}))

    def render(self, job: RenderJob) -> tuple[RenderedOutput, ...]:
        """Return the packages that a recipe gives; see `Engine.render`."""
        _check_format(job.recipe_path)
        answer = self._ask(asked_to_render(job), job.setting.timeout_s, _pass_over)
        return outputs_of(answer.result)

    def build(self, job: BuildJob, reporter: Reporter) -> BuildOutcome:
        """Build all outputs of a recipe; see `Engine.build`."""
        _check_format(job.recipe_path)
        asked = asked_to_build(job)
        with held_folder(job.output_dir) as folder:
            remove_tree(Path(asked.folder).name, dir_fd=folder)
            answer, _ = self._heard(asked, job, reporter)
            built = take_packages(
                folder,
                texts_of(answer.result, "packages"),
                subdirs={"noarch", job.setting.subdir},
                target=job.taken_dir,
            )
            remove_tree(Path(asked.folder).name, dir_fd=folder)
        urls = dict(pairs_of(answer.result, "urls"))
        return BuildOutcome(
            packages=built,
            environments=tuple(
                record for path, package in built for record in _environments(path, package, urls)
            ),
            isolation=answer.isolation,
            duration_s=answer.duration_s,
            diagnostics=concerns(answer, job),
        )

    def test(self, job: TestJob, reporter: Reporter) -> TestOutcome:
        """Run the tests that a package carries, which are one to conda-build; see `Engine.test`."""
        asked = asked_to_test(job)
        with held_folder(job.work_dir) as folder:
            remove_tree(Path(asked.folder).name, dir_fd=folder)
            answer, said = self._heard(asked, job, reporter)
            remove_tree(Path(asked.folder).name, dir_fd=folder)
        is_passed = flag_of(answer.result, "is_passed")
        has_tests = not any(line.startswith(_NO_TESTS) for line in said)
        result = TestResult(index=0, is_passed=is_passed, output=() if is_passed else said[-_TEST_LINES:])
        return TestOutcome(
            results=(result,) if has_tests else (),
            environments=tested_in(answer.result, job) if has_tests else (),
            isolation=answer.isolation,
            duration_s=answer.duration_s,
        )

    def command(self, job: RenderJob | BuildJob | TestJob) -> str:
        """Return shell text that does the same by hand, without the isolation."""
        return _by_hand(_asked(job), self._found().command)

    def stop(self) -> None:
        """End the children of calls in other threads; see `Engine.stop`."""
        self._stopped.set()

    def _found(self) -> CondaBuildHome:
        if self._home is None:
            self._home = find_conda_build(self._program)
        return self._home

    def _heard(
        self, asked: Asked, job: BuildJob | TestJob, reporter: Reporter
    ) -> tuple[WorkerAnswer, tuple[str, ...]]:
        log = EngineLog(job, reporter)
        try:
            return self._ask(asked, job.setting.timeout_s, log.hear), log.last
        except (EngineError, SolverError) as error:
            raise with_log(error, log.last, job) from error

    def _ask(self, asked: Asked, timeout_s: float, hear: Callable[[WorkerMessage], None]) -> WorkerAnswer:
        home = self._found()
        place = replace(
            asked.place,
            program=(home.python, conda_build_program.__file__),
            readable=(*asked.place.readable, *home.readable),
        )
        return run_worker(
            asked.request, place=place, timeout_s=timeout_s, on_message=hear, stopped=self._stopped
        )


def _asked(job: RenderJob | BuildJob | TestJob) -> Asked:
    match job:
        case RenderJob():
            return asked_to_render(job)
        case BuildJob():
            return asked_to_build(job)
        case TestJob():
            return asked_to_test(job)


def _pass_over(message: WorkerMessage) -> None:
    """Say nothing of a message: rendering is quick."""


def _check_format(recipe_path: str) -> None:
    # Newer ones hand such recipes on to a rattler-build of theirs, past everything that is done here.
    if Path(recipe_path).name != _RECIPE:
        raise RecipeError(
            "engine-refuses-recipe",
            "it is written for rattler-build (v1), and conda-build takes meta.yaml (v0) only",
            where=recipe_path,
            hint="build it with --engine rattler-build",
        )


def _environments(path: str, package: PackageRecord, urls: dict[str, str]) -> list[EnvironmentRecord]:
    """Return what the build and host environments were made of, by the recipe that conda-build packed."""
    text = read_info(path, {_RENDERED}).get(_RENDERED, b"").decode("utf-8", errors="replace")
    kinds: dict[str, EnvironmentKind] = {"  build:": "build", "  host:": "host"}
    found: dict[EnvironmentKind, list[str]] = {}
    is_inside = False
    kind: EnvironmentKind | None = None
    for line in text.splitlines():
        if not line.startswith(" "):
            is_inside, kind = line == "requirements:", None
        elif is_inside and line.startswith("  ") and line[2] not in " -":
            kind = kinds.get(line.rstrip())
        elif kind and line.startswith("    - ") and (url := urls.get(line[6:].strip())):
            found.setdefault(kind, []).append(url)
    return [
        EnvironmentRecord(kind=kind, package=package.conda_name, packages=packages_of(found[kind]))
        for kind in sorted(found)
    ]


def _by_hand(asked: Asked, command: str) -> str:
    folder = shlex.quote(asked.folder) if asked.folder else '"$(mktemp -d)"'
    lines = [f"cd {folder}" if not asked.folder else f"mkdir -p {folder} && cd {folder}"]
    lines += [shlex.join(["mkdir", "-p", str(Path(name).parent)]) for name, _ in asked.files if "/" in name]
    for name, text in asked.files:
        lines += [f"cat > {shlex.quote(name)} <<'TEXT'", text.rstrip("\n"), "TEXT"]
    if asked.copied:
        source, target = asked.copied
        lines.append(shlex.join(["mkdir", "-p", str(Path(target).parent)]))
        lines.append(shlex.join(["cp", source, target]))
    words = [
        *("env", "-i", "LANG=C.UTF-8", 'HOME="$(mktemp -d)"', *_CONDA_VARIABLES),
        f"PATH={shlex.quote(os.pathsep.join((*asked.place.tools, os.defpath, str(Path(command).parent))))}",
        *(f"{name}={shlex.quote(value)}" for name, value in asked.place.environment),
        # Ours is chosen among those that are installed; by hand it is the user's to say.
        '${CONDA_SOLVER:+CONDA_SOLVER="$CONDA_SOLVER"}',
        shlex.quote(command),
        shlex.join(asked.command),
    ]
    return "\n".join((*lines, " ".join(words)))
