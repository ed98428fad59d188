"""Hooks that build JavaScript or WebAssembly beside Python: their package managers and the programs of their scripts.

A hook whose results are shipped runs nothing: it skips itself, or a variable tells it to. What is compiled is built from
its source nevertheless.
Source: hatch-js and hatch-jupyter-builder documentation; package.json documentation of npm, `scripts`; wasm-bindgen
guide, "Version mismatch": program and crate have one version.
"""

import json
import re
from collections.abc import Iterator

from conda_bridge.infer.native.result import Shown
from conda_bridge.infer.pyproject import dig, parsed, strings, tool_table
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.names import PypiName

__all__ = ["find_javascript_tools", "rust_scripts", "skipping_variables"]

_MANAGERS = {
    "pnpm": "pnpm",
    "yarn": "yarn",
    "jlpm": "nodejs",
    "npm": "nodejs",
    "npx": "nodejs",
    "node": "nodejs",
}
_HOOKS = ("hatch-js", "jupyter-builder", "nodejs-build")
_TABLES = "pyproject.toml#/tool/hatch/build/hooks"
_BUILD_SCRIPT = re.compile(r"build|prepare|prepack|compile|bundle|install|wasm|rust")
_DEVELOPMENT = re.compile(r"debug|dev|watch|test|lint|clean|docs?|serve")
_SCRIPT_PROGRAMS = (
    (re.compile(r"wasm32-unknown-unknown|\bwasm-pack\s+build"), "rust-std-wasm32-unknown-unknown"),
    (re.compile(r"(?<![\w/-])wasm-bindgen\s"), "wasm-bindgen-cli"),
    (re.compile(r"(?<![\w/-])wasm-pack\s+build"), "wasm-pack"),
)
_CARGO = re.compile(r"(?<![\w-])(?:cargo\s+(?:build|rustc)|wasm-pack\s+build)\b")
_EXACT = re.compile(r"=\s*(\d+(?:\.\d+)*)")


def find_javascript_tools(ctx: InferContext) -> Iterator[Shown]:
    """Yield what the hooks that run need: a package manager, and the programs that their build scripts call."""
    for name, table, folder in _hooks(ctx):
        manager = _manager(ctx, table, folder)
        yield Shown(name=manager, reason=f"{name} runs it", origin=f"{_TABLES}/{name}")
        for path, script in _scripts(ctx, folder):
            for pattern, program in _SCRIPT_PROGRAMS:
                if pattern.search(script):
                    version = _wasm_bindgen(ctx, folder) if program == "wasm-bindgen-cli" else ""
                    yield Shown(name=program, reason="a build script runs it", origin=path, version=version)


def rust_scripts(ctx: InferContext) -> Iterator[str]:
    """Yield the package.json files whose build scripts compile Rust."""
    for _, _, folder in _hooks(ctx):
        if _compiles_rust(ctx, folder):
            yield _in(folder, "package.json")


def skipping_variables(ctx: InferContext) -> tuple[tuple[str, str], ...]:
    """Return (variable, origin) of the hooks that have to be told that their results are there."""
    return tuple(
        (row.skip_env, f"{_TABLES}/{name}")
        for name, table, folder in _asked_hooks(ctx)
        if (row := ctx.toolchains.plugin_of(PypiName(name))) is not None
        and row.skip_env
        and _are_shipped(ctx, dig(table, "targets"))
        and not _compiles_rust(ctx, folder)
    )


def _hooks(ctx: InferContext) -> Iterator[tuple[str, object, str]]:
    """Yield (name, table, folder) of the hooks that run."""
    skipped = {origin.rpartition("/")[2] for _, origin in skipping_variables(ctx)}
    for name, table, folder in _asked_hooks(ctx):
        if name not in skipped and not _are_shipped(ctx, dig(table, "skip-if-exists")):
            yield name, table, folder


def _asked_hooks(ctx: InferContext) -> Iterator[tuple[str, object, str]]:
    hooks = tool_table(ctx.facts, "hatch", "build", "hooks")
    for name in _HOOKS:
        table = hooks.get(name)
        if isinstance(table, dict) and dig(table, "enable-by-default") is not False:
            path = dig(table, "path") or dig(table, "build-kwargs", "path")
            default = "js" if name == "hatch-js" else ""
            yield name, table, (path if isinstance(path, str) else default).strip("./")


def _are_shipped(ctx: InferContext, paths: object) -> bool:
    listed = strings(paths)
    return bool(listed) and all(ctx.facts.has(path.removeprefix("./")) for path in listed)


def _compiles_rust(ctx: InferContext, folder: str) -> bool:
    return any(_CARGO.search(script) for _, script in _scripts(ctx, folder))


def _manager(ctx: InferContext, table: object, folder: str) -> str:
    """Return the package of the manager that the hook is told to run, that package.json names, or whose lock file is there."""
    for told in (dig(table, "tool"), dig(table, "build-kwargs", "npm")):
        words = strings(told)
        if words and words[0] in _MANAGERS:
            return _MANAGERS[words[0]]
    named = dig(_package(ctx, folder), "packageManager")
    if isinstance(named, str) and (manager := named.partition("@")[0]) in _MANAGERS:
        return _MANAGERS[manager]
    for lock, manager in (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn")):
        if ctx.facts.has(_in(folder, lock)):
            return manager
    return "nodejs"


def _scripts(ctx: InferContext, folder: str) -> Iterator[tuple[str, str]]:
    scripts = dig(_package(ctx, folder), "scripts")
    for name, script in scripts.items() if isinstance(scripts, dict) else ():
        if isinstance(script, str) and _BUILD_SCRIPT.search(name) and not _DEVELOPMENT.search(name):
            yield _in(folder, "package.json"), script


def _package(ctx: InferContext, folder: str) -> object:
    try:
        return json.loads(ctx.facts.text(_in(folder, "package.json")) or "null")
    except (ValueError, RecursionError):
        return None


def _wasm_bindgen(ctx: InferContext, folder: str) -> str:
    """Return the version that the crate is fixed to; empty where it isn't."""
    try:
        tables = parsed(ctx.facts.text(_in(folder, "Cargo.toml")) or "")
    except (ValueError, RecursionError):
        return ""
    said = dig(tables, "dependencies", "wasm-bindgen")
    match = _EXACT.fullmatch(dig(said, "version") or "" if isinstance(said, dict) else str(said or ""))
    return f"=={match[1]}" if match else ""


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
