"""A request on standard input -> lines of JSON: `log` as things are said, and last `result` or `error`.

    python -I -m conda_bridge.adapters.worker [OPERATION NUMBER]

NUMBER is the open file that takes the answer, standard output by default; OPERATION is what will be asked, so that
it can be made ready for. The request is one line:
`{"operation": NAME, "arguments": {...}}`, with a `key` where the answers are to be sealed; each operation says in its
docstring what it takes and gives.

The exit status is 0 once there is an answer of either kind; by hand, without NUMBER, a failure and tests that fail
make it 1.
"""

import importlib
import json
import os
import sys
from contextlib import suppress

from conda_bridge.adapters.worker.answers import Answers
from conda_bridge.errors import BridgeError, EngineError, UsageError

__all__: list[str] = []

_MODULES = {
    "index": "rattler_channels",
    "solve": "rattler_channels",
    "install": "rattler_channels",
    "find": "rattler_channels",
    "render": "rattler_recipes",
    "build": "rattler_builds",
    "test": "rattler_builds",
}
"""Imported when asked for: rattler and rattler-build take a tenth of a second each."""


def main(arguments: list[str]) -> None:
    """Answer the request on standard input, and end."""
    number = int(arguments[-1]) if arguments else os.dup(1)
    os.set_inheritable(number, False)
    if arguments:
        with suppress(ImportError):  # it is told when the request has come
            importlib.import_module(_module(arguments[0]))
    request = json.loads(_first_line())
    answers = Answers(number, request.get("key", ""))
    try:
        value = _answer(request["operation"], request["arguments"], answers)
        answers.give(value)
        is_good = _is_good(value)
    except BridgeError as error:
        answers.fail(error)
        is_good = False
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of these libraries may abort an interpreter that ends in the usual way, after all is done.
    # A shell goes by the status; who gave a NUMBER reads the answer, and takes other statuses for a crash.
    os._exit(0 if is_good or arguments else 1)


def _first_line() -> bytes:
    """Return the request, and nothing else: what keeps the pipe open is not for those that we start."""
    parts: list[bytes] = []
    while not parts or not parts[-1].endswith(b"\n"):
        part = os.read(0, 1 << 20)
        if not part:
            break
        parts.append(part)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return b"".join(parts)


def _answer(operation: str, arguments: object, answers: Answers) -> object:
    if operation not in _MODULES:
        raise UsageError("usage", f"a worker knows no operation {operation!r}")
    try:
        module = importlib.import_module(_module(operation))
    except ImportError as error:
        raise EngineError(
            "engine-missing", f"{error.name or 'rattler'} can't be imported: {error}"
        ) from error
    return getattr(module, operation)(arguments, answers)


def _is_good(value: object) -> bool:
    """Tell whether all tests of an answer passed, if there are any."""
    results = value.get("results", ()) if isinstance(value, dict) else ()
    return all(result["is_passed"] for result in results)


def _module(operation: str) -> str:
    return f"conda_bridge.adapters.{_MODULES.get(operation, 'worker')}"


if __name__ == "__main__":
    main(sys.argv[1:])
