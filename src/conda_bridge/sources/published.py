"""A release on an index -> the facts of its sdist, with what the index says of the release."""

from dataclasses import dataclass, replace

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.source import (
    FileLink,
    IndexFacts,
    IndexProject,
    LocalOrigin,
    SourceFacts,
    SourceOrigin,
    SourceRef,
    UrlOrigin,
)
from conda_bridge.protocols import Fetcher
from conda_bridge.sources.core_metadata import is_metadata_sufficient
from conda_bridge.sources.identity import Identity, check_identity, refuse_no_build_files
from conda_bridge.sources.reading import facts_of_archive
from conda_bridge.sources.releases import Release
from conda_bridge.sources.urls import refuse_secret

__all__ = [
    "Published",
    "add_index_facts",
    "index_findings",
    "origin_of",
    "read_published",
    "refuse_quarantined",
]

_SLUG_OF_STATUS = {"archived": "archived-project", "deprecated": "deprecated-project"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An sdist, its release and its project on an index."""

    project: IndexProject
    release: Release
    sdist: FileLink


def read_published(published: Published, *, ref: SourceRef, fetcher: Fetcher) -> SourceFacts:
    """Fetch and read an sdist.

    Raises:
        SourceError: it can't be had, is unsafe, or is of another name or version than its file name says.
    """
    # The origin is judged before anything is fetched: what no recipe can name needn't be downloaded.
    origin = origin_of(published.sdist)
    path = fetcher.get_file(published.sdist)
    if isinstance(origin, LocalOrigin):
        origin = replace(origin, path=path)
    facts = facts_of_archive(path, ref=ref, origin=origin, label=published.sdist.filename)
    identity = Identity(pypi_name=published.project.pypi_name, version=published.release.version)
    findings = check_identity(facts, identity)
    refuse_no_build_files(facts)
    facts = replace(facts, diagnostics=(*facts.diagnostics, *findings))
    return add_index_facts(facts, published, fetcher=fetcher)


def origin_of(sdist: FileLink) -> SourceOrigin:
    """Return where a recipe gets the file from.

    Raises:
        SourceError: `secret-in-url` for signed URLs, which a recipe would publish.
    """
    if sdist.url.startswith("file:"):
        return LocalOrigin(path=sdist.url, sha256=sdist.sha256)
    refuse_secret(sdist.url)
    return UrlOrigin(url=sdist.url, sha256=sdist.sha256, filename=sdist.filename)


def add_index_facts(facts: SourceFacts, published: Published, *, fetcher: Fetcher) -> SourceFacts:
    """Return the facts with what the index says of the release.

    The metadata of one wheel is fetched only where the source doesn't say its own dependencies.

    Raises:
        SourceError: `hash-mismatch`; a wheel's metadata that merely can't be had is a finding.
    """
    release, project = published.release, published.project
    findings = index_findings(project, published.sdist)
    wheel = None if is_metadata_sufficient(facts) else release.preferred_wheel()
    metadata = ""
    if wheel is not None:
        metadata, missing = _wheel_metadata(wheel, fetcher)
        findings += missing
    index = IndexFacts(
        index_url=project.index_url,
        version=release.version,
        wheels=tuple(sorted(link.filename for link in release.wheels)),
        sdist=published.sdist,
        yanked=published.sdist.yanked,
        requires_python=published.sdist.requires_python,
        wheel_metadata=metadata,
        wheel_metadata_file=wheel.filename if wheel and metadata else "",
    )
    return replace(facts, index=index, diagnostics=(*facts.diagnostics, *findings))


def index_findings(project: IndexProject, link: FileLink) -> list[Diagnostic]:
    """Return what whoever takes a file from an index should know: of the project, and whether the file was yanked."""
    return [*project.diagnostics, *_status_findings(project), *_yank_findings(link)]


def refuse_quarantined(project: IndexProject) -> None:
    """Refuse a project that its index has locked away. Source: PEP 792.

    Raises:
        SourceError: `quarantined`.
    """
    if project.status == "quarantined":
        reason = f": {project.status_reason}" if project.status_reason else ""
        message = f"{project.pypi_name} is quarantined by {project.index_url}{reason}"
        raise SourceError("quarantined", message)


def _status_findings(project: IndexProject) -> list[Diagnostic]:
    slug = _SLUG_OF_STATUS.get(project.status)
    if slug is None:
        return []
    reason = f": {project.status_reason}" if project.status_reason else ""
    return [finding(slug, f"{project.pypi_name} is {project.status}{reason}")]


def _yank_findings(link: FileLink) -> list[Diagnostic]:
    if link.yanked is None:
        return []
    reason = f": {link.yanked}" if link.yanked else ", without a reason"
    return [finding("yanked", f"{link.filename} was yanked{reason}")]


def _wheel_metadata(wheel: FileLink, fetcher: Fetcher) -> tuple[str, list[Diagnostic]]:
    try:
        text = fetcher.get_metadata(wheel)
    except SourceError as error:
        if error.slug == "hash-mismatch":
            raise
        return "", [finding("no-wheel-metadata", f"{wheel.filename}: {error.message}")]
    if text is None:
        message = f"{wheel.filename}: the index serves neither its metadata nor parts of it, and it is large"
        return "", [finding("no-wheel-metadata", message)]
    return text, []
