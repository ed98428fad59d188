"""Modules of a wheel -> their bytecode, compiled by the interpreter that is packaged.

It need not be the one that runs us, its hash seed is fixed so that the same source gives the same bytes, and while it
compiles, other wheels are converted: `compile` would hold our interpreter's lock for more than half of a conversion.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from conda_bridge.distributors.host.facts import Interpreter
from conda_bridge.distributors.host.interpreters import INSIDE
from conda_bridge.processes.children import ChildStreams, dying_with_us, run_child

__all__ = ["HostModuleCompiler"]

_TIMEOUT_S = 300.0
_KEPT_BYTES = 1 << 22
_NEVER_IMPORTED = ("/test/", "/tests/", "/testing/tests/", "/_tests/")
"""Parts of paths of modules that no build imports; they are half of what large projects have."""


class HostModuleCompiler:
    """A `ModuleCompiler` of a packaged interpreter."""

    def __init__(self, interpreter: Interpreter, folder: str) -> None:
        """Work in folders of their own below `folder`."""
        self._interpreter = interpreter
        self._folder = folder

    def __call__(self, modules: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
        """Return the bytecode of each module; None where it is of no use, or can't be had."""
        wanted = [
            (number, path, source)
            for number, (path, source) in enumerate(modules)
            if source and not any(part in path for part in _NEVER_IMPORTED)
        ]
        codes: list[bytes | None] = [None] * len(modules)
        if not wanted:
            return codes
        with tempfile.TemporaryDirectory(prefix=".modules-", dir=self._folder) as scratch:
            files = []
            for number, path, source in wanted:
                Path(scratch, f"{number}.py").write_bytes(source)
                files.append((str(Path(scratch, f"{number}.py")), path))
            for written in self._run(files, scratch):
                codes[wanted[written][0]] = Path(scratch, f"{written}.pyc").read_bytes()
        return codes

    def _run(self, files: Sequence[tuple[str, str]], scratch: str) -> list[int]:
        """Return the numbers of the files that could be compiled; bytecode only saves time, so a failure is none."""
        child = run_child(
            # Without -I, which forbids a fixed seed: the order in sets would differ from run to run.
            dying_with_us([self._interpreter.executable, "-s", "-S", str(INSIDE / "bytecode.py")]),
            folder=scratch,
            environment={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
            timeout_s=_TIMEOUT_S,
            streams=ChildStreams(
                given=json.dumps({"files": files, "folder": scratch}), kept_bytes=_KEPT_BYTES
            ),
        )
        try:
            answer = json.loads(child.output)
        except ValueError:
            return []
        return [int(number) for number in answer] if isinstance(answer, list) else []
