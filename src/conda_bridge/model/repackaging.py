"""What repackaging is asked and what comes of it: noarch conda packages -> wheels, and two wheels side by side.

Vocabulary: the *payload* is what a package installs as the project's own files: all but its metadata folder. *Drift* is
what conda's record and the project's metadata say differently of the same thing.
"""

from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import NO_NEEDS, ChannelNeeds
from conda_bridge.model.names import PypiName

__all__ = [
    "Comparison",
    "DeflateName",
    "DependencySource",
    "Drift",
    "DroppedFile",
    "FieldVerdict",
    "FileVerdict",
    "MetadataOrigin",
    "Verdict",
    "WheelMade",
    "WheelSetting",
]

DeflateName = Literal["zlib", "libdeflate"]
DependencySource = Literal["metadata", "conda"]
MetadataOrigin = Literal["kept", "egg-info", "synthesised"]
Verdict = Literal["equal", "explained", "different"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelSetting:
    """How wheels are made of conda packages."""

    dependencies: DependencySource = "metadata"
    """Whose are taken: the project's own, which its users expect, or those of the conda package."""
    deflate: DeflateName = "zlib"
    """The engine that compresses; each writes bytes of its own, the same every time."""
    time_s: int | None = None
    """Of all members; None: 1980-01-01, the first that zip files can say."""
    has_build_tag: bool = False
    """Whether a build number above 0 becomes the wheel's build tag."""
    is_for_python2: bool = False
    """Whether a package whose own WHEEL names python 2 keeps that tag beside `py3`."""
    drops_scripts: bool = False
    """Whether install scripts are left out with a warning; they are what no pip runs."""
    allows_metapackage: bool = False
    """Whether a package without files becomes a wheel that only depends on others."""
    allows_gated: bool = False
    """Whether a package that conda installs on one kind of system only becomes a wheel for any."""
    is_strict: bool = False
    """Whether drift is a failure."""
    channel_needs: ChannelNeeds = NO_NEEDS
    """What a channel says that the package needs, which counts before its own record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """A file of a package that isn't in its wheel."""

    path: str
    """In the package."""
    reason: str
    """A slug such as `installer-record`, `made-by-installer`, `bytecode`, `menu`; see `repack.package_layout`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One thing that METADATA and conda's record say differently."""

    kind: Literal["only-conda", "only-metadata", "bounds", "marker", "python"]
    pypi_name: PypiName
    """The dependency; `python` of the kind `python`."""
    metadata: str
    """The requirement, or Requires-Python; empty where it has none."""
    conda: str
    """The match spec; empty where it has none."""
    where: str = ""
    """Of the kinds `bounds`, `marker` and `only-metadata`: on which systems and pythons; empty: on all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelMade:
    """A wheel that was made of a conda package."""

    path: str
    pypi_name: PypiName
    version: str
    """Of METADATA."""
    sha256: str
    size_bytes: int
    package_sha256: str
    """Of the conda package that it was made of."""
    metadata_origin: MetadataOrigin
    deflate: DeflateName
    files: int
    """Of the wheel, RECORD included."""
    dropped: tuple[DroppedFile, ...] = ()
    drift: tuple[Drift, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """One file of two wheels."""

    path: str
    verdict: Verdict
    rule: str = ""
    """What explains a difference, such as `not-in-source`; see `repack.comparison`."""
    note: str = ""
    """In words, with what both sides have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVerdict:
    """One field of two METADATA files, all its values together."""

    field: str
    verdict: Verdict
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    rule: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two wheels of one release, file by file and field by field."""

    left: str
    """What it is: `conda package`."""
    right: str
    """`the project's own backend`, `the published wheel`."""
    files: tuple[FileVerdict, ...]
    fields: tuple[FieldVerdict, ...]
    is_metadata_identical: bool
    """Byte for byte."""

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        found = {*(row.verdict for row in self.files), *(row.verdict for row in self.fields)}
        return "different" if "different" in found else "explained" if "explained" in found else "equal"
