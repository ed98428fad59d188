import tomllib

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.poetry import read_poetry_table
from conda_bridge.infer.project.statements import Statement
from conda_bridge.infer.project.toml_tables import Table


def read(text: str) -> Statement:
    return read_poetry_table(Table("pyproject.toml#/tool/poetry", tomllib.loads(text)))


def requirements(statement: Statement) -> list[str]:
    return [line.text for line in statement.dependencies or ()]


def test_the_table_of_a_whole_project_is_read() -> None:
    statement = read("""
        name = "demo"
        version = "1.2"
        description = "A demo"
        license = "MIT"
        homepage = "https://demo.example"
        repository = "https://code.example"
        keywords = ["a", "b"]
        classifiers = ["Topic :: X"]
        packages = [{ include = "demo", from = "src" }, { include = "helper.py" }, { include = "**/*.py" }]
        [dependencies]
        python = "^3.8"
        requests = { version = "^2.0", extras = ["socks", "security"] }
        [urls]
        Docs = "https://docs.example"
        [group.dev.dependencies]
        pytest = "*"
        [dev-dependencies]
        black = "*"
    """)

    assert statement.name is not None
    assert statement.name.origin == "pyproject.toml#/tool/poetry/name"
    assert statement.requires_python is not None
    assert statement.requires_python.value == ">=3.8,<4.0"
    assert requirements(statement) == ["requests[socks,security]>=2.0,<3.0"]
    assert (statement.dependencies or ())[0].origin == "pyproject.toml#/tool/poetry/dependencies/requests"
    assert [(label, known.value) for label, known in statement.urls or ()] == [
        ("homepage", "https://demo.example"),
        ("repository", "https://code.example"),
        ("Docs", "https://docs.example"),
    ]
    assert [known.value for known in statement.top_levels or ()] == ["demo", "helper"]
    assert statement.keywords == ("a", "b")


def test_markers_python_and_platform_are_combined() -> None:
    statement = read("""
        [dependencies]
        a = { version = "*", python = "<3.8", platform = "win32 || !=darwin", markers = "extra_thing == '1' or os_name == 'nt'" }
        b = { version = "1.0", platform = "*" }
    """)

    assert requirements(statement) == [
        (
            "a; (extra_thing == '1' or os_name == 'nt') and python_version < \"3.8\""
            ' and (sys_platform == "win32" or sys_platform != "darwin")'
        ),
        "b==1.0",
    ]


def test_several_constraints_on_one_project_are_several_requirements() -> None:
    statement = read("""
        [dependencies]
        a = [{ version = "<2", python = "<3.8" }, ">=2"]
    """)

    assert requirements(statement) == ['a<2; python_version < "3.8"', "a>=2"]
    assert [line.origin for line in statement.dependencies or ()] == [
        "pyproject.toml#/tool/poetry/dependencies/a/0",
        "pyproject.toml#/tool/poetry/dependencies/a/1",
    ]


def test_members_of_extras_leave_the_dependencies_and_optional_ones_without_extra_vanish() -> None:
    statement = read("""
        [dependencies]
        a = "*"
        B_b = { version = "^1", optional = true }
        c = { version = "*", optional = true }
        d = "*"
        [extras]
        x = ["b-b", "d"]
        y = ["b.b", "nowhere"]
    """)

    assert requirements(statement) == ["a"]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("x", ["B_b>=1,<2", "d"]),
        ("y", ["B_b>=1,<2"]),
    ]
    assert [d.slug for d in statement.diagnostics] == ["ignored-field"]


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ('{ git = "https://me:pw@x.example/a.git", branch = "main" }', "git 'https://x.example/a.git'"),
        ('{ path = "../a", develop = true }', "path '../a'"),
        ('{ url = "https://x.example/a.zip" }', "url 'https://x.example/a.zip'"),
        ('{ file = "a.whl" }', "file 'a.whl'"),
    ],
)
def test_requirements_from_elsewhere_keep_their_name_and_say_so(value: str, note: str) -> None:
    statement = read(f"[dependencies]\na = {value}\n")

    assert [(line.text, line.note) for line in statement.dependencies or ()] == [("a", note)]


def test_widened_unions_are_reported() -> None:
    statement = read('[dependencies]\npython = "<3.5 || >3.7"\na = "1.0 || 2.0"\n')

    assert [d.slug for d in statement.diagnostics] == ["widened-specifier", "widened-specifier"]
    assert statement.requires_python is None


def test_scripts_are_object_references_or_files() -> None:
    statement = read("""
        [scripts]
        a = "demo:main"
        b = { reference = "demo:b", type = "console" }
        c = { callable = "demo:c" }
        d = { reference = "bin/d.sh", type = "file" }
        e = { type = "file" }
        f = { callable = "demo:f", extras = ["x", "y"] }
    """)

    assert [(line.name, line.target) for line in statement.entry_points or ()] == [
        ("a", "demo:main"),
        ("b", "demo:b"),
        ("c", "demo:c"),
        ("f", "demo:f [x,y]"),
    ]
    assert [known.value for known in statement.script_files or ()] == ["bin/d.sh"]


@pytest.mark.parametrize("value", ["1", "true", '["^1", 2]'])
def test_a_constraint_of_another_type_is_refused(value: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read(f"[dependencies]\na = {value}\n")

    assert caught.value.slug == "invalid-field"


@pytest.mark.parametrize("value", ['"^"', '{ version = "*", python = "new" }'])
def test_a_constraint_that_poetry_refuses_is_refused(value: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read(f"[dependencies]\na = {value}\n")

    assert caught.value.slug == "invalid-requirement"
    assert caught.value.where == "pyproject.toml#/tool/poetry/dependencies/a"


def test_a_python_constraint_that_cannot_be_read_is_left_to_the_reader_of_requires_python() -> None:
    statement = read('[dependencies]\npython = "three"\n')

    assert statement.requires_python is not None
    assert statement.requires_python.value == "three"


@pytest.mark.parametrize(
    "text", ['[dependencies]\npython = ""\n', "[dependencies]\npython = { version = '3' }\n"]
)
def test_a_python_without_constraint_sets_no_bound(text: str) -> None:
    assert read(text).requires_python is None


def test_an_empty_table_says_nothing() -> None:
    assert read("") == Statement(file="pyproject.toml")
