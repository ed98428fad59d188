import tomllib

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.legacy_tables import read_flit_table, read_pdm_table
from conda_bridge.infer.project.statements import Statement
from conda_bridge.infer.project.toml_tables import Table
from support.trees import facts_of_texts


def table(text: str) -> Table:
    return Table("pyproject.toml#/tool/x", tomllib.loads(text))


def test_flits_old_metadata_is_read_with_the_modules_version() -> None:
    facts = facts_of_texts({"demo.py": '"""A demo."""\n__version__ = "0.3"\n'})

    statement = read_flit_table(
        table("""
            [metadata]
            module = "demo"
            dist-name = "demo-dist"
            requires = ["a"]
            requires-python = ">=3.6"
            requires-extra = { test = ["pytest"] }
            home-page = "https://demo.example"
            classifiers = ["Topic :: X"]
            keywords = "a,b"
            license = "BSD"
            [metadata.urls]
            Docs = "https://docs.example"
            [scripts]
            demo = "demo:main"
        """),
        facts,
    )

    assert statement.name is not None
    assert statement.name.value == "demo-dist"
    assert statement.version is not None
    assert statement.version.value == "0.3"
    assert statement.summary is not None
    assert statement.summary.value == "A demo."
    assert [line.text for line in statement.dependencies or ()] == ["a"]
    assert [name for name, _ in statement.extras or ()] == ["test"]
    assert statement.keywords == ("a", "b")
    assert [label for label, _ in statement.urls or ()] == ["homepage", "Docs"]
    assert [line.name for line in statement.entry_points or ()] == ["demo"]


def test_flit_metadata_without_a_module_has_no_version() -> None:
    statement = read_flit_table(table('[metadata]\ndist-name = "x"\n'), facts_of_texts({}))

    assert statement.version is None
    assert "dependencies" in statement.settled


def test_without_its_table_flit_says_nothing() -> None:
    assert read_flit_table(table(""), facts_of_texts({})) == Statement(file="pyproject.toml")


def test_pdms_old_table_looks_like_a_pipfile() -> None:
    statement = read_pdm_table(
        table("""
            name = "demo"
            version = "1"
            python_requires = ">=3.7"
            keywords = ["a"]
            homepage = "https://demo.example"
            [dependencies]
            a = "*"
            b = ">=1"
            c = { version = ">=2", extras = ["x", "y"], marker = "os_name == 'nt'" }
            d = { git = "https://x.example/d.git" }
            [cli]
            demo = "demo:main"
        """)
    )

    assert [(line.text, line.note) for line in statement.dependencies or ()] == [
        ("a", ""),
        ("b>=1", ""),
        ("c[x,y]>=2; os_name == 'nt'", ""),
        ("d", "a git"),
    ]
    assert [line.name for line in statement.entry_points or ()] == ["demo"]
    assert statement.keywords == ("a",)


def test_a_pdm_requirement_without_a_version_is_refused() -> None:
    with pytest.raises(MetadataError, match="has no version"):
        read_pdm_table(table('name = "demo"\n[dependencies]\na = { extras = ["x"] }\n'))


def test_pdms_settings_alone_are_no_metadata() -> None:
    assert read_pdm_table(table("[dev-dependencies]\n")) == Statement(file="pyproject.toml")


def test_a_version_as_a_table_is_left_to_the_version_reader() -> None:
    statement = read_pdm_table(table('name = "x"\nversion = { use_scm = true }\n[dependencies]\n'))

    assert statement.version is None
    assert statement.keywords is None
