"""A source that is not from an index -> the same source as the index has it, where the two are equal.

A recipe that names a public URL can be built by anybody; one that names a file of this machine can't. So a
local archive, a directory or a repository gives way to the index's sdist of its version, but only to an equal one:

    archive, URL     the sha256 is that of the sdist
    directory, git   every file of the sdist is in the tree with the same sha256, except those that builders
                     write (PKG-INFO, `*.egg-info`, setup.cfg, which setuptools rewrites); the tree may have more
"""

import hashlib
from dataclasses import replace

from packaging.version import Version

from conda_bridge.archives.directories import hash_files
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.paths import shown
from conda_bridge.archives.reading import stream_archive
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.names import PypiName
from conda_bridge.model.source import (
    DirectoryRef,
    FileLink,
    GitOrigin,
    IndexProject,
    LocalOrigin,
    SourceFacts,
    UrlOrigin,
)
from conda_bridge.protocols import Fetcher
from conda_bridge.sources.published import Published, add_index_facts, origin_of, read_published
from conda_bridge.sources.releases import Release, release_of_version

__all__ = ["match_index"]

_WRITTEN_BY_BUILDERS = frozenset({"PKG-INFO", "setup.cfg"})
_COMPARED = replace(LIMITS, max_text_bytes=200_000_000)


def match_index(facts: SourceFacts, *, name: PypiName, version: Version, fetcher: Fetcher) -> SourceFacts:
    """Return the facts of the index's equal sdist; else `facts`, where it is local with a finding that says why.

    Where a directory or repository gave way to an sdist, the files are the sdist's, and what was inferred
    from the tree before has to be inferred again. An index that can't be asked is a finding, not a failure.

    Raises:
        SourceError: the index serves other bytes than it promises, or an sdist that is unsafe.
    """
    if facts.index is not None:
        return facts
    try:
        project = fetcher.get_project(name)
    except SourceError as error:
        if error.slug == "project-not-found":
            return _unmatched(facts, f"no index has a project {name}")
        return _not_asked(facts, error)
    release = release_of_version(project, version)
    if release is None or not release.sdists or project.status == "quarantined":
        return _unmatched(facts, f"{project.index_url} has no sdist of {name} {version}")
    if _is_tree(facts):
        return _match_tree(facts, project, release, fetcher)
    return _match_archive(facts, project, release, fetcher)


def _is_tree(facts: SourceFacts) -> bool:
    return isinstance(facts.ref, DirectoryRef) or isinstance(facts.origin, GitOrigin)


def _match_archive(
    facts: SourceFacts, project: IndexProject, release: Release, fetcher: Fetcher
) -> SourceFacts:
    assert isinstance(facts.origin, LocalOrigin | UrlOrigin), "repositories are trees"
    sha256 = facts.origin.sha256
    sdist = next((link for link in release.sdists if link.sha256 == sha256), None)
    if sdist is None:
        other = f"{release.sdists[0].filename} of {project.index_url} has another sha256"
        return _unmatched(facts, other)
    published = Published(project=project, release=release, sdist=sdist)
    origin = facts.origin if isinstance(facts.origin, UrlOrigin) else origin_of(sdist)
    return add_index_facts(replace(facts, origin=origin), published, fetcher=fetcher)


def _match_tree(facts: SourceFacts, project: IndexProject, release: Release, fetcher: Fetcher) -> SourceFacts:
    sdist = release.sdists[0]
    published = Published(project=project, release=release, sdist=sdist)
    try:
        theirs = read_published(published, ref=facts.ref, fetcher=fetcher)
    except SourceError as error:
        if error.slug in {
            "offline",
            "index-unreachable",
            "not-served",
            "no-sha256",
            "secret-in-url",
            "too-large",
        }:
            return _not_asked(facts, error)
        raise
    difference = _difference(facts, theirs, sdist, fetcher)
    if difference:
        return _unmatched(facts, f"{sdist.filename} of {project.index_url} differs: {difference}")
    return replace(theirs, diagnostics=(*facts.diagnostics, *theirs.diagnostics))


def _difference(mine: SourceFacts, theirs: SourceFacts, sdist: FileLink, fetcher: Fetcher) -> str:
    """Return the first difference between a tree and an sdist, in words; empty where there is none."""
    my_sizes = {entry.path: entry.size_bytes for entry in mine.files}
    compared = {entry.path: entry.size_bytes for entry in theirs.files if not _is_written(entry.path)}
    for path, size_bytes in compared.items():
        if path not in my_sizes:
            return f"{shown(path)} is only there"
        if my_sizes[path] != size_bytes:
            return f"{shown(path)} has another size"
    my_hashes = {entry.path: entry.sha256 for entry in mine.files if entry.sha256}
    if not my_hashes and isinstance(mine.ref, DirectoryRef):
        my_hashes = dict(hash_files(mine.ref.path, compared))
    their_hashes = dict(_hashed(fetcher.get_file(sdist)))
    changed = next((path for path in compared if my_hashes.get(path) != their_hashes.get(path)), "")
    return f"{shown(changed)} has other content" if changed else ""


def _is_written(path: str) -> bool:
    if path in _WRITTEN_BY_BUILDERS:
        return True
    return any(part.endswith(".egg-info") for part in path.split("/")[:-1])


def _hashed(path: str) -> tuple[tuple[str, str], ...]:
    contents = stream_archive(
        path,
        wanted=lambda _path, _size: True,
        digest=lambda _path, data: hashlib.sha256(data).hexdigest(),
        limits=_COMPARED,
    )
    return contents.digests


def _unmatched(facts: SourceFacts, reason: str) -> SourceFacts:
    if not isinstance(facts.origin, LocalOrigin):
        return facts
    message = f"the recipe's source is {facts.label} on this machine: {reason}"
    return _with_finding(facts, "local-source", message)


def _not_asked(facts: SourceFacts, error: SourceError) -> SourceFacts:
    if not isinstance(facts.origin, LocalOrigin):
        return facts
    message = (
        f"the recipe's source is {facts.label} on this machine: the index was not asked, {error.message}"
    )
    return _with_finding(facts, "index-not-asked", message)


def _with_finding(facts: SourceFacts, slug: str, message: str) -> SourceFacts:
    return replace(facts, diagnostics=(*facts.diagnostics, finding(slug, message, origin=facts.label)))
