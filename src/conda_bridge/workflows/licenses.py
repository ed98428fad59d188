"""The licence file that a source lacks, taken from its repository where the user asks for it."""

from dataclasses import replace

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.source import FileEntry, SourceFacts
from conda_bridge.protocols import Fetcher
from conda_bridge.sources.repository_licenses import RepositoryLicense, fetch_license, is_forge

__all__ = ["with_repository_license"]


def with_repository_license(conversion: Conversion, fetcher: Fetcher) -> SourceFacts:
    """Return the facts with the repository's licence file; unchanged where the source has one of its own.

    The file is named in `SourceFacts.beside`; a finding says where it comes from, or why there is none.
    """
    facts, about = conversion.facts, conversion.recipe.outputs[0].about
    if any(path in facts.paths for path in about.license_files):
        return facts
    repository = about.repository or about.homepage
    if not is_forge(repository):
        named = about.repository
        message = f"{named} is on no forge that is known" if named else "the project names no repository"
        return _noticing(facts, "license-not-fetched", message)
    try:
        found = fetch_license(repository, conversion.project.version.value.public, fetcher)
    except SourceError as error:
        return _noticing(facts, "license-not-asked", str(error))
    if found is None:
        return _noticing(facts, "license-not-fetched", f"{repository} has none under the usual names")
    return _with_file(facts, found)


def _with_file(facts: SourceFacts, found: RepositoryLicense) -> SourceFacts:
    entry = FileEntry(path=found.name, size_bytes=len(found.text.encode("utf-8")))
    slug = "license-fetched" if found.is_of_release else "license-of-default-branch"
    return replace(
        _noticing(facts, slug, f"{found.name} is from {found.url}"),
        files=tuple(sorted((*facts.files, entry), key=lambda one: one.path)),
        texts=tuple(sorted((*facts.texts, (found.name, found.text)))),
        beside=(found.name,),
    )


def _noticing(facts: SourceFacts, slug: str, message: str) -> SourceFacts:
    return replace(facts, diagnostics=(*facts.diagnostics, finding(slug, message)))
