"""Fixtures that every test folder shares."""

import os
from pathlib import Path

import pytest

__all__: list[str] = []


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
