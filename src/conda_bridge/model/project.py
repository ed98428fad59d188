"""A Python project as its metadata describes it: the PyPI side's words, before any translation.

Every value is wrapped in `Known`, which says where it was read; what can't be known without running code is
None and a Diagnostic names the field.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.external import ExternalMetadata
from conda_bridge.model.names import PypiName, pypi_name

__all__ = [
    "BuildSystem",
    "Declared",
    "DynamicField",
    "EntryPoint",
    "Extra",
    "Known",
    "LicenseStatement",
    "Project",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Generic[T]):
    """A value and where it was read."""

    value: T
    origin: str
    """`PKG-INFO#/Requires-Dist/3`, `pyproject.toml#/project/name`, `setup.py:12`."""
    is_declared: bool = True
    """False where it was derived, for instance a version from a file name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One requirement as declared."""

    requirement: Requirement
    origin: str

    @property
    def pypi_name(self) -> PypiName:
        """The normalised name of the required project."""
        return pypi_name(self.requirement.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """An optional set of requirements; the name is normalised (PEP 685)."""

    name: str
    requirements: tuple[Declared, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """`command = module:attribute`, a console or gui script, or another group's entry."""

    name: str
    module: str
    attribute: str = ""
    group: Literal["console_scripts", "gui_scripts"] = "console_scripts"
    extras: tuple[str, ...] = ()
    """Extras as written that the command needs to run, `[d]` behind the target."""
    origin: str = ""

    @property
    def target(self) -> str:
        """The object reference, `module:attribute`."""
        return f"{self.module}:{self.attribute}" if self.attribute else self.module


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """The `[build-system]` table, or what PEP 517 says of its absence."""

    requires: tuple[Declared, ...]
    backend: str
    """The object that builds, such as `hatchling.build`; `setuptools.build_meta:__legacy__` where none is named."""
    backend_path: tuple[str, ...] = ()
    is_declared: bool = True
    """False where there is no `[build-system]` table."""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseStatement:
    """What the metadata says of the licence, in each of its spellings; translation decides."""

    expression: Known[str] | None = None
    """`License-Expression` or `project.license` as a string. Source: PEP 639."""
    text: Known[str] | None = None
    """The free-text `License` field."""
    classifiers: tuple[Known[str], ...] = ()
    """Trove classifiers that begin with `License ::`."""
    files: tuple[Known[str], ...] = ()
    """Paths or globs that the project declares as licence files, relative to the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicField:
    """A field that no static file tells."""

    field: str
    """Core metadata's name of it, such as `Requires-Dist`."""
    reason: str
    """Why it can't be known: `computed in setup.py:31`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The metadata of one project at one version."""

    pypi_name: Known[PypiName]
    display_name: str
    """The name as the author writes it, `ruamel.yaml`."""
    version: Known[Version]
    build_system: BuildSystem
    requires_python: Known[SpecifierSet] | None = None
    dependencies: tuple[Declared, ...] = ()
    extras: tuple[Extra, ...] = ()
    summary: Known[str] | None = None
    license: LicenseStatement = LicenseStatement()
    urls: tuple[tuple[str, Known[str]], ...] = ()
    """(label, URL) as declared; the `Home-page` field has the label `homepage`."""
    classifiers: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()
    """Console and gui scripts."""
    import_names: tuple[Known[str], ...] = ()
    """`Import-Name` of the metadata (PEP 794); empty where not declared."""
    import_namespaces: tuple[Known[str], ...] = ()
    """`Import-Namespace` of the metadata (PEP 794)."""
    top_levels: tuple[Known[str], ...] = ()
    """Top-level modules and packages, as far as the build configuration or egg-info lists them; private names too."""
    script_files: tuple[Known[str], ...] = ()
    """Files of the source that are installed as commands under their own name (setuptools' `scripts`)."""
    dynamic: tuple[DynamicField, ...] = ()
    external: ExternalMetadata | None = None
    """The table `[external]` (PEP 725); None where there is none, which says nothing."""
    diagnostics: tuple[Diagnostic, ...] = ()
