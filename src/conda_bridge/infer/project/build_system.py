"""The [build-system] table -> what builds the project, or what PEP 517 says of its absence.

Source: PEP 517; PEP 518.
"""

from packaging.requirements import Requirement

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.pyproject import is_inside_source
from conda_bridge.infer.project.requirements import read_build_requirements
from conda_bridge.infer.project.statements import RequirementLine
from conda_bridge.infer.project.toml_tables import PYPROJECT, Table
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import BuildSystem, Declared
from conda_bridge.model.source import SourceFacts

__all__ = ["LEGACY_BACKEND", "read_build_system", "with_setup_requires"]

LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
_TABLE = "build-system"


def read_build_system(pyproject: Table, facts: SourceFacts) -> tuple[BuildSystem, tuple[Diagnostic, ...]]:
    """Return the build system and findings.

    Raises:
        MetadataError: `invalid-field`, `invalid-requirement`, `path-outside-source`.
    """
    if _TABLE not in pyproject:
        origin = "setup.py" if facts.has("setup.py") else PYPROJECT
        implied = (Declared(requirement=Requirement("setuptools"), origin=origin),)
        return BuildSystem(requires=implied, backend=LEGACY_BACKEND, is_declared=False, origin=origin), ()
    table = pyproject.table(_TABLE)
    backend = table.string("build-backend")
    requires_lines = table.strings("requires")
    requires, diagnostics = read_build_requirements(
        RequirementLine(text=known.value, origin=known.origin) for known in requires_lines or ()
    )
    if requires_lines is None:
        message = f"{table.place} has no key 'requires'"
        diagnostics += (finding("no-build-requires", message, origin=table.place),)
    return BuildSystem(
        requires=requires,
        backend=backend.value if backend else LEGACY_BACKEND,
        backend_path=_backend_path(table),
        origin=backend.origin if backend else table.place,
    ), diagnostics


def with_setup_requires(
    system: BuildSystem, lines: tuple[RequirementLine, ...]
) -> tuple[BuildSystem, tuple[Diagnostic, ...]]:
    """Return the build system with setuptools' `setup_requires`, of projects that aren't required already.

    Raises:
        MetadataError: `invalid-requirement`.
    """
    found, diagnostics = read_build_requirements(lines)
    known = {declared.pypi_name for declared in system.requires}
    added = tuple(declared for declared in found if declared.pypi_name not in known)
    if not added:
        return system, diagnostics
    return BuildSystem(
        requires=(*system.requires, *added),
        backend=system.backend,
        backend_path=system.backend_path,
        is_declared=system.is_declared,
        origin=system.origin,
    ), diagnostics


def _backend_path(table: Table) -> tuple[str, ...]:
    paths = table.strings("backend-path") or ()
    for known in paths:
        if not is_inside_source(known.value):
            raise MetadataError(
                "path-outside-source",
                f"the build backend's path {known.value!r:.80} is outside the source",
                where=known.origin,
            )
    return tuple(known.value for known in paths)
