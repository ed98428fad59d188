"""What an audit finds: typed entries about requirements, and a finding for each.

Vocabulary: *upstream* is what conda-bridge infers from the released source; *recipe* is what was audited.
"""

from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.recipe import Section

__all__ = ["Audit", "AuditEntry", "AuditKind"]

AuditKind = Literal["missing", "extra", "looser", "tighter", "renamed", "unused"]
"""What the recipe does with a package. `unused`: a Python package in host that no build requirement asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One requirement in which the recipe and upstream differ."""

    kind: AuditKind
    section: Section
    conda_name: str
    """As upstream's requirement is called on conda; of an extra or unused one, as the recipe calls it."""
    recipe: str = ""
    """The recipe's entry; empty where it has none. Of an uncertain missing one, what it may be instead."""
    upstream: str = ""
    """The entry that upstream's metadata calls for; empty where it calls for none."""
    condition: str = ""
    """Where they differ, such as `win` or `python 3.10`; empty means everywhere."""
    reason: str = ""
    """What says so: `declared: pyproject.toml#/project/dependencies/3`."""
    via: str = ""
    """`foo[bar]` where upstream asks for it through another project's extra, which conda has no word for."""
    is_certain: bool = True
    """False for a missing package that the recipe may have under a name that no table knows, and for an extra
    one that may be a library or a program, of which Python's metadata doesn't speak."""
    line: int = 0
    """Of the recipe, counted from 1; 0 where no line is at fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What came of comparing a recipe with its upstream release."""

    entries: tuple[AuditEntry, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    """One for each entry, and what differs beside the requirements."""
