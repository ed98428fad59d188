"""Programs that modules run -> a finding: whether users can do without them, no file tells."""

import re
from collections.abc import Iterator

from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["called_programs"]

_WORDS = """
    arch awk bash cat chmod chown clear cmd cp cut date df dir du echo env explorer expr false find getconf
    grep groups gzip head hostname icacls id ifconfig ipconfig kill ldconfig ldd ln locale ls lsb_release
    mkdir more mount mv netstat nproc open otool pbcopy pbpaste pip ping powershell printf ps pwd pwsh py
    python python3 readlink reg reset rm rmdir sc scutil sed sh sleep sort start stat stty su sudo sw_vers
    sysctl system_profiler systeminfo tail tar taskkill tasklist tee test timeout touch tput tr true type
    uname uniq unzip ver vm_stat w wc where which who whoami wmic xargs xcode-select xcrun xdg-open xset zsh
"""
_EVERYWHERE = frozenset(_WORDS.split())
"""Of every machine, of its shell, or of Python itself."""
_TOOLS = re.compile(
    r"(?:\.|_?(?:build|tools?|scripts?|ci|devel?|utils|packaging|release)/|setup|conftest|noxfile|tasks|hatch_build)"
)
_MOST_NAMED = 8


def _is_module(ctx: InferContext, path: str) -> bool:
    """Tell whether a file is one of a package's modules, not a script that developers run."""
    folder = path.rpartition("/")[0]
    return not _TOOLS.match(path) and (not folder or ctx.facts.has(f"{folder}/__init__.py"))


def called_programs(ctx: InferContext, places: Places) -> Iterator[Diagnostic]:
    """Yield one finding on the programs that the package's own modules run and no machine has by itself."""
    found: dict[str, str] = {}
    for signal in ctx.facts.signals:
        if signal.kind != "program" or places.is_aside(signal.path) or not _is_module(ctx, signal.path):
            continue
        name = Token.parse(signal.token).name.rpartition("/")[2].removesuffix(".exe")
        if name and name.lower() not in _EVERYWHERE:
            found.setdefault(name, f"{signal.path}:{signal.line}")
    if found:
        names = sorted(found)
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        message = f"modules run {', '.join(names[:_MOST_NAMED])}{more}"
        yield finding("programs-called", message, origin=found[names[0]])
