"""What a stranger's recipe may make `check` ask for."""

from pathlib import Path

import pytest

from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.workflows.check import check, checks

RECIPE = """\
context:
  version: "1.0"
package:
  name: demo
  version: ${{ version }}
source:
  url: https://127.0.0.1:9/demo-${{ version }}.tar.gz
  sha256: FRAGMENT
build:
  noarch: python
requirements:
  host: [python, pip]
  run: [python]
"""


@pytest.mark.parametrize("sha256", ["a" * 64, ""])
def test_recipe_has_nothing_fetched_from_this_machine(tmp_path: Path, sha256: str) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE.replace("FRAGMENT", sha256 or '""'))
    options = RecipeOptions(
        index=IndexOptions(urls=(tmp_path.as_uri(),)),
        network=NetworkOptions(cache_dir=str(tmp_path / "cache"), retries=0, timeout_s=1),
        ask_channels=False,
    )

    alone = check(str(tmp_path), options=options).diagnostics
    (several,) = checks([str(tmp_path)], options=options)

    for diagnostics in (alone, several.diagnostics):
        (told,) = (found.message for found in diagnostics if found.slug == "audit-failed")
        assert told.endswith("it is on this machine or in a private network")
