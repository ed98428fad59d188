"""Build requirements that a backend adds because of its settings."""

import pytest

from conda_bridge.errors import MetadataError
from support.converting import PYPROJECT, convert_texts, specs_of

PROJECT = PYPROJECT.partition("[project]")[2]
MODULE: dict[str, str | None] = {"demo/__init__.py": "", "CMakeLists.txt": "project(demo LANGUAGES C)\n"}


def host_of(backend: str, module: str, settings: str, *, required: str = "") -> list[str]:
    system = (
        f'[build-system]\nrequires = ["{backend}"{required}]\nbuild-backend = "{module}"\n[project]{PROJECT}'
    )
    return specs_of(convert_texts({"pyproject.toml": f"{system}{settings}", **MODULE}), "host")


@pytest.mark.parametrize(
    ("settings", "added"),
    [
        (
            '[tool.scikit-build]\nmetadata.version.provider = "scikit_build_core.metadata.setuptools_scm"\n',
            "setuptools-scm",
        ),
        (
            '[tool.scikit-build.metadata.readme]\nprovider = "scikit_build_core.metadata.fancy_pypi_readme"\n',
            "hatch-fancy-pypi-readme >=23.2",
        ),
        (
            '[[tool.dynamic-metadata]]\nprovider = "scikit_build_core.metadata.setuptools_scm"\n',
            "setuptools-scm",
        ),
        ('[tool.scikit-build]\nbuild.requires = ["extra-tool>=2"]\n', "extra-tool >=2"),
    ],
)
def test_host_has_what_scikit_build_core_asks_for_by_itself(settings: str, added: str) -> None:
    assert added in host_of("scikit-build-core", "scikit_build_core.build", settings)


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.scikit-build]\nmetadata.version.provider = "scikit_build_core.metadata.regex"\n',
        '[tool.scikit-build]\nmetadata.version = "scikit_build_core.metadata.setuptools_scm"\n',
        '[tool.scikit-build]\nbuild.requires = ["part @ {root:uri}/part"]\n',
    ],
)
def test_a_provider_of_its_own_and_a_path_of_the_source_ask_for_nothing(settings: str) -> None:
    plain = host_of("scikit-build-core", "scikit_build_core.build", "")

    assert host_of("scikit-build-core", "scikit_build_core.build", settings) == plain


def test_what_the_project_requires_itself_stands_as_it_says() -> None:
    settings = (
        '[tool.scikit-build]\nmetadata.version.provider = "scikit_build_core.metadata.setuptools_scm"\n'
    )

    specs = host_of(
        "scikit-build-core", "scikit_build_core.build", settings, required=', "setuptools-scm>=8"'
    )

    assert [spec for spec in specs if spec.startswith("setuptools-scm")] == ["setuptools-scm >=8"]


@pytest.mark.parametrize(
    ("backend", "module", "settings", "added"),
    [
        ("pdm-backend", "pdm.backend", "[tool.pdm.build]\nrun-setuptools = true\n", "setuptools >=40.8.0"),
        ("maturin", "maturin", '[tool.maturin]\nbindings = "cffi"\n', "cffi"),
    ],
)
def test_other_backends_ask_by_their_settings_too(
    backend: str, module: str, settings: str, added: str
) -> None:
    assert added in host_of(backend, module, settings)
    assert added not in host_of(backend, module, "")


def test_settings_of_another_backend_say_nothing() -> None:
    settings = (
        '[tool.scikit-build]\nmetadata.version.provider = "scikit_build_core.metadata.setuptools_scm"\n'
    )

    assert "setuptools-scm" not in host_of("hatchling", "hatchling.build", settings)


def test_a_listed_requirement_that_is_none_is_told_with_its_place() -> None:
    with pytest.raises(MetadataError, match="not a valid requirement") as caught:
        host_of(
            "scikit-build-core",
            "scikit_build_core.build",
            '[tool.scikit-build]\nbuild.requires = ["!bad"]\n',
        )

    assert caught.value.where == "pyproject.toml#/tool/scikit-build/build/requires/0"
