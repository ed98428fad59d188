"""What a channel's packages say of themselves -> which package holds a project, and which packages hold none.

Vocabulary: a *lexicon* lists the packages of a channel, each with the projects whose `.dist-info` folders it
contains. Packages that vendor other projects list those too; `owners` knows how to pass over them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from conda_bridge.errors import MetadataError
from conda_bridge.model.names import CondaName, PypiName, is_compiler_package, pypi_name

__all__ = ["SPLIT_SUFFIXES", "NameLexicon", "own_name", "owners", "stripped_names"]

SPLIT_SUFFIXES = ("-base", "-core")
"""Ends of packages that hold a project without what its full package adds."""
_AFFIXES_BEFORE = ("python-", "py-")
_AFFIXES_AFTER = (*SPLIT_SUFFIXES, "-python", "-py")


def own_name(name: CondaName) -> PypiName | None:
    """Return the conda name as a project's name; None where no project can be called so, or a compiler is."""
    if is_compiler_package(name):
        return None
    try:
        return pypi_name(name)
    except MetadataError:
        return None


def stripped_names(name: CondaName) -> tuple[PypiName, ...]:
    """Return the projects that a package is named after, if an affix was added.

    >>> stripped_names(CondaName("python-graphviz"))
    ('graphviz',)
    """
    own = own_name(name) or PypiName("")
    cut = [own.removeprefix(affix) for affix in _AFFIXES_BEFORE if own.startswith(affix)]
    cut += [own.removesuffix(affix) for affix in _AFFIXES_AFTER if own.endswith(affix)]
    return tuple(dict.fromkeys(PypiName(text) for text in cut if text.strip("-") == text != ""))


def owners(name: CondaName, projects: Iterable[PypiName]) -> tuple[PypiName, ...]:
    """Return the projects that a package stands for, best first.

    The project of the package's own name comes first, then one whose name has an affix added. Where either is
    listed, the others are vendored and left out.
    """
    listed = tuple(dict.fromkeys(projects))
    own = own_name(name)
    if own in listed:
        return (own,)
    named_after = tuple(project for project in stripped_names(name) if project in listed)
    return named_after or listed


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLexicon:
    """A channel's packages and the projects in them."""

    packages: tuple[tuple[CondaName, tuple[PypiName, ...]], ...]
    """A package without projects is no Python package."""
    source: Literal["channel", "cache"]
    data_version: str
    _projects: dict[CondaName, tuple[PypiName, ...]] = field(
        init=False, repr=False, compare=False, hash=False
    )
    _packages: dict[PypiName, tuple[CondaName, ...]] = field(
        init=False, repr=False, compare=False, hash=False
    )

    def __post_init__(self) -> None:
        projects = {package: owners(package, listed) for package, listed in self.packages}
        found: dict[PypiName, list[CondaName]] = {}
        for package, owned in projects.items():
            for project in owned:
                found.setdefault(project, []).append(package)
        packages = {
            project: tuple(sorted(names, key=lambda name: _rank(project, name)))
            for project, names in found.items()
        }
        object.__setattr__(self, "_projects", projects)
        object.__setattr__(self, "_packages", packages)

    def packages_of(self, project: PypiName) -> tuple[CondaName, ...]:
        """Return the packages that hold a project, best first."""
        return self._packages.get(project, ())

    def projects_of(self, package: CondaName) -> tuple[PypiName, ...] | None:
        """Return the projects of a package, best first; None where the channel hasn't the package."""
        return self._projects.get(package)


def _rank(project: PypiName, package: CondaName) -> tuple[bool, bool, bool, int, str]:
    """Order packages of one project: its own name, spelled its way, then prefixed, then the shortest."""
    return (
        own_name(package) != project,
        str(package) != str(project),
        not package.startswith(("python-", "py-")),
        len(package),
        package,
    )
