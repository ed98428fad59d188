"""What to do after repackaging, where nobody ran `wheel`: hints without the options that only that has."""

import re
from dataclasses import replace

from conda_bridge.errors import BridgeError
from conda_bridge.model.codes import code_of
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["fitting_error", "fitting_finding"]

_OPTION = re.compile(r"(?<!\S)(?:--[a-z]|-o\b)")


def fitting_error(error: BridgeError) -> BridgeError:
    """Return a failure of repackaging whose hint names no option of `wheel`."""
    hint = code_of(error.slug).hint if error.hint is None else error.hint
    if (fitting := _fitting(hint)) == hint:
        return error
    return type(error)(error.slug, error.message, where=error.where, hint=fitting)


def fitting_finding(found: Diagnostic) -> Diagnostic:
    """Return a finding of repackaging whose hint names no option of `wheel`."""
    return replace(found, hint=_fitting(found.hint))


def _fitting(hint: str) -> str:
    """Return those parts of a hint that name no option.

    >>> _fitting("mend the recipe; --deps conda takes conda's")
    'mend the recipe'
    >>> _fitting("--deps metadata takes it from there; else ask for one range")
    'ask for one range'
    """
    parts = [part for part in hint.split("; ") if not _OPTION.search(part)]
    return "; ".join(parts).removeprefix("else ") if parts else ""
