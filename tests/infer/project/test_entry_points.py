import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.statements import EntryPointLine
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import EntryPoint

DEMO = PypiName("demo")


RECORD = "src/demo.egg-info/entry_points.txt"


def line(name: str, target: str, origin: str = "pyproject.toml#/x") -> EntryPointLine:
    return EntryPointLine(name=name, target=target, group="console_scripts", origin=origin)


@pytest.mark.parametrize("name", ["demo", "py.test", "2to3", "_x", "c++filt", "a-b_c.d"])
def test_ordinary_names_are_kept(name: str) -> None:
    found, diagnostics = read_entry_points([line(name, "demo.cli : main.run ")], project=DEMO)

    assert found == (
        EntryPoint(name=name, module="demo.cli", attribute="main.run", origin="pyproject.toml#/x"),
    )
    assert diagnostics == ()


@pytest.mark.parametrize(
    "target",
    [
        "a:b; touch y",
        "a:b\nimport os",
        "a:b()",
        "os:system('x')",
        "a b:c",
        "a:b:c",
        "../a:b",
        "",
        ":main",
        "a:",
        "a[x",
        "1a:b",
        "a..b:c",
        "a:" + "b" * 1_000,
    ],
)
def test_row_28_a_target_that_is_no_object_reference_is_refused(target: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_entry_points([line("demo", target)], project=DEMO)

    assert caught.value.slug == "unsafe-entry-point"
    assert caught.value.where == "pyproject.toml#/x"


@pytest.mark.parametrize(
    "name",
    [
        "../../bin/sh",
        "a b",
        "a;b",
        "$(x)",
        "a/b",
        "a\\b",
        "",
        ".",
        "..",
        "-x",
        "a\nb",
        "a\x00",
        "naïve",
        "a`b",
    ],
)
def test_row_29_a_name_that_is_no_command_is_refused(name: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_entry_points([line(name, "demo:main")], project=DEMO)

    assert caught.value.slug == "unsafe-entry-point"


def test_row_30_extras_of_entry_points_are_dropped_with_a_finding() -> None:
    found, diagnostics = read_entry_points([line("demo", "demo:main [cli, x]")], project=DEMO)

    assert found[0].target == "demo:main"
    assert found[0].extras == ("cli", "x")
    assert [d.slug for d in diagnostics] == ["entry-point-extra"]


@pytest.mark.parametrize(
    "name", ["python", "python3", "python3.11", "Pip", "pip3", "conda", "pythonw", "python.exe"]
)
def test_row_31_commands_of_the_platform_may_not_be_replaced(name: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_entry_points([line(name, "demo:main")], project=DEMO)

    assert caught.value.slug == "unsafe-entry-point"


@pytest.mark.parametrize(("project", "name"), [("pip", "pip3.11"), ("pip", "pip"), ("conda", "conda")])
def test_row_31_projects_may_install_their_own_commands(project: str, name: str) -> None:
    found, _ = read_entry_points([line(name, "x:main")], project=PypiName(project))

    assert [entry.name for entry in found] == [name]


def test_not_even_a_project_called_python_may_replace_it() -> None:
    with pytest.raises(MetadataError):
        read_entry_points([line("python", "x:main")], project=PypiName("python"))


@pytest.mark.parametrize("name", ["pythonic", "pip-tools", "conda-build", "pipx"])
def test_names_that_only_begin_alike_are_kept(name: str) -> None:
    assert read_entry_points([line(name, "demo:main")], project=DEMO)[0]


def test_an_entry_point_without_an_object_is_left_out_with_a_finding() -> None:
    found, diagnostics = read_entry_points([line("demo", "demo.cli")], project=DEMO)

    assert found == ()
    assert [d.slug for d in diagnostics] == ["broken-entry-point"]


def test_the_later_of_two_entry_points_of_one_name_wins() -> None:
    found, _ = read_entry_points([line("demo", "a:main"), line("demo", "b:main")], project=DEMO)

    assert [entry.module for entry in found] == ["b"]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("demo-2.7", "demo:main"),
        ("demo3.8", "demo:main"),
        ("demo-3.12", "demo:main"),
        ("demo-3.11", "demo:deprecated"),
    ],
)
def test_recorded_command_named_after_the_building_python_is_left_out(name: str, target: str) -> None:
    lines = [line(name, target, RECORD), line("demo", "demo:main", RECORD)]

    found, diagnostics = read_entry_points(lines, project=DEMO)

    assert [entry.name for entry in found] == ["demo"]
    assert [(d.slug, d.severity, d.origin) for d in diagnostics] == [("build-python-command", "info", RECORD)]


@pytest.mark.parametrize(
    ("name", "target", "origin"),
    [
        ("demo-2.7", "demo:main", "pyproject.toml#/x"),
        ("demo-2.7", "legacy:main", RECORD),
        ("other-2.7", "demo:main", RECORD),
        ("demo-3", "demo:main", RECORD),
        ("demo-7.1", "demo:main", RECORD),
    ],
    ids=["declared", "another module", "no plain command", "no minor version", "no version of Python"],
)
def test_commands_that_only_look_versioned_stay(name: str, target: str, origin: str) -> None:
    lines = [line("demo", "demo:main", origin), line(name, target, origin)]

    found, diagnostics = read_entry_points(lines, project=DEMO)

    assert [entry.name for entry in found] == ["demo", name]
    assert diagnostics == ()
