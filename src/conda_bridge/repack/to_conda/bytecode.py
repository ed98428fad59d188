"""A module's source -> its compiled form that is never compared with the source.

Source: PEP 552, deterministic pycs (unchecked hash-based ones).
"""

import marshal
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from typing import TypeAlias

from conda_bridge.model.condition import Target

__all__ = ["ModuleCompiler", "bytecode_path", "can_compile", "compiled_here"]

ModuleCompiler: TypeAlias = Callable[[Sequence[tuple[str, bytes]]], Sequence[bytes | None]]
"""Takes the paths and sources of modules; returns the compiled form of each, None for what gets none."""

_UNCHECKED = (1).to_bytes(4, "little")


def can_compile(target: Target) -> bool:
    """Return whether the interpreter that runs compiles as the target's python does."""
    is_cpython = sys.implementation.name == "cpython"
    return is_cpython and target.python.release[:2] == sys.version_info[:2]


def bytecode_path(path: str, target: Target) -> str:
    """Return where the compiled form of a module lies.

    >>> from conda_bridge.model.python_versions import PyVersion
    >>> bytecode_path("site-packages/a.py", Target(platform="linux-64", python=PyVersion((3, 11))))
    'site-packages/__pycache__/a.cpython-311.pyc'
    """
    stem = cache_from_source(path, optimization="").replace("\\", "/").removesuffix(".pyc").rpartition(".")[0]
    major, minor = target.python.release[:2]
    return f"{stem}.cpython-{major}{minor}.pyc"


def compiled_here(modules: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
    """Compile modules with the interpreter that runs; those that are no python of its version get nothing."""
    return [_compiled(source, path) for path, source in modules]


def _compiled(source: bytes, path: str) -> bytes | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(code)
