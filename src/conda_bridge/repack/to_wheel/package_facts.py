"""What a conda package says of itself, as far as a wheel of it needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from conda_bridge.model.artifact import PackageRecord, RunExports

__all__ = ["PackageFacts", "PathRow"]


class PathRow(NamedTuple):
    """One row of `info/paths.json`. A tuple, because there are thousands. Source: CEP 34."""

    sha256: str
    """In hex; empty where it isn't told, and of links."""
    size_bytes: int
    """-1 where it isn't told."""
    path_type: str
    """`hardlink` of a file, `softlink`, `directory`."""
    has_placeholder: bool
    """Whether the prefix it was built in stands in it, which installers replace."""
    placeholder: str = ""
    """That prefix, as it stands in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """The documents of a package, read; nothing of them is believed before its files were seen."""

    path: str
    sha256: str
    record: PackageRecord
    about: Mapping[str, str | tuple[str, ...]]
    """`about.json`: `summary`, `license`, `home`, `dev_url`, `doc_url`, `description`; empty values are left out."""
    entry_points: tuple[str, ...]
    """Of `link.json`: `name = module:attribute`."""
    paths: Mapping[str, PathRow]
    """By path in the prefix; of the older `has_prefix`, `files` where there is no `paths.json`; empty where there is neither."""
    licenses: tuple[tuple[str, bytes], ...]
    """(path below `info/licenses/`, content)."""
    run_exports: RunExports
    extra_depends: Mapping[str, tuple[str, ...]]
    """Extra -> match specs. Source: CEP 44."""
    features: tuple[str, ...]
    """`features` and `track_features`."""
    link_scripts: tuple[str, ...]
    """Scripts below `info/` that installers would run."""
    is_python_by_case: bool = False
    """Whether it says that it is one of several packages of a wheel: its `python` would be where markers differ, and
    nothing of METADATA's. See `is_python_case`."""
    built_for: str = ""
    """The `platform` and `arch` that it names beside `subdir`, which a noarch package has none of."""
    is_listed: bool = True
    """Whether it has a list of its files, however empty."""
