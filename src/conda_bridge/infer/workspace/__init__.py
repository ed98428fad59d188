"""A source tree with several projects -> one recipe with an output for each.

members     which folders hold a project, and which of them count
views       the facts of one of them, as if its folder were a source of its own; and the way back
siblings    requirements on each other become pins
moving      a script for the top folder becomes one for a project's own
merging     their recipes become one
telling     what is said of it
"""

from conda_bridge.infer.workspace.members import (
    Candidate,
    Workspace,
    chosen_members,
    find_workspace,
    project_folders,
)
from conda_bridge.infer.workspace.merging import Part, merged_conversion
from conda_bridge.infer.workspace.moving import moved_conversion
from conda_bridge.infer.workspace.siblings import requiring_siblings, sibling_hits
from conda_bridge.infer.workspace.telling import left_out_findings
from conda_bridge.infer.workspace.views import View, view_of, without_nested_texts

__all__ = [
    "Candidate",
    "Part",
    "View",
    "Workspace",
    "chosen_members",
    "find_workspace",
    "left_out_findings",
    "merged_conversion",
    "moved_conversion",
    "project_folders",
    "requiring_siblings",
    "sibling_hits",
    "view_of",
    "without_nested_texts",
]
