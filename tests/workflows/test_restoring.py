"""What a package says of its recipe is what the recipe says, not what was staged."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from conda_bridge.workflows.restoring import restore_recipe
from conda_bridge.workflows.staging import Staged, StagingSetting, stage_recipe
from support.archives import gz, regular, tar_bytes
from support.conda_packages import package_members, tar_of
from support.staging import FakeFetcher, output_with, sha256_of, url_source

RECORD = PackageRecord(conda_name=CondaName("demo"), version="1.0", build="h1_0")
LOCAL = "file:///work/sources/0/demo-1.0.tar.gz"
FIRST, SECOND = "https://h/demo-1.0.tar.gz", "https://i/demo-1.0.tar.gz"


def _restored(tmp_path: Path, **info: str) -> dict[str, str]:
    (tmp_path / "staged").mkdir()
    recipe = tmp_path / "staged/recipe.yaml"
    recipe.write_text(f"url: {LOCAL}\n", encoding="utf-8")
    staged = Staged(
        recipe_path=str(recipe), text=f"url: {FIRST}  # é\n", originals=((LOCAL, FIRST), (LOCAL, SECOND))
    )
    path = tmp_path / f"{RECORD.stem}.conda"
    files = tuple(
        (name.replace("__", "/").replace("_yaml", ".yaml"), text.encode()) for name, text in info.items()
    )
    write_conda(str(path), RECORD, [PackedFile(path="share/x", content=b"x")], info=PackageInfo(files=files))
    payload = tar_of(path, "pkg")
    assert restore_recipe(str(path), staged) == read_record(str(path))
    assert tar_of(path, "pkg") == payload
    return {name: member[1].decode() for name, member in package_members(path, "info").items()}


def test_copy_of_the_recipe_is_the_recipe_itself(tmp_path: Path) -> None:
    after = _restored(tmp_path, recipe__recipe_yaml=f"url: {LOCAL}\n", recipe__other_yaml=f"x: {LOCAL}\n")
    assert after["info/recipe/recipe.yaml"] == f"url: {FIRST}  # é\n"
    assert after["info/recipe/other.yaml"] == f"x: {LOCAL}\n"


def test_evaluated_recipe_has_the_mirrors_in_their_order_each_time(tmp_path: Path) -> None:
    listed = f"- {LOCAL}\n- {LOCAL}\n"
    after = _restored(tmp_path, recipe__rendered_recipe_yaml=f"a:\n{listed}b:\n{listed}c: {LOCAL}.sig\n")
    restored = f"- {FIRST}\n- {SECOND}\n"
    assert after["info/recipe/rendered_recipe.yaml"] == f"a:\n{restored}b:\n{restored}c: {LOCAL}.sig\n"


# ---------------------------------------------------------------- with the real engine

_BUILD = """
import json, os, sys
from rattler_build import PlatformConfig, RenderConfig, Stage0Recipe, ToolConfiguration, VariantConfig
recipe, target, out = sys.argv[1:]
for rendered in Stage0Recipe.from_file(recipe).render(
    VariantConfig({}), RenderConfig(platform=PlatformConfig(target_platform="linux-64"))
):
    done = rendered.run_build(
        tool_config=ToolConfiguration(test_strategy="skip"), output_dir=out, channels=[], no_build_id=True
    )
    with open(target, "w") as file:
        json.dump([str(path) for path in done.packages], file)
os._exit(0)
"""


def _built(recipe: str, out: Path) -> Path:
    answer = out.with_suffix(".json")
    environment = {**os.environ, "RATTLER_CACHE_DIR": str(out.with_suffix(".cache"))}
    subprocess.run(
        [sys.executable, "-I", "-c", _BUILD, recipe, str(answer), str(out)],
        env=environment,
        check=True,
        capture_output=True,
    )
    [package] = json.loads(answer.read_text(encoding="utf-8"))
    return Path(package)


@pytest.mark.engine
def test_package_of_a_staged_recipe_tells_nothing_of_the_staging(tmp_path: Path) -> None:
    if find_spec("rattler_build") is None:
        pytest.skip("py-rattler-build is not installed")
    data = gz(tar_bytes([regular("demo-1.0/a+b.txt"), regular("demo-1.0/LICENSE")]))
    source = url_source("https://gone/demo-1.0+x.tar.gz", FIRST, sha256=sha256_of(data))
    text = (
        'context:\n  version: "1.0"\npackage:\n  name: demo\n  version: ${{ version }}\nsource:\n  url:\n'
        "    - https://gone/demo-${{ version }}+x.tar.gz\n    - https://h/demo-${{ version }}.tar.gz\n"
        f"  sha256: {sha256_of(data)}\n  patches: [a.patch]\nbuild:\n  noarch: generic\n"
        "  script: mkdir -p $PREFIX/share && cp a+b.txt new.txt $PREFIX/share/\nabout:\n  license_file: LICENSE\n"
    )
    (tmp_path / "recipe").mkdir()
    (tmp_path / "recipe/recipe.yaml").write_text(text, encoding="utf-8")
    patch = "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n"
    (tmp_path / "recipe/a.patch").write_text(patch, encoding="utf-8")
    staged = stage_recipe(
        str(tmp_path / "recipe/recipe.yaml"),
        [output_with(source)],
        setting=StagingSetting(target_dir=str(tmp_path / "staged")),
        fetcher=FakeFetcher(tmp_path / "cache", {FIRST: data}),
    )
    package = _built(staged.recipe_path, tmp_path / "out")
    restore_recipe(str(package), staged)
    info = {name: member[1].decode() for name, member in package_members(package, "info").items()}
    assert info["info/recipe/recipe.yaml"] == text
    assert info["info/recipe/a.patch"] == patch
    assert f"- https://gone/demo-1.0+x.tar.gz\n    - {FIRST}\n" in info["info/recipe/rendered_recipe.yaml"]
    assert not [name for name, content in info.items() if str(tmp_path / "staged") in content]
