"""Streams that say that a terminal reads them."""

import io

__all__ = ["Terminal"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True
