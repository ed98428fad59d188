"""The command `conda-build` -> the interpreter that it is installed for, and the folders that it needs.

conda-build keeps what it knows of an installation in Python: what exactly failed, and what a recipe renders to, only its
own interpreter can be asked.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from conda_bridge.archives.typed_paths import expanded
from conda_bridge.errors import EngineError
from conda_bridge.processes.children import run_child
from conda_bridge.processes.system_places import system_places

__all__ = ["CondaBuildHome", "find_conda_build"]

_COMMAND = "conda-build"
_TIMEOUT_S = 60.0
_FIRST_BYTES = 4096
_SHELLS = ("sh", "bash", "env")
_HINT = (
    "install it (conda install conda-build) and have it on the PATH, or name it with --conda-build; or build the "
    "project itself, conda-bridge build NAME==VERSION, whose recipe.yaml says the same"
)
_QUESTION = """\
import json, sys
import conda_build
print(json.dumps({
    "version": str(conda_build.__version__),
    "prefixes": [sys.prefix, sys.exec_prefix],
    "bases": [sys.base_prefix, sys.base_exec_prefix],
    "path": sys.path,
}))
"""
_BASE_PARTS = ("bin", "lib", "lib64", "include")


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaBuildHome:
    """An installation of conda-build."""

    command: str
    """The program's path, absolute."""
    python: str
    """The interpreter that it runs in."""
    version: str
    readable: tuple[str, ...]
    """The folders beside the system's own that it lives in."""


def find_conda_build(program: str = "") -> CondaBuildHome:
    """Return the installation behind a path, or behind the command on the PATH where it is empty.

    Cost: one start of its interpreter.

    Raises:
        EngineError: `engine-missing`.
    """
    found = shutil.which(str(expanded(program)) if program else _COMMAND)
    if found is None:
        missing = f"there is no program {program!r}" if program else "conda-build isn't on the PATH"
        raise EngineError("engine-missing", missing, where=program or None, hint=_HINT)
    command = os.path.abspath(found)  # noqa: PTH100 - links are left as they are: an interpreter finds its home by them
    python = _interpreter(Path(command))
    try:
        answer = run_child(
            [python, "-I", "-c", _QUESTION],
            folder="/",
            environment={"PATH": os.defpath},
            timeout_s=_TIMEOUT_S,
        )
    except OSError as error:
        raise _unusable(command, f"its interpreter {python} doesn't run: {error.strerror}") from error
    lines = answer.output.strip().splitlines()
    if answer.exit_status or answer.is_timed_out or not lines:
        why = (answer.errors.strip().splitlines() or ["it doesn't answer"])[-1]
        raise _unusable(command, f"conda-build can't be imported by its interpreter {python}: {why}")
    said = json.loads(lines[-1])
    return CondaBuildHome(
        command=command,
        python=python,
        version=said["version"],
        readable=_readable(said["prefixes"], said["bases"], said["path"]),
    )


def _interpreter(command: Path) -> str:
    """Return the interpreter that a script names, or the one beside it: installers cut long first lines short."""
    for script in (command, Path(os.path.realpath(command))):
        for line in _first_lines(script):
            words = line.split()
            if line.startswith("#!") and words and PurePosixPath(words[0][2:]).name not in _SHELLS:
                return words[0].removeprefix("#!")
        for name in ("python", "python3"):
            beside = script.with_name(name)
            if beside.exists():
                return str(beside)
    raise _unusable(str(command), "it is no Python script, and no interpreter is beside it")


def _first_lines(script: Path) -> list[str]:
    try:
        with script.open("rb") as file:
            return file.read(_FIRST_BYTES).decode("utf-8", errors="replace").splitlines()[:1]
    except OSError as error:
        raise _unusable(str(script), f"it can't be read: {error.strerror}") from error


def _readable(prefixes: list[str], bases: list[str], path: list[str]) -> tuple[str, ...]:
    """Return what is imported from where; of a prefix that is the system's, or holds more than Python, its parts."""
    found = [prefix for prefix in prefixes if prefix not in bases]
    for prefix in prefixes:
        if prefix in bases:
            has_conda = Path(prefix, "conda-meta").is_dir()
            found += [prefix] if has_conda else [f"{prefix}/{part}" for part in _BASE_PARTS]
    found += [f"{base}/{part}" for base in bases for part in _BASE_PARTS]
    found += [place for place in path if place and Path(place).is_absolute()]
    places = [place for place, target in system_places() if not target]
    shown = dict.fromkeys((*found, *map(os.path.realpath, found)))
    return tuple(
        folder
        for folder in shown
        if Path(folder).exists() and not any(PurePosixPath(folder).is_relative_to(place) for place in places)
    )


def _unusable(command: str, why: str) -> EngineError:
    return EngineError("engine-missing", f"{command} can't be used: {why}", where=command, hint=_HINT)
