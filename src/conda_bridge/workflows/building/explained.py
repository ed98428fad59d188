"""A recipe that failed -> why, in one telling line, and the end of its log beside it."""

from collections.abc import Sequence

from conda_bridge.errors import BridgeError
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.log_lines import error_line
from conda_bridge.workflows.building.records import last_lines
from conda_bridge.workflows.building.values import BuildResult

__all__ = ["explained"]

_TAIL_LINES = 20
_WITH_A_LOG = frozenset({"build-failed", "tests-failed", "build-timeout", "engine-crashed", "unsatisfiable"})
_SAYS_ITSELF = frozenset({"build-timeout", "engine-crashed", "unsatisfiable"})
"""Failures of which the log's end says less than they do."""
_QUOTED_LOG = "; the last lines of the log:"


def explained(result: BuildResult) -> tuple[BridgeError, Sequence[str], Diagnostic | None]:
    """Return why a recipe failed, the end of its log, and the finding that is said with it."""
    error = result.error
    assert error is not None, "only failures are explained"
    lines = last_lines(result.log, _TAIL_LINES) if error.slug in _WITH_A_LOG and result.log else ()
    cause = next((one for one in result.diagnostics if _is_said(one, error)), None)
    return (_explained(error, lines, cause) if lines else error), lines, cause


def _is_said(found: Diagnostic, error: BridgeError) -> bool:
    return bool(found.message) and (error.hint or "").startswith(found.message)


def _explained(error: BridgeError, lines: Sequence[str], cause: Diagnostic | None) -> BridgeError:
    """Return the failure with its cause; the log, which is shown beside it, and its path are left out."""
    message = error.message.partition(_QUOTED_LOG)[0]
    found = "" if error.slug in _SAYS_ITSELF else cause.message if cause else error_line(lines)
    # A finding is told on one line; what to do about it here, on as many as it has.
    hint = error.hint if cause is None else (error.hint or "").removeprefix(f"{cause.message}: ")
    return type(error)(error.slug, found or message, hint=hint)
