"""Streams that say that a terminal reads them."""

import io
import re

__all__ = ["Terminal", "screen_of"]

_CONTROL = re.compile(r"\x1b\[(?P<count>\d*)(?P<letter>[A-Za-z])|\x1b\[\?\d+[hl]|\x1b\[[\d;]*m")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def screen_of(written: str) -> list[str]:
    """Return the lines that are on a terminal, high enough for all, after this was written to it."""
    lines, row, column, position = [""], 0, 0, 0
    while position < len(written):
        if found := _CONTROL.match(written, position):
            position = found.end()
            if found["letter"] == "A":
                row = max(0, row - int(found["count"] or 1))
            elif found["letter"] == "K":
                lines[row] = "" if found["count"] == "2" else lines[row][:column]
            continue
        character, position = written[position], position + 1
        if character == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif character == "\r":
            column = 0
        else:
            lines[row] = lines[row][:column].ljust(column) + character + lines[row][column + 1 :]
            column += 1
    return lines
