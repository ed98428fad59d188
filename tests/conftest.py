"""Fixtures that every test folder shares."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.index_server import IndexServer, running_index_server

__all__: list[str] = []

# An example takes as long as the machine is loaded; pytest-timeout ends what hangs.
settings.register_profile("conda-bridge", deadline=None)
settings.load_profile("conda-bridge")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files change only through this option, and are reviewed as a diff."""
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sockets are blocked but for the tests that say that they need the network."""
    for item in items:
        if item.get_closest_marker("network"):
            item.add_marker("enable_socket")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def bench_dir() -> Path:
    """The folder with real merged recipes and truth grids."""
    value = os.environ.get("CONDA_BRIDGE_BENCH")
    if not value:
        pytest.skip("CONDA_BRIDGE_BENCH is not set: the truth grids are missing")
    return Path(value)


@pytest.fixture(scope="session")
def test_data_dir() -> Path:
    """The folder with real conda packages and name lists."""
    value = os.environ.get("CONDA_BRIDGE_TEST_DATA")
    if not value:
        pytest.skip("CONDA_BRIDGE_TEST_DATA is not set: the real packages and name lists are missing")
    return Path(value)


@pytest.fixture
def index_server() -> Iterator[IndexServer]:
    """An empty package index on 127.0.0.1."""
    with running_index_server() as server:
        yield server
