"""What one file says of a project, before the files are weighed against each other.

Vocabulary: a *statement* is everything that one file says; a field that it doesn't mention is None, and is
*settled* where that silence means that the project hasn't got it. Values are raw text with their origin: only the statement that wins is parsed,
so that a mistake in a file that nobody would read does no harm. A statement is *firm* where its file
declares the values for every build, and not firm where it records how one earlier build came out.
"""

from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import DynamicField, Known

__all__ = [
    "BACKEND",
    "BUILD_REQUIRES",
    "ENTRY_POINTS",
    "FIELD_NAMES",
    "SILENT",
    "EntryPointLine",
    "RequirementLine",
    "ScriptGroup",
    "Statement",
]

ScriptGroup = Literal["console_scripts", "gui_scripts"]

BACKEND = "backend"
"""Stands for a file where the build backend was run: `backend#/Requires-Dist/3`."""

ENTRY_POINTS = "Entry-Points"
BUILD_REQUIRES = "Setup-Requires"

FIELD_NAMES: dict[str, str] = {
    "name": "Name",
    "version": "Version",
    "requires_python": "Requires-Python",
    "summary": "Summary",
    "dependencies": "Requires-Dist",
    "extras": "Provides-Extra",
    "license_text": "License",
    "license_expression": "License-Expression",
    "license_files": "License-File",
    "classifiers": "Classifier",
    "keywords": "Keywords",
    "urls": "Project-URL",
    "entry_points": ENTRY_POINTS,
    "import_names": "Import-Name",
    "import_namespaces": "Import-Namespace",
}
"""The attributes of a statement and core metadata's names for them."""

SILENT = frozenset({"license_files", "import_names", "import_namespaces", "entry_points"})
"""Attributes about which no core metadata file is ever complete: backends add to them by defaults of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """One requirement as written."""

    text: str
    origin: str
    note: str = ""
    """What makes it unusual, for a finding: a path or repository that PEP 508 can't say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPointLine:
    """One console or gui script as written."""

    name: str
    target: str
    group: ScriptGroup
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one file says; None where it says nothing of a field."""

    file: str
    is_firm: bool = True
    name: Known[str] | None = None
    version: Known[str] | None = None
    requires_python: Known[str] | None = None
    summary: Known[str] | None = None
    dependencies: tuple[RequirementLine, ...] | None = None
    """Core metadata's lines may belong to an extra by their marker."""
    extras: tuple[tuple[str, tuple[RequirementLine, ...]], ...] | None = None
    """(name as written, its requirements); core metadata's requirements all stand in `dependencies`."""
    license_expression: Known[str] | None = None
    license_text: Known[str] | None = None
    license_files: tuple[Known[str], ...] | None = None
    classifiers: tuple[Known[str], ...] | None = None
    keywords: tuple[str, ...] | None = None
    urls: tuple[tuple[str, Known[str]], ...] | None = None
    entry_points: tuple[EntryPointLine, ...] | None = None
    import_names: tuple[Known[str], ...] | None = None
    import_namespaces: tuple[Known[str], ...] | None = None
    top_levels: tuple[Known[str], ...] | None = None
    script_files: tuple[Known[str], ...] | None = None
    build_requires: tuple[RequirementLine, ...] | None = None
    """setuptools' `setup_requires`."""
    settled: frozenset[str] = frozenset()
    """Attributes whose absence here means that the project hasn't got them."""
    hides: frozenset[str] = frozenset()
    """Attributes that the file computes, so that what weaker declarations say of them doesn't count."""
    unknown: tuple[DynamicField, ...] = ()
    """Fields that the file gives by a computation that can't be followed."""
    diagnostics: tuple[Diagnostic, ...] = ()

    def reason(self, attribute: str) -> str:
        """Return why a field can't be known here; empty where the file doesn't compute it."""
        name = FIELD_NAMES.get(attribute, attribute)
        return next((field.reason for field in self.unknown if field.field == name), "")
