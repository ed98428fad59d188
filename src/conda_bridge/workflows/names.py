"""Names of projects become names of packages and back, with everything that speaks for and against."""

from collections.abc import Iterable

from conda_bridge.model.names import CondaName, NameHit, PypiName, conda_name, pypi_name
from conda_bridge.model.options import RecipeOptions
from conda_bridge.workflows.services import name_source

__all__ = ["to_conda", "to_pypi"]


def to_conda(names: Iterable[str], *, options: RecipeOptions | None = None) -> tuple[NameHit, ...]:
    """Return how each PyPI name is mapped, in the order asked.

    Raises:
        MetadataError: `invalid-name`.
    """
    asked = tuple(pypi_name(name) for name in names)
    return name_source(options or RecipeOptions()).to_conda(asked)


def to_pypi(
    names: Iterable[str], *, options: RecipeOptions | None = None
) -> tuple[tuple[CondaName, tuple[PypiName, ...]], ...]:
    """Return the projects that each conda package may belong to, best first; none: not a Python package.

    Raises:
        MetadataError: `invalid-name`.
    """
    asked = tuple(conda_name(name) for name in names)
    source = name_source(options or RecipeOptions())
    return tuple((name, source.to_pypi(name)) for name in asked)
