"""Findings -> SARIF 2.1.0, which code scanning services read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from conda_bridge.cli.console import printable
from conda_bridge.model.codes import code_of, diagnostic_of
from conda_bridge.model.diagnostic import Diagnostic, Severity
from conda_bridge.version import __version__
from conda_bridge.workflows.check import CheckResult

__all__ = ["sarif_log", "write_sarif"]

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json]"

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def write_sarif(results: Sequence[CheckResult]) -> None:
    """Write the log of one run to stdout, in ASCII."""
    sys.stdout.write(json.dumps(sarif_log(results), indent=2) + "\n")


def sarif_log(results: Sequence[CheckResult]) -> dict[str, Json]:
    """Return the log: the rules that found something, what they found, and what could not be checked."""
    found = [diagnostic for result in results for diagnostic in result.diagnostics]
    slugs = list(dict.fromkeys(diagnostic.slug for diagnostic in found))
    failures = [diagnostic_of(result.error) for result in results if result.error is not None]
    driver: dict[str, Json] = {
        "name": "conda-bridge",
        "version": __version__,
        "rules": [_rule(slug) for slug in slugs],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(failures)],
        "results": [_result(diagnostic, slugs.index(diagnostic.slug)) for diagnostic in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(slug: str) -> dict[str, Json]:
    code = code_of(slug)
    rule: dict[str, Json] = {
        "id": code.number,
        "name": slug,
        "shortDescription": {"text": code.title},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }
    return {**rule, "help": {"text": code.hint}} if code.hint else rule


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, Json]:
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": _text(diagnostic)},
        "locations": _locations(diagnostic),
    }


def _locations(diagnostic: Diagnostic) -> list[Json]:
    if not diagnostic.origin:
        return []
    place: dict[str, Json] = {"artifactLocation": {"uri": _uri(diagnostic.origin)}}
    if diagnostic.line:
        place["region"] = {"startLine": diagnostic.line}
    return [{"physicalLocation": place}]


def _invocation(failures: Iterable[Diagnostic]) -> dict[str, Json]:
    notifications: list[Json] = [
        {"level": "error", "message": {"text": _text(failure)}, "locations": _locations(failure)}
        for failure in failures
    ]
    return {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}


def _text(diagnostic: Diagnostic) -> str:
    hint = f"\nDo: {printable(diagnostic.hint)}" if diagnostic.hint else ""
    return printable(diagnostic.message) + hint


def _uri(path: str) -> str:
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)
