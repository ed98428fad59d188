"""Bytecode and the module beside it -> whether the one is what python makes of the other.

Source: Python's library reference, `marshal`; PEP 552.
"""

import marshal
import re
from importlib.util import MAGIC_NUMBER

__all__ = ["is_compiled_of"]

_PYC_HEADER_BYTES = 16


def is_compiled_of(bytecode: bytes, source: bytes, place: str) -> bool:
    """Tell whether bytecode of this python is just what the source becomes, wherever it was compiled."""
    if not bytecode.startswith(MAGIC_NUMBER):
        return False
    base = re.escape(place.rpartition("/")[2].encode())
    # The path that the compiler was told is in it; reading it as an object would trust it already.
    paths = {bytes(path) for path in re.findall(rb"[ -~]*" + base, bytecode)}
    names = {path[start:].decode("ascii") for path in paths for start in range(min(len(path), 3))} | {place}
    for name in names:
        for level in (0, 1, 2):
            try:
                code = compile(source, name, "exec", dont_inherit=True, optimize=level)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return False
            if marshal.dumps(code) == bytecode[_PYC_HEADER_BYTES:]:
                return True
    return False
