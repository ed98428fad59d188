"""What is inferred of external libraries."""

from dataclasses import dataclass

from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.scan.switches import SwitchForm
from conda_bridge.model.libraries import FoundLibrary

__all__ = ["Libraries", "Switch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One setting that the recipe passes to the build."""

    form: SwitchForm
    """How the build is told: `-DNAME=VALUE` of CMake or Meson, an environment variable, an option of setup.py."""
    name: str
    """As the build spells it: `USE_SYSTEM_ZLIB`, `system-freetype`, `--use-system-zlib`."""
    value: str = ""
    """`ON`, `true`, `1`; empty for a bare option of setup.py, whose name is all."""
    library: str
    """The key of the library that is in host for it."""
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Libraries:
    """External libraries of a project."""

    contributions: tuple[Contribution, ...] = ()
    """Lines of build, host and run."""
    switches: tuple[Switch, ...] = ()
    """What the build must be told to use them."""
    found: tuple[FoundLibrary, ...] = ()
    """All that were seen, by key."""
