"""Operations of a worker that build packages and run the tests that packages carry, worked out by rattler-build."""

import json
import os
import shlex
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rattler_build
from rattler_build import EnvironmentIsolation, Package, ToolConfiguration

from conda_bridge.adapters.rattler_messages import Listener
from conda_bridge.adapters.rattler_recipes import Rendering, rendered
from conda_bridge.adapters.solver_messages import mismatch_error, shortened
from conda_bridge.adapters.worker.answers import Answers
from conda_bridge.archives.unpacked import LOCK, PACKAGES
from conda_bridge.archives.unpacked_notes import notes_in
from conda_bridge.errors import EngineError, SolverError

__all__ = ["build", "test"]

_UNSOLVED = "Failed to resolve dependencies"
_NOT_FETCHED = ("Could not collect run exports", "failed to fetch")
_NO_TEST_ENVIRONMENT = "failed to setup test environment"
_ENVIRONMENT_MADE = "updated the test environment"
_HOST_ENVIRONMENT_MADE = "updated the host environment"
_RECORDS = "conda-meta"
_SLACK_NS = 20_000_000
"""The kernel's clock for files is a few milliseconds behind."""
_CLASS_IN_MESSAGE = "PyRattlerBuildError: "
_MOST_LINES = 40
# The engine keeps from scripts where temporary files go, and tells those of builds the time of day, in a file that they
# read first; the shell is the only place to correct it without touching the recipe. It is called by its name, in the
# folder where that file is. Root's tar would restore owners, which it has no right to here.
_SHELL = """\
#!/bin/sh
TMPDIR={temporary}; export TMPDIR
TAR_OPTIONS=--no-same-owner; export TAR_OPTIONS
if [ -w build_env.sh ]; then
    sed -i 's/^export SOURCE_DATE_EPOCH=.*/export SOURCE_DATE_EPOCH={epoch}/' build_env.sh
fi
exec {shell} "$@"
"""


