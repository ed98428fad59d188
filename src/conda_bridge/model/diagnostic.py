"""Findings: what was noticed, how bad it is, where, and what to do. They are values, all returned at once.

The texts of codes (number, class, exit status, batch class, hint) stand in `data/codes.toml` and are read
through `conda_bridge.model.codes`.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = ["SEVERITIES", "Diagnostic", "Severity"]

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding."""

    code: str
    """The number that users see and search for, such as `W412`; lint findings keep conda-smithy's ids."""
    slug: str
    """The code's readable name, such as `dynamic-field`."""
    severity: Severity
    message: str
    hint: str = ""
    origin: str = ""
    """Where it was found: `setup.py:12`, `pyproject.toml#/project/license`; empty where there is no place."""
    line: int = 0
    """Of findings in a recipe, whose origin is just its path: the line, counted from 1; 0 means the whole file."""

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"unknown severity {self.severity!r}")
