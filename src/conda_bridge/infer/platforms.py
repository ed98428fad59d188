"""Where a project with native code isn't built at all: what upstream's own build refuses, what its wheels show.

One system's wheels alone prove little for Linux, where many projects build nothing but what their own machine
runs; wheels for Windows or macOS alone come from projects that wrap those systems.
"""

import re

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.rules import because, rule
from conda_bridge.infer.stable_abi import wheel_abis
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import Condition, negate, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty, Inferred, address
from conda_bridge.model.source import SourceFacts

__all__ = ["infer_platforms"]

_NAMES = {
    "linux": "linux", "linux2": "linux", "darwin": "osx", "macosx": "osx", "win32": "win", "windows": "win", "win": "win",
    "cygwin": "", "nt": "win",
}  # fmt: skip
_GUARD = re.compile(
    r"""^(?P<indent>[ \t]*)if\s+(?P<not>not\s+)?\(?\s*(?:sys\.platform|platform\.system\(\)(?:\.lower\(\))?|os\.name)\s*"""
    r"""(?:(?P<operator>==|!=)\s*["'](?P<name>\w+)["']|\.startswith\(\s*["'](?P<start>\w+)["']\s*\))\s*\)?\s*:[^\n]*\n"""
    r"""(?P<body>(?:(?P=indent)[ \t]+\S[^\n]*\n?|[ \t]*\n)+)""",
    re.MULTILINE,
)
_END = re.compile(
    r"^\s*(?:raise\s+\w*(?:Error|Exception|Exit)\b|sys\.exit\s*\(\s*[^0\s)]|exit\s*\(\s*[^0\s)])",
    re.MULTILINE,
)
_CLASSIFIERS = (
    ("Operating System :: MacOS", "osx"), ("Operating System :: Microsoft", "win"),
    ("Operating System :: POSIX :: Linux", "linux"), ("Operating System :: Unix", "linux"),
)  # fmt: skip


@rule("platforms")
def infer_platforms(ctx: InferContext, native: Native, kind: Kind) -> Inferred[tuple[Condition, ...]]:
    """Return where the package is skipped because upstream doesn't build there; evidence for `build/skip`."""
    if kind.is_noarch or not native.is_native:
        return Inferred(value=())
    where = address(conda_name_of(ctx), "build", "skip")
    refused = _refused(ctx.facts)
    if refused is not None:
        condition, origin = refused
        why = because(where, Certainty.DERIVED, origin, note="upstream's build ends there")
        return Inferred(value=(condition,), evidence=(why,))
    wheels = wheel_abis(ctx.facts)
    if wheels.has_pure or len(wheels.built_systems) != 1:
        return Inferred(value=())
    (system,) = wheels.built_systems
    named = {mark for start, mark in _CLASSIFIERS for one in ctx.project.classifiers if one.startswith(start)}
    first = next(iter(ctx.facts.index.wheels), "") if ctx.facts.index else ""
    if system == "linux" or named - {system}:
        message = f"all published wheels with extension modules are for {system}"
        return Inferred(value=(), diagnostics=(finding("wheels-of-one-system", message, origin=first),))
    why = because(where, Certainty.GUESSED, first, note=f"all published wheels are for {system}")
    return Inferred(value=(negate(os_in({system})),), evidence=(why,))


def _refused(facts: SourceFacts) -> tuple[Condition, str] | None:
    """Return where setup.py ends with an error, at its top level, and the line."""
    text = re.sub(r"(?m)^([^\n\"'#]*)#.*$", r"\1", facts.text("setup.py") or "")
    for match in _GUARD.finditer(text):
        system = _NAMES.get((match["name"] or match["start"]).lower(), "")
        if match["indent"] or not system or _END.match(match["body"]) is None:
            continue
        is_meant = (match["operator"] != "!=") != bool(match["not"])
        line = text.count("\n", 0, match.start()) + 1
        return (os_in({system}) if is_meant else negate(os_in({system}))), f"setup.py:{line}"
    return None
