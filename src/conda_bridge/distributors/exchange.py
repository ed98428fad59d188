"""Two names of one folder trade places in one step, where the system can do that.

Whoever opens a path under one of them finds the old or the new one, never neither and never a mixture.

Source: renameat2(2), RENAME_EXCHANGE, Linux 3.15; renamex_np(2), RENAME_SWAP, macOS 10.12.
"""

import ctypes
import errno
import os
import platform
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

__all__ = ["Exchange", "exchange"]

Exchange: TypeAlias = Callable[[str, str], bool]
"""Lets two paths trade places and tells whether that can be done; see `exchange`."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""The filesystem or the kernel can't do it; some answer EINVAL to a flag that they don't know."""


def exchange(one: str, other: str) -> bool:
    """Let two existing paths of one filesystem trade places, and return True; False: it can't be done here.

    Raises:
        OSError: they can't be renamed at all.
    """
    swap = _swap()
    if swap is None:
        return False
    if swap(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), one, None, other)


@cache
def _swap() -> Callable[[bytes, bytes], int] | None:
    try:
        match platform.system():
            case "Linux":
                renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
                return lambda one, other: int(renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
            case "Darwin":
                renamex_np = ctypes.CDLL(None, use_errno=True).renamex_np
                return lambda one, other: int(renamex_np(one, other, _RENAME_SWAP))
            case _:
                return None
    except AttributeError:
        # A C library that is older than the call.
        return None
