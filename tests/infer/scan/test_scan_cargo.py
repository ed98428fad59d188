"""What Cargo's files and build scripts say."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.cargo import scan_cargo, scan_cargo_lock
from conda_bridge.infer.scan.rust_build import scan_build_rs
from support.cost import SECONDS, least_cpu_s

PACKAGE = '[package]\nname = "demo"\n'


def tokens(text: str, kind: str) -> list[str]:
    return [signal.token for signal in scan_cargo("Cargo.toml", PACKAGE + text) if signal.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[dependencies]\nlibz-sys = "1"', ["libz-sys"]),
        ('[dependencies]\nz = { version = "1", package = "libz-sys" }', ["libz-sys"]),
        ('[dependencies]\nlibz-sys = { version = "1", optional = true }', ["libz-sys ? ~cargo:libz-sys"]),
        ('[dependencies.libz-sys]\nversion = "1"', ["libz-sys"]),
        ("[target.'cfg(windows)'.dependencies]\nx = '1'", ["x @win"]),
        ("[target.'cfg(unix)'.dependencies]\nx = '1'", ["x @unix"]),
        ("[target.'cfg(not(windows))'.dependencies]\nx = '1'", ["x @unix"]),
        ("[target.'cfg(target_os = \"macos\")'.dependencies]\nx = '1'", ["x @osx"]),
        ("[target.'cfg(any(target_os = \"macos\", target_os = \"linux\"))'.dependencies]\nx = '1'", ["x @unix"]),
        ("[target.'cfg(not(any(target_os = \"macos\", windows)))'.dependencies]\nx = '1'", ["x @linux"]),
        ("[target.x86_64-pc-windows-msvc.dependencies]\nx = '1'", ["x @win"]),
        ("[target.'cfg(target_arch = \"x86\")'.dependencies]\nx = '1'", ["x"]),
        ("[workspace.dependencies]\nx = '1'", []),
        ("[dependencies]\nx = { workspace = true }\n[workspace.dependencies]\nx = '1'", ["x"]),
        ('[dependencies]\nx = { version = "1", optional = true }\n[features]\ndefault = ["dep:x"]', ["x"]),
        ('[dependencies]\nx = { version = "1", optional = true }\n[features]\ndefault = ["a"]\na = ["x/b"]', ["x"]),
        (
            '[dependencies]\nx = { version = "1", optional = true }\n[features]\ndefault = ["x?/b"]\na = ["dep:x"]',
            ["x ? ~cargo:x"],
        ),
        ("[dev-dependencies]\nx = '1'", []),
        ("[build-dependencies]\nx = '1'", []),
        ("dependencies = 3", []),
    ],
)  # fmt: skip
def test_crates(text: str, expected: list[str]) -> None:
    assert tokens(text, "crate") == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("", "language", ["rust"]),
        ('[build-dependencies]\ncc = "1"', "language", ["rust", "c"]),
        ('[dependencies]\ncxx = "1"', "language", ["rust", "cxx"]),
        ('[build-dependencies]\ncmake = "1"\npkg-config = "1"', "tool", ["cmake", "pkg-config"]),
        (
            '[build-dependencies]\nbindgen = { version = "1", optional = true }',
            "tool",
            ["clangdev ? ~cargo:bindgen"],
        ),
        ('links = "z"', "library", ["z"]),
        (
            '[dependencies]\nopenssl = { version = "1", features = ["vendored"] }',
            "vendored-crate",
            ["openssl"],
        ),
        ('[dependencies]\npyo3 = { version = "1", features = ["abi3-py39"] }', "abi3", ["3.9"]),
        ('[dependencies.pyo3]\nversion = "1"\nfeatures = ["abi3"]', "abi3", [""]),
        (
            '[dependencies]\npyo3 = "1"\n[features]\ndefault = ["x"]\nx = ["pyo3/abi3-py310"]',
            "abi3",
            ["3.10"],
        ),
        ('[dependencies]\npyo3 = "1"\n[features]\nother = ["pyo3/abi3"]', "abi3", []),
        ('[workspace.dependencies]\npyo3 = { version = "1", features = ["abi3-py38"] }', "abi3", ["3.8"]),
    ],
)
def test_other_tables(text: str, kind: str, expected: list[str]) -> None:
    assert tokens(text, kind) == expected


def test_broken_manifests_say_nothing() -> None:
    assert scan_cargo("Cargo.toml", "[package\n") == ()
    assert scan_cargo("Cargo.toml", "[package]\n" + "a." * 5_000 + "b = 1\n") == ()


def test_locked_crates_that_link_are_optional() -> None:
    text = 'version = 3\n\n[[package]]\nname = "libz-sys"\n\n[[package]]\nname = "serde"\n\n[[package]]\nname = "windows-sys"\n'
    assert [(s.token, s.line) for s in scan_cargo_lock("Cargo.lock", text)] == [("libz-sys ?", 4)]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ('pkg_config::probe_library("zlib")', "pkg-config", ["zlib"]),
        ('pkg_config::Config::new().atleast_version("1").probe("zlib")', "pkg-config", ["zlib ?"]),
        ('println!("cargo:rustc-link-lib=z")', "library", ["z"]),
        ('println!("cargo::rustc-link-lib=static=z")', "library", ["z"]),
        ('println!("cargo:rustc-link-lib=framework=Security")', "library", []),
        ('// println!("cargo:rustc-link-lib=z")', "library", []),
        ('cmake::Config::new("z")', "tool", ["cmake"]),
        ("bindgen::Builder::default()", "tool", ["clangdev"]),
        ('Command::new("protoc")', "tool", ["libprotobuf"]),
        ('env::var("OPENSSL_DIR")', "variable", ["OPENSSL_DIR"]),
        ('env::var("OUT_DIR")', "variable", []),
        ('std::env::var_os("DEMO_USE_SYSTEM_ZLIB")', "switch", ["env:DEMO_USE_SYSTEM_ZLIB"]),
        ('cc::Build::new().cpp(true).file("x.cc")', "language", ["c", "cxx"]),
    ],
)
def test_build_scripts(text: str, kind: str, expected: list[str]) -> None:
    assert [s.token for s in scan_build_rs("build.rs", text) if s.kind == kind] == expected


@pytest.mark.parametrize(
    ("scanner", "text"),
    [
        (scan_cargo, "[dependencies]\n" + "".join(f"a{i} = '1'\n" for i in range(4_000))),
        (scan_cargo, "[[" * 100_000),
        (scan_cargo, "x = " + "[" * 50_000),
        (scan_cargo_lock, 'name = "a' * 100_000),
        (scan_build_rs, 'rustc-link-lib=cargo:env::var("' * 8_000),
        (scan_build_rs, "cmake::build " * 8_000),
    ],
    ids=["crates", "tables", "lists", "lock", "calls", "words"],
)
def test_hostile_texts_cost_little(scanner: Callable[[str, str], object], text: str) -> None:
    assert least_cpu_s(lambda: scanner("a", text), enough_s=SECONDS) < SECONDS


WORDS = st.sampled_from([
    "[package]", "[dependencies]", "[target.'cfg(windows)'.dependencies]", "[features]", "\n", "pyo3", " = ", "'1'", "{ features = ['abi3'] }",
    "default", "['default']", "[build-dependencies]", "links", "3", "x.", "cc",
])  # fmt: skip


@given(st.lists(WORDS, max_size=20).map("".join))
def test_no_text_raises(text: str) -> None:
    for signal in (*scan_cargo("Cargo.toml", text), *scan_build_rs("build.rs", text)):
        assert len(signal.token) <= 150
