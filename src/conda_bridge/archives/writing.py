"""A file that is written aside and appears whole under its name, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

__all__ = ["written_aside"]


@contextmanager
def written_aside(path: str) -> Iterator[BinaryIO]:
    """Open a file to be written and read; it replaces `path` when the block ends without an exception.

    Until then its name is hidden and ends with `.part`, so that what a kill leaves is told from files.
    """
    target = Path(path)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with cast("BinaryIO", os.fdopen(descriptor, "w+b")) as file:
            yield file
        # `mkstemp` makes files that only their owner reads; whoever may read the folder may read this one.
        Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
