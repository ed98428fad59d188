"""Which files of a source its build runs, and what their code says: setup.py, build scripts, hooks, own backends.

A setup.py says nothing where the backend doesn't run it.
Source: Poetry documentation, pyproject.toml; hatch documentation, Build hooks; pdm-backend documentation, Build hooks;
PEP 517, in-tree build backends.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from conda_bridge.infer.backend import backend_row, host_requirements
from conda_bridge.infer.pyproject import dig, tool_table
from conda_bridge.infer.scan import scan
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.infer.setup_imports import is_import_optional
from conda_bridge.model.condition import ALWAYS, Condition, negate, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import Signal

__all__ = [
    "EXTENSION_KINDS",
    "build_programs",
    "condition_of",
    "idle_extensions",
    "place_of",
    "program_signals",
    "program_text",
    "stated_signals",
    "switched_off",
]

_SETUP = "setup.py"
_TABLES = ("pyproject.toml", "setup.cfg")
EXTENSION_KINDS = ("extension-module", "extension")
_LIST = "ext_modules"
_CFFI_SCRIPT = re.compile(r"""["'](?:\./)?(?P<path>[\w./-]+\.py):\w+["']""")
_COMPILING = {"cythonize": ("Cython", "cython"), "mypycify": ("mypyc", "mypy")}
"""Functions that compile, the modules that they are in, and the projects that have those."""
_UNIX = os_in({"linux", "osx"})


def build_programs(ctx: InferContext) -> tuple[str, ...]:
    """Return the files whose code the build runs, with the modules at the top that they import."""
    named = dict.fromkeys(path for path in _named(ctx) if ctx.facts.text(path) is not None)
    for path in tuple(named):
        named.update(dict.fromkeys(_imported(ctx, path)))
    return tuple(named)


def program_signals(ctx: InferContext) -> tuple[Signal, ...]:
    """Return what the scanners find in the files whose code the build runs."""
    known: dict[str, list[Signal]] = {}
    for signal in ctx.facts.signals:
        known.setdefault(signal.path, []).append(signal)
    return tuple(
        signal
        for path in build_programs(ctx)
        for signal in known.get(path)
        or (() if path == _SETUP else _scanned(path, ctx.facts.text(path) or ""))
    )


def stated_signals(ctx: InferContext) -> tuple[Signal, ...]:
    """Return those and what setuptools' own tables say of extension modules."""
    row = backend_row(ctx.project, ctx.toolchains)
    files = _TABLES if row is None or row.runs_setup_py else ()
    return (*program_signals(ctx), *(signal for signal in ctx.facts.signals if signal.path in files))


def switched_off(ctx: InferContext) -> tuple[tuple[str, str], ...]:
    """Return (place, what turns it on) of the extensions and hooks that are off in a build without options.

    A function that compiles with a project which setup.py can do without, and which nothing requires, is off, too.
    Source: hatch documentation, Build hooks, conditional execution.
    """
    found = [(place_of(s), s.token) for s in program_signals(ctx) if s.kind == "switched-off"]
    build = tool_table(ctx.facts, "hatch", "build")
    for where, table in (("", build), ("targets/wheel/", dig(build, "targets", "wheel"))):
        hooks = dig(table, "hooks")
        for name, hook in hooks.items() if isinstance(hooks, dict) else ():
            if dig(hook, "enable-by-default") is False:
                variable = f"HATCH_BUILD_HOOK_ENABLE_{name.upper().replace('-', '_')}"
                found.append((f"pyproject.toml#/tool/hatch/build/{where}hooks/{name}", variable))
    found += [
        (place_of(s), f"{_COMPILING[s.token][1]} in host")
        for s in idle_extensions(ctx)
        if s.token in _COMPILING
    ]
    return tuple(dict.fromkeys(found))


def idle_extensions(ctx: InferContext) -> tuple[Signal, ...]:
    """Return the extensions that the build declares and doesn't compile.

    A function compiles nothing whose project setup.py can do without, and which nothing requires; a list that has
    nothing else in it is empty then. cffi's ABI mode has no source. Source: cffi documentation, ABI versus API.
    """
    declared = [signal for signal in program_signals(ctx) if signal.kind in EXTENSION_KINDS]
    idle = [signal for signal in declared if _lacks_compiler(ctx, signal) or _is_abi_mode(ctx, signal)]
    rest = [signal for signal in declared if signal not in idle and signal.token != _LIST]
    return tuple(declared if idle and not rest else idle)


def _lacks_compiler(ctx: InferContext, signal: Signal) -> bool:
    module, name = _COMPILING.get(signal.token, ("", "")) if signal.kind == "extension" else ("", "")
    if not name or not is_import_optional(ctx.facts, module):
        return False
    required = {one.pypi_name for one in host_requirements(ctx.facts, ctx.project, ctx.toolchains)}
    return name not in required


def _is_abi_mode(ctx: InferContext, signal: Signal) -> bool:
    if (signal.kind, signal.token) != ("extension", "cffi_modules"):
        return False
    without_source = {one.path for one in ctx.facts.signals if one.kind == "cffi-abi"}
    scripts = {match["path"] for match in _CFFI_SCRIPT.finditer(ctx.facts.text(signal.path) or "")}
    return bool(scripts) and scripts <= without_source


def program_text(ctx: InferContext) -> str:
    """Return the code that the build runs, comments aside, for rules that look for a word."""
    lines = (line for path in build_programs(ctx) for line in (ctx.facts.text(path) or "").splitlines())
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def place_of(signal: Signal) -> str:
    """Return a signal's origin."""
    return f"{signal.path}:{signal.line}" if signal.line else signal.path


def condition_of(token: Token) -> Condition:
    """Return where a token holds."""
    system = token.guard.removeprefix("!")
    if not system:
        return ALWAYS
    where = _UNIX if system == "unix" else os_in({system})
    return negate(where) if token.guard.startswith("!") else where


@lru_cache(maxsize=8)
def _scanned(path: str, text: str) -> tuple[Signal, ...]:
    """Scan a program that isn't called setup.py as if it were: what it builds, it builds in the same words."""
    return tuple(replace(signal, path=path) for signal in scan(_SETUP, text.encode(), text))


def _named(ctx: InferContext) -> Iterator[str]:
    facts = ctx.facts
    row = backend_row(ctx.project, ctx.toolchains)
    if row is None or row.runs_setup_py or dig(tool_table(facts, "pdm", "build"), "run-setuptools"):
        yield _SETUP
    script = dig(tool_table(facts, "poetry"), "build")
    hooks = [dig(script, "script") if isinstance(script, dict) else script]
    build = tool_table(facts, "hatch", "build")
    for table in (build, dig(build, "targets", "wheel")):
        hook = dig(table, "hooks", "custom")
        if dig(hook, "enable-by-default") is False:
            continue
        hooks.append((dig(hook, "path") or "hatch_build.py") if hook is not None else None)
    if ctx.project.build_system.backend.startswith("pdm."):
        hooks.append(dig(tool_table(facts, "pdm", "build"), "custom-hook") or "pdm_build.py")
    yield from (hook.removeprefix("./") for hook in hooks if isinstance(hook, str))
    module = ctx.project.build_system.backend.partition(":")[0].replace(".", "/")
    for folder in ctx.project.build_system.backend_path:
        yield f"{folder.strip('./')}/{module}.py".lstrip("/")


def _imported(ctx: InferContext, path: str) -> Iterator[str]:
    text = ctx.facts.text(path) or ""
    for match in re.finditer(r"^[ \t]*(?:from|import)[ \t]+(\w+)", text, re.MULTILINE):
        module = f"{match[1]}.py"
        if module != path and ctx.facts.text(module) is not None:
            yield module
