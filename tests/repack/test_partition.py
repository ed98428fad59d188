"""The files of a package with several projects are those of their RECORDs, each of one project."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conda_bridge.errors import RepackError
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.repack.to_wheel.partition import Part, has_several_projects, partition
from support.names_known import KnownNames
from support.noarch_made import Noarch, dist_info
from support.package_facts import read_package
from support.projects_made import TWO, project

NAMES = KnownNames({CondaName("py-other"): (PypiName("other"),)})
DEMO = project("demo", files={"demo.py": b"x = 1\n"})


def parts(folder: Path, package: Noarch) -> tuple[Part, ...]:
    return partition(read_package(package.write(folder)), NAMES)


def refusal(folder: Path, package: Noarch) -> RepackError:
    with pytest.raises(RepackError) as caught:
        parts(folder, package)
    assert caught.value.slug == "several-distributions"
    return caught.value


def test_each_file_is_of_the_project_whose_record_has_it(tmp_path: Path) -> None:
    one, other = parts(tmp_path, Noarch(files=TWO))

    assert (one.pypi_name, other.pypi_name) == ("demo", "other")
    assert one.paths | other.paths == TWO.keys()
    assert {path for path in one.paths if ".dist-info" not in path} == {"site-packages/demo.py"}
    assert {path for path in other.paths if ".dist-info" not in path} == {"site-packages/other/__init__.py"}


@pytest.mark.parametrize(
    ("index", "main"),
    [
        ({"name": "other", "version": "2"}, "other"),
        ({"name": "py-other", "version": "2"}, "other"),
        ({"name": "bundle", "version": "2"}, "other"),
        ({}, "demo"),
    ],
)
def test_main_project_is_that_of_the_record(tmp_path: Path, index: Mapping[str, object], main: str) -> None:
    stem = f"{index.get('name', 'demo')}-{index.get('version', '1.0')}-py_0"

    found = parts(tmp_path, Noarch(files=TWO, index=index, stem=stem))

    assert [part.pypi_name for part in found if part.is_main] == [main]
    assert found[0].is_main


def test_package_of_neither_name_nor_version_is_refused(tmp_path: Path) -> None:
    package = Noarch(files=TWO, index={"name": "bundle", "version": "7"}, stem="bundle-7-py_0")

    assert "name or version" in str(refusal(tmp_path, package))


@pytest.mark.parametrize("row", ["../../../bin/run", "../../Scripts/run", "../python-scripts/run"])
def test_scripts_are_found_where_noarch_packages_have_them(tmp_path: Path, row: str) -> None:
    files = DEMO | project("other", "2", files={"other.py": b""}, recorded=(row,))

    _, other = parts(tmp_path, Noarch(files=files | {"python-scripts/run": b"#!/bin/sh\n"}))

    assert "python-scripts/run" in other.paths


def test_data_outside_of_site_packages_is_found(tmp_path: Path) -> None:
    files = DEMO | project("other", "2", files={"other.py": b""}, recorded=("../../../share/other.txt",))

    _, other = parts(tmp_path, Noarch(files=files | {"share/other.txt": b"data"}))

    assert "share/other.txt" in other.paths


def test_bytecode_goes_with_its_source(tmp_path: Path) -> None:
    cached = "site-packages/other/__pycache__/__init__.cpython-311.pyc"

    _, other = parts(tmp_path, Noarch(files=TWO | {cached: b"code"}))

    assert cached in other.paths


def test_what_no_wheel_has_goes_with_the_main_project(tmp_path: Path) -> None:
    main, _ = parts(tmp_path, Noarch(files=TWO | {"Menu/demo.json": b"{}"}))

    assert "Menu/demo.json" in main.paths


def test_vendored_metadata_are_files_like_others(tmp_path: Path) -> None:
    vendored = "other/_vendor/third-3.dist-info/METADATA"
    files = DEMO | project("other", "2", files={"other/__init__.py": b"", vendored: b"Name: third\n"})

    found = parts(tmp_path, Noarch(files=files))

    assert [part.pypi_name for part in found] == ["demo", "other"]
    assert f"site-packages/{vendored}" in found[1].paths


def test_egg_info_beside_a_dist_info_is_the_same_projects(tmp_path: Path) -> None:
    egg = "site-packages/other-2-py3.11.egg-info/PKG-INFO"

    _, other = parts(tmp_path, Noarch(files=TWO | {egg: b"Name: other\n"}))

    assert egg in other.paths


def test_file_of_two_records_is_refused(tmp_path: Path) -> None:
    files = DEMO | project("other", "2", files={"other.py": b""}, recorded=("demo.py",))

    error = refusal(tmp_path, Noarch(files=files))

    assert (error.where, "two projects" in error.message) == ("site-packages/demo.py", True)


@pytest.mark.parametrize("path", ["site-packages/stray.py", "share/stray.txt", "python-scripts/stray"])
def test_file_of_no_record_is_refused(tmp_path: Path, path: str) -> None:
    assert refusal(tmp_path, Noarch(files=TWO | {path: b"x"})).where == path


OTHER = "site-packages/other-2.dist-info"
BROKEN: dict[str, Mapping[str, bytes]] = {
    "no RECORD": DEMO | dist_info("other-2.dist-info", metadata=b"Metadata-Version: 2.1\nName: other\n"),
    "no METADATA": {path: data for path, data in TWO.items() if path != f"{OTHER}/METADATA"},
    "a RECORD that is no table": TWO | {f"{OTHER}/RECORD": b"other/__init__.py,sha256=!,\n"},
    "a RECORD that is no text": TWO | {f"{OTHER}/RECORD": b"\xff,,\n"},
    "egg-info of a further project": TWO | {"site-packages/third.egg-info/PKG-INFO": b"Name: third\n"},
    "a name that two have": TWO | {f"{OTHER}/METADATA": b"Metadata-Version: 2.1\nName: Demo\nVersion: 2\n"},
    "metadata of another's RECORD": DEMO
    | project("other", "2", files={}, recorded=("demo-1.0.dist-info/METADATA",)),
}


@pytest.mark.parametrize("case", BROKEN)
def test_metadata_that_tell_nothing_are_refused(tmp_path: Path, case: str) -> None:
    refusal(tmp_path, Noarch(files=BROKEN[case]))


def with_commands(*commands: str) -> Noarch:
    files = project("demo", files={"demo.py": b""}, commands="demo = demo:main")
    files |= project("other", "2", files={"other.py": b""}, commands="run = other:main")
    link = json.dumps({"noarch": {"type": "python", "entry_points": commands}})
    return Noarch(files=files, info={"link.json": link.encode()})


def test_commands_go_with_the_entry_points_of_their_project(tmp_path: Path) -> None:
    found = parts(tmp_path, with_commands("demo = demo:main", "run = other:main"))

    assert [part.entry_points for part in found] == [("demo = demo:main",), ("run = other:main",)]


def test_command_of_no_project_is_refused(tmp_path: Path) -> None:
    assert "stray" in str(refusal(tmp_path, with_commands("stray = other:main")))


def test_command_of_two_projects_is_refused(tmp_path: Path) -> None:
    files = project("demo", files={"demo.py": b""}, commands="run = demo:main")
    files |= project("other", "2", files={"other.py": b""}, commands="run = other:main")

    assert "run" in str(refusal(tmp_path, Noarch(files=files)))


def test_two_versions_and_vendored_metadata_are_no_several_projects(tmp_path: Path) -> None:
    versions = Noarch(files=dist_info() | dist_info("demo-0.9.dist-info"))
    vendored = {"site-packages/demo/_vendor/other-2.dist-info/METADATA": b"Name: other\n"}

    assert not has_several_projects(read_package(versions.write(tmp_path)))
    assert not has_several_projects(read_package(Noarch(files=dist_info() | vendored).write(tmp_path)))
    assert has_several_projects(read_package(Noarch(files=TWO).write(tmp_path)))
