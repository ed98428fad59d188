"""The table of codes: every failure and finding of conda-bridge by its readable name.

Vocabulary: a *slug* is the name that the source code uses (`hash-mismatch`); a *number* is what users see
and search for (`E203`). The number's letter is the severity: E error, W warning, I info. Lint findings keep
conda-smithy's ids (`R-051`) and name their severity: its lints are errors, its hints warnings.
"""

from dataclasses import dataclass
from functools import cache

from conda_bridge.errors import BridgeError
from conda_bridge.model.diagnostic import SEVERITIES, Diagnostic, Severity
from conda_bridge.model.tables import read_table

__all__ = ["Code", "all_codes", "code_of", "diagnostic_of", "finding"]

_SEVERITY_OF_LETTER: dict[str, Severity] = {"E": "error", "W": "warning", "I": "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of `data/codes.toml`."""

    slug: str
    number: str
    title: str
    """What the code means, in one line."""
    hint: str
    error_class: str
    """Name of the exception class for failures; empty for findings."""
    exit_status: int
    """What the process ends with when this failure stops it; 0 for findings."""
    batch_class: str
    """The failure class that a batch report counts it under; empty for findings."""
    severity: Severity


@cache
def _codes() -> dict[str, Code]:
    table = read_table("codes")
    classes: dict[str, dict[str, int]] = table["class"]
    rows: dict[str, dict[str, str]] = table["code"]
    return {
        slug: Code(
            slug=slug,
            number=row["number"],
            title=row["title"],
            hint=row.get("hint", ""),
            error_class=row.get("class", ""),
            exit_status=classes[row["class"]]["exit"] if "class" in row else 0,
            batch_class=row.get("batch", ""),
            severity=_severity(row),
        )
        for slug, row in rows.items()
    }


def _severity(row: dict[str, str]) -> Severity:
    for severity in SEVERITIES:
        if row.get("severity") == severity:
            return severity
    return _SEVERITY_OF_LETTER[row["number"][0]]


def all_codes() -> tuple[Code, ...]:
    """Return every code, in the table's order."""
    return tuple(_codes().values())


def code_of(slug: str) -> Code:
    """Return the row of `slug`.

    Raises:
        KeyError: no such code, which is a bug of the caller.
    """
    return _codes()[slug]


def finding(
    slug: str, message: str, *, origin: str = "", line: int = 0, hint: str | None = None
) -> Diagnostic:
    """Make the finding `slug`; the hint defaults to the table's.

    Raises:
        KeyError: no such code, which is a bug of the caller.
    """
    code = code_of(slug)
    return Diagnostic(
        code=code.number,
        slug=slug,
        severity=code.severity,
        message=message,
        hint=code.hint if hint is None else hint,
        origin=origin,
        line=line,
    )


def diagnostic_of(error: BridgeError) -> Diagnostic:
    """Return a failure as a finding, for reports that list failures and findings together."""
    code = code_of(error.slug)
    return Diagnostic(
        code=code.number,
        slug=error.slug,
        severity="error",
        message=error.message,
        hint=code.hint if error.hint is None else error.hint,
        origin=error.where or "",
    )
