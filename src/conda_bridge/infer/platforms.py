"""Where a project with native code isn't built at all: what upstream's own build refuses, what its wheels show.

One system's wheels alone prove nothing: many projects publish some for those who have no compiler at hand, and leave
the others to build. The source must say the same: by its classifiers, by sources that only macOS compiles, or by a library that
no other system has.
"""

import re

from conda_bridge.infer.abi3.evidence import wheel_abis
from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.native import Native
from conda_bridge.infer.native.sources import is_own, own_sources
from conda_bridge.infer.noarch import Kind
from conda_bridge.infer.rules import because, rule
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import Condition, negate, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Certainty, Inferred, address
from conda_bridge.model.recipe import MatchSpec
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
    ("MacOS", "osx"), ("Microsoft", "win"), ("POSIX :: Linux", "linux"), ("POSIX :: BSD", "bsd"), ("POSIX", "unix"),
    ("Unix", "unix"), ("OS Independent", "any"),
)  # fmt: skip
_OBJC = (".m", ".mm")
_LIBRARY_RULES = frozenset({"external", "libraries"})


@rule("platforms")
def infer_platforms(
    ctx: InferContext, native: Native, kind: Kind, lines: tuple[Contribution, ...] = ()
) -> Inferred[tuple[Condition, ...]]:
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
    if wheels.has_pure or len(wheels.built_systems) > 1:
        return Inferred(value=())
    first = next(iter(ctx.facts.index.wheels), "") if ctx.facts.index else ""
    published = next(iter(wheels.built_systems), "")
    sign = _sign(ctx, published, lines)
    if sign is None:
        message = f"all published wheels with extension modules are for {published}"
        told = (finding("wheels-of-one-system", message, origin=first),) if published else ()
        return Inferred(value=(), diagnostics=told)
    system, reason, origin = sign
    note = f"{reason}, and all published wheels are for {system}" if published else reason
    why = because(where, Certainty.GUESSED, origin, first, note=note)
    return Inferred(value=(negate(os_in({system})),), evidence=(why,))


def _sign(ctx: InferContext, published: str, lines: tuple[Contribution, ...]) -> tuple[str, str, str] | None:
    """Return the one system that the source is for, what says so, and where."""
    named = _systems_named(ctx)
    if published and published != "linux" and named == {published}:
        return published, "the classifiers name no other system", ""
    native = [path for paths in own_sources(ctx).values() for path in paths]
    objc = sorted(path for path in ctx.facts.paths if path.endswith(_OBJC) and is_own(ctx, path))
    if published == "osx" and objc and not native and not named - {"osx"}:
        return published, "its sources are Objective-C", objc[0]
    if published in {"", "linux"} and named == {"linux"}:
        for line in lines:
            name = line.spec.conda_name if isinstance(line.spec, MatchSpec) else None
            is_library = name is not None and line.rule in _LIBRARY_RULES
            if name and is_library and ctx.policy.only_system_of(name) == "linux":
                reason = f"only Linux has {name}, and the classifiers name no other system"
                return "linux", reason, next(iter(line.origins), "")
    return None


def _systems_named(ctx: InferContext) -> set[str]:
    found = set()
    for classifier in ctx.project.classifiers:
        topic, _, rest = classifier.partition(" :: ")
        if topic == "Operating System":
            found.update([system for start, system in _CLASSIFIERS if rest.startswith(start)][:1])
    return found


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
