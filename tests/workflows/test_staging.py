"""A recipe's folder is copied with its sources beside it, and nothing but the places of sources differs."""

import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conda_bridge.errors import BridgeError
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.workflows.staging import FIXED_EPOCH, Staged, StagingSetting, stage_recipe
from support.archives import gz, regular, tar_bytes, write_tar_gz, zip_bytes
from support.staging import FakeFetcher, output_with, sha256_of, url_source

DATA = gz(tar_bytes([regular("demo-1.0/a.txt")]))
URL = "https://h/demo-1.0.tar.gz"
SOURCE = url_source(URL, sha256=sha256_of(DATA))
RECIPE = f"package:\n  name: demo\nsource:\n  url: {URL}  # here\n  sha256: {sha256_of(DATA)}\n"


class Stage:
    """Stages recipes in a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe_dir = folder / "recipe"
        self.recipe_dir.mkdir()
        self.setting = StagingSetting(target_dir=str(folder / "work"))
        self.files: dict[str, bytes] = {URL: DATA}

    def run(self, text: str = RECIPE, *outputs: RenderedOutput, name: str = "recipe.yaml") -> Staged:
        recipe = self.recipe_dir / name
        recipe.write_bytes(text.encode())
        fetcher = FakeFetcher(self.folder / "cache", self.files)
        return stage_recipe(
            str(recipe), outputs or (output_with(SOURCE),), setting=self.setting, fetcher=fetcher
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def _slug(stage: Stage, *arguments: object) -> str:
    with pytest.raises(BridgeError) as caught:
        stage.run(*arguments)  # type: ignore[arg-type]
    return caught.value.slug


def test_staged_recipe_differs_in_the_url_alone(stage: Stage, tmp_path: Path) -> None:
    staged = stage.run()
    local = f"file://{tmp_path}/work/sources/0/demo-1.0.tar.gz"
    assert Path(staged.recipe_path).read_text(encoding="utf-8") == RECIPE.replace(URL, local)
    assert (staged.text, staged.originals) == (RECIPE, ((local, URL),))
    assert (tmp_path / "work/sources/0/demo-1.0.tar.gz").read_bytes() == DATA


def test_every_other_file_of_the_folder_is_copied(stage: Stage, tmp_path: Path) -> None:
    (stage.recipe_dir / "patches").mkdir()
    (stage.recipe_dir / "patches/a.patch").write_bytes(b"\x00\xff\r\n")
    (stage.recipe_dir / "build.sh").write_text("make\n", encoding="utf-8")
    (stage.recipe_dir / "build.sh").chmod(0o755)
    stage.run()
    assert (tmp_path / "work/recipe/patches/a.patch").read_bytes() == b"\x00\xff\r\n"
    assert os.access(tmp_path / "work/recipe/build.sh", os.X_OK)
    assert not os.access(tmp_path / "work/recipe/patches/a.patch", os.X_OK)


def test_folder_that_the_build_itself_is_in_is_not_copied(stage: Stage) -> None:
    stage.setting = replace(stage.setting, target_dir=str(stage.recipe_dir / "channel/work"))
    staged = stage.run()
    assert sorted(path.name for path in Path(staged.recipe_path).parent.iterdir()) == ["recipe.yaml"]


def test_link_in_the_folder_is_refused(stage: Stage) -> None:
    (stage.recipe_dir / "LICENSE").symlink_to("/etc/hostname")
    assert _slug(stage) == "unsafe-recipe-folder"


@pytest.mark.parametrize(
    "path",
    [".venv/bin/python", ".pixi/envs/x", "venv/lib64", "env/bin/sh"],
    ids=lambda path: path.split("/")[0],
)
def test_folder_that_is_no_part_of_the_recipe_is_left_out(stage: Stage, path: str) -> None:
    link = stage.recipe_dir / path
    link.parent.mkdir(parents=True)
    link.symlink_to("/usr/bin/env")
    if path.startswith("venv"):
        (stage.recipe_dir / "venv/pyvenv.cfg").touch()
    if path.startswith("env"):
        (stage.recipe_dir / "env/conda-meta").mkdir()

    staged = stage.run()

    assert sorted(path.name for path in Path(staged.recipe_path).parent.iterdir()) == ["recipe.yaml"]


def test_hidden_folder_that_the_recipe_names_is_copied(stage: Stage) -> None:
    (stage.recipe_dir / ".parts").mkdir()
    (stage.recipe_dir / ".parts/a").touch()

    staged = stage.run(RECIPE + "build:\n  script: cp $RECIPE_DIR/.parts/a .\n")

    assert (Path(staged.recipe_path).parent / ".parts/a").exists()


def test_project_beside_the_recipe_is_built_from_as_it_is(stage: Stage) -> None:
    source = RenderedSource(kind="path", urls=(".",))

    staged = stage.run("package:\n  name: demo\nsource:\n  path: .\n", output_with(source))

    assert staged.readable == (str(stage.recipe_dir),)
    assert staged.originals == ((str(stage.recipe_dir), "."),)
    assert [one.slug for one in staged.diagnostics] == []


@pytest.mark.parametrize("ours", ["channel", "dist/channel", "demo/out"])
def test_output_channel_within_the_source_is_not_built_along(stage: Stage, tmp_path: Path, ours: str) -> None:
    project = tmp_path / "project"
    (project / ours / "noarch").mkdir(parents=True)
    (project / "demo").mkdir(exist_ok=True)
    (project / "demo/__init__.py").touch()
    (project / "demo/link.py").symlink_to("__init__.py")
    stage.setting = replace(stage.setting, left_out=(str(project / ours),))

    staged = stage.run(*_project_recipe(project))

    (source,) = staged.sources
    found = sorted(str(path.relative_to(source.path)) for path in Path(source.path).rglob("*"))
    assert found == ["demo", "demo/__init__.py", "demo/link.py"]
    assert staged.originals == ((source.path, str(project)),)
    assert source.path in Path(staged.recipe_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("ours", ["old/channel/.work/.locks", "env/conda-meta"])
def test_what_an_earlier_build_made_in_the_source_is_not_built_along(
    stage: Stage, tmp_path: Path, ours: str
) -> None:
    project = tmp_path / "project"
    (project / ours).mkdir(parents=True)
    (project / "demo.py").touch()

    (source,) = stage.run(*_project_recipe(project)).sources

    assert [path.name for path in Path(source.path).iterdir()] == ["demo.py"]


def _project_recipe(project: Path) -> tuple[str, RenderedOutput]:
    source = RenderedSource(kind="path", urls=(str(project),))
    return f"package:\n  name: demo\nsource:\n  path: {project}\n", output_with(source)


@pytest.mark.parametrize("kind", ["path", "url"])
def test_source_outside_of_the_folder_is_a_finding_that_names_it(
    stage: Stage, tmp_path: Path, kind: Literal["path", "url"]
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "demo-1.0.tar.gz").write_bytes(DATA)
    place = f"{outside.as_uri()}/demo-1.0.tar.gz" if kind == "url" else "../elsewhere"
    stage.files[place] = DATA
    source = RenderedSource(kind=kind, urls=(place,), sha256=sha256_of(DATA))

    staged = stage.run(f"package:\n  name: demo\nsource:\n  {kind}: {place}\n", output_with(source))

    (found,) = (one for one in staged.diagnostics if one.slug == "source-outside")
    assert str(outside) in found.message


def test_special_file_in_the_folder_is_refused(stage: Stage) -> None:
    os.mkfifo(stage.recipe_dir / "pipe")
    assert _slug(stage) == "unsafe-recipe-folder"


def test_what_an_earlier_build_left_is_replaced(stage: Stage, tmp_path: Path) -> None:
    stage.run()
    (tmp_path / "work/recipe/old.patch").write_text("x", encoding="utf-8")
    (tmp_path / "work/sources/0/old").write_text("x", encoding="utf-8")
    stage.run()
    assert not list((tmp_path / "work").rglob("old*"))


def test_file_with_another_hash_is_refused(stage: Stage) -> None:
    stage.files[URL] = b"other"
    assert _slug(stage) == "hash-mismatch"


def test_mirrors_become_the_same_file_and_are_told_in_their_order(stage: Stage) -> None:
    text = f"source:\n  url:\n    - https://gone/a.tgz\n    - {URL}\n"
    staged = stage.run(text, output_with(replace(SOURCE, urls=("https://gone/a.tgz", URL))))
    (first, one), (second, two) = staged.originals
    assert first == second
    assert first.endswith("/sources/0/a.tgz")
    assert (one, two) == ("https://gone/a.tgz", URL)


def test_value_that_is_several_urls_gets_a_folder_of_files(stage: Stage, tmp_path: Path) -> None:
    urls = [f"https://h/v{cuda}/a-{cuda}.tgz" for cuda in ("11", "12")]
    stage.files |= {urls[0]: b"eleven", urls[1]: b"twelve"}
    outputs = [
        output_with(url_source(url, sha256=sha256_of(data)), variant=(("cuda", cuda),))
        for url, data, cuda in zip(urls, (b"eleven", b"twelve"), ("11", "12"), strict=True)
    ]
    staged = stage.run("source:\n  url: https://h/v${{ cuda }}/a-${{ cuda }}.tgz\n", *outputs)
    written = Path(staged.recipe_path).read_text(encoding="utf-8")
    assert written.endswith(
        f"url: file://{tmp_path}/work/sources/of-0/v${{{{ cuda }}}}/a-${{{{ cuda }}}}.tgz\n"
    )
    assert (tmp_path / "work/sources/of-0/v12/a-12.tgz").read_bytes() == b"twelve"


def test_v0_recipe_is_staged_in_its_own_words(stage: Stage) -> None:
    text = '{% set version = "1.0" %}\nsource:\n  url: https://h/demo-{{ version }}.tar.gz  # [linux]\n'
    staged = stage.run(text, output_with(SOURCE), name="meta.yaml")
    written = Path(staged.recipe_path).read_text(encoding="utf-8")
    assert written == text.replace("https://h/demo-{{ version }}.tar.gz", staged.originals[0][0])


def test_name_that_yaml_or_jinja_would_act_on_is_encoded(stage: Stage) -> None:
    stage.setting = replace(stage.setting, target_dir=f"{stage.folder}/{{{{ a }}}} # [win]")
    staged = stage.run()
    assert not set(staged.originals[0][0]) & set("{}[]# ")
    assert staged.originals[0][0] in Path(staged.recipe_path).read_text(encoding="utf-8")


def test_path_in_the_folder_stays_and_one_outside_is_absolute(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (stage.recipe_dir / "inner").mkdir()
    text = "source:\n  - path: inner\n  - path: ../src\n"
    paths = [RenderedSource(kind="path", urls=(path,)) for path in ("inner", "../src")]
    staged = stage.run(text, output_with(*paths))
    written = Path(staged.recipe_path).read_text(encoding="utf-8")
    assert written == f"source:\n  - path: inner\n  - path: {tmp_path}/src\n"
    assert staged.readable == (f"{tmp_path}/src",)


@pytest.mark.parametrize(("there", "slug"), [(b"other bytes", "hash-mismatch"), (None, "unreadable-source")])
def test_file_of_this_machine_that_is_another_by_now_is_refused(
    stage: Stage, tmp_path: Path, there: bytes | None, slug: str
) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    if there is not None:
        path.write_bytes(there)
    text = f"source:\n  path: {path}\n  sha256: {sha256_of(DATA)}\n"
    source = RenderedSource(kind="path", urls=(str(path),), sha256=sha256_of(DATA))
    assert _slug(stage, text, output_with(source)) == slug


def test_source_without_any_hash_is_a_finding(stage: Stage) -> None:
    staged = stage.run(f"source:\n  url: {URL}\n", output_with(url_source(URL)))
    assert [found.slug for found in staged.diagnostics] == ["source-unhashed"]


def test_source_that_was_in_the_cache_is_told(stage: Stage, tmp_path: Path) -> None:
    class Cached(FakeFetcher):
        def get_url(self, url: str) -> str:
            path = super().get_url(url)
            os.utime(path, (1_600_000_000, 1_600_000_000))
            return path

    (stage.recipe_dir / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    fetcher = Cached(tmp_path / "cache", {URL: DATA})
    recipe = str(stage.recipe_dir / "recipe.yaml")
    staged = stage_recipe(recipe, (output_with(SOURCE),), setting=stage.setting, fetcher=fetcher)
    (told,) = staged.diagnostics
    assert told.slug == "source-from-cache"
    assert "2020-09-13" in told.message
    assert told.origin == URL


def test_source_that_was_just_fetched_is_not_told(stage: Stage) -> None:
    assert stage.run().diagnostics == ()


def test_crates_are_asked_for_where_a_build_has_rust(stage: Stage, tmp_path: Path) -> None:
    lock = (
        '[[package]]\nname = "leaf"\nversion = "1.0.0"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
        f'checksum = "{"0" * 64}"\n'
    )
    data = gz(tar_bytes([regular("demo-1.0/Cargo.lock", lock.encode())]))
    stage.files[URL] = data
    stage.setting = replace(stage.setting, build_dir=str(tmp_path / "out"))
    source = url_source(URL, sha256=sha256_of(data))
    stage.run(RECIPE, output_with(source))
    with pytest.raises(BridgeError) as caught:
        stage.run(RECIPE, output_with(source, build_specs=("rust_linux-64 1.*",)))
    assert caught.value.slug == "crates-unreachable"


# ---------------------------------------------------------------- when a source was made


def _epoch(stage: Stage, tmp_path: Path, *times: int) -> int:
    members = [regular(f"demo-1.0/{index}") for index, _ in enumerate(times)]
    for (info, _), when in zip(members, times, strict=True):
        info.mtime = when
    data = write_tar_gz(tmp_path / "x.tar.gz", members).read_bytes()
    stage.files[URL] = data
    return stage.run(RECIPE, output_with(url_source(URL, sha256=sha256_of(data)))).source_date_epoch


def test_epoch_is_that_of_the_newest_file(stage: Stage, tmp_path: Path) -> None:
    assert _epoch(stage, tmp_path, 1_700_000_000, 1_600_000_000) == 1_700_000_000


def test_epoch_of_the_environment_wins(stage: Stage, tmp_path: Path) -> None:
    stage.setting = replace(stage.setting, source_date_epoch=5)
    assert _epoch(stage, tmp_path, 1_700_000_000) == 5


@pytest.mark.parametrize("when", [0, 1, 2**32])
def test_epoch_is_fixed_where_the_times_are_none(stage: Stage, tmp_path: Path, when: int) -> None:
    assert time.time() < 2**32
    assert _epoch(stage, tmp_path, when) == FIXED_EPOCH


def test_epoch_of_a_zip_file_is_utc(stage: Stage) -> None:
    data = zip_bytes([(zipfile.ZipInfo("demo-1.0/a", (2020, 2, 2, 0, 0, 0)), b"x")])
    stage.files[URL] = data
    staged = stage.run(RECIPE, output_with(url_source(URL, sha256=sha256_of(data))))
    assert staged.source_date_epoch == FIXED_EPOCH


def test_epoch_of_a_zip_file_without_times_is_fixed(stage: Stage) -> None:
    data = zip_bytes([(zipfile.ZipInfo("demo-1.0/a", (1980, 1, 1, 0, 0, 0)), b"x")])
    # Reproducible builders leave the date empty, which is month 0 of 1980.
    data = data.replace(b"\x00\x00\x21\x00", b"\x00\x00\x00\x00")
    stage.files[URL] = data
    staged = stage.run(RECIPE, output_with(url_source(URL, sha256=sha256_of(data))))
    assert staged.source_date_epoch == FIXED_EPOCH


# ---------------------------------------------------------------- a property

_COMMENTS = st.text(alphabet="é😀 ab#[]{}:'\"%-", max_size=12)
_STYLES = st.sampled_from(["{}", "'{}'", '"{}"', ">-\n    {}", "&a {}"])
_ENDS = st.sampled_from(["\n", "\r\n"])


@given(
    comments=st.tuples(_COMMENTS, _COMMENTS), style=_STYLES, end=_ENDS, mark=st.sampled_from(["", "\ufeff"])
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_everything_but_the_url_is_equal_in_every_byte(
    stage: Stage, comments: tuple[str, str], style: str, end: str, mark: str
) -> None:
    before = f"# {comments[0]}\npackage:\n  name: demo # {comments[1]}\nsource:\n  url: "
    after = f"\n\n  sha256: {sha256_of(DATA)} # {comments[0]}\n# {comments[1]}"
    text = f"{mark}{before}{style.format(URL)}{after}".replace("\n", end)
    staged = stage.run(text, output_with(SOURCE))
    written = Path(staged.recipe_path).read_bytes().decode()
    head = f"{mark}{before}".replace("\n", end)
    tail = after.replace("\n", end)
    assert written.startswith(head)
    assert written.endswith(tail)
    middle = written[len(head) : len(written) - len(tail)].removeprefix("&a ")
    assert middle == staged.originals[0][0]


def test_path_that_cannot_stand_in_a_recipe_is_refused(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "a #b").mkdir()
    text = "source:\n  path: ../a #b\n".replace("../a #b", '"../a #b"')
    assert (
        _slug(stage, text, output_with(RenderedSource(kind="path", urls=("../a #b",)))) == "uneditable-recipe"
    )


def test_recipe_that_is_no_text_is_refused(stage: Stage) -> None:
    (stage.recipe_dir / "other.yaml").write_bytes(b"\xff")
    with pytest.raises(BridgeError) as caught:
        stage_recipe(
            str(stage.recipe_dir / "other.yaml"),
            [],
            setting=stage.setting,
            fetcher=FakeFetcher(stage.folder / "cache", {}),
        )
    assert caught.value.slug == "invalid-yaml"


def test_output_channel_in_the_folder_is_not_copied(stage: Stage) -> None:
    (stage.recipe_dir / "channel/noarch").mkdir(parents=True)
    stage.setting = replace(stage.setting, left_out=(str(stage.recipe_dir / "channel"),))
    staged = stage.run()
    assert sorted(path.name for path in Path(staged.recipe_path).parent.iterdir()) == ["recipe.yaml"]
