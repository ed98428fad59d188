"""What a build is asked and what comes of it.

Vocabulary: an *engine* runs recipes; a *distributor* provides the packages that a build's *environments* (build, host,
run, test) are made of; a *job* is one request to an engine; the *output channel* is where finished packages go.
"""

from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.variants import NO_VARIANTS, VariantConfig

__all__ = [
    "BuildJob",
    "BuildOutcome",
    "EngineCapabilities",
    "EngineSetting",
    "EnvironmentKind",
    "EnvironmentPackage",
    "EnvironmentRecord",
    "Isolation",
    "MissingPackage",
    "NeededEnvironment",
    "Provided",
    "RenderJob",
    "RenderedOutput",
    "RenderedSource",
    "TestJob",
    "TestOutcome",
    "TestResult",
]

EnvironmentKind = Literal["build", "host", "run", "test"]


# ---------------------------------------------------------------- what environments need


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededEnvironment:
    """Packages that must be installable together."""

    label: str
    """For people: `host of click`."""
    kind: EnvironmentKind
    specs: tuple[str, ...]
    """Match specs as an engine renders them: `python 3.11.*`, `gcc_linux-64 12.*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPackage:
    """What a distributor can't provide."""

    conda_name: CondaName
    spec: str
    """The match spec that nothing satisfies."""
    wanted_by: str
    """The environment's label, or the package that depends on it."""
    reason: Literal["absent", "version", "no-wheel", "too-large", "conflict", "not-python"]
    """absent: no such package or project; version: others of it only; no-wheel: the project has no wheel that suits;
    too-large: its wheel is above the cap; conflict: nothing suits all environments' wishes; not-python: no index has
    it, since it is no Python project."""
    detail: str = ""
    """In words, such as the newest version that there is, or the size and the cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """What became of a wish for packages."""

    missing: tuple[MissingPackage, ...] = ()
    """Empty where every environment can be made."""
    diagnostics: tuple[Diagnostic, ...] = ()


# ---------------------------------------------------------------- engines


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCapabilities:
    """What an engine can do here."""

    name: str
    """As in `--engine`: `rattler-build`, `conda-build`."""
    version: str
    formats: frozenset[RecipeFormat]
    """The recipe formats that it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What a build was kept from."""

    kind: Literal["bubblewrap", "unshare", "session", "none"]
    """session: only a process session of its own; none: nothing was run in it (the in-memory engine)."""
    has_network: bool
    are_files_hidden: bool
    """True where the user's files can't be read, and nothing but the build's own folders be written."""
    can_leave_orphans: bool
    """True where a SIGKILL of ours would leave the build running."""
    are_other_builds_hidden: bool = False
    """True where it could neither read nor write in the folders of other builds; False where only in those that were there
    before it began, or in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSetting:
    """Where an engine works."""

    channels: tuple[str, ...]
    """URLs, the first wins: strict priority."""
    subdir: str = "linux-64"
    """The target platform, which is that of this machine."""
    cache_dir: str
    """Where unpacked packages are kept, shared between builds; with `shared_dir` a child's own."""
    shared_dir: str = ""
    """Where the packages are that `cache_dir` has links to: to be linked into environments they must be shown as it is."""
    tree: str = ""
    """A folder that holds `cache_dir` and all that is written: the one place that is shown to be written in, so that files
    can be linked in it; empty: each of these folders is a place of its own."""
    readable: tuple[str, ...] = ()
    """Folders that are shown beside the system's own and those of channels given by `file://`."""
    tools: tuple[str, ...] = ()
    """Folders of programs that the engine itself calls, such as patchelf."""
    needs_network: bool = False
    """True where a channel is remote: then the engine downloads packages itself."""
    timeout_s: float = 7200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """A recipe to be evaluated."""

    recipe_path: str
    """`recipe.yaml` or `meta.yaml`."""
    variants: VariantConfig = NO_VARIANTS
    setting: EngineSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSource:
    """A source of a rendered recipe, in the recipe's order."""

    kind: Literal["url", "git", "path"]
    urls: tuple[str, ...]
    """Mirrors of one another; of git the repository's, of path the path."""
    sha256: str = ""
    md5: str = ""
    revision: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedOutput:
    """One package that a recipe gives in one variant; those that are skipped are left out."""

    conda_name: CondaName
    version: str
    build: str
    """The build string; may still be unfinished with conda-build."""
    build_number: int = 0
    subdir: str = "noarch"
    noarch: Literal["", "python", "generic"] = ""
    variant: tuple[tuple[str, str], ...] = ()
    """(key, value) of the keys that the recipe uses, sorted."""
    build_specs: tuple[str, ...] = ()
    host_specs: tuple[str, ...] = ()
    run_specs: tuple[str, ...] = ()
    test_specs: tuple[tuple[str, ...], ...] = ()
    """What each test needs beside the package, `pip` and `python 3.11.*` of a Python test included."""
    sources: tuple[RenderedSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildJob:
    """All outputs and variants of one recipe to be built, one after the other, in one child."""

    subject: str
    """What people call the build, for events: the source or the recipe's folder as typed."""
    recipe_path: str
    """The staged copy: its sources are files of this machine."""
    variants: VariantConfig = NO_VARIANTS
    setting: EngineSetting
    output_dir: str
    """Empty or left by an earlier build of the same; the engine's first channel. The same path gives the same bytes."""
    taken_dir: str
    """Where the packages go at the end, by subdir: a folder that the build itself can't write, made anew."""
    log_path: str
    """Everything that the engine says is written there as it comes."""
    source_date_epoch: int
    """Seconds; what file times in packages are clamped to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentPackage:
    """A package that an environment was made of, exactly."""

    conda_name: CondaName
    version: str
    build: str
    url: str
    """`channel/subdir/file name`, without what opens a private channel."""
    sha256: str = ""
    """Of the archive, as its channel says; empty where it doesn't."""

    @classmethod
    def from_url(cls, url: str, sha256: str = "") -> "EnvironmentPackage":
        """Return what the file's name says.

        >>> EnvironmentPackage.from_url("https://example.org/acme/noarch/a-b-1-0.conda").version
        '1'
        """
        file_name = url.rpartition("/")[2]
        stem = file_name.removesuffix(".conda").removesuffix(".tar.bz2")
        name, version, build, *_ = [*stem.rsplit("-", 2), "", ""]
        return cls(conda_name=CondaName(name), version=version, build=build, url=url, sha256=sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRecord:
    """The packages that an environment was made of."""

    kind: EnvironmentKind
    package: CondaName
    """The output that it was for."""
    packages: tuple[EnvironmentPackage, ...]
    """Sorted by their URLs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOutcome:
    """Packages that an engine made."""

    packages: tuple[tuple[str, PackageRecord], ...]
    """(path, record), in the order in which they were built; the files lie in the job's `taken_dir`."""
    environments: tuple[EnvironmentRecord, ...] = ()
    unpacked: tuple[tuple[str, str], ...] = ()
    """(name, note) of packages of remote channels that came before any script ran: what the note says they were."""
    isolation: Isolation
    duration_s: float
    diagnostics: tuple[Diagnostic, ...] = ()
    """Such as that the build had to have the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestJob:
    """A package whose own tests are to be run, in fresh environments."""

    __test__ = False  # not one of pytest's

    subject: str
    package_path: str
    setting: EngineSetting
    """Its first channel has the package itself."""
    work_dir: str
    log_path: str
    """Appended to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """One test of a package."""

    __test__ = False

    index: int
    is_passed: bool
    output: tuple[str, ...] = ()
    """Its last lines, where it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOutcome:
    """What became of a package's tests; a failed test is no error of the engine."""

    __test__ = False

    results: tuple[TestResult, ...]
    environments: tuple[EnvironmentRecord, ...] = ()
    """What the tests ran in, equal ones once."""
    unpacked: tuple[tuple[str, str], ...] = ()
    """As of a build."""
    isolation: Isolation
    duration_s: float

    @property
    def is_passed(self) -> bool:
        """Whether all tests passed; also true of a package without tests."""
        return all(result.is_passed for result in self.results)
