"""A source of names in both directions that knows what a test tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from conda_bridge.model.names import CondaName, NameHit, PypiName

__all__ = ["EqualNames", "KnownNames"]


@dataclass(frozen=True)
class KnownNames:
    """Conda packages with the projects that they belong to; all others are no Python packages."""

    given: Mapping[CondaName, tuple[PypiName, ...]]

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        """Return each name as conda's, which is known of the projects that were told."""
        told = {project for projects in self.given.values() for project in projects}
        return tuple(
            replace(hit, source="curated", confidence="high") if hit.pypi_name in told else hit
            for hit in EqualNames().to_conda(names)
        )

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the projects."""
        return self.given.get(name, ())


class EqualNames:
    """Every project has a conda package of the same name."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        """Return each name as conda's."""
        return tuple(
            NameHit(pypi_name=name, chosen=CondaName(name), source="identity", confidence="low")
            for name in names
        )

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        """Return the name as the project's."""
        return (PypiName(name),)
