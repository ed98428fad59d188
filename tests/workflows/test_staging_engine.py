"""Staged recipes are built by the real engine, and the packages tell nothing of the staging."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from conda_bridge.engines import engine_of
from conda_bridge.model.build import BuildJob, EngineSetting, RenderJob
from conda_bridge.protocols import SilentReporter
from conda_bridge.sources.crates import CRATES_URL
from conda_bridge.workflows.restoring import restore_recipe
from conda_bridge.workflows.staging import StagingSetting, stage_recipe
from support.archives import gz, regular, tar_bytes
from support.conda_packages import package_members
from support.staging import FakeFetcher, sha256_of

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is not installed"),
]

URL = "https://h/demo-1.0.tar.gz"
PATCH = "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n"


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Stages and builds a recipe in a folder of the test's."""

    folder: Path
    files: dict[str, bytes] = field(default_factory=dict)
    build_specs: tuple[str, ...] = ()
    """What the outputs are said to require; there is no channel to have it from."""
    tools: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()

    def build(self, text: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the texts of the payload and those of info/."""
        recipe = self.folder / "recipe/recipe.yaml"
        recipe.parent.mkdir(exist_ok=True)
        recipe.write_text(text, encoding="utf-8")
        engine = engine_of("rattler-build")
        setting = EngineSetting(channels=(), cache_dir=str(self.folder / "cache"))
        outputs = engine.render(RenderJob(recipe_path=str(recipe), setting=setting))
        staged = stage_recipe(
            str(recipe),
            [replace(output, build_specs=self.build_specs) for output in outputs],
            setting=StagingSetting(
                target_dir=str(self.folder / "staged"), build_dir=str(self.folder / "out")
            ),
            fetcher=FakeFetcher(self.folder / "fetched", self.files),
        )
        job = BuildJob(
            subject="demo",
            recipe_path=staged.recipe_path,
            setting=EngineSetting(
                channels=(),
                cache_dir=setting.cache_dir,
                readable=(str(self.folder / "staged"), *staged.readable, *self.readable),
                tools=(*staged.tools, *self.tools),
            ),
            output_dir=str(self.folder / "out"),
            taken_dir=str(self.folder / "taken"),
            log_path=str(self.folder / "build.log"),
            source_date_epoch=staged.source_date_epoch,
        )
        (self.folder / "out").mkdir(exist_ok=True)
        [(path, _)] = engine.build(job, SilentReporter()).packages
        restore_recipe(path, staged)
        info = _texts(Path(path), "info")
        assert not [name for name, content in info.items() if str(self.folder / "staged") in content]
        assert info["info/recipe/recipe.yaml"] == text
        return _texts(Path(path), "pkg"), info


def _texts(package: Path, part: str) -> dict[str, str]:
    return {name: content.decode() for name, (_, content) in package_members(package, part).items()}


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder(folder=tmp_path)


def test_archive_with_a_patch_and_a_mirror(builder: Builder) -> None:
    data = gz(tar_bytes([regular("demo-1.0/a+b.txt"), regular("demo-1.0/LICENSE")]))
    builder.files[URL] = data
    (builder.folder / "recipe").mkdir()
    (builder.folder / "recipe/a.patch").write_text(PATCH, encoding="utf-8")
    payload, info = builder.build(
        'context:\n  version: "1.0"\npackage:\n  name: demo\n  version: ${{ version }}\nsource:\n  url:\n'
        "    - https://gone/demo-${{ version }}+x.tar.gz\n    - https://h/demo-${{ version }}.tar.gz\n"
        f"  sha256: {sha256_of(data)}\n  patches: [a.patch]\nbuild:\n  noarch: generic\n"
        "  script: mkdir -p $PREFIX/share && cp a+b.txt new.txt $PREFIX/share/\nabout:\n  license_file: LICENSE\n"
    )
    assert payload["share/new.txt"] == "new\n"
    assert info["info/recipe/a.patch"] == PATCH
    mirrors = f"- https://gone/demo-1.0+x.tar.gz\n    - {URL}\n"
    assert mirrors in info["info/recipe/rendered_recipe.yaml"]


def test_file_that_is_no_archive_keeps_its_name(builder: Builder) -> None:
    builder.files.update({"https://h/a+b.txt": b"text", "https://h/c.txt": b"other"})
    payload, _ = builder.build(
        'package:\n  name: demo\n  version: "1.0"\nsource:\n'
        f"  - url: https://h/a+b.txt\n    sha256: {sha256_of(b'text')}\n"
        f"  - url: https://h/c.txt\n    sha256: {sha256_of(b'other')}\n    file_name: renamed.txt\n"
        "build:\n  noarch: generic\n  script: mkdir -p $PREFIX/share && cp a+b.txt renamed.txt $PREFIX/share/\n"
    )
    assert (payload["share/a+b.txt"], payload["share/renamed.txt"]) == ("text", "other")


def test_folder_beside_the_recipe_is_read_in_its_place(builder: Builder) -> None:
    (builder.folder / "src").mkdir()
    (builder.folder / "src/a.txt").write_text("here", encoding="utf-8")
    payload, _ = builder.build(
        'package:\n  name: demo\n  version: "1.0"\nsource:\n  path: ../src\n'
        "build:\n  noarch: generic\n  script: mkdir -p $PREFIX/share && cp a.txt $PREFIX/share/\n"
    )
    assert payload["share/a.txt"] == "here"


def test_repository_has_its_tags_in_the_build(builder: Builder) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    upstream = builder.folder / "upstream"
    upstream.mkdir()
    (upstream / "a.txt").write_text("first", encoding="utf-8")
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"], ["tag", "v1.0"]):
        subprocess.run(["git", *identity, *command], cwd=upstream, check=True)
    payload, info = builder.build(
        'context:\n  version: "1.0"\npackage:\n  name: demo\n  version: ${{ version }}\nsource:\n'
        f"  git: {upstream.as_uri()}\n  tag: v${{{{ version }}}}\n"
        "build:\n  noarch: generic\n  script: mkdir -p $PREFIX/share && git describe --tags > $PREFIX/share/v.txt\n"
    )
    assert payload["share/v.txt"] == "v1.0\n"
    assert f"git: {upstream.as_uri()}" in info["info/recipe/rendered_recipe.yaml"]


def test_crates_of_the_lock_file_are_there_in_the_build(tmp_path: Path) -> None:
    programs = {name: shutil.which(name) for name in ("cargo", "rustc", "gcc", "as", "ld")}
    if None in programs.values():
        pytest.skip("cargo or gcc is not installed")
    sysroot = subprocess.run(
        ["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True
    ).stdout.strip()
    tools = tmp_path / "programs"
    tools.mkdir()
    for name, path in programs.items():
        # What rustup has on the PATH looks for its settings at home, which the build hasn't.
        real = f"{sysroot}/bin/{name}" if name in {"cargo", "rustc"} else path
        (tools / name).write_text(f'#!/bin/sh\nexec {real} "$@"\n', encoding="utf-8")
        (tools / name).chmod(0o755)
    crate = gz(
        tar_bytes(
            [
                regular(
                    "outer-leaf-1.0.0/Cargo.toml", b'[package]\nname = "outer-leaf"\nversion = "1.0.0"\n'
                ),
                regular("outer-leaf-1.0.0/src/lib.rs", b"pub fn leaf() -> u32 { 42 }\n"),
            ]
        )
    )
    lock = (
        'version = 3\n[[package]]\nname = "outer-leaf"\nversion = "1.0.0"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
        f'checksum = "{sha256_of(crate)}"\n'
        '[[package]]\nname = "toytree"\nversion = "0.1.0"\ndependencies = ["outer-leaf"]\n'
    )
    manifest = '[package]\nname = "toytree"\nversion = "0.1.0"\n[dependencies]\nouter-leaf = "1"\n'
    main = 'extern crate outer_leaf; fn main() { println!("{}", outer_leaf::leaf()); }'
    files = {"Cargo.toml": manifest, "Cargo.lock": lock, "src/main.rs": main}
    data = gz(tar_bytes([regular(f"demo-1.0/{path}", text.encode()) for path, text in files.items()]))
    builder = Builder(
        folder=tmp_path,
        files={URL: data, f"{CRATES_URL}/outer-leaf/outer-leaf-1.0.0.crate": crate},
        build_specs=("rust_linux-64 1.*",),
        tools=(str(tools),),
        readable=(str(tools), sysroot),
    )
    payload, _ = builder.build(
        f'package:\n  name: demo\n  version: "1.0"\nsource:\n  url: {URL}\n  sha256: {sha256_of(data)}\n'
        "build:\n  noarch: generic\n  script:\n    - mkdir -p $PREFIX/share\n"
        "    - cargo run --offline --locked --config 'target.x86_64-unknown-linux-gnu.linker=\"gcc\"' > $PREFIX/share/a.txt\n"
    )
    assert payload["share/a.txt"] == "42\n"
