"""Commands of a package -> findings for those that stand in the way of what builds and shells call by the same name.

An environment's `bin` comes first on the PATH: a `bash` there runs every build script, a `cc` there compiles.
"""

import re
from collections.abc import Iterable

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, is_valid_pypi_name, pypi_name

__all__ = ["shadow_findings"]

_KINDS = {
    "the shell": frozenset({
        "ash", "bash", "cmd", "csh", "dash", "env", "fish", "ksh", "powershell", "pwsh", "sh", "sudo", "tcsh", "zsh",
    }),
    "compilers": frozenset({
        "ar", "as", "c++", "cargo", "cc", "cl", "clang", "clang++", "cpp", "f77", "f95", "g++", "gcc", "gfortran",
        "go", "ld", "lld", "make", "nm", "objcopy", "pkg-config", "ranlib", "rustc", "strip",
    }),
    "python and conda": frozenset({
        "2to3", "activate", "conda-build", "deactivate", "idle3", "mamba", "micromamba", "pydoc", "pydoc3",
        "python-config", "python3-config", "rattler-build", "wheel",
    }),
}  # fmt: skip
_TRIPLET = re.compile(r"[a-z0-9_]+-(?:conda|pc|unknown|apple|linux|w64)-[a-z0-9_.-]+", re.ASCII)
"""`x86_64-conda-linux-gnu-cc`: as activated compilers are called."""
_SUFFIX = re.compile(r"(?:\.exe|\.bat|\.cmd|-script\.pyw?)\Z")


def shadow_findings(commands: Iterable[str], project: PypiName) -> tuple[Diagnostic, ...]:
    """Return what is to be said of a package's commands; a project's own name is its to use."""
    return tuple(
        finding("shadowing-command", f"the command {command!r} shadows that of {kind}", origin=command)
        for command in sorted(set(commands))
        if (kind := _shadowed(_SUFFIX.sub("", command.lower()), project))
    )


def _shadowed(command: str, project: PypiName) -> str:
    if is_valid_pypi_name(command) and pypi_name(command) == project:
        return ""
    if _TRIPLET.fullmatch(command):
        return "compilers"
    return next((kind for kind, names in _KINDS.items() if command in names), "")
