"""What a worker has to say -> lines of JSON in a file that nothing else is to write to.

With a key each line has a seal before it, so that the reader knows whose it is: what a script writes there has none.
"""

import hmac
import json
import os
from typing import Literal

from conda_bridge.errors import BridgeError

__all__ = ["Answers"]

Level = Literal["info", "warning", "error"]
_MOST_CHARACTERS = 1 << 16
"""Of a text that is said; scripts may write lines without an end."""


class Answers:
    """The way out of a worker."""

    def __init__(self, number: int, key: str = "") -> None:
        # Programs that we start must not hold it open: its end is ours.
        os.set_inheritable(number, False)
        self._number = number
        self._key = key.encode("ascii")

    def say(self, text: str, level: Level = "info") -> None:
        """Pass on what was said, while the work goes on."""
        self._write({"kind": "log", "level": level, "text": text[:_MOST_CHARACTERS]})

    def give(self, value: object) -> None:
        """Answer the request."""
        self._write({"kind": "result", "value": value})

    def fail(self, error: BridgeError) -> None:
        """Say why there is no answer."""
        self._write(
            {
                "kind": "error",
                "class": type(error).__name__,
                "slug": error.slug,
                "message": error.message,
                "where": error.where,
                "hint": error.hint,
            }
        )

    def _write(self, line: dict[str, object]) -> None:
        text = json.dumps(line).encode("ascii")
        seal = hmac.digest(self._key, text, "sha256").hex().encode("ascii") + b" " if self._key else b""
        data = seal + text + b"\n"
        while data:
            data = data[os.write(self._number, data) :]
