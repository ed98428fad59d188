"""Compiles sources with the interpreter that runs it: that of another minor version writes another bytecode.

The request on standard input is JSON: `files` are pairs of a source's path and the name that its code shall carry,
`folder` is where the files `0.pyc`, `1.pyc`, ... go, in the order of `files`. The answer is the list of the
numbers that were written: what is no Python of this version has none.

The hash in a file's head is never checked, so that neither times nor contents of installed files matter.

Source: PEP 552 (deterministic pycs).
"""

import importlib.util
import json
import marshal
import sys
import warnings

__all__ = []

_UNCHECKED_HASH = (1).to_bytes(4, "little")


def _compiled(path: str, name: str) -> bytes:
    """Return the content of a pyc; empty for what can't be compiled."""
    with open(path, "rb") as file:  # noqa: PTH123 - started thousands of times
        source = file.read()
    try:
        code = compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return b""
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
    return head + marshal.dumps(code)


def _main() -> None:
    request = json.load(sys.stdin)
    written = []
    for number, (path, name) in enumerate(request["files"]):
        content = _compiled(path, name)
        if content:
            with open("%s/%d.pyc" % (request["folder"], number), "wb") as file:  # noqa: PTH123, UP031
                file.write(content)
            written.append(number)
    json.dump(written, sys.stdout)


warnings.simplefilter("ignore")
_main()
