"""What a published wheel links is learnt from parts of it, once."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.source import FileLink, WheelLinks
from conda_bridge.sources.fetcher import IndexFetcher
from support.archives import zip_bytes
from support.elf import elf_bytes
from support.index_server import IndexServer

NAME = "demo-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
PADDING = random.Random(1).randbytes(200_000)  # so that it does not compress
WHEEL = zip_bytes(
    [
        ("demo/data.bin", PADDING),
        ("demo/_a.so", elf_bytes(["libz-1a2b3c4d.so.1"])),
        ("demo/other.bin", PADDING),
        ("demo-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"),
    ]
)
LINKS = WheelLinks(sonames=("libz.so.1",))


@pytest.fixture
def make_fetcher(index_server: IndexServer, tmp_path: Path) -> Callable[..., IndexFetcher]:
    def make(*, offline: bool = False) -> IndexFetcher:
        network = NetworkOptions(cache_dir=str(tmp_path / "cache"), retries=0, offline=offline)
        return IndexFetcher(IndexOptions(urls=(index_server.index_url,)), network)

    return make


def link_of(fetcher: IndexFetcher) -> FileLink:
    return fetcher.get_project(PypiName("demo")).files[0]


def test_links_are_read_by_ranges_and_kept(
    index_server: IndexServer, make_fetcher: Callable[..., IndexFetcher]
) -> None:
    index_server.add_file("demo", NAME, WHEEL)
    fetcher = make_fetcher()
    link = link_of(fetcher)
    assert fetcher.get_wheel_links(link) == LINKS
    asked = [request.headers["range"] for request in index_server.asked("/files")]
    spans = [tuple(map(int, span.removeprefix("bytes=").split("-"))) for span in asked]
    assert sum(end - start + 1 for start, end in spans) < len(WHEEL) / 4
    assert make_fetcher(offline=True).get_wheel_links(link) == LINKS


def test_server_without_ranges_gives_no_links(
    index_server: IndexServer, make_fetcher: Callable[..., IndexFetcher]
) -> None:
    index_server.serves_ranges = False
    index_server.add_file("demo", NAME, WHEEL)
    fetcher = make_fetcher()
    assert fetcher.get_wheel_links(link_of(fetcher)) is None


def test_wheel_in_the_cache_needs_no_network(
    index_server: IndexServer, make_fetcher: Callable[..., IndexFetcher]
) -> None:
    index_server.add_file("demo", NAME, WHEEL)
    link = link_of(make_fetcher())
    make_fetcher().get_file(link)
    assert make_fetcher(offline=True).get_wheel_links(link) == LINKS


@pytest.mark.parametrize(
    "kept", ["", "[]", '{"schema": 0}', '{"schema": 1, "sonames": [1], "bundled": [], "unread": []}']
)
def test_what_others_kept_is_read_anew(
    index_server: IndexServer, make_fetcher: Callable[..., IndexFetcher], tmp_path: Path, kept: str
) -> None:
    index_server.add_file("demo", NAME, WHEEL)
    fetcher = make_fetcher()
    link = link_of(fetcher)
    fetcher.get_wheel_links(link)
    (path,) = (tmp_path / "cache").rglob("LINKS.json")
    path.write_text(kept)
    assert make_fetcher().get_wheel_links(link) == LINKS


def test_wheel_that_is_not_known_can_not_be_looked_into_offline(
    index_server: IndexServer, make_fetcher: Callable[..., IndexFetcher]
) -> None:
    index_server.add_file("demo", NAME, WHEEL)
    link = link_of(make_fetcher())
    with pytest.raises(SourceError) as caught:
        make_fetcher(offline=True).get_wheel_links(link)
    assert caught.value.slug == "offline"
