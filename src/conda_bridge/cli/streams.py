"""The standard streams of this process: closed ones, and a stdout that takes nothing any more."""

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["OutputRefusedError", "discard_output", "prepare_descriptors"]

_STANDARD = ("stdin", "stdout", "stderr")


class OutputRefusedError(OSError):
    """Stdout doesn't take what is written, as on a full disk; that its reader went away is a BrokenPipeError."""


class _Output(FileIO):
    """Tells an error of stdout from one of any other file."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputRefusedError(error.errno, error.strerror) from error


def prepare_descriptors() -> None:
    """Open the null device for each standard stream that is closed, as `>&-` leaves it, and watch stdout.

    The next file that is opened would have the descriptor, and what children print would land in it.
    """
    for number, name in enumerate(_STANDARD):
        try:
            os.fstat(number)
        except OSError:
            # It gets the lowest number that is free.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w", closefd=False))
    # Nothing fills a terminal, and that of Windows is written to in a way of its own.
    if not sys.stdout.isatty():
        raw = _Output(sys.stdout.fileno(), "w", closefd=False)
        sys.stdout = TextIOWrapper(
            BufferedWriter(raw), encoding=sys.stdout.encoding, errors=sys.stdout.errors
        )


def discard_output() -> None:
    """Send what stdout still holds, and whatever comes, nowhere: Python would complain at exit once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
