"""Recipes to be staged, and a fetcher that has what a test gives it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from conda_bridge.errors import SourceError
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.source import FileLink, IndexProject

__all__ = ["FakeFetcher", "output_with", "sha256_of", "url_source"]


def sha256_of(data: bytes) -> str:
    """Return the hash as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def url_source(*urls: str, sha256: str = "") -> RenderedSource:
    """Return a file with its mirrors."""
    return RenderedSource(kind="url", urls=urls, sha256=sha256)


def output_with(*sources: RenderedSource, name: str = "demo", **fields: object) -> RenderedOutput:
    """Return an output as an engine renders it."""
    return RenderedOutput(
        conda_name=CondaName(name),
        version="1.0",
        build="0",
        sources=sources,
        **fields,  # type: ignore[arg-type]
    )


class FakeFetcher:
    """Serves files by URL, and projects' pages; remembers what it was asked for."""

    def __init__(
        self, folder: Path, files: Mapping[str, bytes], projects: Mapping[str, IndexProject] | None = None
    ) -> None:
        self.asked: list[str] = []
        self._folder = folder
        self._files = files
        self._projects = projects or {}
        folder.mkdir(exist_ok=True)

    def get_project(self, name: PypiName) -> IndexProject:
        self.asked.append(name)
        if name not in self._projects:
            raise SourceError("project-not-found", "it isn't there")
        return self._projects[name]

    def get_file(self, link: FileLink) -> str:
        path = self.get_url(link.url)
        found = sha256_of(Path(path).read_bytes())
        if found != link.sha256:
            message = f"the sha256 of {link.filename} is {found}, not {link.sha256}"
            raise SourceError("hash-mismatch", message, where=link.url)
        return path

    def get_url(self, url: str) -> str:
        self.asked.append(url)
        if url not in self._files:
            raise SourceError("not-served", "the server answers 404", where=url)
        path = self._folder / sha256_of(url.encode())
        path.write_bytes(self._files[url])
        return str(path)

    def get_metadata(self, link: FileLink) -> str | None:
        raise NotImplementedError(link)
