"""Programs of the machine that packages stand for."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.host.facts import Compiler, HostProgram
from conda_bridge.distributors.host.programs import find_programs, program_packages, remedy_for
from conda_bridge.processes.minimal_path import minimal_path
from support.conda_packages import package_members
from support.host_machine import facts_of, put, tool

RUST = Compiler(language="rust", kind="rust", version="1.95.0", path="/t/bin/rustc", target="x")


def test_what_is_on_the_path_is_found_with_its_version(tmp_path: Path) -> None:
    tool(tmp_path, "make", "echo GNU Make 4.3")
    tool(tmp_path, "gmake", "exit 1")

    (found,) = find_programs({"PATH": str(tmp_path)})

    assert (found.conda_name, found.version) == ("make", "4.3")
    assert found.paths == (("make", f"{tmp_path}/make"), ("gmake", f"{tmp_path}/gmake"))


def test_program_that_does_not_run_is_none(tmp_path: Path) -> None:
    tool(tmp_path, "make", "exit 1")

    assert find_programs({"PATH": str(tmp_path)}) == ()


def test_package_starts_the_program(tmp_path: Path) -> None:
    program = tool(tmp_path / "a folder", "make", 'echo made "$@"')
    facts = facts_of(
        programs=(HostProgram(conda_name="make", version="4.3", paths=(("make", str(program)),)),)
    )

    (path,) = program_packages(facts, tmp_path)

    record = read_record(str(path))
    wrapper = put(tmp_path / "wrapper", package_members(path)["bin/make"][1], mode=0o755)
    said = subprocess.run([wrapper, "-C", "a b"], env={}, capture_output=True, text=True, check=True).stdout
    assert path.name == "make-4.3-0_host.conda"
    assert (record.subdir, record.depends) == ("linux-64", ("__linux",))
    assert said == "made -C a b\n"


def test_pkg_config_sees_the_environment_and_not_the_system(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    tool(
        machine,
        "pkg-config",
        'case "$*" in --version) echo 1.8.1;; *) echo "$PKG_CONFIG_LIBDIR";; esac',
    )
    facts = facts_of(programs=find_programs({"PATH": str(machine)}))
    (path,) = program_packages(facts, tmp_path)
    wrapper = put(tmp_path / "env/bin/pkg-config", package_members(path)["bin/pkg-config"][1], mode=0o755)

    said = subprocess.run([wrapper], env={}, capture_output=True, text=True, check=True).stdout

    folder = wrapper.parent
    assert said == f"{folder}/../lib/pkgconfig:{folder}/../share/pkgconfig\n"


LOCK = """\
version = 4

[[package]]
name = "itoa"
version = "1.0.17"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = [
 "own",
]

[[package]]
name = "own"
version = "0.1.0"
"""


def licenses_program(folder: Path) -> Path:
    (path,) = program_packages(facts_of(compilers=(RUST,)), folder)
    assert path.name == "cargo-bundle-licenses-0.0.0-0_host.conda"
    return put(folder / "program", package_members(path)["bin/cargo-bundle-licenses"][1], mode=0o755)


def bundled(folder: Path) -> tuple[dict[str, Any], str]:
    """Return what the stand-in writes in a workspace's member, and what it says, with few programs on the PATH."""
    program = licenses_program(folder)
    put(folder / "workspace/Cargo.lock", LOCK)
    member = put(folder / "workspace/member/Cargo.toml", '[package]\nname = "own"\n').parent
    done = subprocess.run(
        [program, "--format", "yaml", "--output", "THIRDPARTY.yml"],
        cwd=member,
        env={"PATH": minimal_path(str(folder / "minimal"))},
        capture_output=True,
        check=True,
        text=True,
    )
    return yaml.safe_load((member / "THIRDPARTY.yml").read_bytes()), done.stderr


MANIFEST = """\
[package]
name = "itoa"
version = "1.0.17"
license = "MIT OR Apache-2.0"
repository = "https://github.com/dtolnay/itoa"

[lib]
name = "itoa"
"""


