"""A build that compiles with OpenMP -> the runtime where the compiler has none of its own.

GCC and Visual C++ bring theirs; Apple's clang doesn't. Source: conda-forge documentation, "OpenMP".
"""

from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.condition import os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec

__all__ = ["openmp_runtime"]

_RUNTIME = CondaName("llvm-openmp")
_WITH_OSX = frozenset({"", "osx", "unix", "!win", "!linux"})
_MOST_ORIGINS = 2


def openmp_runtime(ctx: InferContext) -> tuple[Contribution, ...]:
    """Return the line for macOS where the build asks for OpenMP without condition; else nothing."""
    places = Places(ctx)
    origins = []
    for signal in ctx.facts.signals:
        if signal.kind == "openmp" and not places.is_aside(signal.path):
            token = Token.parse(signal.token)
            if not token.is_optional and token.guard in _WITH_OSX:
                origins.append(f"{signal.path}:{signal.line}")
    if not origins:
        return ()
    line = Contribution(
        section="host",
        spec=MatchSpec(conda_name=_RUNTIME),
        condition=os_in({"osx"}),
        certainty=Certainty.DERIVED,
        origins=tuple(origins[:_MOST_ORIGINS]),
        note="the build compiles with OpenMP, which the compiler of macOS lacks",
        rule="libraries",
    )
    return (line,)
