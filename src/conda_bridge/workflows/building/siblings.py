"""What a recipe lacks may be a project of its own source: no index is asked for that, where a stranger may have the name."""

from collections.abc import Iterable
from dataclasses import dataclass

from conda_bridge.infer.workspace import find_workspace
from conda_bridge.model.names import CondaName, is_valid_pypi_name, pypi_name
from conda_bridge.model.source import DirectoryRef, GitRef
from conda_bridge.protocols import NameSource
from conda_bridge.workflows.building.values import PreparedRecipe

__all__ = ["Sibling", "sibling_of"]


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
    trees = [
        one
        for one in recipes
        if one.conversion and isinstance(one.conversion.facts.ref, DirectoryRef | GitRef)
    ]
    if not trees:
        return None
    own = (pypi_name(conda_name),) if is_valid_pypi_name(conda_name) else ()
    wanted = {*own, *names.to_pypi(conda_name)}
    for recipe in trees:
        assert recipe.conversion is not None, "trees are converted"
        workspace = find_workspace(recipe.conversion.facts)
        for one in (*workspace.members, *workspace.others):
            if one.pypi_name in wanted:
                return Sibling(source=recipe.subject, member=str(one.pypi_name), refusal=one.refusal)
    return None
