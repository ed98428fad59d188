"""File name, top folder and PKG-INFO must agree, and metadata is judged by what it promises."""

from dataclasses import replace

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.names import pypi_name
from conda_bridge.sources.core_metadata import header_fields, is_metadata_sufficient
from conda_bridge.sources.identity import check_identity, identity_of_filename, refuse_no_build_files
from support.trees import facts_of_texts


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("click-8.1.7.tar.gz", "click 8.1.7"),
        ("ruamel.yaml-0.18.6.tar.gz", "ruamel-yaml 0.18.6"),
        ("zope_interface-5.0.zip", "zope-interface 5.0"),
        ("old-name-1.0-2.tar.bz2", "old-name-1-0 2"),
        ("demo-1.0rc1.tgz", "demo 1.0rc1"),
        ("demo-1.0+local.tar.gz", "demo 1.0+local"),
        ("master.tar.gz", "None"),
        ("v1.0.tar.gz", "None"),
        ("demo-main.zip", "None"),
        ("-1.0.tar.gz", "None"),
        ("demo-1.0.whl", "None"),
    ],
)
def test_file_name_says_name_and_version(filename: str, expected: str) -> None:
    assert str(identity_of_filename(filename)) == expected


def test_known_name_decides_where_the_version_begins() -> None:
    assert (
        str(identity_of_filename("old-name-1.0-2.tar.gz", name=pypi_name("old-name"))) == "old-name 1.0.post2"
    )
    assert identity_of_filename("other-1.0.tar.gz", name=pypi_name("demo")) is None


def _checked(pkg_info: str, *, filename: str = "demo-1.0.tar.gz", top: str = "demo-1.0") -> list[str]:
    facts = replace(facts_of_texts({"PKG-INFO": pkg_info}, label=filename), top_folder=top)
    return [diagnostic.slug for diagnostic in check_identity(facts, identity_of_filename(filename))]


@pytest.mark.parametrize(
    "pkg_info",
    ["Name: Demo\nVersion: 1.0.0\n", "Name: demo\nVersion: 1\n\nName: body\n", "", "Version: 1.0\n"],
)
def test_15_agreeing_metadata_is_accepted(pkg_info: str) -> None:
    assert _checked(pkg_info) == []


@pytest.mark.parametrize(
    "pkg_info",
    [
        "Name: other\nVersion: 1.0\n",
        "Name: demo\nVersion: 1.1\n",
        "Name: demo\nVersion: x\n",
        f"Name: demo\nVersion: {'1' * 5000}\n",
        "Name: a b\n",
    ],
)
def test_15_metadata_of_another_project_or_version_is_refused(pkg_info: str) -> None:
    with pytest.raises(SourceError) as caught:
        _checked(pkg_info)
    assert (caught.value.slug, caught.value.where) == ("sdist-mismatch", "demo-1.0.tar.gz")


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("demo-1.0", []),
        ("Demo-1.0.0", []),
        ("", []),
        ("demo", ["top-folder-name"]),
        ("demo-2.0", ["top-folder-name"]),
    ],
)
def test_15_other_top_folder_is_reported(top: str, expected: list[str]) -> None:
    assert _checked("Name: demo\nVersion: 1.0\n", top=top) == expected


def test_file_of_any_other_name_is_not_compared() -> None:
    assert _checked("Name: demo\nVersion: 1.0\n", filename="main.tar.gz", top="demo-main") == []


def test_51_source_that_nothing_could_build_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        refuse_no_build_files(facts_of_texts({"setup.cfg": "", "sub/pyproject.toml": ""}))
    assert caught.value.slug == "no-build-files"
    refuse_no_build_files(facts_of_texts({"setup.py": ""}))
    refuse_no_build_files(facts_of_texts({"pyproject.toml": ""}))


def test_fields_end_at_the_body() -> None:
    text = (
        "Metadata-Version: 2.1\r\nName: demo\r\nDescription: first\r\n        second: line\r\n\r\nBody: x\r\n"
    )
    assert list(header_fields(text)) == [
        ("metadata-version", "2.1"),
        ("name", "demo"),
        ("description", "first"),
    ]


FINAL = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"PKG-INFO": FINAL}, True),
        ({"PKG-INFO": FINAL.replace("2.2", "2.10")}, True),
        ({"PKG-INFO": f"{FINAL}Dynamic: license-file\n"}, True),
        ({"PKG-INFO": f"{FINAL}Dynamic: Requires-Dist\n"}, False),
        ({"PKG-INFO": f"{FINAL}Dynamic: provides-extra\n"}, False),
        ({"PKG-INFO": FINAL.replace("2.2", "2.1")}, False),
        ({"PKG-INFO": FINAL.replace("2.2", "odd")}, False),
        ({}, False),
        ({"pyproject.toml": "[project]\nname = 'demo'\n"}, True),
        ({"pyproject.toml": "[project]\nname = 'demo'\ndynamic = ['version']\n"}, True),
        ({"pyproject.toml": "[project]\nname = 'demo'\ndynamic = ['dependencies']\n"}, False),
        ({"pyproject.toml": "[project]\nname = 'demo'\ndynamic = 'odd'\n"}, False),
        ({"pyproject.toml": "# [project]\n"}, False),
        ({"pyproject.toml": "[project]\nbroken\n"}, False),
        ({"pyproject.toml": "[build-system]\n"}, False),
    ],
)
def test_wheel_is_asked_only_where_the_source_doesnt_say_its_dependencies(
    texts: dict[str, str], *, expected: bool
) -> None:
    assert is_metadata_sufficient(facts_of_texts(texts)) is expected
