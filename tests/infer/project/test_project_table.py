import tomllib

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.pyproject import is_inside_source, read_project_table
from conda_bridge.infer.project.statements import Statement
from conda_bridge.infer.project.toml_tables import Table, read_pyproject
from support.trees import facts_of_texts


def read(text: str, *, is_closed: bool = True) -> Statement:
    return read_project_table(Table("pyproject.toml#/project", tomllib.loads(text)), is_closed=is_closed)


def test_every_field_is_read_with_its_place() -> None:
    statement = read("""
        name = "Demo"
        version = "1.0"
        description = "A demo"
        requires-python = ">=3.9"
        dependencies = ["a", "b>=1"]
        license = "MIT"
        license-files = ["LICEN[CS]E*"]
        keywords = ["k"]
        classifiers = ["Topic :: X"]
        import-names = ["demo"]
        import-namespaces = ["ns"]
        urls = { "Home/page" = "https://demo.example" }
        scripts = { demo = "demo:main" }
        gui-scripts = { demo-gui = "demo:gui" }
        optional-dependencies = { x = ["c"] }
    """)

    assert [(line.text, line.origin) for line in statement.dependencies or ()] == [
        ("a", "pyproject.toml#/project/dependencies/0"),
        ("b>=1", "pyproject.toml#/project/dependencies/1"),
    ]
    assert statement.license_expression is not None
    assert [known.value for known in statement.license_files or ()] == ["LICEN[CS]E*"]
    assert (statement.urls or ())[0][1].origin == "pyproject.toml#/project/urls/Home~1page"
    assert [(line.name, line.group) for line in statement.entry_points or ()] == [
        ("demo", "console_scripts"),
        ("demo-gui", "gui_scripts"),
    ]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [("x", ["c"])]
    assert statement.unknown == ()


def test_scripts_spelled_as_groups_of_entry_points_are_read() -> None:
    statement = read("""
        scripts = {}
        [entry-points.console_scripts]
        demo = "demo:main"
        [entry-points.gui_scripts]
        gui = "demo:gui"
        [entry-points.others]
        x = "demo:x"
    """)

    assert [(line.name, line.group) for line in statement.entry_points or ()] == [
        ("demo", "console_scripts"),
        ("gui", "gui_scripts"),
    ]
    assert read('[entry-points.others]\nx = "demo:x"\n').entry_points is None


def test_absent_fields_are_settled_and_dynamic_ones_unknown() -> None:
    statement = read('name = "demo"\ndynamic = ["version", "dependencies", "license", "future-field"]\n')

    assert {"extras", "requires_python", "entry_points"} <= statement.settled
    assert not {"version", "dependencies", "license_text", "license_files"} & statement.settled
    assert {field.field for field in statement.unknown} == {
        "Version",
        "Requires-Dist",
        "License",
        "License-Expression",
    }


def test_an_open_table_settles_nothing() -> None:
    assert read('name = "demo"\n', is_closed=False).settled == frozenset()


def test_a_version_as_a_table_is_dynamic() -> None:
    statement = read('name = "demo"\nversion = { use_scm = true }\n')

    assert statement.version is None
    assert statement.reason("version")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('license = { text = "MIT License" }', "text", "MIT License"),
        ('license-expression = "MIT"', "expression", "MIT"),
        ('license = { file = "COPYING" }', "files", "COPYING"),
        ('license-files = { paths = ["a"], globs = [] }', "files", "a"),
        ('license-files = { globs = ["b*"] }', "files", "b*"),
    ],
)
def test_older_spellings_of_the_licence_are_read(text: str, kind: str, value: str) -> None:
    statement = read(f'name = "demo"\n{text}\n')

    known = {
        "text": statement.license_text,
        "expression": statement.license_expression,
        "files": (statement.license_files or (None,))[0],
    }
    assert {key for key, item in known.items() if item} == {kind}
    item = known[kind]
    assert item is not None
    assert item.value == value


@pytest.mark.parametrize("pattern", ["../../**", "/etc/passwd", "a/../../b", "C:\\x", "..\\x", "~/x"])
def test_row_48_licence_globs_outside_the_source_are_refused(pattern: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read(f"license-files = [{pattern!r}]\n")

    assert caught.value.slug == "path-outside-source"
    assert not is_inside_source(pattern)


@pytest.mark.parametrize(
    "text",
    [
        "name = 1",
        "dependencies = 'a'",
        "dependencies = [1]",
        "optional-dependencies = []",
        "urls = 'https://x.example'",
        "urls = { a = 1 }",
        "scripts = { a = 1 }",
        "scripts = { a = '' }",
        "license = 1",
        "dynamic = 'version'",
    ],
)
def test_values_of_the_wrong_type_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read(text)

    assert caught.value.slug == "invalid-field"
    assert (caught.value.where or "").startswith("pyproject.toml#/project/")


def test_an_empty_table_says_nothing() -> None:
    assert read("") == Statement(file="pyproject.toml")


# ---------------------------------------------------------------- the file itself


def test_a_source_without_pyproject_has_an_empty_table() -> None:
    assert not read_pyproject(facts_of_texts({"setup.py": ""}))


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert "project" in read_pyproject(facts_of_texts({"pyproject.toml": "\ufeff[project]\n"}))


@pytest.mark.parametrize(
    "text",
    [
        "[project",
        "a = " + "[" * 100_000,
        "a" + ".b" * 100_000 + " = 1",
        "[a" + '."b"' * 100_000 + "]",
        "a = " + "9" * 100_000,
        "a = 1\n" * 400_000,
        None,
    ],
    ids=["syntax", "nested", "dotted", "quoted", "digits", "huge", "no text"],
)
def test_row_46_a_hostile_pyproject_is_refused_quickly(text: str | None) -> None:
    with pytest.raises(MetadataError) as caught:
        read_pyproject(facts_of_texts({"pyproject.toml": text}))

    assert caught.value.slug == "invalid-pyproject"


def test_dots_in_strings_and_comments_are_no_keys() -> None:
    text = f'# {"." * 500}\na = "{"." * 500}"\n'

    assert read_pyproject(facts_of_texts({"pyproject.toml": text})).get("a") == "." * 500


def test_paths_through_tables_end_empty_or_are_refused() -> None:
    table = Table("p#", {"a": {"b": {}}, "c": 1})

    assert not table.dig("x", "y")
    assert list(table) == ["a", "c"]
    with pytest.raises(MetadataError, match="must be a table"):
        table.dig("c", "d")