def test_texts_of_vendored_crates_are_bundled_where_the_machine_has_no_program_for_it(tmp_path: Path) -> None:
    crate = tmp_path / ".cargo/vendor/itoa-1.0.17"
    put(crate / "Cargo.toml", MANIFEST)
    put(crate / "LICENSE-APACHE", "  Apache \\License\n\n\x0c\tVersion 2\n")
    put(crate / "license-mit.txt", 'Copyright "Zoë"\r\n')
    put(crate / "src/license.rs", "fn main() {}")

    listed, said = bundled(tmp_path)

    assert listed == {
        "root_name": "own",
        "third_party_libraries": [
            {
                "package_name": "itoa",
                "package_version": "1.0.17",
                "repository": "https://github.com/dtolnay/itoa",
                "license": "MIT OR Apache-2.0",
                "licenses": [
                    {"license": "Apache-2.0", "text": "  Apache \\License\n\n\x0c\tVersion 2"},
                    {"license": "MIT", "text": 'Copyright "Zoë"'},
                ],
            }
        ],
    }
    assert "no licence text" not in said


def test_licence_file_of_any_name_and_encoding_is_bundled(tmp_path: Path) -> None:
    crate = tmp_path / ".cargo/vendor/itoa-1.0.17"
    put(crate / "Cargo.toml", '[package]\nlicense-file = "docs/TERMS"\n')
    put(crate / "docs/TERMS", "")
    (crate / "docs/TERMS").write_bytes(b"\xa9 Zo\xeb\n")
    put(crate / "LICENSES/Zlib.txt", "zlib")

    listed, _ = bundled(tmp_path)

    assert [one["text"] for one in listed["third_party_libraries"][0]["licenses"]] == ["zlib", "© Zoë"]


@pytest.mark.parametrize("manifest", [MANIFEST, ""])
def test_crate_without_a_licence_text_is_named(tmp_path: Path, manifest: str) -> None:
    if manifest:
        put(tmp_path / ".cargo/vendor/itoa-1.0.17/Cargo.toml", manifest)

    listed, said = bundled(tmp_path)

    license_ = "MIT OR Apache-2.0" if manifest else ""
    (crate,) = listed["third_party_libraries"]
    assert crate["licenses"] == [{"license": license_, "text": "NOT FOUND"}]
    assert "no licence text of itoa 1.0.17\n" in said


def test_no_crates_are_listed_without_a_lock_file(tmp_path: Path) -> None:
    program = licenses_program(tmp_path)

    done = subprocess.run([program], cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 1
    assert b"no Cargo.lock" in done.stderr


def test_program_of_the_machine_wins_over_the_stand_in(tmp_path: Path) -> None:
    own = HostProgram(conda_name="cargo-bundle-licenses", version="4.0.0", paths=(("x", "/x"),))

    (path,) = program_packages(facts_of(compilers=(RUST,), programs=(own,)), tmp_path)

    assert path.name == "cargo-bundle-licenses-4.0.0-0_host.conda"


@pytest.mark.parametrize(
    ("conda_name", "remedy"),
    [
        ("gxx_linux-64", "apt install g++"),
        ("gfortran_linux-aarch64", "apt install gfortran"),
        ("rust_linux-64", "apt install rustc cargo"),
        ("flex", "apt install flex"),
        ("cargo-bundle-licenses", "put cargo-bundle-licenses on the PATH"),
        ("pnpm", "put pnpm on the PATH"),
        ("wasm-bindgen-cli", "put wasm-bindgen on the PATH"),
        ("rust-std-wasm32-unknown-unknown", "rustup target add wasm32-unknown-unknown"),
        ("zlib", ""),
        ("python_abi", ""),
    ],
)
def test_what_the_machine_lacks_has_a_remedy(conda_name: str, remedy: str) -> None:
    found = remedy_for(conda_name)

    assert found.startswith(remedy) if remedy else found == ""
