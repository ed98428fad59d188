"""The answers of `wheel --json` and `conda --json`; see `conda_bridge.cli.answers`."""

from dataclasses import dataclass
from pathlib import Path

from conda_bridge.cli.answers import Failure
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.repackaging import DeflateName, Drift, DroppedFile, MetadataOrigin
from conda_bridge.version import __version__
from conda_bridge.workflows.conda import CondaResult, PackageMade
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.wheel import WheelResult

__all__ = [
    "CondaAnswer",
    "CondaRow",
    "GroupRow",
    "PackedRow",
    "WheelAnswer",
    "WheelRow",
    "conda_row_of",
    "wheel_row_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelRow:
    """The wheel of one package."""

    source: str
    """As typed."""
    package: str
    """The file's name."""
    package_sha256: str
    pypi_name: str
    version: str
    filename: str
    """The wheel's."""
    path: str
    """In the output folder; empty where the wheel is in the index only. With `--dry-run` where it would be."""
    index_path: str
    """In the index; empty where there is none."""
    is_made: bool
    """False with `--dry-run`."""
    same_as: str
    """Another build of the release, whose wheel stands for this one, too; empty otherwise."""
    sha256: str
    size_bytes: int
    files: int
    """In the wheel, RECORD included."""
    deflate: DeflateName
    """What compressed it: other engines give other bytes."""
    metadata_origin: MetadataOrigin
    dropped: tuple[DroppedFile, ...]
    drift: tuple[Drift, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelAnswer:
    """The answer of `wheel --json`."""

    schema: str = "conda-bridge.wheel/1"
    conda_bridge: str = __version__
    results: tuple[WheelRow, ...]
    index_url: str = ""
    """What pip is given as `--index-url`; empty where no index was asked for."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Findings that belong to no single package."""
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A dependency group of a package: an extra of the wheel's. Source: CEP 44."""

    group: str
    depends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRow:
    """A package of a wheel."""

    path: str
    conda_name: str
    version: str
    build: str
    subdir: str
    depends: tuple[str, ...]
    constrains: tuple[str, ...]
    extra_depends: tuple[GroupRow, ...]
    """Sorted by group."""
    platforms: tuple[str, ...]
    """`linux`, `osx`, `win`: where it installs; empty means everywhere."""
    python: str
    size_bytes: int
    """0 with `--dry-run`."""
    sha256: str
    """Empty with `--dry-run`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRow:
    """One wheel."""

    source: str
    """As typed."""
    wheel: str
    """The file's name."""
    wheel_sha256: str
    same_as: str
    """What was asked for before and is this very wheel; empty otherwise."""
    is_made: bool
    """False with `--dry-run`."""
    packages: tuple[PackedRow, ...]
    """One for each case of the markers."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaAnswer:
    """The answer of `conda --json`."""

    schema: str = "conda-bridge.conda/1"
    conda_bridge: str = __version__
    results: tuple[CondaRow, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    """Findings that belong to no single wheel."""
    errors: tuple[Failure, ...] = ()


def wheel_row_of(result: WheelResult, *, is_dry_run: bool) -> WheelRow:
    """Return a wheel as documents carry it."""
    made = result.made
    assert made is not None, "failures are no rows"
    return WheelRow(
        source=without_credentials(result.source),
        package=result.package,
        package_sha256=made.package_sha256,
        pypi_name=made.pypi_name,
        version=made.version,
        filename=Path(made.path).name,
        path=result.path,
        index_path=result.index_path,
        is_made=not is_dry_run,
        same_as=result.same_as,
        sha256=made.sha256,
        size_bytes=made.size_bytes,
        files=made.files,
        deflate=made.deflate,
        metadata_origin=made.metadata_origin,
        dropped=made.dropped,
        drift=made.drift,
        diagnostics=result.diagnostics,
    )


def conda_row_of(result: CondaResult, *, is_dry_run: bool) -> CondaRow:
    """Return a wheel's packages as documents carry them."""
    return CondaRow(
        source=without_credentials(result.source),
        wheel=result.wheel,
        wheel_sha256=result.wheel_sha256,
        same_as=without_credentials(result.same_as),
        is_made=not is_dry_run,
        packages=tuple(map(_packed_row, result.packages)),
        diagnostics=result.diagnostics,
    )


def _packed_row(made: PackageMade) -> PackedRow:
    record = made.record
    return PackedRow(
        path=made.path,
        conda_name=record.conda_name,
        version=record.version,
        build=record.build,
        subdir=record.subdir,
        depends=record.depends,
        constrains=record.constrains,
        extra_depends=tuple(GroupRow(group=group, depends=specs) for group, specs in record.extra_depends),
        platforms=made.platforms,
        python=made.python,
        size_bytes=record.size_bytes,
        sha256=record.sha256,
    )
