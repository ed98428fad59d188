"""The record that setuptools leaves in an sdist, top_level.txt -> the modules to import.

It lists the top names of packages, of modules and of extension modules that one earlier build installed.

Source: setuptools, `egg_info` command.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conda_bridge.infer.modules.compiled import CompiledModule
from conda_bridge.infer.modules.files import descend, has_code, has_stubs, is_folder, is_package, root_of
from conda_bridge.infer.modules.names import can_be_imported, is_named_in, is_private, resembles
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import SourceFacts

__all__ = ["is_built_by_cmake", "is_recorded", "recorded_modules"]

_MANY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What is to import of one recorded name."""

    name: str
    modules: tuple[str, ...]
    kind: Literal["code", "loose", "compiled"]
    """Python code; files in a folder that is no package; what the build makes."""


def is_recorded(facts: SourceFacts) -> bool:
    """Tell whether the source carries such a record."""
    return any(_is_record(path) for path, _ in facts.texts)


def recorded_modules(ctx: InferContext, compiled: tuple[CompiledModule, ...]) -> Iterator[tuple[str, str]]:
    """Yield (module, record); `compiled` are the extension modules that every build has.

    Beside a module that is called like the project, details of it and folders of data stay out.
    """
    for path, text in ctx.facts.texts:
        if not _is_record(path):
            continue
        beside = path.rpartition("/")[0].rpartition("/")[0]
        names = tuple(name for name in text.split() if can_be_imported(name))
        entries = tuple(_entry(ctx, root_of(ctx.facts, beside, name), name, compiled) for name in names)
        main = tuple(entry for entry in entries if _is_main(ctx, entry))
        for entry in entries:
            if not main or _stands_beside(ctx, entry, main):
                yield from ((module, path) for module in entry.modules)


def is_built_by_cmake(facts: SourceFacts) -> bool:
    """Tell whether setup.py hands on to CMake: its extension modules may be called like targets of that."""
    return any(
        signal.kind == "tool" and signal.path == "setup.py" and Token.parse(signal.token).name == "cmake"
        for signal in facts.signals
    )


def _is_record(path: str) -> bool:
    return path.endswith(".egg-info/top_level.txt") and not is_vendored_or_test(path)


def _entry(ctx: InferContext, root: str, name: str, compiled: tuple[CompiledModule, ...]) -> _Entry:
    facts = ctx.facts
    is_compiled = any(module.name == name for module in compiled)
    if is_compiled and not is_package(facts, root, name):
        is_target = is_built_by_cmake(facts) and not is_named_in(ctx, name)
        return _Entry(name=name, modules=() if is_target else (name,), kind="compiled")
    if found := tuple(descend(facts, root, name)):
        is_loose = is_folder(facts, root, name) and not has_code(facts, root, name)
        return _Entry(name=name, modules=found, kind="loose" if is_loose else "code")
    return _Entry(name=name, modules=_made(ctx, root, name, compiled), kind="compiled")


def _made(ctx: InferContext, root: str, name: str, compiled: tuple[CompiledModule, ...]) -> tuple[str, ...]:
    """Return what to import of a name without Python code; nothing of a folder of data."""
    inside = tuple(module.name for module in compiled if module.name.startswith(f"{name}."))
    is_here = is_folder(ctx.facts, root, name)
    if inside and is_here and len(inside) <= _MANY:
        return inside
    # Its files may lie in a folder of another name; a project with dots in its name begins with a namespace.
    is_elsewhere = not is_here and is_named_in(ctx, name) and "." not in ctx.project.display_name
    return (name,) if inside or is_elsewhere or has_stubs(ctx.facts, root, name) else ()


def _is_main(ctx: InferContext, entry: _Entry) -> bool:
    return bool(entry.modules) and not is_private(entry.name) and resembles(ctx, entry.name)


def _stands_beside(ctx: InferContext, entry: _Entry, main: tuple[_Entry, ...]) -> bool:
    if is_private(entry.name):
        return False
    match entry.kind:
        case "code":
            return True
        case "loose":
            return resembles(ctx, entry.name)
        case "compiled":
            # A package in Python imports its extension modules itself.
            return is_named_in(ctx, entry.name) or all(one.kind == "compiled" for one in main)
