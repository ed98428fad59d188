"""What a package says of its recipe is what the recipe says, not what was staged."""

import json
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.errors import EngineError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from conda_bridge.workflows.restoring import restore_recipe
from conda_bridge.workflows.staging import Staged
from support.conda_packages import package_members, tar_of

RECORD = PackageRecord(
    conda_name=CondaName("demo"), version="1.0", build="h1_0", timestamp_ms=1_795_369_875_710
)
LOCAL = "file:///work/sources/0/demo-1.0.tar.gz"
CHANNELS = ("https://me:secret@h.org/t/tk-1/acme/", "https://conda.anaconda.org/conda-forge")
PLACES = {"file:///home/me/channel": "channel", "/home/me/cache/demo": "$BUILD_DIR"}
FIRST, SECOND = "https://h/demo-1.0.tar.gz", "https://i/demo-1.0.tar.gz"


def _restored(tmp_path: Path, built_at_s: int | None = None, **info: str) -> dict[str, str]:
    recipe = tmp_path / "staged/recipe.yaml"
    staged = Staged(
        recipe_path=str(recipe),
        staged_text=f"url: {LOCAL}\n",
        text=f"url: {FIRST}  # é\n",
        originals=((LOCAL, FIRST), (LOCAL, SECOND)),
    )
    info = {"recipe__recipe_yaml": f"url: {LOCAL}\n", **info}
    path = tmp_path / f"{RECORD.stem}.conda"
    files = tuple(
        (name.replace("__", "/").replace("_yaml", ".yaml"), text.encode()) for name, text in info.items()
    )
    write_conda(str(path), RECORD, [PackedFile(path="share/x", content=b"x")], info=PackageInfo(files=files))
    payload = tar_of(path, "pkg")
    record = restore_recipe(str(path), staged, channels=CHANNELS, places=PLACES, built_at_s=built_at_s)
    assert record == read_record(str(path))
    assert built_at_s or tar_of(path, "pkg") == payload
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


def test_credentials_of_channels_are_left_out(tmp_path: Path) -> None:
    listed = "channels:\n- https://me:secret@h.org/t/tk-1/acme\n- https://conda.anaconda.org/conda-forge/\n"
    after = _restored(
        tmp_path,
        recipe__rendered_recipe_yaml=f"{listed}url: https://me:secret@h.org/t/tk-1/acme/noarch/a.conda\n",
    )
    assert after["info/recipe/rendered_recipe.yaml"] == (
        "channels:\n- https://h.org/t/.../acme\n- https://conda.anaconda.org/conda-forge/\n"
        "url: https://h.org/t/.../acme/noarch/a.conda\n"
    )


def test_time_of_the_build_becomes_the_one_that_is_asked_for(tmp_path: Path) -> None:
    text = "recipe:\n  timestamp: own\nbuild_configuration:\n  channels: []\n  timestamp: {}\n  other: 1\n"

    after = _restored(
        tmp_path,
        1_600_000_000,
        recipe__rendered_recipe_yaml=text.format("2026-11-22T17:51:15.710771595Z"),
    )

    assert after["info/recipe/rendered_recipe.yaml"] == text.format("2020-09-13T12:26:40Z")
    assert json.loads(after["info/index.json"])["timestamp"] == 1_600_000_000_000


def test_folders_of_this_machine_become_labels(tmp_path: Path) -> None:
    after = _restored(
        tmp_path,
        recipe__meta_yaml="channels: [file:///home/me/channel/]\nsummary: /home/me/cache/demo2\n",
        recipe__rendered_recipe_yaml=(
            "channels:\n- file:///home/me/channel\nurl: file:///home/me/channel/noarch/a.conda\n"
            "work_dir: /home/me/cache/demo/out/bld/work\n"
        ),
    )

    assert after["info/recipe/meta.yaml"] == "channels: [channel/]\nsummary: /home/me/cache/demo2\n"
    assert after["info/recipe/rendered_recipe.yaml"] == (
        "channels:\n- channel\nurl: channel/noarch/a.conda\nwork_dir: $BUILD_DIR/out/bld/work\n"
    )


def test_package_without_the_recipe_that_was_built_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        _restored(tmp_path, recipe__recipe_yaml="url: file:///elsewhere\n")
    assert caught.value.slug == "unexpected-output"
