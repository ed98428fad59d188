"""The answers of `--json`: one document a command, with its results, its findings and its failures.

Every answer begins with its schema, `conda-bridge.<what>/<version>`, and the version of the tool. Fields are only
added within a schema version. `conda_bridge.workflows.codec` turns these values into JSON.
"""

from dataclasses import dataclass

from conda_bridge.checks.audit_entries import AuditEntry
from conda_bridge.errors import BridgeError
from conda_bridge.model.codes import code_of, diagnostic_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import NameHit
from conda_bridge.version import __version__
from conda_bridge.workflows.distributor_details import DistributorDetails
from conda_bridge.workflows.distributors import DistributorRow, MadeChannel, Refreshed
from conda_bridge.workflows.doctor import Examination
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.external_names import ExternalHit
from conda_bridge.workflows.external_table import ExternalTable
from conda_bridge.workflows.kept_folders import KeptFolder

__all__ = [
    "CheckAnswer",
    "CheckRow",
    "CodeAnswer",
    "CodeRow",
    "CompletionAnswer",
    "DistributorCleanAnswer",
    "DistributorListAnswer",
    "DistributorMakeAnswer",
    "DistributorRefreshAnswer",
    "DistributorShowAnswer",
    "DoctorAnswer",
    "ExplainAnswer",
    "ExternalNamesAnswer",
    "ExternalTableAnswer",
    "FailedAnswer",
    "Failure",
    "PypiRow",
    "RecipeAnswer",
    "RecipeFile",
    "RecipeRow",
    "ToCondaAnswer",
    "ToPypiAnswer",
    "failure_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one source, or the whole command, failed."""

    source: str = ""
    """The source as typed; empty where the command itself failed."""
    code: str
    """Such as `E203`; empty for an interruption and for a bug of conda-bridge."""
    slug: str
    """Such as `hash-mismatch`; `interrupted` and `bug` for those two."""
    message: str
    where: str = ""
    hint: str = ""
    exit_status: int
    detail: str = ""
    """What another program said of it: the end of a build's log, or the rest of an engine's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeFile:
    """A file that is written, or would be."""

    path: str
    text: str = ""
    """The contents, with `--dry-run` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeRow:
    """One recipe."""

    source: str
    conda_name: str
    version: str
    is_written: bool
    """False with `--dry-run`."""
    files: tuple[RecipeFile, ...]
    report: str
    """The path of the recipe's report."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeAnswer:
    """The answer of `recipe --json`."""

    schema: str = "conda-bridge.recipe/1"
    conda_bridge: str = __version__
    results: tuple[RecipeRow, ...]
    """The recipes that succeeded, in the order of the sources."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Findings that belong to no single recipe."""
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One recipe folder, or recipe file."""

    path: str
    """As typed."""
    files: tuple[str, ...]
    """The recipe files that were checked."""
    upstream: str
    """The source that was compared with; empty where there was no audit."""
    diagnostics: tuple[Diagnostic, ...]
    audit: tuple[AuditEntry, ...]
    """The requirements in which the recipe and upstream differ; each is among the findings, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer:
    """The answer of `check --json`."""

    schema: str = "conda-bridge.check/1"
    conda_bridge: str = __version__
    results: tuple[CheckRow, ...]
    """The recipes that could be read, in the order of the arguments."""
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAnswer:
    """The answer of `explain --json`: one report, of which only the lines asked for remain."""

    schema: str = "conda-bridge.explain/1"
    conda_bridge: str = __version__
    results: tuple[Report, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorAnswer:
    """The answer of `doctor --json`."""

    schema: str = "conda-bridge.doctor/1"
    conda_bridge: str = __version__
    results: tuple[Examination, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorListAnswer:
    """The answer of `distributor list --json`."""

    schema: str = "conda-bridge.distributor-list/1"
    conda_bridge: str = __version__
    results: tuple[DistributorRow, ...]
    kept: tuple[KeptFolder, ...] = ()
    """What builds keep on this machine."""
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorShowAnswer:
    """The answer of `distributor show --json`."""

    schema: str = "conda-bridge.distributor-show/1"
    conda_bridge: str = __version__
    results: tuple[DistributorDetails, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorMakeAnswer:
    """The answer of `distributor make --json`."""

    schema: str = "conda-bridge.distributor-make/1"
    conda_bridge: str = __version__
    results: tuple[MadeChannel, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorCleanAnswer:
    """The answer of `distributor clean --json`."""

    schema: str = "conda-bridge.distributor-clean/1"
    conda_bridge: str = __version__
    results: tuple[KeptFolder, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributorRefreshAnswer:
    """The answer of `distributor refresh --json`."""

    schema: str = "conda-bridge.distributor-refresh/1"
    conda_bridge: str = __version__
    results: tuple[Refreshed, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code and what it means."""

    code: str
    slug: str
    title: str
    hint: str
    exit_status: int
    """0 for findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAnswer:
    """The answer of `explain CODE --json`."""

    schema: str = "conda-bridge.code/1"
    conda_bridge: str = __version__
    results: tuple[CodeRow, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCondaAnswer:
    """The answer of `names to-conda --json`."""

    schema: str = "conda-bridge.names-to-conda/1"
    conda_bridge: str = __version__
    results: tuple[NameHit, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiRow:
    """The projects that a conda package may belong to, best first; none: not a Python package."""

    conda_name: str
    pypi_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPypiAnswer:
    """The answer of `names to-pypi --json`."""

    schema: str = "conda-bridge.names-to-pypi/1"
    conda_bridge: str = __version__
    results: tuple[PypiRow, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalNamesAnswer:
    """The answer of `names external --json`."""

    schema: str = "conda-bridge.names-external/1"
    conda_bridge: str = __version__
    results: tuple[ExternalHit, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTableAnswer:
    """The answer of `explain --external --json`: the table, as text and entry by entry."""

    schema: str = "conda-bridge.external-table/1"
    conda_bridge: str = __version__
    results: tuple[ExternalTable, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionAnswer:
    """The answer of `completion SHELL --json`: the script."""

    schema: str = "conda-bridge.completion/1"
    conda_bridge: str = __version__
    results: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedAnswer:
    """The answer of a command that failed as a whole."""

    schema: str = "conda-bridge.failed/1"
    conda_bridge: str = __version__
    results: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[Failure, ...]


_IN_FOREIGN_WORDS = frozenset({"engine-refuses-recipe", "unsatisfiable"})
"""Failures whose message is what an engine said, of which the first line tells most."""


def failure_of(error: BridgeError, *, source: str = "", detail: str = "") -> Failure:
    """Return a failure as documents carry it; `detail` is what another program said of it."""
    told = diagnostic_of(error)
    message, _, rest = told.message.partition("\n")
    is_cut = error.slug in _IN_FOREIGN_WORDS and not detail
    return Failure(
        source=source,
        code=told.code,
        slug=told.slug,
        message=message if is_cut else told.message,
        where=told.origin,
        hint=told.hint,
        exit_status=code_of(error.slug).exit_status,
        detail=rest if is_cut else detail,
    )
