"""A rendered source of a recipe -> the file or the repository that it means, verified, on this machine.

A file of the public index is asked for at the configured index, by its name and hash: the public per-name URLs
(`https://pypi.org/packages/source/...`) redirect there, but mirrors don't serve them.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from conda_bridge.errors import SourceError
from conda_bridge.model.build import RenderedSource
from conda_bridge.model.names import PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import FileLink, GitRef
from conda_bridge.protocols import Fetcher
from conda_bridge.sources.git import checkout
from conda_bridge.sources.identity import identity_of_filename
from conda_bridge.sources.urls import filename_of_url
from conda_bridge.translate.url_secrets import redacted

__all__ = ["clone_source", "fetch_source"]

_INDEX_HOSTS = frozenset({"pypi.org", "pypi.io", "pypi.python.org", "files.pythonhosted.org"})
_HEAD = "refs/heads/conda-bridge"
_SCP_LIKE = re.compile(r"[\w.-]+@[\w.-]+:", re.ASCII)
_ASKED_ELSEWHERE = frozenset({"project-not-found", "index-unreachable", "not-served", "offline"})
"""What a mirror's failure may be, after which the URL itself, or the next mirror, is tried."""
_WRONG_RECIPE = (
    "correct the recipe's sha256, if you trust the index; if the file was replaced after the recipe was written, "
    "find out why before you do"
)


def fetch_source(source: RenderedSource, *, fetcher: Fetcher) -> str:
    """Return the path of a source's file, whose hashes are those of the recipe; its mirrors are tried in their order.

    Raises:
        SourceError: of the first mirror, where none serves the file.
    """
    first_error: SourceError | None = None
    for url in source.urls:
        try:
            return _fetched(source, url, fetcher)
        except SourceError as error:
            first_error = first_error or error
    assert first_error is not None, "a source has at least one URL"
    raise first_error


def _fetched(source: RenderedSource, url: str, fetcher: Fetcher) -> str:
    filename = filename_of_url(url)
    links = tuple(_index_links(url, filename, fetcher))
    namesake = next((link for link in links if link.filename == filename), None)
    same = next((link for link in links if link.sha256 == source.sha256), None)
    if link := same if source.sha256 else namesake:
        try:
            return _with_md5(fetcher.get_file(link), source, url)
        except SourceError as error:
            if error.slug not in _ASKED_ELSEWHERE:
                raise
    try:
        return _from_url(source, url, fetcher)
    except SourceError as error:
        if not source.sha256 or namesake is None or namesake.sha256 == source.sha256:
            raise
        raise _contradiction(source, namesake, error) from error


def _from_url(source: RenderedSource, url: str, fetcher: Fetcher) -> str:
    if source.sha256 or url.startswith("file:"):
        plain = FileLink(filename=filename_of_url(url), url=url, sha256=source.sha256)
        return _with_md5(fetcher.get_file(plain), source, url)
    return _with_md5(fetcher.get_url(url), source, url)


def _contradiction(source: RenderedSource, listed: FileLink, error: SourceError) -> SourceError:
    """Return the failure to get a file of which the index knows another hash than the recipe does."""
    said = f"the recipe says that the sha256 of {listed.filename} is {source.sha256}"
    message = f"{said}, the index that it is {listed.sha256}"
    if error.slug != "hash-mismatch":
        return SourceError("hash-mismatch", message, where=error.where, hint=_WRONG_RECIPE)
    if listed.sha256 in error.message:
        message += ", which is that of the downloaded file, too"
        return SourceError("hash-mismatch", message, where=error.where, hint=_WRONG_RECIPE)
    message = f"{error.message}; the index says {listed.sha256}, so that neither is right"
    return SourceError("hash-mismatch", message, where=error.where)


def _with_md5(path: str, source: RenderedSource, url: str) -> str:
    if not source.md5:
        return path
    with Path(path).open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if md5 != source.md5.lower():
        message = f"the md5 of {filename_of_url(url)} is {md5}, not {source.md5}"
        raise SourceError("hash-mismatch", message, where=redacted(url))
    return path


def _index_links(url: str, filename: str, fetcher: Fetcher) -> Iterator[FileLink]:
    """Yield what the configured index has where a file of the public one is asked for; links without hash are left out."""
    if urlsplit(url).hostname not in _INDEX_HOSTS:
        return
    for name in _projects(url, filename):
        try:
            project = fetcher.get_project(name)
        except SourceError as error:
            if error.slug not in _ASKED_ELSEWHERE:
                raise
            continue
        yield from (link for link in project.files if link.sha256)


def _projects(url: str, filename: str) -> Iterator[PypiName]:
    """Yield the projects whose file it may be: `/packages/source/d/demo/demo-1.0.tar.gz` says it, others only hint."""
    folders = [unquote(part) for part in urlsplit(url).path.split("/")[:-1]]
    identity = identity_of_filename(filename)
    names = [
        folders[-1] if folders[1:3] in (["packages", "source"], ["packages", "py2.py3"]) else "",
        filename.partition("-")[0] if filename.endswith(".whl") else "",
        "" if identity is None else identity.pypi_name,
    ]
    yield from dict.fromkeys(pypi_name(name) for name in names if is_valid_pypi_name(name))


def clone_source(source: RenderedSource, target: str, *, folder: str, network: NetworkOptions) -> str:
    """Write a repository with the source's commit to `target`, and return the commit; git can fetch from there.

    A repository that `target` has already gets this commit, too. Paths are relative to `folder`.

    Raises:
        SourceError: `git-failed`, `offline`.
    """
    url = source.urls[0]
    if "://" not in url and not _SCP_LIKE.match(url):
        url = Path(folder, url).resolve().as_uri()
    ref = GitRef(text=url, url=url, revision=source.revision)
    protocol = "file" if url.startswith("file:") else "https"
    with checkout(ref, network, protocol=protocol, has_history=True) as tree:
        # No hook and no work tree: what an engine's git fetches from.
        ignored = shutil.ignore_patterns("index", "logs", "HEAD")
        shutil.copytree(Path(tree.folder, ".git"), target, ignore=ignored, dirs_exist_ok=True)
    for name in _reference_names(source.revision):
        _write(Path(target, name), tree.commit)
    if not source.revision or not Path(target, "HEAD").exists():
        _write(Path(target, _HEAD), tree.commit)
        _write(Path(target, "HEAD"), f"ref: {_HEAD}")
    return tree.commit


def _write(reference: Path, text: str) -> None:
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(f"{text}\n", encoding="ascii")


def _reference_names(revision: str) -> tuple[str, ...]:
    """Return the references by which an engine may ask for the commit, beside its own name."""
    if revision.startswith(("refs/heads/", "refs/tags/")):
        return (revision,)
    is_commit = set(revision) <= set("0123456789abcdef")
    if is_commit:
        # Git hands out what a reference names, and not every commit there is.
        return (f"refs/heads/commit-{revision}",) if revision else ()
    return () if revision == "HEAD" else (f"refs/heads/{revision}", f"refs/tags/{revision}")
