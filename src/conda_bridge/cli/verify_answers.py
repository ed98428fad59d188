"""The answer of `verify --json`; see `conda_bridge.cli.answers`."""

from dataclasses import dataclass

from conda_bridge.cli.answers import Failure
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.repackaging import Comparison, FieldVerdict, FileVerdict, Verdict
from conda_bridge.version import __version__
from conda_bridge.workflows.build import StepTime
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.verify import VerifyResult

__all__ = ["ComparisonRow", "VerifiedWheel", "VerifyAnswer", "VerifyRow", "verify_row_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedWheel:
    """A wheel that was made of a conda package."""

    package: str
    """The file's name."""
    package_sha256: str
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """Two wheels, file by file and field by field."""

    left: str
    right: str
    verdict: Verdict
    """The worst of all rows."""
    is_metadata_identical: bool
    """Byte for byte."""
    files: tuple[FileVerdict, ...]
    """All of them; RECORD follows from the others and isn't among them."""
    fields: tuple[FieldVerdict, ...]
    """Of METADATA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRow:
    """One source."""

    source: str
    """As typed."""
    pypi_name: str
    version: str
    verdict: Verdict
    """The worst of all comparisons."""
    wheels: tuple[VerifiedWheel, ...]
    """Several where some packages are for one kind of system only."""
    comparisons: tuple[ComparisonRow, ...]
    kept: tuple[str, ...]
    """Paths, with `--keep`."""
    steps: tuple[StepTime, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAnswer:
    """The answer of `verify --json`."""

    schema: str = "conda-bridge.verify/1"
    conda_bridge: str = __version__
    results: tuple[VerifyRow, ...]
    """The sources whose round trip could be made, in the order of the arguments."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Findings that belong to no single source."""
    errors: tuple[Failure, ...] = ()


def verify_row_of(result: VerifyResult) -> VerifyRow:
    """Return a result as documents carry it."""
    return VerifyRow(
        source=without_credentials(result.subject),
        pypi_name=result.pypi_name,
        version=result.version,
        verdict=result.verdict,
        wheels=tuple(
            VerifiedWheel(
                package=package,
                package_sha256=made.package_sha256,
                filename=made.path.rpartition("/")[2],
                sha256=made.sha256,
            )
            for package, made in zip(result.packages, result.wheels, strict=True)
        ),
        comparisons=tuple(map(_comparison_row, result.comparisons)),
        kept=result.kept,
        steps=result.steps,
        diagnostics=result.diagnostics,
    )


def _comparison_row(comparison: Comparison) -> ComparisonRow:
    return ComparisonRow(
        left=comparison.left,
        right=comparison.right,
        verdict=comparison.verdict,
        is_metadata_identical=comparison.is_metadata_identical,
        files=comparison.files,
        fields=comparison.fields,
    )
