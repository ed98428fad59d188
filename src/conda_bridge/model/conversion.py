"""The result of inference: a recipe, why each line is there, and what was noticed."""

from dataclasses import dataclass

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.evidence import Evidence
from conda_bridge.model.external import NO_MAPPING, ExternalMapping
from conda_bridge.model.libraries import NO_LIBRARIES, FoundLibrary, LibraryTable
from conda_bridge.model.names import NameTable, PypiName
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.recipe import Recipe
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import ToolchainTable

__all__ = ["Conversion", "ExtraMetadata", "InferContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraMetadata:
    """The requirements of another project's extra, for expanding `foo[bar]`."""

    pypi_name: PypiName
    extra: str
    requirements: tuple[Declared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InferContext:
    """What the rules of `infer` see. Rules are pure: the same context gives the same result."""

    facts: SourceFacts
    project: Project
    policy: DistributorPolicy
    toolchains: ToolchainTable
    names: NameTable
    extras: tuple[ExtraMetadata, ...] = ()
    maintainers: tuple[str, ...] = ()
    overrides: PackageOverrides = NO_OVERRIDES
    """What the user decides about this very package."""
    external: ExternalMapping = NO_MAPPING
    """What external dependencies are called here."""
    libraries: LibraryTable = NO_LIBRARIES
    """What headers, sonames and the like tell of libraries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A recipe with its reasons."""

    recipe: Recipe
    evidence: tuple[Evidence, ...]
    diagnostics: tuple[Diagnostic, ...]
    facts: SourceFacts
    project: Project
    """The one, or the main one, that is packaged."""
    others: tuple[Project, ...] = ()
    """The other projects of a source with several, each of which is an output of the recipe."""
    names: NameTable
    """Every name that was mapped, with candidates and source."""
    libraries: tuple[FoundLibrary, ...] = ()
    """External libraries that the source tree shows: those of the recipe and those that are only told."""
