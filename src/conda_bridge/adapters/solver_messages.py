"""A solver's explanation of why there is no solution -> the lines that people need of it.

rattler draws a tree that names each candidate once; with a real channel it has hundreds of lines, of which the outer
ones say what is asked for and can't be had.
"""

__all__ = ["shortened"]

_MOST_LINES = 24
_MOST_CHARACTERS = 400


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
