"""The public index answers as the fetcher expects; one test, because it depends on the world."""

from pathlib import Path

import pytest
from packaging.version import Version

from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.source import UrlOrigin
from conda_bridge.protocols import SilentReporter
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.sources.gather import gather
from conda_bridge.sources.references import parse_source


@pytest.mark.network
@pytest.mark.enable_socket
def test_public_index_gives_a_release_with_the_metadata_of_its_wheel(tmp_path: Path) -> None:
    options = NetworkOptions(cache_dir=str(tmp_path))
    fetcher = IndexFetcher(IndexOptions(), options)
    facts = gather(
        parse_source("markupsafe==2.1.5"), fetcher=fetcher, options=options, reporter=SilentReporter()
    )
    assert facts.origin == UrlOrigin(
        url=facts.origin.url if isinstance(facts.origin, UrlOrigin) else "",
        sha256="d283d37a890ba4c1ae73ffadf8046435c76e7bc2247bbb63c00bd1a709c6544b",
        filename="MarkupSafe-2.1.5.tar.gz",
    )
    assert facts.has("setup.py")
    assert facts.index is not None
    assert facts.index.version == Version("2.1.5")
    assert len(facts.index.wheels) > 20
    assert "Name: MarkupSafe" in facts.index.wheel_metadata
