"""Projects asked for ahead of time."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from conda_bridge.distributors.host.target import Target
from conda_bridge.distributors.host.wheel_index import WheelIndex
from conda_bridge.model.names import PypiName
from support.host_channel import Shelf

TARGET = Target(python="3.11.7", glibc="2.36")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_what_a_project_requires_is_asked_for_ahead(shelf: Shelf) -> None:
    shelf.add("app", "1.0", requires=["part>=1", "old; python_version < '3'", "extra; extra == 'x'"])
    shelf.add("part", "1.0", requires=["deep"])
    shelf.add("deep", "1.0")
    index = WheelIndex(shelf, TARGET)

    with closing(index):
        index.ask_ahead([PypiName("app")], lambda _: True)
        while sum(what.startswith("metadata") for what in shelf.asked) < 3:
            time.sleep(0.001)

    assert sorted(shelf.asked) == [
        "metadata app-1.0-py3-none-any.whl",
        "metadata deep-1.0-py3-none-any.whl",
        "metadata part-1.0-py3-none-any.whl",
        "project app",
        "project deep",
        "project part",
    ]


def test_what_nobody_wants_is_not_asked_for_ahead(shelf: Shelf) -> None:
    shelf.add("app", "1.0", requires=["part"])
    index = WheelIndex(shelf, TARGET)

    with closing(index):
        index.ask_ahead([PypiName("app")], lambda name: name != "app")

    assert shelf.asked == []


def test_a_failure_ahead_of_time_shows_when_it_is_asked_for(shelf: Shelf) -> None:
    index = WheelIndex(shelf, TARGET)

    with closing(index):
        index.ask_ahead([PypiName("gone")], lambda _: True)
        found = index.project(PypiName("gone"))

    assert not found.is_there
    assert shelf.asked == ["project gone"]


def test_versions_are_sorted_as_versions_with_final_ones_first(shelf: Shelf) -> None:
    for version in ("1.9", "1.10", "2.0a1", "odd"):
        shelf.add("app", version)
    shelf.add("app", "3.0", tag="sdist")

    with closing(WheelIndex(shelf, TARGET)) as index:
        found = index.project(PypiName("app"))

    assert [str(offer.version) for offer in found.offers] == ["1.10", "1.9", "2.0a1"]
    assert (str(found.newest), [str(version) for version in found.others]) == ("3.0", ["3.0"])


def test_of_two_builds_of_a_wheel_the_higher_one_counts(shelf: Shelf) -> None:
    shelf.add("app", "1.0", tag="2-py3-none-any")
    shelf.add("app", "1.0", tag="10-py3-none-any")
    shelf.add("app", "1.0")

    with closing(WheelIndex(shelf, TARGET)) as index:
        (offer,) = index.project(PypiName("app")).offers

    assert offer.link.filename == "app-1.0-10-py3-none-any.whl"
