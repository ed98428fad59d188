"""What is said of a source with several projects: which became outputs, which didn't, and what was found in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from conda_bridge.infer.workspace.members import MOST_MEMBERS, Candidate, Workspace
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName

__all__ = ["left_out_findings", "listed", "told_findings", "workspace_findings"]

_MOST_NAMES = 4
_ONCE = frozenset({"release-bound", "prerelease-order"})
_UNDECLARED = "no file declares it, and no project that is taken requires it"


def workspace_findings(workspace: Workspace, names: Mapping[str, CondaName]) -> Iterator[Diagnostic]:
    """Yield what became of the projects of a tree; `names` are the outputs by folder."""
    shown = [f"{name} ({folder})" if folder else name for folder, name in sorted(names.items())]
    message = f"{len(names)} projects are built from one source: {listed(shown)}"
    if len(names) == 1:
        message = f"of the projects in the source {shown[0]} is built"
    yield finding("workspace", message, origin=workspace.origin)
    yield from left_out_findings(workspace)


def left_out_findings(workspace: Workspace) -> Iterator[Diagnostic]:
    """Yield one finding on the projects that don't become outputs, by reason; a lone top one is converted anyway."""
    if workspace.unread:
        message = f"{workspace.unread} folders look like projects, too many to be looked at: convert one of them by itself"
        yield finding("project-left-out", message)
    reasons: dict[str, list[Candidate]] = {}
    for one in workspace.others if workspace.members else (o for o in workspace.others if o.folder):
        reasons.setdefault(_reason(one, workspace), []).append(one)
    for reason, left in reasons.items():
        message = f"left out: {listed([_shown(one) for one in left])}: {reason}"
        yield finding("project-left-out", message)


def _reason(one: Candidate, workspace: Workspace) -> str:
    if one.refusal:
        return one.refusal
    if workspace.is_chosen:
        return "--member names others"
    if one.folder in workspace.beyond:
        return f"only the first {MOST_MEMBERS} projects are built; --member chooses others"
    return "the workspace excludes it" if one.folder in workspace.excluded else _UNDECLARED


def told_findings(found: Sequence[tuple[CondaName, tuple[Diagnostic, ...]]]) -> Iterator[Diagnostic]:
    """Yield the findings of several outputs, each once, with the names of the outputs that it is about."""
    about: dict[Diagnostic, list[CondaName]] = {}
    once: dict[str, Diagnostic] = {}
    for name, diagnostics in found:
        for one in diagnostics:
            key = (
                once.setdefault(one.slug, replace(one, origin=""))
                if one.slug in _ONCE
                else replace(one, origin="")
            )
            about.setdefault(key, []).append(name)
    origins = {
        replace(one, origin=""): one.origin for _, diagnostics in reversed(found) for one in diagnostics
    }
    for one, names in about.items():
        unique = list(dict.fromkeys(names))
        message = one.message if len(found) == 1 else f"{_names(unique, len(found))}: {one.message}"
        yield replace(one, message=message, origin=origins[one])


def _names(names: Sequence[CondaName], count: int) -> str:
    if len(names) == count:
        return "all outputs"
    return listed(names)


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _shown(one: Candidate) -> str:
    name = one.pypi_name or one.shown
    return name if name == one.folder else f"{name} ({one.shown})" if one.pypi_name else one.shown
