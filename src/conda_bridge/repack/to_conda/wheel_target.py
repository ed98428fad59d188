"""What a wheel is converted for, what comes of it, and what the caller knows beside the wheel."""

from dataclasses import dataclass

from packaging.tags import Tag

from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.condition import Target
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.repack.to_conda.bytecode import ModuleCompiler

__all__ = ["Converted", "ExtraMetadata", "WheelTarget"]

_NO_EXPORTS = RunExports()


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelTarget:
    """The python and the platform of the environments that the package is for, and how it is written."""

    target: Target
    """Markers are evaluated for its platform and python, not for the ones that run here."""
    markers: tuple[tuple[str, str], ...] = ()
    """Variables of environment markers and what they are, where the package is for one python of one machine alone;
    empty: for all of the platform, so that what only a machine knows counts as true."""
    tags: frozenset[Tag] = frozenset()
    """What that python installs; empty: any wheel that suits the platform."""
    build_number: int = 0
    build_label: str = ""
    """Behind the build string, `host` for packages that must not be published; empty for none."""
    timestamp_ms: int = 0
    """When the package was made; 0: when the wheel's newest file was."""
    level: int = 3
    """Of zstd: 3 for packages that stay here, 19 for those that are downloaded often."""
    has_bytecode: bool = False
    """Whether compiled modules that are never compared with their sources are added: for packages that stay
    here. Without a `compiler` they are only where the interpreter that runs is of the target's version."""
    compiler: ModuleCompiler | None = None
    """What compiles modules as the target's python does; None: the interpreter that runs."""
    run_exports: RunExports = _NO_EXPORTS
    """Of this wheel's package."""
    is_private: bool = False
    """Marks packages that no output channel takes: what only this machine's own channel may hold."""
    is_native_tool: bool | None = None
    """Whether this wheel is a program that needs no python, and only its programs are packed; None: its files tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraMetadata:
    """The requirements of a project that others require with extras: conda has none, so that its lines are merged in."""

    pypi_name: PypiName
    requirements: tuple[str, ...]
    """`Requires-Dist` of its metadata, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A package that was made of a wheel."""

    path: str
    record: PackageRecord
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was lost or looked odd."""
