"""Wheels become noarch conda packages: files, URLs, and the wheels that requirements mean.

wheel -> its METADATA -> names, extras of dependencies -> a package for each case of its markers
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conda_bridge.errors import BridgeError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeOptions
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.repack.package_setting import DEFAULT_LEVEL, FAST_LEVEL
from conda_bridge.workflows.services import Services

__all__ = ["DEFAULT_LEVEL", "FAST_LEVEL", "CondaOptions", "CondaResult", "PackageMade", "conda"]

_SILENT = SilentReporter()


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaOptions:
    """What `conda` needs beside its wheels."""

    recipe: RecipeOptions = RecipeOptions()
    """Whose names, indexes and network are used."""
    output_dir: str = "."
    """Where packages are written; a channel's folder where `is_channel`."""
    level: int = DEFAULT_LEVEL
    """Of zstd, 1 to 22; `FAST_LEVEL` for `--fast`."""
    is_widened: bool = False
    """True: one package a wheel, whose dependencies are those that some platform or python needs."""
    is_channel: bool = False
    """True: the packages go into `noarch/` of the output folder, which is indexed."""
    source_date_epoch: int | None = None
    """Of the environment; None means the time of each wheel's newest file."""


_DEFAULTS = CondaOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageMade:
    """One package of a wheel."""

    path: str
    """Where it is; where it would be of a dry run."""
    record: PackageRecord
    """With its size and digests; of a dry run without."""
    platforms: tuple[str, ...] = ()
    """`linux`, `osx`, `win`: where it installs; empty means everywhere."""
    python: str = ""
    """What it asks of python, such as `>=3.8,<3.11`; empty means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaResult:
    """What became of one wheel."""

    source: str
    """As asked."""
    wheel: str = ""
    """The file's name; empty where none was found."""
    wheel_sha256: str = ""
    packages: tuple[PackageMade, ...] = ()
    """One for each case of the markers; empty after a failure."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was lost, and what was decided."""
    error: BridgeError | None = None
    """Why there is no package."""


def conda(
    wheels: Sequence[str],
    *,
    options: CondaOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
    is_dry_run: bool = False,
) -> Iterator[CondaResult]:
    """Convert wheels one after the other and yield what became of each, in the order given.

    A wheel is a file, an https URL, or a requirement whose release has a pure wheel. The failure of one doesn't
    stop the others. `services` stand in for the network and the name tables; `is_dry_run` writes nothing.

    Raises:
        UsageError: `usage` for a level that there isn't; `no-channel-folder` where the output folder is something else.
        EngineError: `channel-locked`, `channel-unwritable`, `unsafe-channel`.
    """
    raise NotImplementedError
