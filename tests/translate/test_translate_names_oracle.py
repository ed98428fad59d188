"""Compares the chosen names with a published list; `tests/bench/names_oracle.py` prints the differences."""

import json
from pathlib import Path

import pytest

from conda_bridge.adapters.conda_pypi import CondaPypiMapping
from conda_bridge.model.names import CondaName, pypi_name
from conda_bridge.translate.names import NameMap


@pytest.fixture(scope="module")
def listed(test_data_dir: Path) -> dict[str, str | None]:
    content: dict[str, str | None] = json.loads(
        (test_data_dir / "names" / "parselmouth_compressed_mapping.json").read_bytes()
    )
    return content


def test_the_offline_choice_agrees_with_the_list_where_it_is_confident(listed: dict[str, str | None]) -> None:
    packages: dict[str, set[str]] = {}
    for package, project in listed.items():
        if project:
            packages.setdefault(pypi_name(project), set()).add(package)
    hits = NameMap(mapped=CondaPypiMapping.installed()).to_conda(map(pypi_name, packages))

    sure = [hit for hit in hits if hit.confidence != "low"]
    wrong = [hit.pypi_name for hit in sure if hit.chosen not in packages[hit.pypi_name]]

    assert len(sure) > 12_000
    assert len(wrong) <= len(sure) / 1000


def test_packages_that_hold_a_project_are_seldom_taken_for_something_else(
    listed: dict[str, str | None],
) -> None:
    names = NameMap(mapped=CondaPypiMapping.installed())
    python = {package: pypi_name(project) for package, project in listed.items() if project}

    missed = [
        package for package, project in python.items() if project not in names.to_pypi(CondaName(package))
    ]

    assert len(missed) < len(python) * 0.03
