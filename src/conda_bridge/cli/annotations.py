"""Findings -> annotations of GitHub Actions, one command a line.

Source: GitHub's documentation, "Workflow commands for GitHub Actions".
"""

from collections.abc import Iterable, Iterator

from conda_bridge.cli.console import printable
from conda_bridge.model.diagnostic import Diagnostic, Severity

__all__ = ["annotations"]

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def annotations(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield a command for each finding."""
    yield from map(_annotation, diagnostics)


def _annotation(diagnostic: Diagnostic) -> str:
    place = [f"file={_property(diagnostic.origin)}"] if diagnostic.origin else []
    place += [f"line={diagnostic.line}"] if diagnostic.line else []
    properties = ",".join((*place, f"title={_property(diagnostic.code)}"))
    lines = [diagnostic.message, *([f"do: {diagnostic.hint}"] if diagnostic.hint else [])]
    text = "%0A".join(_data(line) for line in lines)
    return f"::{_COMMANDS[diagnostic.severity]} {properties}::{text}"


def _data(text: str) -> str:
    # Nothing that a recipe says can begin a command of its own: it stays on its line.
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
