"""A reference -> the facts of the source behind it.

    requirement   index -> newest matching release -> its sdist, verified -> facts, and what the index says
    archive       the file -> facts
    URL           downloaded -> facts
    directory     walked -> facts
    git           fetched into a temporary folder -> walked -> facts

Nothing of a source is executed. What is not from an index can be looked up there afterwards, once its name
and version are known: see `conda_bridge.sources.matching`.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.directories import hash_files
from conda_bridge.errors import SourceError
from conda_bridge.infer.workspace import project_folders
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import (
    ArchiveRef,
    DirectoryRef,
    FileLink,
    GitOrigin,
    GitRef,
    IndexProject,
    LocalOrigin,
    RequirementRef,
    SourceFacts,
    SourceRef,
    UrlOrigin,
    UrlRef,
)
from conda_bridge.protocols import Fetcher, Reporter
from conda_bridge.sources.core_metadata import header_fields
from conda_bridge.sources.identity import check_identity, identity_of_filename, refuse_no_build_files
from conda_bridge.sources.published import Published, read_published, refuse_quarantined
from conda_bridge.sources.reading import facts_of_archive, facts_of_directory
from conda_bridge.sources.references import with_folder_hint
from conda_bridge.sources.releases import Release, choose_release
from conda_bridge.sources.urls import filename_of_url
from conda_bridge.translate.url_secrets import redacted

__all__ = ["gather"]

_REPOSITORY_LABELS = ("repository", "source", "source code", "code", "github", "homepage")
_CLONEABLE = re.compile(
    r"https://(?:(?:www\.)?github\.com|gitlab\.[a-z0-9.-]+|codeberg\.org|bitbucket\.org|git\.sr\.ht)/.+"
    r"|https://[^/?#]+/[^?#]+\.git/?",
    re.IGNORECASE,
)
"""A repository at a known forge, or what calls itself one; other pages may be no more than pages."""


def gather(
    ref: SourceRef, *, fetcher: Fetcher, options: NetworkOptions, reporter: Reporter, python: str = ""
) -> SourceFacts:
    """Return what is in the source and what the index says of it.

    Of releases of an index those are passed over that `python`, a minor version, can't use: see `choose_release`.

    Raises:
        SourceError: it can't be fetched, is not what it claims to be, or is unsafe to read.
    """
    match ref:
        case RequirementRef():
            reporter.report(StepStarted(subject=ref.text, step="asking the index"))
            return _requirement(ref, fetcher, reporter, python)
        case ArchiveRef():
            reporter.report(StepStarted(subject=ref.text, step="reading the archive"))
            return _archive(ref.path, ref, LocalOrigin(path=ref.path, sha256=_sha256(ref.path)))
        case DirectoryRef():
            reporter.report(StepStarted(subject=ref.text, step="reading the directory"))
            return _tree(ref.path, facts_of_directory(ref.path, ref=ref, origin=LocalOrigin(path=ref.path)))
        case UrlRef():
            reporter.report(StepStarted(subject=ref.text, step="downloading"))
            return _url(ref, fetcher)
        case GitRef():
            reporter.report(StepStarted(subject=ref.text, step="fetching the repository"))
            return _git(ref, options)


def _requirement(ref: RequirementRef, fetcher: Fetcher, reporter: Reporter, python: str) -> SourceFacts:
    try:
        project = fetcher.get_project(ref.pypi_name)
    except SourceError as error:
        raise with_folder_hint(error, ref.text, f"write ./{ref.text}") from error
    refuse_quarantined(project)
    release = choose_release(project, ref.specifier, python=python)
    if not release.sdists:
        raise _no_sdist(ref, release, fetcher)
    reporter.report(StepStarted(subject=ref.text, step="reading the sdist"))
    published = Published(project=project, release=release, sdist=release.sdists[0])
    facts = read_published(published, ref=ref, fetcher=fetcher)
    return replace(facts, diagnostics=(*facts.diagnostics, *_passed_over(ref, project, release, python)))


def _passed_over(
    ref: RequirementRef, project: IndexProject, release: Release, python: str
) -> tuple[Diagnostic, ...]:
    """Say which release would have been chosen for another python."""
    newest = choose_release(project, ref.specifier)
    if newest.version == release.version:
        return ()
    name = ref.pypi_name
    message = (
        f"{name} {release.version} is taken, the newest for python {python}: {newest.version} is for "
        f"{newest.requires_python}, and {name}=={newest.version} asks for it"
    )
    return (finding("newer-release", message),)


def _no_sdist(ref: RequirementRef, release: Release, fetcher: Fetcher) -> SourceError:
    repository = _repository(release, fetcher)
    tag = f"give its source archive, or git+{repository}@TAG" if repository else None
    count = len(release.wheels)
    wheels = f"{count} wheel" if count == 1 else f"{count} wheels"
    message = f"{ref.pypi_name} {release.version} has {wheels} and no source distribution"
    return SourceError("no-sdist", message, hint=tag)


def _repository(release: Release, fetcher: Fetcher) -> str:
    """Return the https URL of the project's git repository, if a wheel says it and can be asked."""
    wheel = release.preferred_wheel()
    try:
        metadata = fetcher.get_metadata(wheel) if wheel else None
    except SourceError:
        # The hint is all that is lost.
        return ""
    urls: dict[str, str] = {}
    for name, value in header_fields(metadata or ""):
        if name == "project-url":
            label, _, url = value.partition(",")
            urls[label.strip().lower()] = url.strip()
        elif name == "home-page":
            urls.setdefault("homepage", value)
    found = (redacted(urls.get(label, "")) for label in _REPOSITORY_LABELS)
    return next((url for url in found if _CLONEABLE.fullmatch(url) and url.isprintable()), "")


