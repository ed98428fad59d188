"""Dependencies that are not on PyPI: what a project declares of them, and what conda calls them.

Vocabulary: a *DepURL* names a dependency of any ecosystem, `dep:generic/zlib@>=1.2`; its *id* is the part without
version, qualifiers and subpath. A *mapping* says which packages of an ecosystem provide an id.
Source: PEP 725 (the table `[external]`, DepURLs), PEP 804 (mappings).
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

__all__ = [
    "NO_MAPPING",
    "DepUrl",
    "ExternalMapping",
    "ExternalMetadata",
    "ExternalRequirement",
    "ExternalRow",
    "ExternalSection",
]

ExternalSection = Literal["build", "host", "run"]
"""Where a requirement applies: PEP 725's build-requires, host-requires and dependencies are conda's sections."""

_UNQUOTED = "!$&'()*+,=:"
"""What package URLs write as it is, beside letters, digits and `-._~`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepUrl:
    """`dep:type/namespace/name@version?qualifiers#subpath`, normalised."""

    kind: str
    """The type: `virtual`, `generic`, `pypi`, `github`, ..."""
    namespace: str = ""
    """`compiler` or `interface` of virtual dependencies; `owner` at a forge. Case is kept."""
    name: str
    versions: SpecifierSet = field(default_factory=SpecifierSet)
    """Empty where any version will do; one version alone is `==`."""
    qualifiers: str = ""
    subpath: str = ""

    @property
    def id(self) -> str:
        """`dep:virtual/compiler/c`: what mappings and registries know."""
        parts = (self.kind, *self.namespace.split("/"), self.name)
        return "dep:" + "/".join(quote(part, safe=_UNQUOTED) for part in parts if part)

    def __str__(self) -> str:
        versions = f"@{','.join(sorted(map(str, self.versions)))}" if self.versions else ""
        qualifiers = f"?{self.qualifiers}" if self.qualifiers else ""
        subpath = f"#{self.subpath}" if self.subpath else ""
        return f"{self.id}{versions}{qualifiers}{subpath}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalRequirement:
    """One entry of the table `[external]`."""

    dep: DepUrl
    section: ExternalSection
    group: str = ""
    """The optional set or extra that it belongs to; empty for what is always required."""
    is_development: bool = False
    """True for an entry of `dependency-groups`."""
    marker: Marker | None = None
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalMetadata:
    """A whole table `[external]`. A project without one may still need much: absence is not evidence."""

    requirements: tuple[ExternalRequirement, ...] = ()
    origin: str = "pyproject.toml#/external"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalRow:
    """What an ecosystem offers for an id; several rows of one id are alternatives, the best first."""

    id: str
    description: str = ""
    build: tuple[str, ...] = ()
    """Specs of the section; `compiler(c)` and `stdlib(c)` are the recipe functions. All three empty: not packaged."""
    host: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    unversioned: bool = False
    """True where the packages count their versions otherwise than what the id names, such as another implementation."""
    origin: str = ""
    """The document of the user that has the row; empty for the table that ships."""

    def section(self, name: ExternalSection) -> tuple[str, ...]:
        """Return the specs for one section."""
        found: tuple[str, ...] = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalMapping:
    """All rows, and the ids that stand for others."""

    rows: tuple[ExternalRow, ...] = ()
    """Those of the user's documents before those that ship."""
    aliases: tuple[tuple[str, str], ...] = ()
    """(an id, the id that it stands for): a registry's `provides`, and other ids of the same thing."""
    _rows: dict[str, tuple[ExternalRow, ...]] = field(init=False, repr=False, compare=False, hash=False)
    _aliases: dict[str, str] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        rows: dict[str, tuple[ExternalRow, ...]] = {}
        for row in self.rows:
            rows[row.id] = (*rows.get(row.id, ()), row)
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_aliases", dict(self.aliases))

    def canonical(self, dep_id: str) -> str:
        """Return the id that `dep_id` stands for, itself where it is no alias."""
        seen = [dep_id]
        while (target := self._aliases.get(seen[-1])) is not None and target not in seen:
            seen.append(target)
        return seen[-1]

    def of(self, dep_id: str) -> tuple[ExternalRow, ...]:
        """Return the alternatives for an id or an alias; empty for an unknown one."""
        return self._rows.get(dep_id, ()) or self._rows.get(self.canonical(dep_id), ())

    @property
    def ids(self) -> frozenset[str]:
        """Every id and every alias."""
        return frozenset((*self._rows, *self._aliases))


NO_MAPPING = ExternalMapping()
