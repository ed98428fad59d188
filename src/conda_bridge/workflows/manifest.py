"""What went into a build and what came of it: `manifest.json`, beside the log in the channel's `builds/`.

Two builds of one input have equal payload hashes; what else differs between their manifests says why they don't.

Every document begins with its schema and the version of the tool; see `documents`. Addresses carry no credentials.
"""

from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from conda_bridge.archives.package_info import payload_hash
from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import EngineError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import EnvironmentRecord, Isolation, RenderedOutput, TestResult
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeFormat
from conda_bridge.translate.url_secrets import redacted
from conda_bridge.version import __version__
from conda_bridge.workflows.codec import dumps
from conda_bridge.workflows.staging import Staged, StagedSource

__all__ = [
    "MANIFEST",
    "MANIFEST_SCHEMA",
    "BuildInputs",
    "BuildManifest",
    "FileRow",
    "OutputRow",
    "StepRow",
    "TestRow",
    "output_row",
    "payload_hash",
    "recipe_sha256",
    "source_rows",
    "write_manifest_file",
]

MANIFEST_SCHEMA = "conda-bridge.build-manifest/1"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A source that was fetched for the build."""

    url: str
    """Where it came from: the first address that the recipe gives; of a folder its name."""
    filename: str
    sha256: str
    """Empty for a folder or a repository."""
    size_bytes: int = 0
    commit: str = ""
    """Of a repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildInputs:
    """All that decides what is built."""

    source: str
    """The source or the recipe as typed, or the requirement that stands for a missing package."""
    recipe: str
    """The recipe's name."""
    version: str
    format: RecipeFormat
    is_converted: bool
    """True where the recipe was made of the source; False where it was given."""
    recipe_sha256: str
    """Of the recipe's own text, before its sources were replaced by files of this machine."""
    sources: tuple[FileRow, ...] = ()
    distributor: str
    channels: tuple[str, ...]
    """The first wins."""
    subdir: str
    """Of the machine."""
    engine: str
    """Its name and version."""
    isolation: Isolation | None = None
    source_date_epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRow:
    """A package in the channel."""

    file: str
    """`subdir/file name`."""
    sha256: str
    size_bytes: int
    payload_sha256: str
    """Over (path, sha256) of all that it installs."""
    variant: tuple[tuple[str, str], ...] = ()
    """(key, value) of the keys that its recipe uses."""
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """What became of a package's own tests."""

    __test__ = False  # not one of pytest's

    file: str
    """The package's file name."""
    results: tuple[TestResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """How long a step took."""

    step: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildManifest:
    """One recipe's build."""

    schema: str = MANIFEST_SCHEMA
    conda_bridge: str = __version__
    """The version of the tool."""
    inputs: BuildInputs
    environments: tuple[EnvironmentRecord, ...] = ()
    """The exact packages that were there."""
    outputs: tuple[OutputRow, ...]
    are_tested: bool
    """False where the user wanted no tests."""
    tests: tuple[TestRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def recipe_sha256(staged: Staged) -> str:
    """Return the digest of a recipe's own text."""
    return sha256(staged.text.encode()).hexdigest()


def source_rows(staged: Staged) -> tuple[FileRow, ...]:
    """Return what was fetched for a build, in the recipe's order, and crates after it.

    Cost: a file whose recipe gives no sha256 is read.
    """
    crates = (
        FileRow(
            url=redacted(link.url),
            filename=link.filename,
            sha256=link.sha256,
            size_bytes=Path(path).stat().st_size,
        )
        for link, path in staged.crates
    )
    return (*(_file_row(source) for source in staged.sources), *crates)


def _file_row(staged: StagedSource) -> FileRow:
    path, source = Path(staged.path), staged.source
    is_file = path.is_file()
    url = redacted(source.urls[0]) if source.kind != "path" and source.urls else path.name
    return FileRow(
        url=url,
        filename=source.file_name or path.name,
        sha256=(source.sha256 or _sha256(path)) if is_file else "",
        size_bytes=path.stat().st_size if is_file else 0,
        commit=staged.commit,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def output_row(path: str, record: PackageRecord, rendered: tuple[RenderedOutput, ...] = ()) -> OutputRow:
    """Return what a manifest says of a published package; `rendered` are the outputs as they were planned.

    Raises:
        RepackError: `invalid-package`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    own = [output for output in rendered if output.conda_name == record.conda_name]
    exact = [output for output in own if output.build == record.build] or own
    return OutputRow(
        file=f"{record.subdir}/{Path(path).name}",
        sha256=record.sha256,
        size_bytes=record.size_bytes,
        payload_sha256=payload_hash(path),
        # Where a build string was unfinished when it was planned, only a single variant can be told.
        variant=exact[0].variant if len(exact) == 1 else (),
        depends=record.depends,
    )


def write_manifest_file(manifest: BuildManifest, folder: str) -> str:
    """Write `manifest.json` into a folder, whole or not at all, and return its path.

    Raises:
        EngineError: `channel-unwritable`.
    """
    path = Path(folder) / MANIFEST
    try:
        with written_aside(str(path)) as file:
            file.write(dumps(manifest, BuildManifest).encode())
    except OSError as error:
        raise EngineError(
            "channel-unwritable", f"can't be written: {error.strerror}", where=str(path)
        ) from error
    return str(path)
