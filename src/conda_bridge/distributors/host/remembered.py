"""What this machine said of itself -> the same again, as long as what was asked is what it was.

Asking takes a child for each compiler and program, which is much beside a small build. What is told holds while the
variables that choose programs, the folders of the PATH and every file and folder that it names are the same by the
kernel's account, and for a day at most: a program may have parts of which it doesn't tell. What has changed while the
machine was asked may have been told as it was before: of that no note is taken.

    <cache>/host/machine/<digest of what was asked>.json
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from conda_bridge.archives.writing import written_aside
from conda_bridge.distributors.host.facts import Compiler, HostFacts, HostProgram, Interpreter, rust_library
from conda_bridge.distributors.host.interpreters import own_interpreter
from conda_bridge.distributors.host.makers import Makers
from conda_bridge.distributors.host.store import FORMAT
from conda_bridge.version import __version__

__all__ = ["VARIABLES", "remembered", "remembering"]

VARIABLES = (
    "PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "PYENV_ROOT", "PYENV_VERSION",
)  # fmt: skip
"""By which programs are found, and version managers choose."""
_LONGEST_S = 86_400.0
_TICK_NS = 10_000_000
"""By how much what files are stamped with may lag behind the clock."""
_HEADERS = "/usr/include"
_CHOICES = (("RUSTUP_HOME", ".rustup", "settings.toml"), ("PYENV_ROOT", ".pyenv", "version"))
"""(variable, folder in the home, file) in which version managers keep their choices."""


def remembering(makers: Makers, cache_dir: str) -> Makers:
    """Return makers that ask the machine only where what it said before no longer holds."""
    return replace(makers, describe=lambda python: remembered(python, cache_dir, makers.describe))


def remembered(python: str, cache_dir: str, describe: Callable[[str], HostFacts]) -> HostFacts:
    """Return what the machine said before if it still holds; else ask, and take note of it.

    Only of our own interpreter: what another name means is for version managers to say.

    Raises:
        EngineError, UsageError: as `describe`.
    """
    if python:
        return describe(python)
    path = Path(cache_dir, "host", "machine", f"{_question()}.json")
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(path.read_bytes())
        age_s = time.time() - told["asked_at_s"]
        if 0 <= age_s < _LONGEST_S and told["stamps"] == _stamps(told["facts"]):
            return _facts(told["facts"])
    began_ns = time.time_ns() - _TICK_NS
    places = _stamps(None)
    facts = describe(python)
    # Whoever is told what is missing may be about to install it.
    if not facts.diagnostics:
        told = json.loads(json.dumps(asdict(facts)))
        stamps = _stamps(told)
        if places.items() <= stamps.items() and not any(_has_changed(each, began_ns) for each in stamps):
            _note(path, {"asked_at_s": time.time(), "stamps": stamps, "facts": told})
    return facts


def _question() -> str:
    told = [__version__, FORMAT, own_interpreter(), *(os.environ.get(name, "") for name in VARIABLES)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _note(path: Path, document: dict[str, object]) -> None:
    with suppress(OSError):
        # It is asked again next time.
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_aside(str(path)) as file:
            file.write(json.dumps(document).encode())


def _stamps(told: object) -> dict[str, list[int]]:
    """Return what the kernel says of all files and folders on which the answer depends; of those that lack, nothing."""
    home = os.environ.get("HOME", "")
    choices = (str(Path(os.environ.get(name) or f"{home}/{folder}", file)) for name, folder, file in _CHOICES)
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return {path: _stamp(path) for path in {*_paths(told), *_libraries(told), *folders, *choices, _HEADERS}}


def _stamp(path: str) -> list[int]:
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred of them, in a hurry
    except OSError:
        return []
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]


def _has_changed(path: str, since_ns: int) -> bool:
    try:
        return os.stat(path).st_ctime_ns >= since_ns  # noqa: PTH116 - as above
    except OSError:
        return False


def _libraries(told: Any) -> Iterator[str]:
    """Return the folders of what is there for more than one platform, which may come and go beside the compilers."""
    for row in told["compilers"] if told else ():
        if row["language"] == "rust":
            yield str(rust_library(row["path"]))


def _paths(told: object) -> Iterator[str]:
    if isinstance(told, str) and told.startswith("/"):
        yield told
    elif isinstance(told, dict):
        for value in told.values():
            yield from _paths(value)
    elif isinstance(told, list):
        for value in told:
            yield from _paths(value)


def _facts(told: dict[str, Any]) -> HostFacts:
    return HostFacts(
        **{
            **_fields(told),
            "interpreter": Interpreter(**_fields(told["interpreter"])),
            "compilers": tuple(Compiler(**_fields(row)) for row in told["compilers"]),
            "programs": tuple(HostProgram(**_fields(row)) for row in told["programs"]),
        }
    )


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _tupled(value) for name, value in row.items()}


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
