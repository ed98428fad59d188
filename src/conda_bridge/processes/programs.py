"""A program's name -> where it is and what it says of its version."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conda_bridge.processes.children import run_child

__all__ = ["FoundProgram", "find_program"]

_TIMEOUT_S = 20.0
_VERSION = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundProgram:
    """A program on this machine."""

    name: str
    path: str
    version: str = ""
    """Empty where it doesn't say."""
    problem: str = ""
    """Why it doesn't run; empty where it does."""


def find_program(
    names: Sequence[str], *, environment: Mapping[str, str], arguments: Sequence[str] = ("--version",)
) -> FoundProgram | None:
    """Return the first program of `names` on the PATH of `environment` and ask for its version; None: there is none."""
    for name in names:
        path = shutil.which(name, path=environment.get("PATH", ""))
        if path is not None:
            return _asked(name, path, environment, arguments)
    return None


def _asked(name: str, path: str, environment: Mapping[str, str], arguments: Sequence[str]) -> FoundProgram:
    try:
        child = run_child([path, *arguments], folder="/", environment=environment, timeout_s=_TIMEOUT_S)
    except OSError as error:
        return FoundProgram(name=name, path=path, problem=error.strerror or str(error))
    if child.is_timed_out or child.exit_status != 0:
        how = "doesn't answer" if child.is_timed_out else f"ends with status {child.exit_status}"
        lines = (child.errors or child.output).strip().splitlines()
        return FoundProgram(name=name, path=path, problem=f"{how}: {lines[-1]}" if lines else how)
    match = _VERSION.search(child.output or child.errors)
    return FoundProgram(name=name, path=path, version=match.group() if match else "")
