"""Bytes -> raw deflate, by an engine that is named: each writes bytes of its own, the same every time.

`zlib` is the default: every Python has it. `libdeflate` takes half of its time and writes a little less; it knows no
streams, so that members that are too large to be held in memory are zlib's with it, too.

Source: RFC 1951. What an engine writes is no part of it, and may change with the library's version.
"""

import zlib
from typing import Protocol

from conda_bridge.errors import UsageError
from conda_bridge.model.repackaging import DeflateName

__all__ = ["DeflateEngine", "DeflateStream", "deflate_engine"]

_LEVEL = 6
_RAW = -15
"""zlib's way to ask for no header and no checksum, and the largest window."""


class DeflateStream(Protocol):
    """Compresses what comes in pieces."""

    def compress(self, data: bytes, /) -> bytes:
        """Take in a piece and return what is ready, often nothing."""
        ...

    def flush(self) -> bytes:
        """Return the rest; nothing may be taken in afterwards."""
        ...


class DeflateEngine(Protocol):
    """A way to compress. The result depends on the content alone, not on how it comes in pieces."""

    @property
    def name(self) -> DeflateName:
        """As `--deflate` has it."""
        ...

    def compress(self, data: bytes) -> bytes:
        """Return the whole content compressed."""
        ...

    def stream(self) -> DeflateStream:
        """Begin to compress a content that is too large to be held."""
        ...


def deflate_engine(name: DeflateName) -> DeflateEngine:
    """Return the engine of that name, at level 6.

    Raises:
        UsageError: `deflate-missing` where its library isn't installed.
    """
    return _Zlib() if name == "zlib" else _Libdeflate()


class _Zlib:
    """The library that Python is built with."""

    name: DeflateName = "zlib"

    def compress(self, data: bytes) -> bytes:
        return zlib.compress(data, _LEVEL, _RAW)

    def stream(self) -> DeflateStream:
        return zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)


class _Libdeflate:
    """libdeflate, by the package `deflate` of PyPI."""

    name: DeflateName = "libdeflate"

    def __init__(self) -> None:
        try:
            import deflate  # noqa: PLC0415 - an extra, wanted by few
        except ImportError as error:
            message = f"libdeflate can't be imported: {error}"
            raise UsageError("deflate-missing", message, where="--deflate") from error
        self._compress = deflate.deflate_compress

    def compress(self, data: bytes) -> bytes:
        return bytes(self._compress(data, _LEVEL))

    def stream(self) -> DeflateStream:
        return zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
