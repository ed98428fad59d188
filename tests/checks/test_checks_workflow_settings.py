"""Lint of what conda-forge.yml says about builds."""

import pytest

from conda_bridge.checks import workflow_settings
from support.lint_recipes import CLEAN, context, diagnose, line_of

OLD = """\
azure:
  settings_linux:
    variables:
      SOMETHING: 1
  settings_win:
    variables:
      SET_PAGEFILE: 'true'
"""
MISFIT = """\
workflow_settings:
  store_build_artifacts:
    - value: true
      os: linux
      platform: [linux_64, osx_64]
"""
TWICE = """\
workflow_settings:
  pagefile_size:
    - value: 8GiB
      os: win
    - value: 16GiB
      os: [win]
      provider: azure
"""
ONE_PATH = """\
workflow_settings:
  tools_install_dir: /opt/tools
"""
TOO_WIDE = """\
workflow_settings:
  resize_partitions:
    - value: true
      os: win
"""
FINE = """\
azure:
  settings_linux:
    variables: {}
workflow_settings:
  store_build_artifacts:
    - value: true
      os: [linux, osx]
      platform: [linux_64, osx_64]
    - value: false
      platform: win_64
  tools_install_dir:
    - value: /opt/tools
      os: [linux, osx]
    - value: C:\\tools
      platform: win_64
  resize_partitions:
    - value: true
      platform: win_64
      provider: github_actions
"""


def found_in(forge: str, name: str = "../conda-forge.yml") -> list[tuple[str, int, str]]:
    """Return code, line and file of every finding."""
    ctx = context(files=((name, forge),), is_feedstock=True)
    found = diagnose(CLEAN["v1-noarch"], "v1", workflow_settings.RULES, ctx)
    return [(one.code, one.line, one.origin) for one in found]


@pytest.mark.parametrize(
    ("forge", "code", "at"),
    [
        (OLD, "CF-007", "SET_PAGEFILE"),
        (MISFIT, "CF-009", "value: true"),
        (TWICE, "CF-010", "value: 16GiB"),
        (ONE_PATH, "CF-011", "tools_install_dir"),
        (TOO_WIDE, "CF-012", "value: true"),
    ],
)
def test_a_bad_setting_is_found_in_the_file_that_has_it(forge: str, code: str, at: str) -> None:
    assert found_in(forge) == [(code, line_of(forge, at), "../conda-forge.yml")]
    assert found_in(forge, "conda-forge.yml") == [(code, line_of(forge, at), "conda-forge.yml")]


@pytest.mark.parametrize(
    "forge", [FINE, "", "a: [", "- 1", "workflow_settings: 1", "workflow_settings:\n  a:\n"]
)
def test_good_settings_and_what_cannot_be_read_are_not_found(forge: str) -> None:
    assert found_in(forge) == []


def test_an_old_variable_names_its_setting() -> None:
    (one,) = diagnose(
        CLEAN["v0-arch"], "v0", workflow_settings.RULES, context(files=(("conda-forge.yml", OLD),))
    )

    assert one.hint == "set workflow_settings.pagefile_size instead"