def _archive(path: str, ref: SourceRef, origin: LocalOrigin | UrlOrigin, label: str = "") -> SourceFacts:
    facts = facts_of_archive(path, ref=ref, origin=origin, label=label)
    findings = check_identity(facts, identity_of_filename(facts.label))
    refuse_no_build_files(facts)
    return replace(facts, diagnostics=(*facts.diagnostics, *findings))


def _url(ref: UrlRef, fetcher: Fetcher) -> SourceFacts:
    if ref.sha256:
        link = FileLink(filename=filename_of_url(ref.url), url=ref.url, sha256=ref.sha256)
        path = fetcher.get_file(link)
    else:
        path = fetcher.get_url(ref.url)
    label = Path(path).name
    origin = UrlOrigin(url=ref.url, sha256=ref.sha256 or _sha256(path), filename=label)
    return _archive(path, ref, origin, label)


def _git(ref: GitRef, options: NetworkOptions) -> SourceFacts:
    from conda_bridge.sources.git import checkout  # noqa: PLC0415 - starts processes, which few sources need

    with checkout(ref, options) as tree:
        origin = GitOrigin(url=ref.url, commit=tree.commit, requested_revision=ref.revision)
        label = (ref.subdirectory or ref.url.rstrip("/").removesuffix(".git")).rpartition("/")[2]
        facts = _tree(tree.folder, facts_of_directory(tree.folder, ref=ref, origin=origin, label=label))
        # The tree is gone when it is compared with a published sdist.
        hashes = dict(hash_files(tree.folder, (entry.path for entry in facts.files)))
    return replace(facts, files=tuple(replace(entry, sha256=hashes[entry.path]) for entry in facts.files))


def _tree(path: str, facts: SourceFacts) -> SourceFacts:
    """Return the facts of a tree, of each of whose projects as much is read as of a source of its own.

    Raises:
        SourceError: `no-build-files`.
    """
    folders = project_folders(facts.paths)
    if not folders:
        refuse_no_build_files(facts)
        return facts
    texts, signals = dict(facts.texts), list(facts.signals)
    for folder in folders:
        own = facts_of_directory(f"{path}/{folder}", ref=facts.ref, origin=facts.origin)
        texts |= {f"{folder}/{name}": text for name, text in own.texts}
        signals += [replace(one, path=f"{folder}/{one.path}") for one in own.signals]
    return replace(
        facts,
        # A link out of a project's folder may lead to a file of the whole tree's, or to none.
        texts=tuple(sorted((name, text) for name, text in texts.items() if facts.has(name))),
        signals=tuple(dict.fromkeys(one for one in signals if facts.has(one.path))),
    )


def _sha256(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
