import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from conda_bridge.adapters.conda_pypi import CondaPypiMapping
from conda_bridge.model.names import CondaName, PypiName

JUNK = "0f" * 30
ROWS = [
    ("foo", "foo"),
    ("foo-bar", "foo_bar"),
    ("opencv-python", "opencv"),
    ("opencv-python-headless", "opencv"),
    ("bar", "python-bar"),
    (JUNK, "vcversioner"),
]


def mapping(rows: Iterable[tuple[str, str]] = ROWS, *, indent: int | None = None) -> CondaPypiMapping:
    content = {
        project: {
            "pypi_name": project,
            "conda_name": package,
            "import_name": project,
            "mapping_source": "bot",
        }
        for project, package in rows
    }
    return CondaPypiMapping(json.dumps(content, indent=indent).encode(), data_version="conda-pypi 1")


def many(count: int) -> list[PypiName]:
    return [PypiName(f"unknown-{i}") for i in range(count)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("others", [0, 50])
def test_few_and_many_look_ups_give_the_same_answers(others: int, indent: int | None) -> None:
    asked = [PypiName(name) for name in ("foo", "foo-bar", "bar", "opencv", JUNK)]

    found = mapping(indent=indent).conda_names([*asked, *many(others)])

    assert found == {"foo": "foo", "foo-bar": "foo_bar", "bar": "python-bar"}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("others", [0, 50])
def test_few_and_many_reverse_look_ups_give_the_same_answers(others: int, indent: int | None) -> None:
    asked = [CondaName(name) for name in ("foo", "foo_bar", "bar", "opencv", "python-bar", "vcversioner")]

    found = mapping(indent=indent).pypi_names([*asked, *map(CondaName, many(others))])

    assert found == {
        "foo": ("foo",),
        "foo_bar": ("foo-bar",),
        "opencv": ("opencv-python", "opencv-python-headless"),
        "python-bar": ("bar",),
    }


def test_look_ups_add_up_until_the_whole_file_is_parsed() -> None:
    names = mapping()

    answers = [names.conda_names([PypiName("bar")]) for _ in range(40)]

    assert answers == [{"bar": "python-bar"}] * 40
    assert names.pypi_names([CondaName("python-bar")]) == {"python-bar": ("bar",)}


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"not json",
        b'{"foo": "foo"}',
        b'{"foo": {"pypi_name": "foo", "conda_na',
        b'{"foo": {"pypi_name": "foo", "conda_name": "foo"',
    ],
)
def test_a_file_of_another_form_knows_nothing_and_says_so(raw: bytes) -> None:
    names = CondaPypiMapping(raw, data_version="conda-pypi 1")

    assert names.conda_names([PypiName("foo"), *many(50)]) == {}
    assert CondaPypiMapping(raw, data_version="").conda_names([PypiName("foo")]) == {}
    assert [found.slug for found in names.diagnostics] == ["name-mapping-unreadable"]


@pytest.mark.parametrize("others", [0, 50])
def test_a_broken_row_is_passed_over(others: int) -> None:
    raw = b'{"foo": {"pypi_name": 1, "conda_name": "foo"}, "bar": {"conda_name": "bar" "x"}}'

    names = CondaPypiMapping(raw, data_version="conda-pypi 1")

    assert names.conda_names([PypiName("foo"), PypiName("bar"), *many(others)]) == {}
    assert names.pypi_names([CondaName("foo"), CondaName("bar")]) == {}


def test_a_row_that_is_no_object_is_passed_over() -> None:
    raw = b'{"foo": {"pypi_name": "foo", "conda_name": "foo"}, "bar": null, "": {}}'

    assert CondaPypiMapping(raw, data_version="").conda_names([PypiName("foo"), *many(50)]) == {"foo": "foo"}


def test_the_installed_mapping_is_found_with_its_version() -> None:
    names = CondaPypiMapping.installed()

    assert names.data_version.startswith("conda-pypi 0.")
    assert names.diagnostics == ()
    assert names.conda_names([PypiName("numpy")]) == {"numpy": "numpy"}
    assert names.pypi_names([CondaName("pytables")]) == {"pytables": ("tables",)}


def test_the_installed_mapping_has_no_junk_names() -> None:
    names = CondaPypiMapping.installed()

    projects = names.pypi_names(map(CondaName, ["vcversioner", "django-jsoneditor", "pyelastix"]))

    assert projects == {}


def test_conda_pypi_is_not_imported() -> None:
    code = (
        "import sys\n"
        "from conda_bridge.adapters.conda_pypi import CondaPypiMapping\n"
        "CondaPypiMapping.installed().conda_names(['numpy'])\n"
        "sys.exit('conda_pypi' in sys.modules or 'importlib.metadata' in sys.modules)\n"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_conda_pypi_nothing_is_known_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    monkeypatch.delitem(sys.modules, "conda_pypi", raising=False)

    names = CondaPypiMapping.installed()

    assert names.conda_names([PypiName("numpy"), *many(50)]) == {}
    assert names.pypi_names([CondaName("numpy"), *map(CondaName, many(50))]) == {}
    assert [found.slug for found in names.diagnostics] == ["name-mapping-missing"]
    assert names.data_version == ""


def test_a_mapping_beside_no_metadata_has_no_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "conda_pypi"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "moved").mkdir()
    (package / "moved" / "pypi_mapping.json").touch()
    (package / "moved" / "grayskull_pypi_mapping.json").write_text(
        '{"foo": {"pypi_name": "foo", "conda_name": "pyfoo"}}', encoding="utf-8"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "path_importer_cache", {})

    names = CondaPypiMapping.installed()

    assert names.data_version == "conda-pypi"
    assert names.conda_names([PypiName("foo")]) == {"foo": "pyfoo"}
