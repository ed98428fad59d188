"""The tables of distributors, backends, plugins and tools."""

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.model.condition import PyVersion
from conda_bridge.model.names import CondaName, PypiName, pypi_name
from conda_bridge.translate.distributors import distributor_names, distributor_policy
from conda_bridge.translate.toolchains import toolchain_table


@pytest.mark.parametrize("name", distributor_names())
def test_every_distributor_reads(name: str) -> None:
    policy = distributor_policy(name)
    assert policy.python_min in policy.pythons
    assert list(policy.pythons) == sorted(policy.pythons)
    assert policy.pythons[-1] < policy.python_ceiling
    assert policy.platforms


def test_unknown_distributor_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        distributor_policy("nowhere")
    assert caught.value.slug == "unknown-distributor"
    assert "conda-forge" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "system"),
    [("pywin32", "win"), ("pyobjc-framework-cocoa", "osx"), ("uvloop", "unix"), ("requests", None)],
)
def test_platform_only_packages(name: str, system: str | None) -> None:
    assert distributor_policy("conda-forge").only_system_of(CondaName(name)) == system


def test_python_only_packages() -> None:
    policy = distributor_policy("conda-forge")
    assert policy.lowest_python_of(CondaName("audioop-lts")) == PyVersion((3, 13))
    assert policy.lowest_python_of(CondaName("standard-xdrlib")) == PyVersion((3, 13))
    assert policy.lowest_python_of(CondaName("attrs")) is None


@pytest.mark.parametrize(
    ("backend", "key"),
    [
        ("setuptools.build_meta", "setuptools"),
        ("setuptools.build_meta:__legacy__", "setuptools"),
        ("hatchling.build", "hatchling"),
        ("flit_core.buildapi", "flit-core"),
        ("flit_scm:buildapi", "flit-scm"),
        ("poetry.core.masonry.api", "poetry-core"),
        ("poetry.masonry.api", "poetry"),
        ("pdm.backend", "pdm-backend"),
        ("pdm.pep517.api", "pdm-pep517"),
        ("uv_build", "uv-build"),
        ("maturin", "maturin"),
        ("scikit_build_core.build", "scikit-build-core"),
        ("mesonpy", "meson-python"),
        ("sipbuild.api", "sip"),
        ("whey", "whey"),
        ("jupyter_packaging.build_api", "jupyter-packaging"),
    ],
)
def test_backend_objects_find_their_row(backend: str, key: str) -> None:
    row = toolchain_table().backend_of(backend)
    assert row is not None
    assert row.key == key


def test_backend_that_merely_begins_alike_is_unknown() -> None:
    assert toolchain_table().backend_of("setuptoolsx.build") is None


def test_names_of_the_table_are_normalised() -> None:
    table = toolchain_table()
    named = [row.requirement for row in table.backends]
    named += [row.pypi_name for row in table.plugins]
    named += [row.pypi_name for row in table.tools]
    assert [name for name in named if pypi_name(name) != name] == []


def test_native_rows_name_compilers() -> None:
    table = toolchain_table()
    assert all(row.compilers for row in table.backends if row.nature == "native")
    assert all(row.compilers for row in table.plugins if row.nature == "native")


def test_version_plugins_name_their_variable() -> None:
    row = toolchain_table().plugin_of(PypiName("setuptools-scm"))
    assert row is not None
    assert row.version_env.format(NAME="DEMO") == "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO"
