"""Environments and a log -> a finding where a program that the machine lacks was stood in for."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from conda_bridge.model.build import EnvironmentRecord
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["stand_in_findings"]

_PROGRAM = "cargo-bundle-licenses"
_WITHOUT_TEXT = re.compile(rf"{_PROGRAM}: no licence text of (\S+ \S+)")
_MOST_CRATES = 5


def stand_in_findings(environments: Iterable[EnvironmentRecord], log: Path) -> tuple[Diagnostic, ...]:
    """Return what a package lacks because the host distributor had no real cargo-bundle-licenses for its build."""
    files = {
        PurePosixPath(package.url).name for environment in environments for package in environment.packages
    }
    if not any(file.startswith(f"{_PROGRAM}-") for file in files):
        return ()
    # Only builds that have such a program need what makes the machine's.
    from conda_bridge.distributors.host.programs import STAND_IN  # noqa: PLC0415

    if STAND_IN not in files:
        return ()
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    crates = list(dict.fromkeys(_WITHOUT_TEXT.findall(text)))
    named = ", ".join(crates[:_MOST_CRATES])
    more = f" and {len(crates) - _MOST_CRATES} more" if len(crates) > _MOST_CRATES else ""
    lacking = f"; of {named}{more} there is no text" if crates else ""
    message = f"a stand-in for {_PROGRAM} gathered the licences of the crates{lacking}"
    return (finding("licences-by-stand-in", message),)
