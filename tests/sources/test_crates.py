"""Crates of a lock file are laid out where cargo finds them without network."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.sources.crates import needs_crates, vendor_crates
from conda_bridge.sources.fetcher import IndexFetcher
from support.archives import gz, regular, tar_bytes, write_tar_gz
from support.index_server import Answer, IndexServer
from support.staging import FakeFetcher, output_with, sha256_of

REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
CRATES = "https://crates.test/crates"


def _crate(name: str, version: str = "1.0.0", *, needs: str = "", code: str = "") -> bytes:
    dependency = f'[dependencies]\n{needs} = "1"\n' if needs else ""
    manifest = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n{dependency}'
    top = f"{name}-{version}"
    files = {f"{top}/Cargo.toml": manifest, f"{top}/src/lib.rs": code}
    return gz(tar_bytes([regular(path, text.encode()) for path, text in files.items()]))


INNER = _crate("inner-twig", code="pub fn twig() -> u32 { 20 }")
OUTER = _crate("outer-leaf", needs="inner-twig", code="pub fn leaf() -> u32 { inner_twig::twig() + 1 }")


def _locked(name: str, data: bytes, *, needs: str = "", version: str = "1.0.0") -> str:
    lines = [
        "[[package]]",
        f'name = "{name}"',
        f'version = "{version}"',
        f'source = "{REGISTRY}"',
        f'checksum = "{sha256_of(data)}"',
    ]
    return "\n".join([*lines, *([f'dependencies = ["{needs}"]'] if needs else [])])


LOCK = f"""\
version = 3

{_locked("inner-twig", INNER)}

{_locked("outer-leaf", OUTER, needs="inner-twig")}