def build(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Build all packages of a recipe, one after the other; no test is run.

    Takes what `render` takes; `channels`, the first wins strictly; `output_dir`, which is a channel before
    them; `source_date_epoch`. Gives `packages`, paths in the order in which they were built; and `unpacked`, (name, note) of
    packages of remote channels that came before any script ran.

    Raises:
        RecipeError: `engine-refuses-recipe`.
        SolverError: `unsatisfiable`.
        SourceError: `hash-mismatch`.
        EngineError: `build-failed`.
    """
    _keep_repodata_apart()
    _set_shell(int(arguments["source_date_epoch"]))
    unpacked = _Unpacked(arguments["channels"])
    renderings = rendered(arguments)
    packages: list[str] = []
    for rendering in renderings:
        answers.say(f"building {' '.join(rendering.identity)}")
        packages.extend(_built(rendering, renderings, arguments, _BuildListener(answers, unpacked)))
    return {"packages": packages, "unpacked": list(map(list, unpacked.notes.items()))}


def test(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Run the tests that a package carries, each in an environment of its own.

    Takes `package`, a path; `channels`; `work_dir`; `subdir`. Gives `results`: objects with `index`,
    `is_passed` and `output`, the last lines of a test that failed; `environments`, the packages of each as `URL#sha256`; and
    `unpacked`, as `build` does.

    Raises:
        SolverError: `unsatisfiable`: the package can't be installed with what its test needs.
        SourceError: `hash-mismatch`.
    """
    _keep_repodata_apart()
    _set_shell(0)
    # The engine makes its folders below the current one, and environments below the one for temporary files: there they
    # can be linked from the cache, and needn't be copied.
    os.chdir(arguments["work_dir"])
    os.environ["TMPDIR"] = arguments["work_dir"]
    answers.say(f"testing {Path(arguments['package']).name}")
    listener = _TestListener(answers, arguments, _Unpacked(arguments["channels"]))
    package = Package.from_file(arguments["package"])
    options: dict[str, Any] = {
        "channel": arguments["channels"],
        "channel_priority": "strict",
        "progress_callback": listener,
    }
    results = package.run_tests(**options)
    if len(package.tests) > 1 and not all(result.success for result in results):
        # The first failure ends the run, and it isn't told whose it was.
        results = [package.run_test(index, **options) for index in range(len(package.tests))]
    if any(_NO_TEST_ENVIRONMENT in line for result in results for line in result.output[-1:]):
        _explain(f"the environment of a test of {package.name}", listener, arguments)
    return {
        "results": [
            {
                "index": result.test_index,
                "is_passed": result.success,
                "output": [] if result.success else _last_lines(result.output),
            }
            for result in results
        ],
        "environments": listener.environments,
        "unpacked": list(map(list, listener.unpacked.notes.items())),
    }


class _Unpacked:
    """What was unpacked of remote channels before the first script ran; what comes later may be its work."""

    def __init__(self, channels: Iterable[str]) -> None:
        self._is_remote = any(not channel.startswith("file://") for channel in channels)
        self._is_noted = False
        self._since_ns = time.time_ns() - _SLACK_NS
        self.notes: dict[str, str] = {}

    def note(self, *, aside: str = "", left_out: str = "") -> None:
        """Note it, the first time that this is called.

        `aside` is where the engine unpacks what only tests need, in folders that it removes: it is kept, but `left_out`.
        """
        if self._is_remote and not self._is_noted:
            self._is_noted = True
            folder = str(Path(os.environ["RATTLER_CACHE_DIR"], PACKAGES))
            for lock in Path(aside).glob(f"*/*{LOCK}") if aside else ():
                if lock.stem != left_out:
                    _keep_unpacked(lock, Path(folder))
            self.notes = notes_in(folder, since_ns=self._since_ns)


def _keep_unpacked(lock: Path, folder: Path) -> None:
    entry = lock.with_suffix("")
    if entry.is_dir() and not (folder / entry.name).exists():
        shutil.copy(lock, folder)
        # Tests are run in links of these files in any case, and what they changed is found.
        shutil.copytree(entry, folder / entry.name, symlinks=True, copy_function=os.link)


class _BuildListener(Listener):
    """Takes note of packages when the environments are made: the engine waits for it, and then runs the script."""

    def __init__(self, answers: Answers, unpacked: _Unpacked) -> None:
        super().__init__(answers)
        self._unpacked = unpacked

    def on_log(self, event: Any) -> None:
        super().on_log(event)
        if _HOST_ENVIRONMENT_MADE in event.message:
            self._unpacked.note()


class _TestListener(Listener):
    """Takes note of environments while they are there: the engine doesn't tell what it made them of."""

    def __init__(self, answers: Answers, arguments: Mapping[str, Any], unpacked: _Unpacked) -> None:
        super().__init__(answers)
        self._folder: str = arguments["work_dir"]
        self._tested = Path(arguments["package"]).stem
        self.unpacked = unpacked
        self._seen: set[str] = set()
        self.environments: list[list[str]] = []

    def on_log(self, event: Any) -> None:
        super().on_log(event)
        if _ENVIRONMENT_MADE in event.message:
            self.unpacked.note(aside=self._folder, left_out=self._tested)
            for prefix in _prefixes(self._folder):
                if prefix not in self._seen:
                    self._seen.add(prefix)
                    self.environments.append(_urls(Path(prefix, _RECORDS)))


def _prefixes(folder: str) -> Iterator[str]:
    for place, folders, _ in os.walk(folder):
        if _RECORDS in folders:
            yield place
            folders.clear()


def _urls(records: Path) -> list[str]:
    found = (json.loads(path.read_bytes()) for path in sorted(records.glob("*.json")))
    return [f"{one['url']}#{one.get('sha256') or ''}" for one in found if one.get("url")]


def _last_lines(output: list[str]) -> list[str]:
    lines = [line.rstrip() for text in output for line in text.splitlines() if line.strip()]
    return lines[-_MOST_LINES:]


def _built(
    rendering: Rendering, siblings: list[Rendering], arguments: Mapping[str, Any], listener: Listener
) -> list[str]:
    variant = rendering.variant
    _choose_siblings(rendering, siblings)
    try:
        result = variant.run_build(
            tool_config=ToolConfiguration(test_strategy="skip"),
            output_dir=arguments["output_dir"],
            channels=arguments["channels"],
            progress_callback=listener,
            no_build_id=True,
            package_format="conda",
            env_isolation=EnvironmentIsolation.STRICT,
        )
    except rattler_build.RattlerBuildError as error:
        if _UNSOLVED in str(error) or any(part in str(error) for part in _NOT_FETCHED):
            _explain(f"the build or host environment of {rendering.name}", listener, arguments)
        raise EngineError(
            "build-failed", f"{rendering.name}: {str(error).replace(_CLASS_IN_MESSAGE, '')}"
        ) from error
    return [str(path) for path in result.packages]


def _choose_siblings(rendering: Rendering, siblings: list[Rendering]) -> None:
    """Show an output of the others only those that its own variant was rendered with.

    The API tells outputs apart by their names alone, so that an exact pin on an output of several variants
    would mean the last of them.
    """
    chosen = rendering.variant.variant
    kept = [
        sibling.variant
        for sibling in siblings
        if chosen.get(sibling.name) in {None, " ".join(sibling.identity[1:])}
    ]
    rendering.variant._siblings = kept  # noqa: SLF001 - there is no other way to say it


def _keep_repodata_apart() -> None:
    """Share unpacked packages, which are looked at afterwards, and nothing else that scripts can write.

    What they wrote into the lists of a remote channel would choose the packages of builds to come.
    """
    own = Path(os.environ["TMPDIR"], "cache")
    shared = Path(os.environ.get("RATTLER_CACHE_DIR", own), PACKAGES)
    if shared.parent == own:
        return
    own.mkdir(exist_ok=True)
    shared.mkdir(parents=True, exist_ok=True)
    (own / PACKAGES).symlink_to(shared)
    os.environ["RATTLER_CACHE_DIR"] = str(own)


def _set_shell(epoch: int) -> None:
    """Have scripts see the caller's time and temporary folder."""
    temporary = os.environ["TMPDIR"]
    shell = Path(temporary, "shell", "bash")
    shell.parent.mkdir(exist_ok=True)
    real = os.path.realpath(shutil.which("bash") or "/bin/bash")
    text = _SHELL.format(temporary=shlex.quote(temporary), epoch=epoch, shell=shlex.quote(real))
    shell.write_text(text, encoding="utf-8")
    shell.chmod(stat.S_IRWXU)
    os.environ["PATH"] = f"{shell.parent}{os.pathsep}{os.environ['PATH']}"


def _explain(what: str, listener: Listener, arguments: Mapping[str, Any]) -> None:
    """Ask the solver again, since the engine doesn't pass on why it found nothing; it may have failed otherwise.

    Raises:
        SolverError: `unsatisfiable`.
        SourceError: `hash-mismatch`: a package isn't what its channel's list says.
    """
    import asyncio  # noqa: PLC0415 - a tenth of a second, with rattler, that only a failure costs

    import rattler  # noqa: PLC0415
    from rattler import rattler as foreign  # noqa: PLC0415

    own = [Path(arguments["output_dir"]).as_uri()] if "output_dir" in arguments else []
    solving = rattler.solve(
        [rattler.Channel(channel) for channel in (*own, *arguments["channels"])],
        listener.specs,
        platforms=[rattler.Subdir(arguments["subdir"]), rattler.Subdir("noarch")],
        virtual_packages=rattler.VirtualPackage.detect(),
    )
    try:
        records = asyncio.run(solving)
        with TemporaryDirectory() as folder:
            prefix = Path(folder, "prefix")
            pkgs = Path(os.environ["RATTLER_CACHE_DIR"], PACKAGES)
            asyncio.run(rattler.install(records, prefix, cache_dir=pkgs, show_progress=False))
    except foreign.InstallerError as error:
        told = EngineError("build-failed", f"{what} can't be made: {error}")
        raise mismatch_error(error) or told from error
    except foreign.SolverError as error:
        raise SolverError("unsatisfiable", f"{what} can't be made: {shortened(str(error))}") from error
    except (foreign.GatewayError, foreign.InvalidMatchSpecError, foreign.FetchRepoDataError) as error:
        raise SolverError("unsatisfiable", f"{what} can't be made: {error}") from error
