"""What a recipe lacks -> what the user can do about it."""

import os
from collections.abc import Iterator, Mapping, Sequence

from conda_bridge.distributors.host.interpreters import interpreters_on_path
from conda_bridge.errors import SourceError, TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage
from conda_bridge.model.names import CondaName
from conda_bridge.translate.spec_matching import matches
from conda_bridge.workflows.building.context import BuildContext
from conda_bridge.workflows.building.siblings import Sibling, sibling_of
from conda_bridge.workflows.building.values import PreparedRecipe
from conda_bridge.workflows.building.variants import pythons_of
from conda_bridge.workflows.building.wishes import can_be_converted

__all__ = ["remedy_of", "suitable_interpreters"]

_HOST = "host"
_ELSEWHERE = "another --distributor may have it; `conda-bridge distributor list` shows them"
_NO_PYTHON = "name a distributor that has python: --distributor conda-forge, or host, which packages this machine's own"
_SOME_PATCH = 5
_MOST_ASKED = 10
"""Projects of which the index is asked whether there are such; each may cost a request."""


def remedy_of(
    lacking: Sequence[MissingPackage], context: BuildContext, recipes: Sequence[PreparedRecipe] = ()
) -> str:
    """Return what helps; `--with-missing` only where the index has what is missing.

    What is a project of the source of one of the `recipes` isn't looked for on an index.
    """
    names = context.services.recipe.names
    siblings = {
        one.conda_name: found for one in lacking if (found := sibling_of(one.conda_name, recipes, names))
    }
    rest = [one for one in lacking if one.conda_name not in siblings]
    told = [_sibling_remedy(name, one) for name, one in siblings.items()]
    return "; ".join((*told, *((_remedy_elsewhere(rest, context),) if rest else ())))


def _sibling_remedy(name: CondaName, sibling: Sibling) -> str:
    of = f"{name} is a project of {sibling.source} itself"
    return (
        f"{of}, which can't be an output: {sibling.refusal}"
        if sibling.refusal
        else f"{of}: add --member {sibling.member}"
    )


def _remedy_elsewhere(lacking: Sequence[MissingPackage], context: BuildContext) -> str:
    if any(one.conda_name == "python" and one.reason == "absent" for one in lacking):
        return _NO_PYTHON
    pythons = [one.spec for one in lacking if one.conda_name == "python" and one.reason == "version"]
    if pythons:
        return _other_python(pythons, context)
    if context.options.is_with_missing:
        return _ELSEWHERE
    buildable = list(dict.fromkeys(_buildable(lacking, context)))
    if not buildable:
        return _ELSEWHERE
    first = f"--with-missing builds {', '.join(buildable)} first"
    is_all = {one.conda_name for one in lacking} == set(buildable)
    return first if is_all else f"{first}; for the rest, {_ELSEWHERE}"


def suitable_interpreters(specs: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the interpreters on the PATH whose minor version satisfies all match specs of `python`."""
    return tuple(
        name
        for name in interpreters_on_path(environment)
        if all(_is_met(spec, name.removeprefix("python")) for spec in specs)
    )


def _is_met(spec: str, minor: str) -> bool:
    # Which patch release it is isn't known: bounds are hardly ever as fine as that.
    record = PackageRecord(conda_name=CondaName("python"), version=f"{minor}.{_SOME_PATCH}", build="")
    try:
        return matches(spec, record)
    except TranslationError:
        return False


def _other_python(specs: Sequence[str], context: BuildContext) -> str:
    here = " or ".join(pythons_of(context.variants))
    older = f"or build an older release, NAME==VERSION, that is for python {here}" if here else ""
    if context.services.distributor.name == _HOST:
        named = next(iter(suitable_interpreters(specs, os.environ)), "PATH")
        other = f"--python {named} takes another interpreter of this machine for the host distributor"
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
