"""Positions in a file -> numbers of lines."""

__all__ = ["Lines"]


class Lines:
    """Numbers of lines, asked for in the order of the file, so that it is counted through once."""

    __slots__ = ("_counted", "_data", "_line")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._line, self._counted = 1, 0

    def at(self, position: int) -> int:
        """Return the line of a position that is not before the last one asked for."""
        self._line += self._data.count(b"\n", self._counted, position)
        self._counted = position
        return self._line
