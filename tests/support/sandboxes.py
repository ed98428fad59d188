"""The sandboxes that work on this machine, and build backends of tests that run in them."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

from conda_bridge.processes.backend import (
    BackendCall,
    PreparedMetadata,
    build_wheel,
    prepare_metadata,
    required_for_wheel,
)
from conda_bridge.processes.build_environments import BuildEnvironment, PackageIndexes, make_environment
from conda_bridge.processes.sandbox import Sandbox, SandboxLimits, complaints_about, present_sandboxes

__all__ = ["KINDS", "SMALL", "Backend", "MakeBackend", "backend_text", "new_backend", "sandbox_of"]

KINDS = ("bubblewrap", "unshare")

SMALL = SandboxLimits(
    wall_s=20, cpu_s=10, memory_bytes=1 << 30, file_bytes=4 << 20, scratch_bytes=32 << 20, processes=32
)

MakeBackend: TypeAlias = Callable[..., "Backend"]


@cache
def sandbox_of(kind: str) -> Sandbox:
    """Return a sandbox of this kind that keeps its promises; the test is skipped where there is none."""
    reasons: list[str] = []
    for sandbox in present_sandboxes():
        if sandbox.kind == kind:
            complaints = complaints_about(sandbox)
            if not complaints:
                return sandbox
            reasons += complaints
    hint = "apt install bubblewrap" if kind == "bubblewrap" else "apt install util-linux"
    pytest.skip(f"{kind} is missing or can't be used here ({'; '.join(reasons)}): {hint}")


def backend_text(body: str, *, requires: str = "return []") -> str:
    """Return the text of a backend; `body` may return the summary of its metadata."""
    indented = textwrap.indent(body, "    ")
    return f"""\
import os, pathlib, socket, subprocess, sys, time

def answer():
{indented}

def get_requires_for_build_wheel(settings=None):
    {requires}

def prepare_metadata_for_build_wheel(folder, settings=None):
    said = answer()
    made = pathlib.Path(folder, "demo-1.0.dist-info")
    made.mkdir()
    made.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\nSummary: {{said}}\\n\\nDescription")
    made.joinpath("entry_points.txt").write_text("[console_scripts]\\ndemo = demo:main\\n")
    return made.name
"""


@dataclass(frozen=True)
class Backend:
    """A source tree with its own backend, and where it runs."""

    source: Path
    sandbox: Sandbox
    environment: BuildEnvironment
    limits: SandboxLimits
    path: tuple[str, ...] = (".",)

    def limited(self, *, wall_s: float = SMALL.wall_s, cpu_s: int = SMALL.cpu_s) -> "Backend":
        """Return the same under other limits."""
        return replace(self, limits=replace(self.limits, wall_s=wall_s, cpu_s=cpu_s))

    def metadata(self) -> PreparedMetadata:
        """Ask for the metadata."""
        return prepare_metadata(self._call(), self.environment, self.sandbox, self.limits)

    def requires(self) -> tuple[str, ...]:
        """Ask for the requirements."""
        return required_for_wheel(self._call(), self.environment, self.sandbox, self.limits)

    def wheel(self, folder: Path) -> Path:
        """Have the wheel built."""
        return Path(build_wheel(self._call(), self.environment, self.sandbox, self.limits, str(folder)))

    def summary(self) -> str:
        """Return the summary of the metadata."""
        (line,) = [line for line in self.metadata().metadata.splitlines() if line.startswith("Summary: ")]
        return line.removeprefix("Summary: ")

    def _call(self) -> BackendCall:
        return BackendCall(source=str(self.source), backend="own_backend", backend_path=self.path)


def new_backend(folder: Path, sandbox: Sandbox, text: str) -> Backend:
    """Write a source tree with the backend `text` to an empty folder."""
    source = folder / "source"
    source.mkdir()
    source.joinpath("own_backend.py").write_text(text, encoding="utf-8")
    source.joinpath("pyproject.toml").write_text("[project]\nname = 'demo'\n", encoding="utf-8")
    environment = make_environment(str(folder / "environment"), (), PackageIndexes(urls=()))
    return Backend(source=source, sandbox=sandbox, environment=environment, limits=SMALL)
