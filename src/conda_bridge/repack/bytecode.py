"""A module's source -> its compiled form that is never compared with the source.

Source: PEP 552, deterministic pycs (unchecked hash-based ones).
"""

import marshal
import sys
import warnings
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash

from conda_bridge.model.condition import Target

__all__ = ["bytecode_path", "can_compile", "compiled"]

_UNCHECKED = (1).to_bytes(4, "little")


def can_compile(target: Target) -> bool:
    """Return whether the interpreter that runs compiles as the target's python does."""
    is_cpython = sys.implementation.name == "cpython"
    return is_cpython and target.python.release[:2] == sys.version_info[:2]


def bytecode_path(path: str) -> str:
    """Return where the compiled form of a module lies.

    >>> bytecode_path("site-packages/a.py").rpartition(".cpython")[0]
    'site-packages/__pycache__/a'
    """
    return cache_from_source(path, optimization="").replace("\\", "/")


def compiled(source: bytes, path: str) -> bytes | None:
    """Return the compiled form; None for what is no python of this version, as templates and old code are."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(code)
