"""What the build backend answered when it was run -> a statement, and where it contradicts the files.

The answer is that of one build on one machine: it tells what no file tells, and is never a declaration. What the files
say counts even where the backend says something else.

Source: PEP 517.
"""

from collections.abc import Iterator
from dataclasses import replace

from packaging.version import InvalidVersion, Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.core_metadata import read_built_metadata
from conda_bridge.infer.project.requirements import read_requirements
from conda_bridge.infer.project.setuptools_values import entry_point_lines, ini_sections
from conda_bridge.infer.project.statements import BACKEND, RequirementLine, Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import is_valid_pypi_name, pypi_name
from conda_bridge.model.project import Declared, Known, Project
from conda_bridge.model.source import BackendFacts, SourceFacts

__all__ = ["backend_differences", "read_backend", "required_lines"]

_ENTRY_POINTS = f"{BACKEND}#/entry_points.txt"
_REQUIRES = f"{BACKEND}#/get_requires_for_build_wheel"
_MOST_SHOWN = 3


def read_backend(facts: SourceFacts) -> Statement:
    """Return what the backend said; a silent statement where it was not run."""
    answer = facts.backend
    if answer is None:
        return Statement(file=BACKEND, is_firm=False)
    statement = read_built_metadata(answer.metadata, file=BACKEND)
    tops = tuple(
        Known(value=name, origin=f"{BACKEND}#/top_level.txt", is_declared=False)
        for name in answer.top_level.split()
    )
    return replace(
        statement,
        entry_points=entry_point_lines(ini_sections(answer.entry_points), origin=_ENTRY_POINTS),
        top_levels=tops or None,
        diagnostics=answer.diagnostics,
    )


def required_lines(backend: BackendFacts | None) -> tuple[RequirementLine, ...]:
    """Return what the backend requires for building, beside what the project declares."""
    texts = backend.requires if backend else ()
    return tuple(RequirementLine(text=text, origin=f"{_REQUIRES}/{n}") for n, text in enumerate(texts))


def backend_differences(project: Project, facts: SourceFacts) -> tuple[Diagnostic, ...]:
    """Return a finding for each field in which the backend contradicts what was taken from elsewhere."""
    if facts.backend is None:
        return ()
    statement = read_built_metadata(facts.backend.metadata, file=BACKEND)
    said = (
        *_identity_differences(project, statement),
        *_python_differences(project, statement),
        *_requirement_differences(project, statement),
    )
    return tuple(finding("backend-differs", message, origin=BACKEND) for message in said)


def _identity_differences(project: Project, statement: Statement) -> Iterator[str]:
    name, version = statement.name, statement.version
    if name and (not is_valid_pypi_name(name.value) or pypi_name(name.value) != project.pypi_name.value):
        yield f"it calls the project {name.value!r:.80}, not {project.pypi_name.value!r}"
    if version and not _is_same_version(version.value, project.version.value):
        yield f"it says version {version.value!r:.80}, {project.version.origin} says {project.version.value}"


def _is_same_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


def _python_differences(project: Project, statement: Statement) -> Iterator[str]:
    theirs = statement.requires_python.value.replace(" ", "") if statement.requires_python else ""
    ours = str(project.requires_python.value) if project.requires_python else ""
    if set(theirs.split(",")) != set(ours.split(",")):
        yield f"it says Requires-Python {theirs!r:.80}, the files say {ours!r}"


def _requirement_differences(project: Project, statement: Statement) -> Iterator[str]:
    """Compare what holds here: a requirement with a marker may be left out by a backend on another platform."""
    try:
        theirs = read_requirements(
            statement.dependencies or (), [(name, ()) for name, _ in statement.extras or ()]
        ).dependencies
    except MetadataError as error:
        yield f"its requirements can't be read: {error.message}"
        return
    ours = project.dependencies
    added = _shown(theirs, {_key(declared) for declared in ours})
    if added:
        yield f"it requires {added} too"
    unmarked = tuple(declared for declared in ours if declared.requirement.marker is None)
    missing = _shown(unmarked, {_key(declared) for declared in theirs})
    if missing:
        yield f"it does not require {missing}"


def _key(declared: Declared) -> tuple[str, frozenset[str], frozenset[str]]:
    requirement = declared.requirement
    bounds = frozenset(str(specifier) for specifier in requirement.specifier)
    return declared.pypi_name, frozenset(requirement.extras), bounds


def _shown(requirements: tuple[Declared, ...], known: set[tuple[str, frozenset[str], frozenset[str]]]) -> str:
    unknown = [str(declared.requirement) for declared in requirements if _key(declared) not in known]
    more = len(unknown) - _MOST_SHOWN
    return ", ".join(unknown[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
