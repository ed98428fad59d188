"""A file that is written aside and appears whole under its name, or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

__all__ = ["written_aside"]

_OPENED_AS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def written_aside(path: str) -> Iterator[BinaryIO]:
    """Open a file to be written and read; it replaces `path` when the block ends without an exception.

    Until then its name is hidden and ends with `.part`, so that what a kill leaves is told from files.
    """
    target = Path(path)
    name = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    # Who may read it is the umask's to say: `tempfile` makes files that only their owner reads.
    descriptor = os.open(name, _OPENED_AS, 0o644)
    try:
        with cast("BinaryIO", os.fdopen(descriptor, "w+b")) as file:
            yield file
        name.replace(target)
    finally:
        name.unlink(missing_ok=True)
