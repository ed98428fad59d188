"""Where a source comes from and what is in it: plain facts, gathered once, from which everything is inferred.

Vocabulary: a *reference* is what the user typed; a *file link* is a downloadable file of an index; *facts*
are the file list, the text of small files and the signals that scanners found, all relative to the source's
top folder, in `/` spelling.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName

__all__ = [
    "ArchiveRef",
    "BackendFacts",
    "DirectoryRef",
    "FileEntry",
    "FileLink",
    "GitOrigin",
    "GitRef",
    "IndexFacts",
    "IndexProject",
    "LocalOrigin",
    "ProjectStatus",
    "RequirementRef",
    "Signal",
    "SourceFacts",
    "SourceOrigin",
    "SourceRef",
    "UrlOrigin",
    "UrlRef",
    "WheelLinks",
]


# ---------------------------------------------------------------- references: what the user typed


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementRef:
    """A PyPI requirement: `click`, `click==8.1.7`, `click>=8,<9`."""

    text: str
    """As typed."""
    pypi_name: PypiName
    specifier: SpecifierSet
    """Empty where any version will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRef:
    """An sdist file on this machine."""

    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRef:
    """A project directory on this machine."""

    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlRef:
    """An https URL of an sdist."""

    text: str
    url: str
    sha256: str = ""
    """From a `#sha256=` fragment; empty where none was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRef:
    """A git repository over https, `git+https://host/path@ref#subdirectory=dir`."""

    text: str
    url: str
    revision: str = ""
    subdirectory: str = ""


SourceRef: TypeAlias = RequirementRef | ArchiveRef | DirectoryRef | UrlRef | GitRef


# ---------------------------------------------------------------- what an index says


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """One file of a project on an index. Source: PEP 691, PEP 700, PEP 658/714."""

    filename: str
    url: str
    """Absolute, without credentials and without fragment."""
    sha256: str = ""
    """Empty where the index offers no sha256."""
    size_bytes: int | None = None
    requires_python: str = ""
    yanked: str | None = None
    """The reason, perhaps empty; None means not yanked."""
    has_metadata: bool = False
    """True where the index serves the core metadata beside the file."""
    metadata_sha256: str = ""
    upload_time: str = ""


ProjectStatus = Literal["active", "archived", "deprecated", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexProject:
    """A project's page on the first configured index that has it."""

    pypi_name: PypiName
    index_url: str
    """Without credentials."""
    files: tuple[FileLink, ...]
    status: ProjectStatus = "active"
    status_reason: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the fetcher noticed: a stale page, another index with the same project, unusable files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFacts:
    """What the index says of the version at hand."""

    index_url: str
    version: Version
    wheels: tuple[str, ...] = ()
    """File names of the version's wheels."""
    sdist: FileLink | None = None
    yanked: str | None = None
    requires_python: str = ""
    wheel_metadata: str = ""
    """Core metadata of one of the version's wheels; empty where none could be had."""
    wheel_metadata_file: str = ""
    """The wheel that `wheel_metadata` belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelLinks:
    """What the modules of one wheel link."""

    sonames: tuple[str, ...] = ()
    """Sorted; without the digests of packed copies."""
    bundled: tuple[str, ...] = ()
    """Names of generic packages that its bills of materials list: what is linked statically."""
    unread: tuple[str, ...] = ()
    """Modules that were too large to be read, or damaged."""


# ---------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlOrigin:
    """The recipe can fetch the source from this URL."""

    url: str
    sha256: str
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitOrigin:
    """The recipe can fetch the source from this repository at this commit."""

    url: str
    commit: str
    requested_revision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOrigin:
    """The source is on this machine only."""

    path: str
    sha256: str = ""
    """Of the archive; empty for a directory."""


SourceOrigin: TypeAlias = UrlOrigin | GitOrigin | LocalOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One regular file of the source."""

    path: str
    """Relative to the source's top folder."""
    size_bytes: int
    sha256: str = ""
    """Empty where the content wasn't hashed: only trees that vanish after reading, such as clones, are."""


_OF_COMMANDS = frozenset({"command-elsewhere", "command-import", "plain-arguments"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Something that a scanner found in a file's text, such as an include of a header."""

    kind: str
    token: str
    path: str
    line: int = 0
    """1-based; 0 where the whole file is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendFacts:
    """What the source's build backend answered, on this machine, when it was run. Source: PEP 517."""

    metadata: str
    """The header block of the METADATA that the wheel would have."""
    requires: tuple[str, ...] = ()
    """What `get_requires_for_build_wheel` asks for beside `[build-system] requires`."""
    entry_points: str = ""
    """The wheel's entry_points.txt."""
    top_level: str = ""
    """The wheel's top_level.txt, which setuptools writes."""
    hook: str = "prepare_metadata_for_build_wheel"
    """The hook that gave the metadata; `build_wheel` where the backend has no other."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """Everything that inference may look at."""

    ref: SourceRef
    origin: SourceOrigin
    label: str
    """What people call the source: `click-8.1.7.tar.gz`, a directory's name."""
    top_folder: str = ""
    """The archive's one top folder; empty for directories and archives without one."""
    size_bytes: int = 0
    """Of the archive; 0 for a directory."""
    files: tuple[FileEntry, ...] = ()
    """Sorted by path."""
    texts: tuple[tuple[str, str], ...] = ()
    """(path, text) of the small files that inference reads, sorted by path."""
    signals: tuple[Signal, ...] = ()
    index: IndexFacts | None = None
    """None where no index was asked or the index doesn't have this version."""
    backend: BackendFacts | None = None
    """None unless the user wanted the build backend to be run."""
    beside: tuple[str, ...] = ()
    """Paths in `files` and `texts` that the source itself lacks: they go into the recipe's folder."""
    diagnostics: tuple[Diagnostic, ...] = ()
    _texts: dict[str, str] = field(init=False, repr=False, compare=False, hash=False)
    _paths: frozenset[str] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_texts", dict(self.texts))
        object.__setattr__(self, "_paths", frozenset(entry.path for entry in self.files))

    def text(self, path: str) -> str | None:
        """Return the text of a file; None where it is absent or wasn't kept."""
        return self._texts.get(path)

    def has(self, path: str) -> bool:
        """Tell whether the source has this file."""
        return path in self._paths

    @property
    def shows_needs(self) -> bool:
        """Whether anything was found that may be about libraries, compilers or programs."""
        return any(signal.kind not in _OF_COMMANDS for signal in self.signals)

    @property
    def paths(self) -> frozenset[str]:
        """The paths of all files."""
        return self._paths
