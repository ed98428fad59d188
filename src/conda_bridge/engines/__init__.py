"""What runs recipes, behind one contract.

To add an engine: a module here with a class that implements `Engine`, and a line in the table. The contract tests run
on it by themselves.
"""

from importlib import import_module
from typing import cast

from conda_bridge.errors import UsageError
from conda_bridge.protocols import Engine

__all__ = ["CONDA_BUILD", "ENGINES", "engine_of"]

CONDA_BUILD = "conda-build"

ENGINES = {
    "rattler-build": "conda_bridge.engines.rattler_build:RattlerBuildEngine",
    CONDA_BUILD: "conda_bridge.engines.conda_build:CondaBuildEngine",
}
"""Name as in `--engine` -> where its class is, in the order in which they are tried."""


def engine_of(name: str, *, conda_build: str = "") -> Engine:
    """Return an engine by its name; `conda_build` is the path of that program, empty for the one on the PATH.

    Raises:
        UsageError: `usage`.
    """
    if name not in ENGINES:
        raise UsageError("usage", f"{name!r} is no engine; there are {', '.join(ENGINES)}")
    module, _, class_name = ENGINES[name].partition(":")
    made = getattr(import_module(module), class_name)
    return cast("Engine", made(program=conda_build) if name == CONDA_BUILD else made())