[[package]]
name = "toytree"
version = "0.1.0"
dependencies = ["outer-leaf"]
"""
MANIFEST = (
    '[package]\nname = "toytree"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nouter-leaf = "1"\n'
)
FILES = {f"{CRATES}/{name}/{name}-1.0.0.crate": data for name, data in (("inner-twig", INNER), ("outer-leaf", OUTER))}  # fmt: skip


def _sdist(folder: Path, **files: str) -> str:
    members = {
        f"toytree-0.1.0/{path.replace('__', '/').replace('_', '.')}": text for path, text in files.items()
    }
    return str(write_tar_gz(folder / "toytree-0.1.0.tar.gz", members))


def _refusal(archive: str, tmp_path: Path, fetcher: FakeFetcher) -> SourceError:
    with pytest.raises(SourceError) as caught:
        vendor_crates([archive], folder=str(tmp_path / "out"), fetcher=fetcher, registry_url=CRATES)
    return caught.value


def test_crates_and_their_configuration_lie_above_the_build(tmp_path: Path) -> None:
    archive = _sdist(tmp_path, Cargo_lock=LOCK, Cargo_toml=MANIFEST)
    fetcher = FakeFetcher(tmp_path / "c", FILES)
    done = vendor_crates([archive], folder=str(tmp_path / "out"), fetcher=fetcher, registry_url=CRATES)
    assert [(link.filename, Path(path).read_bytes()) for link, path in done.files] == [
        ("inner-twig-1.0.0.crate", INNER),
        ("outer-leaf-1.0.0.crate", OUTER),
    ]
    assert done.diagnostics == ()
    vendored = tmp_path / "out/.cargo/vendor/outer-leaf-1.0.0"
    assert (vendored / "src/lib.rs").read_text(encoding="utf-8").startswith("pub fn leaf")
    checksum = json.loads((vendored / ".cargo-checksum.json").read_text(encoding="utf-8"))
    assert checksum == {"files": {}, "package": sha256_of(OUTER)}
    assert 'directory = ".cargo/vendor"' in (tmp_path / "out/.cargo/config.toml").read_text(encoding="utf-8")


def test_older_lock_files_have_their_checksums_in_one_table(tmp_path: Path) -> None:
    lock = (
        f'[[package]]\nname = "inner-twig"\nversion = "1.0.0"\nsource = "{REGISTRY}"\n'
        f'[metadata]\n"checksum inner-twig 1.0.0 ({REGISTRY})" = "{sha256_of(INNER)}"\n'
    )
    fetcher = FakeFetcher(tmp_path / "c", FILES)
    done = vendor_crates(
        [_sdist(tmp_path, Cargo_lock=lock)],
        folder=str(tmp_path / "out"),
        fetcher=fetcher,
        registry_url=CRATES,
    )
    assert len(done.files) == 1


def test_unreachable_registry_is_told_with_the_count_and_the_lock_file(tmp_path: Path) -> None:
    error = _refusal(_sdist(tmp_path, Cargo_lock=LOCK), tmp_path, FakeFetcher(tmp_path / "c", {}))
    assert error.slug == "crates-unreachable"
    assert "the 2 crates that Cargo.lock of toytree-0.1.0.tar.gz names" in error.message
    assert CRATES in error.message
    assert not (tmp_path / "out").exists()


def test_crate_with_another_hash_is_refused(tmp_path: Path) -> None:
    fetcher = FakeFetcher(tmp_path / "c", dict.fromkeys(FILES, b"other"))
    assert _refusal(_sdist(tmp_path, Cargo_lock=LOCK), tmp_path, fetcher).slug == "hash-mismatch"


@pytest.mark.parametrize(
    "manifest",
    [
        MANIFEST,
        '[workspace.dependencies]\na = { version = "1" }\n',
        '[target."cfg(unix)".dev-dependencies]\na = "1"\n',
    ],
)
def test_crates_without_a_lock_file_are_refused(tmp_path: Path, manifest: str) -> None:
    error = _refusal(_sdist(tmp_path, rust__Cargo_toml=manifest), tmp_path, FakeFetcher(tmp_path / "c", {}))
    assert (error.slug, "rust/Cargo.toml" in error.message) == ("crates-not-locked", True)


@pytest.mark.parametrize(
    "files",
    [
        {"Cargo_toml": '[package]\nname = "a"\n[dependencies]\nb = { path = "b" }\n'},
        {"Cargo_toml": MANIFEST, "_cargo__config_toml": '[source.crates-io]\nreplace-with = "mine"\n'},
        {"tests__Cargo_toml": MANIFEST},
        {"setup_py": ""},
    ],
)
def test_source_that_needs_no_crates_from_outside_is_left_alone(
    tmp_path: Path, files: dict[str, str]
) -> None:
    fetcher = FakeFetcher(tmp_path / "c", {})
    done = vendor_crates([_sdist(tmp_path, **files)], folder=str(tmp_path / "out"), fetcher=fetcher)
    assert done.files == ()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "version", "checksum"),
    [("../a", "1.0.0", "0" * 64), ("a", "../1", "0" * 64), ("a", "1.0.0", ""), ("a", "1.0.0", "xyz")],
)
def test_entry_that_is_no_crate_is_refused(tmp_path: Path, name: str, version: str, checksum: str) -> None:
    lock = f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = "{REGISTRY}"\nchecksum = "{checksum}"\n'
    error = _refusal(_sdist(tmp_path, Cargo_lock=lock), tmp_path, FakeFetcher(tmp_path / "c", {}))
    assert error.slug == "crates-not-locked"


def test_crate_of_a_repository_is_a_finding(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "odd"\nversion = "1.0.0"\nsource = "git+https://h/odd?rev=1#1"\n'
    done = vendor_crates(
        [_sdist(tmp_path, Cargo_lock=lock)],
        folder=str(tmp_path / "out"),
        fetcher=FakeFetcher(tmp_path / "c", {}),
    )
    assert [found.slug for found in done.diagnostics] == ["foreign-crate"]
    assert "odd from git+https://h/odd" in done.diagnostics[0].message


@pytest.mark.parametrize(
    ("specs", "answer"),
    [(("rust_linux-64 1.95.*",), True), (("rust",), True), (("rustworkx",), False), (("gcc_linux-64",), False)],
)  # fmt: skip
def test_only_builds_with_a_rust_compiler_need_crates(specs: tuple[str, ...], answer: bool) -> None:  # noqa: FBT001
    assert needs_crates([output_with(build_specs=specs)]) is answer


# ---------------------------------------------------------------- with the real cargo, and over http


@pytest.mark.slow
def test_cargo_builds_without_network_in_a_folder_below(tmp_path: Path, index_server: IndexServer) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        pytest.skip("cargo is not installed")
    for name, data in (("inner-twig", INNER), ("outer-leaf", OUTER)):
        index_server.on(f"/crates/{name}/{name}-1.0.0.crate", Answer(body=data))
    fetcher = IndexFetcher(
        IndexOptions(urls=(index_server.index_url,)), NetworkOptions(cache_dir=str(tmp_path / "cache"))
    )
    archive = _sdist(tmp_path, Cargo_lock=LOCK, Cargo_toml=MANIFEST)
    registry = f"{index_server.url}/crates"
    vendor_crates([archive], folder=str(tmp_path / "out"), fetcher=fetcher, registry_url=registry)
    work = tmp_path / "out/bld/rattler-build_toytree/work"
    (work / "src").mkdir(parents=True)
    (work / "Cargo.toml").write_text(MANIFEST, encoding="utf-8")
    (work / "Cargo.lock").write_text(LOCK, encoding="utf-8")
    code = 'fn main() { println!("{}", outer_leaf::leaf() * 2); }'
    (work / "src/main.rs").write_text(code, encoding="utf-8")
    environment = {**os.environ, "CARGO_HOME": str(tmp_path / "home")}
    command = [cargo, "run", "--quiet", "--offline", "--locked"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("42\n", "")
    assert len(index_server.asked("/crates")) == 2
    vendor_crates([archive], folder=str(tmp_path / "again"), fetcher=fetcher, registry_url=registry)
    assert len(index_server.asked("/crates")) == 2
