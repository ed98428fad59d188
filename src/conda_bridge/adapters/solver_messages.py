"""What rattler says of a failure -> what people need of it.

Of why there is no solution it draws a tree that names each candidate once; with a real channel it has hundreds of lines,
of which the outer ones say what is asked for and can't be had.
"""

import re

from conda_bridge.errors import SourceError
from conda_bridge.translate.url_secrets import package_url

__all__ = ["mismatch_error", "shortened"]

_MOST_LINES = 24
_MOST_CHARACTERS = 400
_MISMATCH = re.compile(r"hash mismatch when extracting (\S+) to .*?: expected (\w+), got (\w+)")


def mismatch_error(error: Exception) -> SourceError | None:
    """Return the failure where a package isn't what its channel's list says; None where that isn't what happened."""
    found = _MISMATCH.search(str(error))
    if found is None:
        return None
    url, expected, got = found.groups()
    message = f"the package's sha256 is {got}, and its channel's list says {expected}"
    hint = "try again later; if it stays, the channel was changed by halves or by somebody else: tell its keepers"
    return SourceError("hash-mismatch", message, where=package_url(url), hint=hint)


def shortened(explanation: str) -> str:
    """Return the explanation with the inner branches cut where it is long."""
    lines = [line.rstrip()[:_MOST_CHARACTERS] for line in explanation.splitlines() if line.strip()]
    if len(lines) <= _MOST_LINES:
        return "\n".join(lines)
    for depth in range(6, 0, -1):
        outer = [line for line in lines if _depth(line) <= depth]
        if len(outer) <= _MOST_LINES:
            break
    else:
        outer = lines
    left_out = len(lines) - len(outer[:_MOST_LINES])
    return "\n".join([*outer[:_MOST_LINES], f"({left_out} more lines are in the log)"])


def _depth(line: str) -> int:
    """Return how far a line is inside: each level is drawn with three or four characters before its text."""
    text = line.lstrip(" │├└─")
    return (len(line) - len(text)) // 3
