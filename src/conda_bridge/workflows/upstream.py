"""A recipe -> the release that it packages, converted anew, for the audit to compare with.

A sdist of the index is asked for by name and version, so that the index's own hash decides; any other archive is
fetched from the recipe's URL; a recipe of a repository or a wheel is compared with the index's sdist.
"""

import re
from collections.abc import Iterator

from conda_bridge.archives.reading import archive_suffix
from conda_bridge.checks.audit_sources import SourceClaim, claimed_name, claimed_sources, claimed_version
from conda_bridge.checks.context import lint
from conda_bridge.errors import BridgeError, MetadataError
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted
from conda_bridge.model.names import CondaName, is_valid_pypi_name, pypi_name
from conda_bridge.model.options import RecipeOptions
from conda_bridge.protocols import Reporter
from conda_bridge.sources.identity import identity_of_filename
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.services import Services

__all__ = ["upstream_of"]

_ON_PYPI = re.compile(
    r"https?://(?:pypi\.(?:org|io)/packages/|files\.pythonhosted\.org/packages/|pypi\.python\.org/packages/)"
)
_SOURCE_PATH = re.compile(r"/packages/source/[^/]+/([^/]+)/")


def upstream_of(
    document: RecipeDocument, *, options: RecipeOptions, reporter: Reporter, services: Services
) -> Conversion | Diagnostic:
    """Return the conversion of the recipe's own release, or why there is none."""
    if not _uses_python(document):
        return lint(document, "not-audited", "the recipe has no python in host or run")
    failure: BridgeError | None = None
    for source in dict.fromkeys(_sources(document, services)):
        step = f"comparing with {without_credentials(source)}"
        reporter.report(StepStarted(subject=document.path, step=step))
        try:
            return convert(source, options=options, reporter=reporter, services=services)
        except BridgeError as error:
            failure = failure or error
            if error.slug == "hash-mismatch" and source.startswith("https://"):
                return _of_mismatch(document, error)
            if not isinstance(error, MetadataError):
                break
    slug = "not-audited" if options.network.offline else "audit-failed"
    if failure is None:
        return lint(document, slug, "the recipe names no source whose project could be told")
    return lint(document, slug, str(failure))


def _uses_python(document: RecipeDocument) -> bool:
    items = (item for output in document.outputs for s in ("host", "run") for item in output.section(s))
    return any(item.written.split()[:1] == ["python"] for item in items)


def _sources(document: RecipeDocument, services: Services) -> Iterator[str]:
    """Yield what `convert` could take, the likeliest first."""
    claims = [claim for claim in claimed_sources(document) if archive_suffix(claim.filename)]
    for claim in claims[:1]:
        if _ON_PYPI.match(claim.url):
            yield from _released(claim)
        elif claim.url.startswith("https://"):
            url = claim.url.partition("#")[0]
            yield f"{url}#sha256={claim.sha256}" if claim.sha256 else url
    version, _ = claimed_version(document)
    name = claimed_name(document)
    projects = services.names.to_pypi(CondaName(name.lower())) if name else ()
    if version and projects:
        yield f"{projects[0]}=={version}"


def _released(claim: SourceClaim) -> Iterator[str]:
    found = _SOURCE_PATH.search(claim.url)
    name = pypi_name(found[1]) if found and is_valid_pypi_name(found[1]) else None
    identity = identity_of_filename(claim.filename, name=name)
    if identity is not None:
        yield f"{identity.pypi_name}=={identity.version}"


def _of_mismatch(document: RecipeDocument, error: BridgeError) -> Diagnostic:
    claims = claimed_sources(document)
    return lint(document, "sha256-differs", error.message, line=claims[0].line if claims else 0)
