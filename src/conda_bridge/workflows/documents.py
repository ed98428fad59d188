"""What is written beside a recipe: its report, which says why each line is there.

Every document begins with its schema, `conda-bridge.<what>/<version>`, and the version of the tool. Fields are
only added within a schema version. `codec` turns these values into JSON and back.
"""

from dataclasses import dataclass

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Certainty
from conda_bridge.model.names import NameHit
from conda_bridge.version import __version__

__all__ = ["REPORT_SCHEMA", "Reason", "Report", "SourceRow", "WrittenFile"]

REPORT_SCHEMA = "conda-bridge.report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of a recipe and why it is there."""

    address: Address
    value: str
    """What the recipe says there, as people read it; empty where the recipe says nothing there (a dropped line)."""
    certainty: Certainty
    rule: str
    origins: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """Where a recipe's source comes from; addresses carry no credentials."""

    reference: str
    """As the user typed it."""
    label: str
    """The file or folder, such as `click-8.1.7.tar.gz`."""
    url: str = ""
    """Empty for a source on this machine."""
    sha256: str = ""
    commit: str = ""
    size_bytes: int = 0
    """Of the archive; 0 for a directory or a repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file of a recipe."""

    path: str
    """Relative to the folder of the report, `/` spelling."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The reasons of one recipe: `<conda name>.bridge.json`, written beside the recipe's folder."""

    schema: str = REPORT_SCHEMA
    conda_bridge: str = __version__
    """The version of the tool."""
    source: SourceRow
    conda_name: str
    version: str
    files: tuple[WrittenFile, ...]
    evidence: tuple[Reason, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    names: tuple[NameHit, ...] = ()
