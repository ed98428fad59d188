"""Whether upstream's build goes on where its extension modules can't be compiled."""

import re

from conda_bridge.infer.abi3.evidence import wheel_abis
from conda_bridge.infer.backend import backend_row
from conda_bridge.model.condition import OPERATING_SYSTEMS
from conda_bridge.model.conversion import InferContext

__all__ = ["goes_on_without_modules"]

_GOES_ON = re.compile(
    r"^[^#\n]*\boptional\s*=\s*True\b|^[ \t]*except\b[^:\n]*\b(?:CCompilerError|CompileError|BuildFailed|(?:Distutils)?ExecError)\b",
    re.MULTILINE,
)
"""How a setup.py forgives a compiler's failure: setuptools' own keyword, or errors that it catches."""


def goes_on_without_modules(ctx: InferContext) -> bool:
    """Tell whether a build without extension modules is a build, too.

    The setup.py says so, or every system has published wheels with the modules, and a pure wheel is there, too.
    """
    wheels = wheel_abis(ctx.facts)
    if wheels.has_pure:
        return wheels.built_systems == OPERATING_SYSTEMS
    row = backend_row(ctx.project, ctx.toolchains)
    is_run = row is None or row.key == "setuptools"
    return is_run and _GOES_ON.search(ctx.facts.text("setup.py") or "") is not None
