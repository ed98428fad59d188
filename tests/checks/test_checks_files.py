"""Lint of what lies beside a recipe."""

import pytest

from conda_bridge.checks import files
from conda_bridge.model.options import RecipeFormat
from support.lint_recipes import CLEAN, context, diagnose

V1 = CLEAN["v1-arch"]
CBC = "conda_build_config.yaml"


def found_beside(
    *beside: tuple[str, str], recipe: str = V1, recipe_format: RecipeFormat = "v1", skip: str = ""
) -> list[tuple[str, str, int]]:
    """Return code, file and line of every finding of a recipe with some files beside it."""
    found = diagnose(recipe, recipe_format, files.RULES, context(files=beside, skip=skip))
    assert all(one.hint for one in found if one.code != "FC-001")
    return [(one.code, one.origin, one.line) for one in found]


def test_a_lone_recipe_is_fine() -> None:
    assert (
        found_beside(("recipe.yaml", V1), ("build.bat", ""), (CBC, "c_stdlib_version:\n  - '12.3'\n")) == []
    )


def test_two_recipes_in_one_folder_are_found() -> None:
    assert found_beside(("recipe.yaml", V1), ("meta.yaml", "")) == [("R-051", "recipe.yaml", 0)]


def test_the_script_of_conda_build_for_windows_is_found_beside_recipe_yaml() -> None:
    assert found_beside(("bld.bat", "")) == [("R1-003", "recipe.yaml", 0)]
    assert found_beside(("bld.bat", ""), recipe=CLEAN["v0-arch"], recipe_format="v0") == []


def test_two_variants_files_are_found() -> None:
    assert found_beside((CBC, ""), ("variants.yaml", "")) == [("RC-002", "recipe.yaml", 0)]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("MACOSX_DEPLOYMENT_TARGET:\n  - '12.3'  # [osx]\n", "RC-000", 2),
        ("c_stdlib_version:  # [osx]\n  - '10.15'\n", "RC-001", 2),
        ("c_stdlib_version:\n  - '10.13'  # [osx and x86_64]\n  - '12.3'  # [osx and arm64]\n", "RC-001", 2),
        ("c_stdlib_version:\n  - 2.17\n", "RC-001", 2),
        ("MACOSX_SDK_VERSION:\n  - '10.15'  # [osx]\n", "CBC-001", 2),
        ("c_stdlib_version:\n  - '12.3'  # [osx]\nMACOSX_SDK_VERSION:\n  - '11.3'  # [osx]\n", "CBC-001", 4),
    ],
)
def test_an_impossible_macos_is_found(text: str, code: str, line: int) -> None:
    assert found_beside((CBC, text)) == [(code, CBC, line)]


@pytest.mark.parametrize(
    "text",
    [
        "c_stdlib_version:\n  - '2.28'  # [linux]\n  - '12.3'  # [osx]\n",
        "c_stdlib_version:  # [linux]\n  - '2.28'\n",
        "c_stdlib_version:\n  - '2.17'  # [not osx]\n",
        "c_stdlib_version:\n  - '10.13'  # [foo.startswith(osx)]\n",
        "c_stdlib_version:\n  - '12.3'  # [osx]\nMACOSX_SDK_VERSION:\n  - '12.3'  # [osx]\n",
        "MACOSX_SDK_VERSION:\n  - '13.0'  # [osx]\n",
        "c_stdlib_version:\n",
        "c_stdlib_version: [",
        "- c_stdlib_version\n",
        "",
    ],
)
def test_a_possible_macos_is_fine(text: str) -> None:
    assert found_beside((CBC, text)) == []


def test_variants_yaml_has_conditions_instead_of_selectors() -> None:
    low = "c_stdlib_version:\n  - if: osx\n    then: '10.13'\n  - if: linux\n    then: '2.17'\n"

    assert found_beside(("variants.yaml", low)) == [("RC-001", "variants.yaml", 3)]


def test_a_finding_beside_a_recipe_names_its_file() -> None:
    text = "os_version:\n  linux_64: cos7\nos_version:\n  linux_64: alma9\n"

    assert found_beside(("../conda-forge.yml", text)) == [
        ("FC-001", "../conda-forge.yml", 3),
        ("FC-002", "../conda-forge.yml", 2),
    ]


def test_a_feedstock_may_skip_the_rule_on_images() -> None:
    text = "linter:\n  skip:\n    - hint_os_version\nos_version:\n  linux_64: cos7\n"

    assert found_beside(("../conda-forge.yml", text), skip="hint_os_version") == []


@pytest.mark.parametrize(
    "text", ["", "a: b\n", "- a\n", "a: [", "os_version: cos7\n", "os_version:\n  linux_64: alma9\n"]
)
def test_other_settings_of_conda_forge_are_fine(text: str) -> None:
    assert found_beside(("conda-forge.yml", text)) == []
