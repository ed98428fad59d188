"""Fetchers that have nothing."""

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.model.source import FileLink, IndexProject

__all__ = ["Unreachable"]


class Unreachable:
    """A Fetcher without a network."""

    def get_project(self, name: PypiName) -> IndexProject:
        raise SourceError("offline", f"{name} is not in the cache")

    def get_metadata(self, link: FileLink) -> str | None:
        raise AssertionError(link)

    def get_file(self, link: FileLink) -> str:
        raise AssertionError(link)

    def get_url(self, url: str) -> str:
        raise AssertionError(url)
