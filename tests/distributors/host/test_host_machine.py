"""What is found of a machine's toolchain."""

from pathlib import Path

import pytest

from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.machine import describe_host
from conda_bridge.errors import EngineError
from support.host_machine import fake_python, tool

ANSWERS = 'case "$*" in -dump*) echo 12.2.0;; *) exit 0;; esac'
HEADERLESS = 'case "$*" in -dump*) echo 12.2.0;; *) exit 1;; esac'


def described(folder: Path, **said: str) -> HostFacts:
    python = fake_python(folder / "prefix", **said)
    return describe_host(str(python), environment={"PATH": f"{folder}/bin", "HOME": str(folder)})


@pytest.fixture(autouse=True)
def _shell(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cat").symlink_to("/bin/cat")


def test_compilers_say_their_versions(tmp_path: Path) -> None:
    for name in ("gcc", "g++", "gfortran"):
        tool(tmp_path / "bin", name, ANSWERS)

    facts = described(tmp_path)

    assert [(one.language, one.kind, one.version) for one in facts.compilers] == [
        ("c", "gcc", "12.2.0"),
        ("cxx", "gcc", "12.2.0"),
        ("fortran", "gcc", "12.2.0"),
    ]
    assert facts.diagnostics == ()
    assert not facts.is_noarch_only


def test_machine_without_compiler_builds_noarch_only_and_says_so(tmp_path: Path) -> None:
    facts = described(tmp_path)

    assert facts.is_noarch_only
    assert [one.slug for one in facts.diagnostics] == ["no-compiler"]
    assert "apt install gcc" in facts.diagnostics[0].hint


def test_compiler_without_the_c_librarys_headers_is_none(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "gcc", HEADERLESS)

    assert described(tmp_path).compiler("c") is None


def test_compiler_cache_that_stands_in_for_the_compiler_is_passed_over(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "gcc", ANSWERS)
    tool(tmp_path / "cache", "ccache", "exit 1")
    (tmp_path / "cache/gcc").symlink_to("ccache")
    python = fake_python(tmp_path / "prefix")

    facts = describe_host(str(python), environment={"PATH": f"{tmp_path}/cache:{tmp_path}/bin"})

    compiler = facts.compiler("c")
    assert compiler is not None
    assert compiler.path == f"{tmp_path}/bin/gcc"


def test_relative_folders_of_the_path_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path / "here", "strip", "exit 1")
    monkeypatch.chdir(tmp_path)
    python = fake_python(tmp_path / "prefix")

    facts = describe_host(str(python), environment={"PATH": f"here:{tmp_path}/bin"})

    assert facts.binutils == ()


def test_clang_stands_in_for_gcc(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "gcc", HEADERLESS)
    tool(tmp_path / "bin", "clang", 'case "$*" in -dumpversion) echo 14.0.6;; esac')

    compiler = described(tmp_path).compiler("c")

    assert compiler is not None
    assert (compiler.kind, compiler.version) == ("clang", "14.0.6")


def test_interpreter_without_headers_builds_noarch_only_and_says_so(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "gcc", ANSWERS)

    facts = described(tmp_path, include="/nowhere")

    assert facts.is_noarch_only
    assert [one.slug for one in facts.diagnostics] == ["no-python-headers"]


def test_rust_is_the_toolchains_own_and_no_stand_in(tmp_path: Path) -> None:
    toolchain = tmp_path / "toolchain/bin"
    tool(toolchain, "rustc", "echo release: 1.96.0-nightly; echo host: x86_64-unknown-linux-gnu")
    tool(toolchain, "cargo", "exit 1")
    tool(tmp_path / "bin", "rustc", f"echo {tmp_path}/toolchain")
    tool(tmp_path / "bin", "cargo", "exit 1")

    facts = described(tmp_path)

    rust = facts.compiler("rust")
    assert rust is not None
    assert (rust.path, rust.version) == (f"{toolchain}/rustc", "1.96.0")
    assert rust.target == "x86_64-unknown-linux-gnu"
    assert facts.cargo == (("cargo", f"{toolchain}/cargo"),)
    assert str(tmp_path / "toolchain") in facts.readable


def test_targets_of_rust_are_those_that_its_library_is_there_for(tmp_path: Path) -> None:
    toolchain = tmp_path / "toolchain"
    tool(toolchain / "bin", "rustc", "echo release: 1.96.0; echo host: x86_64-unknown-linux-gnu")
    tool(tmp_path / "bin", "rustc", f"echo {toolchain}")
    for folder in ("wasm32-unknown-unknown/lib", "x86_64-unknown-linux-gnu/lib", "etc"):
        (toolchain / "lib/rustlib" / folder).mkdir(parents=True)

    assert described(tmp_path).rust_targets == ("wasm32-unknown-unknown", "x86_64-unknown-linux-gnu")


def test_rust_stand_in_without_toolchain_is_none(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "rustc", "echo 'no toolchain' >&2; exit 1")

    assert described(tmp_path).compilers == ()


def test_of_other_programs_only_their_own_folder_is_shown(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "make", "echo GNU Make 4.3")

    facts = described(tmp_path)

    assert [(one.conda_name, one.version) for one in facts.programs] == [("make", "4.3")]
    assert set(facts.readable) == {"/usr", str(tmp_path / "bin")}


@pytest.mark.parametrize(
    ("platform", "subdir", "triple"),
    [
        ("linux-x86_64", "linux-64", "x86_64-conda-linux-gnu"),
        ("linux-aarch64", "linux-aarch64", "aarch64-conda-linux-gnu"),
        ("linux-ppc64le", "linux-ppc64le", "powerpc64le-conda-linux-gnu"),
    ],
)
def test_names_follow_the_interpreters_platform(
    tmp_path: Path, platform: str, subdir: str, triple: str
) -> None:
    facts = described(tmp_path, platform=platform)

    assert (facts.subdir, facts.triple) == (subdir, triple)


def test_unknown_processor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="linux-vax") as caught:
        described(tmp_path, platform="linux-vax")

    assert caught.value.slug == "unsupported-machine"
