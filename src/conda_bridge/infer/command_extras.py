"""Commands that need an extra of their project although no entry point says so, and those that know no `--help`.

Entry points can't honour extras any more, so that projects explain in a message what to install (`demo[cli]`). What a
command's module imports first tells it where the module was looked through; otherwise names do: an extra for command
lines, or one that is called like a part of the command or of its module.
"""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from conda_bridge.model.conversion import InferContext
from conda_bridge.model.project import EntryPoint
from conda_bridge.model.source import Signal

__all__ = ["extra_of_command", "has_plain_arguments"]

_FOR_COMMANDS = frozenset({"cli", "cmd", "command", "command-line", "commandline", "commands", "console"})
_FOR_DEVELOPERS = frozenset({"all", "build", "dev", "doc", "docs", "lint", "test", "testing", "tests"})
_COMFORTS = frozenset(
    {"argcomplete", "colorama", "colorlog", "coloredlogs", "rich-argparse", "shtab", "tqdm"}
)
"""What commands mostly do without: completion in the shell, colours, progress."""
_SEPARATORS = re.compile(r"[-_.]+")


def extra_of_command(ctx: InferContext, point: EntryPoint) -> str:
    """Return the extra that a command is likely to need beside what is required anyway; empty where none is."""
    chosen = {item.text for item in ctx.overrides.extras or ()}
    own = canonicalize_name(ctx.project.pypi_name.value)
    spared = {own, *_COMFORTS, *(declared.pypi_name for declared in ctx.project.dependencies)}
    imported = _imported(ctx, point)
    words = (*_SEPARATORS.split(point.name)[1:], *point.module.split(".")[1:])
    likely = (_FOR_COMMANDS | {canonicalize_name(word) for word in words if word}) - _FOR_DEVELOPERS
    for extra in ctx.project.extras:
        lacking = {declared.pypi_name for declared in extra.requirements} - spared
        is_needed = bool(lacking & imported) or (bool(lacking) and extra.name in likely)
        if is_needed and extra.name not in chosen:
            return extra.name
    return ""


def has_plain_arguments(ctx: InferContext, point: EntryPoint) -> bool:
    """Tell whether a command takes `--help` for a file's name, or the like."""
    places = {(_place(point.module), point.attribute)}
    for signal in _signals(ctx, "command-elsewhere"):
        name, _, there = signal.token.partition(":")
        if name == point.attribute and _is_module(signal.path, _place(point.module)):
            path, _, function = there.partition(":")
            places.add((path, function))
    return any(
        signal.token == function and _is_module(signal.path, place)
        for signal in _signals(ctx, "plain-arguments")
        for place, function in places
    )


def _imported(ctx: InferContext, point: EntryPoint) -> frozenset[str]:
    """Return the modules that a command imports first, spelt as projects of the same name are."""
    tokens = (
        signal.token.partition(":")
        for signal in _signals(ctx, "command-import")
        if _is_module(signal.path, _place(point.module))
    )
    return frozenset(
        canonicalize_name(module) for function, _, module in tokens if function in {"", point.attribute}
    )


def _signals(ctx: InferContext, kind: str) -> Iterator[Signal]:
    return (signal for signal in ctx.facts.signals if signal.kind == kind)


def _place(module: str) -> str:
    return module.replace(".", "/")


def _is_module(path: str, place: str) -> bool:
    """Tell whether a file is the module that a path without suffix names, in whichever folder it lies."""
    return f"/{path}".endswith((f"/{place}.py", f"/{place}/__init__.py"))
