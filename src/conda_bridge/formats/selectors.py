"""One line of `meta.yaml` -> the line that YAML sees, and its selector.

Source: conda-build's documentation, "Preprocessing selectors"; where that is silent, `select_lines` of its
`metadata.py` decides: it looks at each line of the file by itself, inside of block scalars too.
"""

import re

__all__ = ["split_selector"]

_BRACKETS = re.compile(r"\[([^\[\]]+)\]")
_LIST_BEFORE = (":", "-", ",", "[", "{", "(")
"""What stands before a list in brackets, which is none of a selector's."""


def split_selector(line: str) -> tuple[str, str]:
    """Return the line without its selector and comment, and the selector without brackets or nothing.

    A line that is only a comment is empty. A selector needs no `#` where it ends the line.

    >>> split_selector("  - colorama  # [win]")
    ('  - colorama', 'win')
    """
    line = line.rstrip()
    if line.lstrip().startswith("#"):
        return "", ""
    brackets = _last_brackets(line)
    if brackets is None:
        return line, ""
    # Quotes may stand around the whole line, so that YAML accepts it.
    quote = line[-1] if line[-1] in "'\"" else ""
    hash_at = line.find("#", 1, brackets.start())
    if hash_at > 0 and not re.search(r"[()]", line[brackets.end() :]):
        return (line[:hash_at].rstrip() + quote).rstrip(), brackets[1]
    before = line[: brackets.start()].rstrip()
    if brackets.end() < len(line) or not before or before.endswith(_LIST_BEFORE):
        return line, ""
    return before, brackets[1]


def _last_brackets(line: str) -> re.Match[str] | None:
    found = list(_BRACKETS.finditer(line)) if "]" in line else []
    return found[-1] if found else None
