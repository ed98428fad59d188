"""What a recipe lacks may be a project of its own source: no index is asked for that, where a stranger may have the name."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from conda_bridge.infer.workspace import find_workspace
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.source import DirectoryRef, GitRef
from conda_bridge.protocols import NameSource
from conda_bridge.workflows.building.environments import required_names
from conda_bridge.workflows.building.values import PreparedRecipe

__all__ = ["Sibling", "namesakes", "sibling_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """A project beside another one in a directory or a repository."""

    source: str
    """As typed."""
    member: str
    """As `--member` takes it."""
    refusal: str = ""
    """Why it can't be an output."""


def sibling_of(conda_name: CondaName, recipes: Iterable[PreparedRecipe], names: NameSource) -> Sibling | None:
    """Return the project of one of the recipes' sources that gives a package, if there is one."""
    return next(filter(None, (_given_by(conda_name, _projects(recipe), names) for recipe in recipes)), None)


def namesakes(
    recipe: PreparedRecipe, ours: Collection[str], names: NameSource, *, distributor: str
) -> tuple[Diagnostic, ...]:
    """Name what a build takes from the distributor though its own source has a project of that name.

    `ours` are the conda names of what is built here, and of what the output channel has.
    """
    projects = _projects(recipe)
    lacking = {one.conda_name for one in recipe.missing}
    found = []
    for name in sorted(required_names(recipe.outputs) - lacking - set(ours)) if projects else ():
        sibling = _given_by(CondaName(name), projects, names)
        if sibling is not None:
            message = f"{name} comes from {distributor}, though {sibling.source} has a project of that name"
            remedy = "" if sibling.refusal else f"--member {sibling.member} builds that one, too"
            found.append(finding("namesake", message, hint=remedy or None))
    return tuple(found)


def _projects(recipe: PreparedRecipe) -> dict[PypiName, Sibling]:
    """Return the projects of a recipe's directory or repository."""
    if not (recipe.conversion and isinstance(recipe.conversion.facts.ref, DirectoryRef | GitRef)):
        return {}
    workspace = find_workspace(recipe.conversion.facts)
    return {
        one.pypi_name: Sibling(source=recipe.subject, member=str(one.pypi_name), refusal=one.refusal)
        for one in (*workspace.others, *workspace.members)
        if one.pypi_name
    }


def _given_by(
    conda_name: CondaName, projects: Mapping[PypiName, Sibling], names: NameSource
) -> Sibling | None:
    if not projects:
        return None
    own = (pypi_name(conda_name),) if is_valid_pypi_name(conda_name) else ()
    return next((projects[name] for name in (*own, *names.to_pypi(conda_name)) if name in projects), None)
