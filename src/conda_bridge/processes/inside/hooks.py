"""Calls one hook of a build backend and writes its answer to standard output.

The request on standard input is JSON: `source` is the folder of the source, which is copied first; `backend` and `backend_path` are those of
[build-system]; `hook` is `requires`, `metadata` or `wheel`; `settings` is what the hooks are given as config settings.

The answer is JSON; behind that of `wheel`, one line, stands the wheel itself.

Whatever the backend and its children write to standard output goes to standard error: the answer has a file descriptor
of its own.

Source: PEP 517.
"""

import importlib
import json
import os
import shutil
import sys
import traceback
import zipfile
from typing import Any

__all__: list[str] = []

_TREE = "/tmp/tree"  # noqa: S108 - a file system of our own
_RESULT = "/tmp/result"  # noqa: S108
_MOST_CHARACTERS = 1_000_000
_PIECE_BYTES = 1 << 20
_FILES = ("METADATA", "entry_points.txt", "top_level.txt")


def _backend(request: dict[str, Any]) -> Any:
    """Import the backend as PEP 517 says; one of the tree itself only from inside the tree."""
    paths = [os.path.realpath(os.path.join(_TREE, path)) for path in request["backend_path"]]  # noqa: PTH118
    for path in paths:
        if os.path.commonpath([path, _TREE]) != _TREE:
            raise ValueError(f"backend-path {path!r} leaves the source")
    sys.path[:0] = paths
    module_name, _, attributes = request["backend"].partition(":")
    found: Any = importlib.import_module(module_name)
    for attribute in filter(None, attributes.split(".")):
        found = getattr(found, attribute)
    return found


def _requires(backend: Any, settings: dict[str, Any] | None) -> dict[str, Any]:
    hook = getattr(backend, "get_requires_for_build_wheel", None)
    found = hook(settings) if hook else []
    return {"requires": [str(line) for line in found]}


def _metadata(backend: Any, settings: dict[str, Any] | None) -> dict[str, Any]:
    os.mkdir(_RESULT)  # noqa: PTH102
    hook = getattr(backend, "prepare_metadata_for_build_wheel", None)
    if hook is None:
        return {"hook": "build_wheel", **_of_wheel(backend.build_wheel(_RESULT, settings))}
    folder = f"{_RESULT}/{hook(_RESULT, settings)}"
    texts = {}
    for name in _FILES:
        if os.path.isfile(f"{folder}/{name}"):  # noqa: PTH113
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
                texts[name] = _text(name, file.read(_MOST_CHARACTERS * 8))
    return {"hook": "prepare_metadata_for_build_wheel", "files": texts}


def _of_wheel(filename: str) -> dict[str, Any]:
    with zipfile.ZipFile(f"{_RESULT}/{filename}") as wheel:
        paths = {
            path.rpartition("/")[2]: path
            for path in wheel.namelist()
            if path.count("/") == 1 and path.partition("/")[0].endswith(".dist-info")
        }
        return {
            "files": {name: _text(name, wheel.read(paths[name])) for name in _FILES if name in paths},
        }


def _wheel(backend: Any, settings: dict[str, Any] | None) -> dict[str, Any]:
    os.mkdir(_RESULT)  # noqa: PTH102
    filename = str(backend.build_wheel(_RESULT, settings))
    return {"wheel": filename, "size_bytes": os.stat(f"{_RESULT}/{filename}").st_size}  # noqa: PTH116


def _text(name: str, data: bytes) -> str:
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    if name == "METADATA":
        # The description below the headers is nobody's business here, and often long.
        text = text.partition("\n\n")[0] + "\n"
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"{name} has more than {_MOST_CHARACTERS:,} characters")
    return text


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


_HOOKS = {"requires": _requires, "metadata": _metadata, "wheel": _wheel}


def main(request: dict[str, Any]) -> None:
    """Answer the request."""
    answer_to = os.dup(1)
    os.dup2(2, 1)
    shutil.copytree(request["source"], _TREE)
    os.chdir(_TREE)
    try:
        backend = _backend(request)
        answer = _HOOKS[request["hook"]](backend, request["settings"] or None)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        traceback.print_exc()
        answer = {"error": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.flush()
    sys.stderr.flush()
    _write(answer_to, json.dumps(answer).encode("ascii"))
    if "wheel" in answer:
        with open(f"{_RESULT}/{answer['wheel']}", "rb") as wheel:  # noqa: PTH123
            _write(answer_to, b"\n")
            while piece := wheel.read(_PIECE_BYTES):
                _write(answer_to, piece)
    # Threads of the backend and what it registered for the end have no say in it.
    os._exit(0)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    main(asked)
