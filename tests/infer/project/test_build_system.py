import tomllib

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.build_system import LEGACY_BACKEND, read_build_system, with_setup_requires
from conda_bridge.infer.project.statements import RequirementLine
from conda_bridge.infer.project.toml_tables import Table
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import BuildSystem
from support.trees import facts_of_texts


def read(text: str, **texts: str) -> tuple[BuildSystem, tuple[Diagnostic, ...]]:
    return read_build_system(Table("pyproject.toml#", tomllib.loads(text)), facts_of_texts(dict(texts)))


def names(system: BuildSystem) -> list[str]:
    return [str(declared.requirement) for declared in system.requires]


def test_a_declared_backend_is_read_with_its_places() -> None:
    system, diagnostics = read(
        '[build-system]\nrequires = ["hatchling>=1", "hatch-vcs"]\nbuild-backend = "hatchling.build"\n'
        'backend-path = ["_build", "."]\n'
    )

    assert names(system) == ["hatchling>=1", "hatch-vcs"]
    assert system.requires[1].origin == "pyproject.toml#/build-system/requires/1"
    assert (system.backend, system.backend_path) == ("hatchling.build", ("_build", "."))
    assert system.is_declared
    assert diagnostics == ()


@pytest.mark.parametrize(("texts", "origin"), [({"setup.py": ""}, "setup.py"), ({}, "pyproject.toml")])
def test_without_a_table_setuptools_builds(texts: dict[str, str], origin: str) -> None:
    system, diagnostics = read("", **texts)

    assert (system.backend, names(system), system.is_declared) == (LEGACY_BACKEND, ["setuptools"], False)
    assert (system.origin, diagnostics) == (origin, ())


def test_a_table_without_a_backend_means_setuptools() -> None:
    system, _ = read('[build-system]\nrequires = ["setuptools", "wheel"]\n')

    assert (system.backend, names(system)) == (LEGACY_BACKEND, ["setuptools", "wheel"])
    assert system.is_declared


def test_a_table_without_requirements_is_reported() -> None:
    system, diagnostics = read('[build-system]\nbuild-backend = "flit_core.buildapi"\n')

    assert names(system) == []
    assert [d.slug for d in diagnostics] == ["no-build-requires"]


@pytest.mark.parametrize("path", ["../x", "/usr/lib", "a/../../b", "C:\\x"])
def test_row_45_a_backend_path_outside_the_source_is_refused(path: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read(f"[build-system]\nrequires = []\nbackend-path = [{path!r}]\n")

    assert caught.value.slug == "path-outside-source"
    assert caught.value.where == "pyproject.toml#/build-system/backend-path/0"


def test_an_invalid_build_requirement_is_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        read('[build-system]\nrequires = ["a b"]\n')

    assert caught.value.slug == "invalid-requirement"


def test_setup_requires_adds_what_is_not_required_yet() -> None:
    system, _ = read('[build-system]\nrequires = ["setuptools>=40"]\n')
    lines = (
        RequirementLine(text="Setuptools>30", origin="setup.py:3"),
        RequirementLine(text="cffi", origin="setup.py:3"),
    )

    added, _ = with_setup_requires(system, lines)
    same, _ = with_setup_requires(system, lines[:1])

    assert names(added) == ["setuptools>=40", "cffi"]
    assert added.requires[1].origin == "setup.py:3"
    assert added.is_declared
    assert same is system
