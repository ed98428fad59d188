"""Commands that, by their names, need an extra of their project although no entry point says so.

Entry points can't honour extras any more, so that projects explain in a message what to install (`demo[cli]`). What the
modules import isn't among the facts; names are: an extra for command lines, or one that is called like a part of the
command or of its module.
"""

import re

from packaging.utils import canonicalize_name

from conda_bridge.model.conversion import InferContext
from conda_bridge.model.project import EntryPoint

__all__ = ["extra_of_command"]

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
    spared = {*_COMFORTS, *(declared.pypi_name for declared in ctx.project.dependencies)}
    words = (*_SEPARATORS.split(point.name)[1:], *point.module.split(".")[1:])
    likely = (_FOR_COMMANDS | {canonicalize_name(word) for word in words if word}) - _FOR_DEVELOPERS
    for extra in ctx.project.extras:
        lacks = any(declared.pypi_name not in spared for declared in extra.requirements)
        if lacks and extra.name in likely and extra.name not in chosen:
            return extra.name
    return ""
