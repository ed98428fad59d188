"""What a recipe lacks -> what the user can do about it."""

from collections.abc import Iterator, Sequence

from conda_bridge.errors import SourceError
from conda_bridge.model.build import MissingPackage
from conda_bridge.workflows.building.context import BuildContext
from conda_bridge.workflows.building.variants import pythons_of
from conda_bridge.workflows.building.wishes import can_be_converted

__all__ = ["remedy_of"]

_HOST = "host"
_ELSEWHERE = "another --distributor may have it; `conda-bridge distributor list` shows them"
_MOST_ASKED = 10
"""Projects of which the index is asked whether there are such; each may cost a request."""


def remedy_of(lacking: Sequence[MissingPackage], context: BuildContext) -> str:
    """Return what helps; `--with-missing` only where the index has what is missing."""
    if any(one.conda_name == "python" and one.reason == "version" for one in lacking):
        return _other_python(context)
    if context.options.is_with_missing:
        return _ELSEWHERE
    buildable = list(dict.fromkeys(_buildable(lacking, context)))
    if not buildable:
        return _ELSEWHERE
    first = f"--with-missing builds {', '.join(buildable)} first"
    is_all = {one.conda_name for one in lacking} == set(buildable)
    return first if is_all else f"{first}; for the rest, {_ELSEWHERE}"


def _other_python(context: BuildContext) -> str:
    here = " or ".join(pythons_of(context.variants))
    older = f"or build an older release, NAME==VERSION, that is for python {here}" if here else ""
    if context.services.distributor.name == _HOST:
        other = "--python PATH takes another interpreter of this machine for the host distributor"
    else:
        other = "another --distributor may have that python"
    return "; ".join(filter(None, (other, older)))


def _buildable(lacking: Sequence[MissingPackage], context: BuildContext) -> Iterator[str]:
    """Yield the packages that `--with-missing` would build."""
    names = {one.conda_name for one in lacking if can_be_converted(one)}
    for name in sorted(names)[:_MOST_ASKED]:
        projects = context.services.recipe.names.to_pypi(name)
        if not projects:
            continue
        try:
            project = context.services.recipe.fetcher.get_project(projects[0])
        except SourceError:
            continue
        if project.files:
            yield name
