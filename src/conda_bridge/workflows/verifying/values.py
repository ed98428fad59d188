"""What a round trip is asked, and what came of it."""

from dataclasses import dataclass

from conda_bridge.errors import BridgeError
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import BuildOptions
from conda_bridge.model.repackaging import Comparison, Verdict, WheelMade
from conda_bridge.workflows.building.values import StepTime

__all__ = ["VerifyOptions", "VerifyResult"]

_BUILD_DEFAULTS = BuildOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What `verify` needs beside its sources."""

    build: BuildOptions = _BUILD_DEFAULTS
    """How the conda package is built; its channel and tests are of no account."""
    compares_published: bool = True
    """False: what the index has is left alone."""
    keep_dir: str = ""
    """Where the package and the wheels go; empty means nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """What became of one source."""

    subject: str
    """As typed."""
    pypi_name: str = ""
    version: str = ""
    packages: tuple[str, ...] = ()
    """The file names of the conda packages: several where some are for one kind of system only."""
    wheels: tuple[WheelMade, ...] = ()
    """What was made of them; their paths are in `keep_dir`, or gone."""
    comparisons: tuple[Comparison, ...] = ()
    kept: tuple[str, ...] = ()
    """Paths in `keep_dir`."""
    steps: tuple[StepTime, ...] = ()
    log_lines: tuple[str, ...] = ()
    """The end of the build's log, where that failed."""
    diagnostics: tuple[Diagnostic, ...] = ()
    error: BridgeError | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of all comparisons; `different` where there is none."""
        found = {one.verdict for one in self.comparisons}
        return (
            "different"
            if not found or "different" in found
            else "explained"
            if "explained" in found
            else "equal"
        )
