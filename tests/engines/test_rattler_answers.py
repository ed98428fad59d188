"""What workers answer, as values of the model."""

from pathlib import Path

import pytest

from conda_bridge.engines.places import environment_of, folders_of, path_of_url
from conda_bridge.engines.rattler_answers import environments_of
from conda_bridge.model.build import EngineSetting, EnvironmentRecord
from conda_bridge.model.names import CondaName

_RENDERED = """\
recipe:
  package:
    name: x
  build:
    url: not-this-one
finalized_dependencies:
  build: null
  host:
    specs:
    - variant: python
      spec: python 3.11.*
    resolved:
    - build: h1_0
      name: b
      url: https://user:secret@example.com/t/tk-123/chan/linux-64/b-1-h1_0.conda
      channel: https://example.com/chan/
    - build: h1_0
      name: a
      depends:
      - url: nor-this-one
      url: file:///channel/noarch/a-1-h1_0.conda
  run:
    depends:
    - source: c
      url: nor-that-one
finalized_sources:
- url: https://example.com/x.tgz
"""


def test_environments_are_the_resolved_packages_without_secrets() -> None:
    found = environments_of(_RENDERED, CondaName("x"))

    packages = (
        "file:///channel/noarch/a-1-h1_0.conda",
        "https://example.com/chan/linux-64/b-1-h1_0.conda",
    )
    assert found == (EnvironmentRecord(kind="host", package=CondaName("x"), packages=packages),)


def test_recipe_that_names_files_has_them_shown(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        'source:\n  - url: "file:///a%20b/x.tgz"\n  - {url: file:///c/y.tgz}\n  - url: https://d/z\n'
    )

    assert folders_of(str(recipe)) == ("/a b/x.tgz", "/c/y.tgz")


def test_recipe_that_is_not_there_names_nothing(tmp_path: Path) -> None:
    assert folders_of(str(tmp_path / "none")) == ()


def test_only_file_urls_are_paths() -> None:
    assert path_of_url("https://example.com/a") == ""


@pytest.mark.parametrize("needs_network", [True, False])
def test_proxies_are_passed_on_only_for_downloads(
    monkeypatch: pytest.MonkeyPatch, *, needs_network: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("PRIVATE_TOKEN", "secret")
    setting = EngineSetting(channels=(), cache_dir="", needs_network=needs_network)

    passed = dict(environment_of(setting))

    assert ("HTTPS_PROXY" in passed) == needs_network
    assert "PRIVATE_TOKEN" not in passed
