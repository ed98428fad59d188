"""A repository's address and a version -> the licence file that stands in it, for sdists that carry none.

Only on demand: that a text in a repository is the licence of a release is the user's decision. The release's own
tag is asked first; without one, the default branch, which is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from conda_bridge.errors import SourceError
from conda_bridge.protocols import Fetcher

__all__ = ["LICENSE_NAMES", "RepositoryLicense", "fetch_license", "is_forge"]

LICENSE_NAMES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING", "LICENCE")
"""What a repository is asked for, in this order."""

_HEAD = "HEAD"
_MAX_BYTES = 200_000
_NOT_THERE = frozenset({"not-served", "too-large"})
_RAW: dict[str, str] = {
    "github.com": "https://raw.githubusercontent.com/{project}/{revision}/{name}",
    "gitlab.com": "https://gitlab.com/{project}/-/raw/{revision}/{name}",
    "codeberg.org": "https://codeberg.org/api/v1/repos/{project}/raw/{name}?ref={revision}",
    "bitbucket.org": "https://bitbucket.org/{project}/raw/{revision}/{name}",
}
"""Where each forge serves a file as it is, without a page around it."""
_GITLAB = "gitlab.com"
_NOT_A_PROJECT = frozenset({"-", "blob", "commits", "raw", "tree", "wikis"})
"""What begins a page of a project. Source: GitLab documentation, Reserved project names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryLicense:
    """A licence file of a repository."""

    name: str
    text: str
    url: str
    is_of_release: bool
    """Whether it comes from the release's own tag; else it is the default branch's."""


def is_forge(repository: str) -> bool:
    """Tell whether a repository's files can be asked for."""
    return any(_candidates(repository, ""))


def fetch_license(repository: str, version: str, fetcher: Fetcher) -> RepositoryLicense | None:
    """Return the licence file of a release's repository; None where the forge has none, or isn't known.

    Cost: one request a name and revision until one answers, at most fifteen; the first that the forge doesn't
    answer is the last.

    Raises:
        SourceError: `offline` where what is cached doesn't settle it; `index-unreachable` and others.
    """
    unasked: SourceError | None = None
    for revision, name, url in _candidates(repository, version):
        try:
            path = Path(fetcher.get_url(url))
        except SourceError as error:
            if error.slug == "offline":
                # Only what was found is cached, so that the rest of the cache is still worth a look.
                unasked = unasked or error
            elif error.slug not in _NOT_THERE:
                raise
            continue
        if text := _text(path):
            return RepositoryLicense(name=name, text=text, url=url, is_of_release=revision != _HEAD)
    if unasked is not None:
        raise unasked
    return None


def _candidates(repository: str, version: str) -> Iterator[tuple[str, str, str]]:
    host, project = _project(repository)
    pattern = _RAW.get(host)
    if pattern is None or not project:
        return
    for revision in (f"v{version}", version, _HEAD):
        for name in LICENSE_NAMES:
            url = pattern.format(project=quote(project), revision=quote(revision, safe=""), name=name)
            yield revision, name, url


def _project(repository: str) -> tuple[str, str]:
    """Return the forge's host and the project's path there; empty where the address names no project."""
    try:
        parts = urlsplit(repository)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    segments = parts.path.strip("/").split("/")
    # Only GitLab has groups in groups.
    end = next((n for n, one in enumerate(segments) if one in _NOT_A_PROJECT), None) if host == _GITLAB else 2
    segments = segments[:end]
    segments[-1:] = [one.removesuffix(".git") for one in segments[-1:]]
    if len(segments) < 2 or {"", ".", ".."} & set(segments):
        return host, ""
    return host, "/".join(segments)


def _text(path: Path) -> str:
    """Return the file's text; empty where it is none, or larger than a licence."""
    data = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    # A forge that answers with a page has no such file.
    return "" if "<html" in text[:500].lower() or not text.strip() else text
