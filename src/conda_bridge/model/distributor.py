"""What a distributor (conda-forge, a private channel, host) decides for every recipe of its own."""

from dataclasses import dataclass

from conda_bridge.model.condition import PyVersion
from conda_bridge.model.names import CondaName

__all__ = ["ChannelPackage", "DistributorPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPackage:
    """A package that a channel has."""

    channel: str
    """As configured: a name, a URL or a folder."""
    subdir: str
    conda_name: CondaName
    version: str
    timestamp_ms: int = 0
    """When it was built; 0 where the channel doesn't say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorPolicy:
    """One row of `data/distributors.toml`, typed."""

    name: str
    channels: tuple[str, ...]
    python_min: PyVersion
    """The lowest python that its packages support; recipes may raise it."""
    pythons: tuple[PyVersion, ...]
    """The pythons that it builds for, ascending, as major.minor."""
    python_ceiling: PyVersion
    """Upper bounds at or above this version say nothing (4.0: no such python is planned)."""
    platforms: tuple[str, ...]
    """The subdirs that it builds for."""
    pinned: frozenset[CondaName] = frozenset()
    """Packages whose version the distributor pins in host; recipes name them without a version."""
    platform_only: tuple[tuple[str, str], ...] = ()
    """(`win`, `osx`, `linux` or `unix`, a name or `prefix*`): packages that exist nowhere else."""
    python_only: tuple[tuple[str, PyVersion], ...] = ()
    """(a name or `prefix*`, the lowest python that it exists for): backports to newer pythons."""

    def lowest_python_of(self, name: CondaName) -> PyVersion | None:
        """Return the lowest python that has the package; None where all have it, as far as is known."""
        return next((lowest for pattern, lowest in self.python_only if _matches(name, pattern)), None)

    def only_system_of(self, name: CondaName) -> str | None:
        """Return the one system that has the package; None where it exists everywhere, as far as is known."""
        for system, pattern in self.platform_only:
            if _matches(name, pattern):
                return system
        return None


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))
