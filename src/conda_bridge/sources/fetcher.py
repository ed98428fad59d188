"""Package indexes -> project pages, metadata of wheels and verified files, each fetched no more often than needed.

The first index that has a project wins, and versions of two indexes are never merged. An index that fails
stops the search: going on to the next one would let its owner choose what is installed (dependency confusion).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.source import FileLink, IndexProject, WheelLinks
from conda_bridge.model.tables import read_table
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.sources.cache import Cache
from conda_bridge.sources.downloads import Downloads
from conda_bridge.sources.http import HttpClient
from conda_bridge.sources.indexes import Index, read_indexes
from conda_bridge.sources.pages import parse_page
from conda_bridge.sources.project_pages import ProjectPages
from conda_bridge.sources.remote_files import RemoteFiles
from conda_bridge.sources.wheel_links import WheelInspections
from conda_bridge.sources.wheel_metadata import WheelMetadata

__all__ = ["IndexFetcher"]


class IndexFetcher:
    """A `Fetcher` for simple indexes, with one cache and one session for all threads."""

    def __init__(
        self,
        index: IndexOptions,
        network: NetworkOptions,
        reporter: Reporter | None = None,
        *,
        is_wary: bool = False,
    ) -> None:
        """Fetch from the indexes in their order; `is_wary` where strangers name other URLs than theirs.

        Raises:
            SourceError: `invalid-url` for an index that isn't https, http or file.
        """
        indexes = read_indexes(index.urls)
        cache = Cache(network.cache_dir)
        http = HttpClient(
            network,
            credentials=dict(indexes.credentials),
            index_origins=indexes.origins,
            is_wary=is_wary,
        )
        self._indexes = indexes.ordered
        self._pages = ProjectPages(cache, http, is_offline=network.offline)
        self._downloads = Downloads(cache, http, network, reporter or SilentReporter())
        remote = RemoteFiles(http)
        self._metadata = WheelMetadata(cache, http, self._downloads, remote, network)
        self._links = WheelInspections(cache, self._downloads, remote)

    def get_project(self, name: PypiName) -> IndexProject:
        """Return the project's page of the first index that has it; see `Fetcher`."""
        with _storing():
            for position, index in enumerate(self._indexes):
                if found := self._pages.find(index, name):
                    page, findings = found
                    project = parse_page(page, name=name, index_url=index.url)
                    others = self._also_on(self._indexes[position + 1 :], project)
                    return replace(project, diagnostics=(*findings, *others, *project.diagnostics))
        asked = ", ".join(index.url for index in self._indexes) or "no index: none is configured"
        message = f"{name} is on none of the indexes asked: {asked}"
        raise SourceError("project-not-found", message, hint=_spelling_hint(name))

    def get_metadata(self, link: FileLink) -> str | None:
        """Return the core metadata of a wheel; see `Fetcher`."""
        with _storing():
            return self._metadata.get(link)

    def get_wheel_links(self, link: FileLink) -> WheelLinks | None:
        """Return the libraries that a wheel links; see `WheelInspector`."""
        with _storing():
            return self._links.get(link)

    def get_file(self, link: FileLink) -> str:
        """Return the path of a verified file; see `Fetcher`."""
        with _storing():
            return self._downloads.file(link)

    def get_url(self, url: str) -> str:
        """Return the path of what a URL serves now; see `Fetcher`."""
        with _storing():
            return self._downloads.url(url)

    def _also_on(self, later: tuple[Index, ...], project: IndexProject) -> tuple[Diagnostic, ...]:
        """Say which later index has other files of the project: one request, and only with several indexes.

        Of a mirror, which has the same files, there is nothing to say.
        """
        known = {(link.filename, link.sha256) for link in project.files}
        for index in later:
            try:
                found = self._pages.find(index, project.pypi_name)
                if not found:
                    continue
                there = parse_page(found[0], name=project.pypi_name, index_url=index.url).files
            except SourceError:
                # It was not asked for anything that is needed.
                continue
            if all((link.filename, link.sha256) in known for link in there):
                continue
            message = f"{project.pypi_name} is taken from {project.index_url}; {index.url} has one too, not looked at"
            return (finding("several-indexes", message),)
        return ()


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = str(error.filename or "")
        raise SourceError(
            "cache-failed", f"the cache can't be used: {error.strerror}", where=where
        ) from error


def _spelling_hint(name: PypiName) -> str | None:
    """Return which well-known project may be meant; None where none is called alike."""
    table = read_table("names")
    near = get_close_matches(name, [*table["same"]["names"], *table["pypi"]], n=1, cutoff=0.8)
    return f"did you mean {near[0]}? Or name another index with --index-url" if near else None
