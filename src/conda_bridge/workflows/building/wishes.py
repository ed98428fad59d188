"""What is missing becomes the source of a recipe: a project of the index, in a version that satisfies."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from conda_bridge.errors import TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage
from conda_bridge.model.names import CondaName
from conda_bridge.protocols import NameSource
from conda_bridge.translate.match_specs import from_conda_spec, parse_match_spec
from conda_bridge.translate.spec_matching import matches
from conda_bridge.workflows.building.environments import spec_name

__all__ = ["Wish", "can_be_converted", "satisfies", "source_of"]

_BUILDABLE = frozenset({"absent", "version", "no-wheel", "too-large"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A package that is missing, with everything that is asked of it."""

    conda_name: CondaName
    specs: tuple[str, ...]
    """Sorted."""


def can_be_converted(missing: MissingPackage) -> bool:
    """Tell whether a build of ours could help, as far as the distributor knows."""
    return missing.reason in _BUILDABLE


def source_of(wish: Wish, names: NameSource) -> str:
    """Return the requirement to be converted; empty where the package is no Python project.

    What PyPI can't say of a match spec is left out; whether the recipe satisfies is looked at later.
    """
    projects = names.to_pypi(wish.conda_name)
    if not projects:
        return ""
    specifiers = SpecifierSet()
    for spec in wish.specs:
        specifiers &= _specifiers(spec)
    return f"{projects[0]}{specifiers}"


def satisfies(records: Iterable[PackageRecord], spec: str) -> bool:
    """Tell whether one of the packages is what a match spec asks for; what can't be judged is met by the name."""
    return any(_is_met(record, spec) for record in records)


def _is_met(record: PackageRecord, spec: str) -> bool:
    try:
        return matches(spec, record)
    except TranslationError:
        return record.conda_name == spec_name(spec)


def _specifiers(spec: str) -> SpecifierSet:
    try:
        return from_conda_spec(parse_match_spec(spec).value.version).value
    except TranslationError:
        return SpecifierSet()
