"""Switches of a build -> how the recipe's script hands them to the backend.

A switch is for the build system that has it; what stands between that and pip decides the spelling. Only names
and values that every shell reads as they are get into a script.
"""

import re
from dataclasses import dataclass

from conda_bridge.infer.backend import backend_row
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.libraries.result import Switch
from conda_bridge.infer.rules import because
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import negate, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.recipe import ScriptLine
from conda_bridge.model.toolchain import BackendRow

__all__ = ["BuildSettings", "build_settings", "can_pass"]

_NAME = re.compile(r"-{0,2}[A-Za-z_][A-Za-z0-9_.-]*(?: --?[A-Za-z_][A-Za-z0-9_-]*)*", re.ASCII)
_VALUE = re.compile(r"[A-Za-z0-9_.+-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_READS_ARGUMENTS = frozenset({"scikit-build", "scikit-build-core-setuptools"})
_UNIX = os_in({"linux", "osx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """What the script says beside its commands."""

    before: tuple[ScriptLine, ...] = ()
    """Lines before the one that builds."""
    words: tuple[str, ...] = ()
    """Arguments of pip, each `-C key=value`."""
    env: tuple[tuple[str, str], ...] = ()


def build_settings(ctx: InferContext, switches: tuple[Switch, ...]) -> Inferred[BuildSettings]:
    """Return how the script passes the switches on, but for those that the user sets.

    Source: documentation of scikit-build-core (cmake.define), meson-python (setup-args), setuptools (build-option);
    conda's compilers set CMAKE_ARGS, to which others only add.
    """
    row = backend_row(ctx.project, ctx.toolchains)
    before: list[str] = []
    words: list[str] = []
    env: dict[str, str] = {}
    evidence: list[Evidence] = []
    lost: list[Diagnostic] = []
    name = conda_name_of(ctx)
    for switch in switches:
        if _is_set(ctx, switch):
            continue
        note = f"{switch.name} makes the build use the distributor's {switch.library}"
        way = _way(ctx, row, switch)
        if way == "env":
            env[switch.name] = switch.value
            where = address(name, "build", f"env.{switch.name}")
        elif way:
            where = address(name, "build", "script")
            if way == "CMAKE_ARGS":
                before.append(f"-D{switch.name}={switch.value}")
            else:
                words.append(way)
        else:
            message = f"the build can be told to use the distributor's {switch.library}, but not through its backend"
            lost.append(finding("switch-not-passed", f"{message}: {switch.name}", origin=switch.origin))
            continue
        evidence.append(because(where, Certainty.DERIVED, switch.origin, note=note))
    value = BuildSettings(before=_arguments(before), words=tuple(words), env=tuple(env.items()))
    return Inferred(value=value, evidence=tuple(evidence), diagnostics=tuple(lost))


def can_pass(ctx: InferContext, switch: Switch) -> bool:
    """Tell whether the recipe's script can set a switch, or the user does."""
    return _is_set(ctx, switch) or bool(_way(ctx, backend_row(ctx.project, ctx.toolchains), switch))


def _way(ctx: InferContext, row: BackendRow | None, switch: Switch) -> str:
    """Return pip's argument, `env` or `CMAKE_ARGS`; empty where there is no way."""
    key = row.key if row is not None else ""
    if not _NAME.fullmatch(switch.name) or not _VALUE.fullmatch(switch.value):
        return ""
    setting = f"{switch.name}={switch.value}"
    match switch.form:
        case "env":
            return "env" if _VARIABLE.fullmatch(switch.name) else ""
        case "cmake" if key == "scikit-build-core":
            return f"-C cmake.define.{setting}"
        case "cmake":
            reads = key in _READS_ARGUMENTS or "CMAKE_ARGS" in (ctx.facts.text("setup.py") or "")
            return "CMAKE_ARGS" if reads else ""
        case "meson":
            return f"-C setup-args=-D{setting}" if key == "meson-python" else ""
        case "setup.py":
            # Setuptools puts it behind bdist_wheel and reads the options of all commands before it runs the first.
            option = switch.name if switch.name.startswith("build_ext ") else f"build_ext {switch.name}"
            return f'-C "--build-option={option}"' if row is not None and row.runs_setup_py else ""


def _arguments(definitions: list[str]) -> tuple[ScriptLine, ...]:
    """Return the lines that add to what conda's compilers say to CMake."""
    if not definitions:
        return ()
    joined = " ".join(definitions)
    return (
        ScriptLine(command=f'export CMAKE_ARGS="$CMAKE_ARGS {joined}"', condition=_UNIX),
        ScriptLine(command=f'set "CMAKE_ARGS=%CMAKE_ARGS% {joined}"', condition=negate(_UNIX)),
    )


def _is_set(ctx: InferContext, switch: Switch) -> bool:
    """Tell whether the user decides the same setting."""
    if switch.form == "env":
        return any(one.key == switch.name for one in ctx.overrides.env)
    marks = (f"-D{switch.name}=", f"-D{switch.name}:")
    return any(
        one.key == f"cmake.define.{switch.name}"
        or any(f" {one.value}".find(f" {mark}") >= 0 for mark in marks)
        or (switch.form == "setup.py" and switch.name in one.value)
        for one in ctx.overrides.config_settings
    )
