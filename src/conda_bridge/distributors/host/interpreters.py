"""The name of an interpreter -> where its parts lie, or why it can't be made into a package.

A virtual environment is only a shell of the interpreter that it was made with, so that one is taken.

Source: sysconfig of the interpreter itself; PEP 668 and Debian's Python policy for the layouts.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conda_bridge.distributors.host.facts import Interpreter, Layout
from conda_bridge.errors import EngineError, UsageError
from conda_bridge.processes.build_environments import last_lines
from conda_bridge.processes.children import run_child

__all__ = [
    "FIRST_PYTHON",
    "INSIDE",
    "Described",
    "describe_interpreter",
    "fingerprint",
    "interpreters_on_path",
    "own_interpreter",
]

INSIDE = Path(__file__).parent / "inside"
FIRST_PYTHON = (3, 10)
"""conda-forge's lowest python too, so that what recipes ask of `python` can be had at all."""
_TIMEOUT_S = 60.0
_DEBIAN_SCHEMES = frozenset({"deb_system", "posix_local"})

Described = tuple[Interpreter, str, str]
"""The interpreter, its glibc, and its platform: `linux-x86_64`."""


def own_interpreter() -> str:
    """Return the interpreter behind the one that runs us."""
    return os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)


def describe_interpreter(python: str, environment: Mapping[str, str]) -> Described:
    """Ask an interpreter, given by its path or its name on the PATH, about itself.

    Raises:
        UsageError: `unknown-interpreter`.
        EngineError: `unsuitable-interpreter`, `unsupported-machine`.
    """
    path = shutil.which(python, path=environment.get("PATH", ""))
    if path is None:
        message = f"{python!r} is no program of this machine"
        raise UsageError("unknown-interpreter", message, hint=_alternatives(python, environment))
    path = os.path.abspath(path)  # noqa: PTH100 - links stay: a virtual environment is told by them
    said = _asked(path, environment)
    try:
        return _judged(path, said)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError("unknown-interpreter", f"it describes itself oddly: {error}", where=path) from error


def _alternatives(python: str, environment: Mapping[str, str]) -> str | None:
    """Return which interpreters the PATH has; None where it has none."""
    found = interpreters_on_path(environment)
    if f"python{python}" in found:
        return f"write --python python{python}"
    if not found:
        return None
    return f"on the PATH there {'is' if len(found) == 1 else 'are'} {', '.join(found)}; --python also takes a path"


def interpreters_on_path(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that would do for `--python`, without the scripts of version managers, which may lead nowhere."""
    found = {}
    for folder in environment.get("PATH", "").split(os.pathsep):
        for path in Path(folder).glob("python3.*") if folder else ():
            minor = path.name.removeprefix("python3.")
            if minor.isdigit() and (3, int(minor)) >= FIRST_PYTHON and _is_binary(path):
                found[int(minor)] = path.name
    return tuple(found[minor] for minor in sorted(found))


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return os.access(path, os.X_OK) and file.read(2) != b"#!"
    except OSError:
        return False


def _asked(path: str, environment: Mapping[str, str]) -> dict[str, Any]:
    program = str(INSIDE / "interpreter_facts.py")
    try:
        child = run_child([path, "-I", program], folder="/", environment=environment, timeout_s=_TIMEOUT_S)
    except OSError as error:
        raise UsageError("unknown-interpreter", f"it can't be run: {error.strerror}", where=path) from error
    if child.is_timed_out or child.exit_status:
        how = "doesn't answer" if child.is_timed_out else "can't be asked about itself"
        raise UsageError("unknown-interpreter", f"it {how}: {last_lines(child.errors, most=3)}", where=path)
    try:
        answer = json.loads(child.output)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise UsageError("unknown-interpreter", "it is no Python", where=path)
    return answer


def _judged(path: str, said: dict[str, Any]) -> Described:
    refusal = _refusal(said)
    if refusal:
        raise EngineError("unsuitable-interpreter", refusal, where=path)
    if not said["platform"].startswith("linux-") or not said["glibc"]:
        raise EngineError(
            "unsupported-machine",
            f"its platform is {said['platform']!r}, its C library {'glibc' if said['glibc'] else 'not glibc'}",
            where=path,
        )
    machine = said["platform"].removeprefix("linux-")
    if machine == "x86_64" and said["bits"] == 32:
        machine = "i686"
    return _interpreter(path, said), said["glibc"], f"linux-{machine}"


def _refusal(said: dict[str, Any]) -> str:
    """Return why it can't be made into a package; empty where it can."""
    numbers = tuple(said["numbers"])
    version = ".".join(map(str, numbers))
    if said["implementation"] != "cpython":
        return f"it is {said['implementation']} {version}, not CPython"
    if numbers[:2] < FIRST_PYTHON:
        return f"it is Python {version}; the oldest that serves is {'.'.join(map(str, FIRST_PYTHON))}"
    if said["variables"]["Py_GIL_DISABLED"] == "1":
        return "it is a free-threaded build, for which there are few wheels"
    if said["abiflags"]:
        return f"it is a build with the flags {said['abiflags']!r}, which no wheel is made for"
    if said["missing"]:
        return f"it lacks {', '.join(said['missing'])} of the standard library"
    return _layout_refusal(said, f"python{numbers[0]}.{numbers[1]}")


def _layout_refusal(said: dict[str, Any], folder: str) -> str:
    expected = str(Path(said["prefix"], "lib", folder))
    if said["library_folder"] != "lib" or said["stdlib"] != expected:
        return f"its standard library lies in {said['stdlib']!r}, not in {expected!r}"
    if not Path(said["stdlib"], "os.py").is_file():
        return f"its standard library isn't in {said['stdlib']!r}"
    return ""


def _interpreter(path: str, said: dict[str, Any]) -> Interpreter:
    version = ".".join(map(str, said["numbers"])) + said["suffix"]
    minor = ".".join(map(str, said["numbers"][:2]))
    prefix = said["prefix"]
    layout: Layout = "debian" if _DEBIAN_SCHEMES.intersection(said["schemes"]) else "upstream"
    executable = os.path.realpath(_executable(path, said, minor))
    library_dir = said["variables"]["LIBDIR"]
    if not Path(library_dir, said["variables"]["INSTSONAME"] or "pkgconfig").exists():
        library_dir = str(Path(prefix, "lib"))
    old = {prefix, os.path.realpath(prefix), said["configured_prefix"]} - {"", "/"}
    return Interpreter(
        executable=executable,
        version=version,
        prefix=prefix,
        old_prefixes=tuple(sorted(old, key=lambda text: (-len(text), text))),
        layout=layout,
        stdlib=said["stdlib"],
        include=said["include"],
        library_dir=library_dir,
        multiarch=said["variables"]["MULTIARCH"] if layout == "debian" else "",
        has_headers=Path(said["include"], "Python.h").is_file(),
        fingerprint=fingerprint(executable, str(Path(library_dir, said["variables"]["INSTSONAME"]))),
    )


def _executable(path: str, said: dict[str, Any], minor: str) -> str:
    places = (str(Path(said["prefix"], "bin", f"python{minor}")), said["executable"])
    return next((place for place in places if Path(place).is_file()), path)


def fingerprint(*paths: str) -> str:
    """Return what changes when other builds of some files are installed at the same places."""
    parts = []
    for path in map(Path, paths):
        if path.is_file():
            status = path.stat()
            parts.append(f"{status.st_size:x}.{status.st_mtime_ns:x}")
    return "-".join(parts)
