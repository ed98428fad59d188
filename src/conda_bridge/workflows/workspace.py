"""A directory or a repository with several projects becomes one conversion, an output for each of them.

    facts -> Workspace -> a view for each project -> conversions -> one conversion

The source stays what it is, a directory or a repository at a commit: no index has all projects in one file.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from conda_bridge.errors import BridgeError, MetadataError, UsageError
from conda_bridge.infer.workspace import (
    Candidate,
    Part,
    View,
    Workspace,
    chosen_members,
    find_workspace,
    left_out_findings,
    merged_conversion,
    requiring_siblings,
    view_of,
    without_nested_texts,
)
from conda_bridge.model.codes import code_of, finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.names import CondaName, PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.project import Extra, Project
from conda_bridge.model.source import DirectoryRef, GitOrigin, GitRef, LocalOrigin, SourceFacts, UrlOrigin

__all__ = ["NO_SIBLINGS", "Siblings", "WorkspaceSteps", "alone", "convert_workspace", "workspace_of"]

_T = TypeVar("_T")
_ALONE = Workspace()
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """The other projects of a source, as far as the conversion of one of them has to know."""

    conda_names: Mapping[PypiName, CondaName] = field(default_factory=dict)
    extras: Mapping[PypiName, Mapping[str, Extra]] = field(default_factory=dict)


NO_SIBLINGS = Siblings()
Read: TypeAlias = Callable[[SourceFacts], tuple[SourceFacts, Project]]
Name: TypeAlias = Callable[[Project], CondaName]
Infer: TypeAlias = Callable[[SourceFacts, Project, Siblings], Conversion]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSteps:
    """How one project is read, named and converted."""

    read: Read
    name: Name
    infer: Infer


def workspace_of(facts: SourceFacts, wanted: Collection[str]) -> Workspace:
    """Return the projects of a source; `wanted` are names or folders of those that count, all if it is empty.

    Raises:
        UsageError: `unknown-member`.
        MetadataError: `not-a-project` where there are projects below the top, but none that counts.
    """
    is_tree = isinstance(facts.ref, DirectoryRef | GitRef) and not isinstance(facts.origin, UrlOrigin)
    # An sdist that somebody unpacked is one project's, whatever else lies in it.
    if not is_tree or facts.has("PKG-INFO"):
        if wanted:
            message = f"{facts.label} holds one project; members are those of a directory or a repository"
            raise UsageError("unknown-member", message)
        return _ALONE
    found = find_workspace(facts)
    everyone = (*found.members, *found.others)
    if not found.members and not any(one.folder == "" for one in everyone) and everyone:
        reasons = "; ".join(f"{one.shown}: {one.refusal}" for one in everyone[:_MOST_NAMES])
        message = f"none of the projects in it can be converted: {reasons}"
        raise MetadataError("not-a-project", message, where=facts.label)
    if not wanted:
        return found
    return chosen_members(found, [_wanted(text, everyone, facts.label) for text in wanted])


def alone(facts: SourceFacts, workspace: Workspace) -> SourceFacts:
    """Return the facts of a source with one project: what is said of others in it, and nothing that they say."""
    told = tuple(left_out_findings(workspace))
    return replace(without_nested_texts(facts), diagnostics=(*facts.diagnostics, *told))


def convert_workspace(facts: SourceFacts, workspace: Workspace, steps: WorkspaceSteps) -> Conversion:
    """Return the recipe of a source with several projects.

    Raises:
        UsageError: `same-output`.
        BridgeError: whatever a project's own conversion raises; `where` names its folder.
    """
    folders = [member.folder for member in workspace.members]
    views = [view_of(facts, folder, folders) for folder in folders]
    read = [_placed(view, _read, view, steps.read) for view in views]
    siblings = Siblings(
        conda_names={project.pypi_name.value: steps.name(project) for _, project in read},
        extras={project.pypi_name.value: {e.name: e for e in project.extras} for _, project in read},
    )
    parts = []
    for view, (own, project) in zip(views, read, strict=True):
        plain = requiring_siblings(project, siblings.conda_names.keys())
        conversion = _placed(view, steps.infer, own, plain, siblings)
        parts.append(Part(view=replace(view, facts=conversion.facts), conversion=conversion))
    return merged_conversion(_local(_with_files_beside(facts, parts)), workspace, parts)


def _read(view: View, read: Read) -> tuple[SourceFacts, Project]:
    """Return the facts with what `read` adds to them; files that are borrowed aren't in the project's folder."""
    own = tuple(entry for entry in view.facts.files if entry.path not in view.borrowed)
    facts, project = read(replace(view.facts, files=own))
    return replace(facts, files=view.facts.files), project


def _wanted(text: str, everyone: tuple[Candidate, ...], label: str) -> Candidate:
    folder = text.replace("\\", "/").removeprefix("./").strip("/")
    name = pypi_name(text) if is_valid_pypi_name(text) else None
    for one in everyone:
        if one.folder == folder or (name is not None and one.pypi_name == name):
            if one.refusal == "" or not one.folder:
                return one
            raise UsageError("unknown-member", f"{one.shown} can't be an output: {one.refusal}")
    known = [one.pypi_name or one.shown for one in everyone]
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    has = f"it has {', '.join(known[:_MOST_NAMES])}{more}" if known else "it has none"
    raise UsageError("unknown-member", f"{label} has no project {text!r}; {has}")


def _placed(view: View, step: Callable[..., _T], *arguments: object) -> _T:
    """Run a step of one project; a failure says where in the whole tree it is."""
    try:
        return step(*arguments)
    except BridgeError as error:
        where = view.origin(error.where) if error.where else view.facts.label
        hint = f"{error.hint or code_of(error.slug).hint}; or name the other projects with --member"
        raise type(error)(error.slug, error.message, where=where, hint=hint.removeprefix("; or ")) from error


def _with_files_beside(facts: SourceFacts, parts: list[Part]) -> SourceFacts:
    """Return the facts with the files that go beside the recipe because a project has no such file."""
    for part in parts:
        own = part.view.facts
        for name in own.beside:
            if name not in facts.beside:
                entry = next(entry for entry in own.files if entry.path == name)
                facts = replace(
                    facts,
                    files=tuple(sorted((*facts.files, entry), key=lambda one: one.path)),
                    texts=tuple(sorted((*facts.texts, (name, own.text(name) or "")))),
                    beside=(*facts.beside, name),
                )
    return facts


def _local(facts: SourceFacts) -> SourceFacts:
    if isinstance(facts.origin, GitOrigin):
        return facts
    assert isinstance(facts.origin, LocalOrigin), "sdists hold one project"
    message = (
        f"the recipe's source is {facts.label} on this machine: no index has all its projects in one file"
    )
    told = finding("local-source", message, origin=facts.label)
    return replace(facts, diagnostics=(*facts.diagnostics, told))
