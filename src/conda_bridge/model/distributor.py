"""What a distributor (conda-forge, a private channel, host) decides for every recipe of its own."""

from dataclasses import dataclass, replace

from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.condition import PyVersion
from conda_bridge.model.names import CondaName

__all__ = ["NO_NEEDS", "ChannelNeeds", "ChannelPackage", "DistributorPolicy", "VariantFact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNeeds:
    """What a channel says that a package needs: solvers read nothing else, whatever the package's own record says."""

    depends: tuple[str, ...] | None = None
    """Match specs; None where it doesn't say."""
    constrains: tuple[str, ...] | None = None

    def applied_to(self, record: PackageRecord) -> PackageRecord:
        """Return a package's record as the channel has it; the very same where only the order differs."""
        depends, constrains = self.depends, self.constrains
        if depends is not None and not _is_same(depends, record.depends):
            record = replace(record, depends=depends)
        if constrains is not None and not _is_same(constrains, record.constrains):
            record = replace(record, constrains=constrains)
        return record


NO_NEEDS = ChannelNeeds()
"""Of a channel that doesn't say, and of a package of no channel."""


def _is_same(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return {" ".join(spec.split()) for spec in some} == {" ".join(spec.split()) for spec in others}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPackage:
    """A package that a channel has."""

    channel: str
    """As configured, without secrets: a name, a URL or a folder."""
    subdir: str
    conda_name: CondaName
    version: str
    build: str = ""
    """The build string."""
    build_number: int = 0
    timestamp_ms: int = 0
    """When it was built; 0 where the channel doesn't say."""
    url: str = ""
    """Of the package itself, without credentials."""
    sha256: str = ""
    md5: str = ""
    license: str = ""
    needs: ChannelNeeds = NO_NEEDS
    is_revoked: bool = False
    """Whether it is only there for who has it already: no solver takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantFact:
    """What a distributor gives to one key of its variants, somewhere."""

    key: str
    where: str
    """Empty for everywhere; `unix`, an operating system, or a subdir."""
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorPolicy:
    """One row of `data/distributors.toml`, typed; or what stands for a channel that has no row."""

    name: str
    """A row's name, or the channel itself, without secrets."""
    channels: tuple[str, ...]
    """Names, URLs or folders, the first wins. URLs may carry credentials."""
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
    conventions: str = ""
    """Whose recipe conventions it follows, in all that it doesn't say itself; empty for its own."""
    name_map: str = "conda-forge"
    """Whose names of PyPI's projects it uses."""
    variants: tuple[VariantFact, ...] = ()
    """Of those for one key, the last that applies counts."""
    zip_keys: tuple[tuple[str, ...], ...] = ()
    """Keys of variants that change together."""
    pinning_package: str = ""
    """The package with its real pinning file, in its first channel; empty where it publishes none."""

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
