"""A built conda package: what its index record says of it.

Source: CEP 34 (contents of conda packages), CEP 36 (package metadata files served by channels).
"""

from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.names import CondaName

__all__ = ["NoarchKind", "PackageRecord", "RunExports"]

NoarchKind = Literal["", "python", "generic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExports:
    """What a package in build or host adds to the packages that are built with it. Source: CEP 12."""

    weak: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    noarch: tuple[str, ...] = ()
    weak_constrains: tuple[str, ...] = ()
    strong_constrains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecord:
    """`info/index.json`, with what a channel adds to it."""

    conda_name: CondaName
    version: str
    build: str
    """The build string, such as `pyhd8ed1ab_0`."""
    build_number: int = 0
    subdir: str = "noarch"
    noarch: NoarchKind = ""
    depends: tuple[str, ...] = ()
    """Match specs."""
    constrains: tuple[str, ...] = ()
    extra_depends: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(group, match specs) that are installed only where somebody asks for the group. Source: CEP 44."""
    license: str = ""
    timestamp_ms: int = 0
    """When it was built; 0 where it isn't said."""
    python_site_packages_path: str = ""
    """Of a python: where its packages go, relative to the prefix. Source: CEP 17."""
    size_bytes: int = 0
    """Of the archive; 0 where it isn't known yet."""
    sha256: str = ""
    md5: str = ""

    @property
    def stem(self) -> str:
        """`name-version-build`: the archive's name without its suffix."""
        return f"{self.conda_name}-{self.version}-{self.build}"
