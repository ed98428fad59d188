"""package.json and go.mod -> signals of the programs that would build what is beside them.

Python code may run them or not: a package.json alone says only what it would take.
"""

import json
import re

from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.platforms import Where
from conda_bridge.model.source import Signal

__all__ = ["scan_go_mod", "scan_package_json"]

_MANAGERS = {"yarn": "yarn", "pnpm": "pnpm"}
_SCRIPT = re.compile(r"(?:^|&&|;)\s*(?P<program>yarn|jlpm|pnpm)\b")
_MODULE = re.compile(r"^module\s+\S+", re.MULTILINE)
_MAX_CHARACTERS = 500_000
_MAX_DEPTH = 1


def scan_package_json(path: str, text: str) -> tuple[Signal, ...]:
    """Find the package manager of a top package.json, or of one in a folder of the top."""
    if path.count("/") > _MAX_DEPTH or len(text) > _MAX_CHARACTERS:
        return ()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    scripts = document.get("scripts") if isinstance(document, dict) else None
    if not isinstance(scripts, dict):
        return ()
    found = Found(path)
    optional = Where(is_optional=True)
    found.add("tool", "nodejs", 1, optional)
    manager = str(document.get("packageManager", "")).partition("@")[0]
    found.add("tool", _MANAGERS.get(manager, ""), 1, optional)
    for script in scripts.values():
        for match in _SCRIPT.finditer(str(script)[:2_000]):
            found.add("tool", "pnpm" if match["program"] == "pnpm" else "yarn", 1, optional)
    return found.signals()


def scan_go_mod(path: str, text: str) -> tuple[Signal, ...]:
    """A module of Go says that there is Go. Source: Go Modules Reference, go.mod files."""
    found = Found(path)
    match = _MODULE.search(text)
    if match:
        found.add("language", "go", text.count("\n", 0, match.start()) + 1)
    return found.signals()
