"""Packages of compilers: what they start, and what their scripts tell a build."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.host.compilers import compiler_packages
from conda_bridge.distributors.host.facts import Compiler
from conda_bridge.distributors.host.variants import host_variants
from conda_bridge.model.variants import VariantConfig
from support.conda_packages import info_document, package_members
from support.host_machine import GCC, GXX, facts_of, tool

CLANG = Compiler(language="c", kind="clang", version="14.0.6", path="/usr/bin/clang")
CLANGXX = Compiler(language="cxx", kind="clang", version="14.0.6", path="/usr/bin/clang++")
GFORTRAN = Compiler(language="fortran", kind="gcc", version="12.2.0", path="/usr/bin/gfortran")
RUST = Compiler(
    language="rust", kind="rust", version="1.95.0", path="/t/bin/rustc", target="x86_64-unknown-linux-gnu"
)
GNU = facts_of(
    compilers=(GCC, GXX, GFORTRAN, RUST),
    binutils=(("as", "/opt/binutils/bin/as"), ("ar", "/usr/bin/ar"), ("gcc-ar", "/usr/bin/gcc-ar")),
    cargo=(("cargo", "/t/bin/cargo"),),
)
BUILDING = {"CONDA_BUILD": "1", "BUILD_PREFIX": "/b", "PREFIX": "/h", "SRC_DIR": "/s"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = compiler_packages(GNU, tmp_path_factory.mktemp("compilers"))
    return {str(read_record(str(path)).conda_name): path for path in found}


def activated(
    packages: Mapping[str, Path], *names: str, given: Mapping[str, str], is_undone: bool = False
) -> dict[str, str]:
    """Return the variables after the scripts of these packages were sourced in this order."""
    kinds = ("activate", "deactivate") if is_undone else ("activate",)
    lines = ["set -eu"]
    for kind in kinds:
        for name in names:
            members = package_members(packages[name])
            lines.append(members[f"etc/conda/{kind}.d/{kind}-{name}.sh"][1].decode())
    lines.append("env -0")
    done = subprocess.run(["/bin/sh", "-c", "\n".join(lines)], env=given, capture_output=True, check=True)
    pairs = (line.partition("=") for line in done.stdout.decode().split("\0") if line)
    return {name: value for name, _, value in pairs if name not in {"PWD", "_", "SHLVL", "OLDPWD"}}


def test_packages_are_called_as_conda_calls_them(made: dict[str, Path]) -> None:
    assert {name: path.name for name, path in made.items()} == {
        "gcc_linux-64": "gcc_linux-64-12.2.0-0_host.conda",
        "gxx_linux-64": "gxx_linux-64-12.2.0-0_host.conda",
        "gfortran_linux-64": "gfortran_linux-64-12.2.0-0_host.conda",
        "rust_linux-64": "rust_linux-64-1.95.0-0_host.conda",
        "sysroot_linux-64": "sysroot_linux-64-2.36-0_host.conda",
    }


def test_rusts_library_has_a_package_for_each_target(tmp_path: Path) -> None:
    facts = facts_of(compilers=(GCC, RUST), rust_targets=("wasm32-unknown-unknown",))

    names = {path.name for path in compiler_packages(facts, tmp_path)}

    assert "rust-std-wasm32-unknown-unknown-1.95.0-0_host.conda" in names


def test_other_languages_bring_the_c_compiler(made: dict[str, Path]) -> None:
    for name in ("gxx_linux-64", "gfortran_linux-64", "rust_linux-64"):
        assert "gcc_linux-64" in read_record(str(made[name])).depends


def test_what_is_compiled_here_needs_this_c_library(made: dict[str, Path]) -> None:
    assert info_document(made["sysroot_linux-64"], "run_exports.json") == {
        "strong": ["__glibc >=2.36,<3.0.a0"]
    }
    assert read_record(str(made["sysroot_linux-64"])).noarch == "generic"


def test_names_follow_the_platform(tmp_path: Path) -> None:
    facts = facts_of(subdir="linux-aarch64", triple="aarch64-conda-linux-gnu", compilers=(GCC,))

    path = next(path for path in compiler_packages(facts, tmp_path) if path.name.startswith("gcc"))

    assert path.name == "gcc_linux-aarch64-12.2.0-0_host.conda"
    assert read_record(str(path)).subdir == "linux-aarch64"
    assert "bin/aarch64-conda-linux-gnu-cc" in package_members(path)


def test_machine_without_compilers_has_a_c_library_all_the_same(tmp_path: Path) -> None:
    assert [path.name for path in compiler_packages(facts_of(), tmp_path)] == [
        "sysroot_linux-64-2.36-0_host.conda"
    ]


def test_rust_without_a_linker_is_not_made(tmp_path: Path) -> None:
    made = compiler_packages(facts_of(compilers=(RUST,)), tmp_path)

    assert not any(path.name.startswith("rust") for path in made)


def test_wrapper_starts_the_machines_compiler_which_finds_its_assembler(tmp_path: Path) -> None:
    compiler = tool(tmp_path / "it's here", "gcc", 'echo "$COMPILER_PATH" "$@"')
    gcc = Compiler(language="c", kind="gcc", version="12.2.0", path=str(compiler))
    facts = facts_of(compilers=(gcc,), binutils=(("as", "/opt/binutils/bin/as"),))
    path = next(path for path in compiler_packages(facts, tmp_path) if path.name.startswith("gcc"))
    header, content = package_members(path)["bin/x86_64-conda-linux-gnu-cc"]
    wrapper = tool(tmp_path, "cc", content.decode().removeprefix("#!/bin/sh\n"))

    said = subprocess.run([wrapper, "-c", "a b.c"], env={}, capture_output=True, text=True, check=True).stdout

    assert said == f"/opt/binutils/bin:{compiler.parent} -c a b.c\n"
    assert header.mode == 0o755


def test_tools_that_are_not_here_are_neither_wrapped_nor_announced(made: dict[str, Path]) -> None:
    names = package_members(made["gcc_linux-64"])

    assert "bin/x86_64-conda-linux-gnu-gcc-ar" in names
    assert "bin/x86_64-conda-linux-gnu-ld" not in names
    assert "LD" not in activated(made, "gcc_linux-64", given={"CONDA_PREFIX": "/e"})


def test_outside_of_builds_only_names_are_set(made: dict[str, Path]) -> None:
    variables = activated(made, "gcc_linux-64", given={"CONDA_PREFIX": "/e"})

    assert variables == {
        "CONDA_PREFIX": "/e",
        "CC": "/e/bin/x86_64-conda-linux-gnu-cc",
        "GCC": "/e/bin/x86_64-conda-linux-gnu-gcc",
        "AS": "/e/bin/x86_64-conda-linux-gnu-as",
        "AR": "/e/bin/x86_64-conda-linux-gnu-ar",
        "GCC_AR": "/e/bin/x86_64-conda-linux-gnu-gcc-ar",
    }


def test_builds_use_the_build_environments_compiler_and_the_host_environments_libraries(
    made: dict[str, Path],
) -> None:
    variables = activated(made, "gcc_linux-64", given={**BUILDING, "CFLAGS": "-g"})

    assert variables["CC"] == "/b/bin/x86_64-conda-linux-gnu-cc"
    assert variables["CFLAGS"].startswith("-g -O2 ")
    assert "-isystem /h/include" in variables["CFLAGS"]
    assert "-fdebug-prefix-map=/s=" in variables["CFLAGS"]
    assert variables["LDFLAGS"] == "-Wl,-rpath,/h/lib -L/h/lib"
    assert variables["CPPFLAGS"] == "-DNDEBUG -isystem /h/include"
    assert "-DCMAKE_INSTALL_PREFIX=/h" in variables["CMAKE_ARGS"].split()
    assert "-DCMAKE_FIND_ROOT_PATH=/h;/b" in variables["CMAKE_ARGS"].split()
    assert "--prefix=/h" in variables["MESON_ARGS"]
    assert variables["HOST"] == "x86_64-conda-linux-gnu"


def test_several_compilers_set_linker_flags_once(made: dict[str, Path]) -> None:
    variables = activated(made, "gcc_linux-64", "gfortran_linux-64", "gxx_linux-64", given=BUILDING)

    assert variables["LDFLAGS"] == "-Wl,-rpath,/h/lib -L/h/lib"
    assert variables["CPPFLAGS"] == "-DNDEBUG -isystem /h/include"
    assert variables["CXXFLAGS"].startswith("-O2 ")
    assert variables["FFLAGS"] == "-O2 -fPIC"
    assert variables["F90"] == "/b/bin/x86_64-conda-linux-gnu-gfortran"


@pytest.mark.parametrize(
    ("programs", "generator"),
    [
        (("build/bin/ninja",), "Ninja"),
        (("host/bin/ninja",), "Ninja"),
        (("build/bin/ninja", "build/bin/make"), "Unix Makefiles"),
        ((), "Unix Makefiles"),
    ],
)
def test_cmake_uses_ninja_where_the_recipe_has_no_make(
    made: dict[str, Path], tmp_path: Path, programs: tuple[str, ...], generator: str
) -> None:
    for program in programs:
        tool((tmp_path / program).parent, (tmp_path / program).name, "exit 1")
    given = {
        **BUILDING,
        "BUILD_PREFIX": f"{tmp_path}/build",
        "PREFIX": f"{tmp_path}/host",
        "CMAKE_GENERATOR": "Unix Makefiles",
    }

    assert activated(made, "gcc_linux-64", given=given)["CMAKE_GENERATOR"] == generator


def test_cargo_builds_for_this_machine_and_links_with_the_c_compiler(made: dict[str, Path]) -> None:
    variables = activated(made, "rust_linux-64", given=BUILDING)

    assert variables["CARGO_BUILD_TARGET"] == "x86_64-unknown-linux-gnu"
    assert variables["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/b/bin/x86_64-conda-linux-gnu-cc"
    assert variables["CARGO_HOME"] == "/b/.cargo"
    assert {"bin/rustc", "bin/cargo"} <= package_members(made["rust_linux-64"]).keys()


def test_deactivation_leaves_nothing(made: dict[str, Path]) -> None:
    names = ("gcc_linux-64", "gfortran_linux-64", "gxx_linux-64", "rust_linux-64")

    assert activated(made, *names, is_undone=True, given=BUILDING) == BUILDING


def test_deactivation_outside_of_builds_keeps_the_users_flags(made: dict[str, Path]) -> None:
    given = {"CONDA_PREFIX": "/e", "CFLAGS": "-g", "LDFLAGS": "-s"}

    assert activated(made, "gcc_linux-64", is_undone=True, given=given) == given


def test_clang_is_announced_as_clang(tmp_path: Path) -> None:
    found = compiler_packages(facts_of(compilers=(CLANG, CLANGXX)), tmp_path)
    made = {str(read_record(str(path)).conda_name): path for path in found}

    variables = activated(made, "clang_linux-64", "clangxx_linux-64", given={"CONDA_PREFIX": "/e"})

    assert variables["CC"] == "/e/bin/x86_64-conda-linux-gnu-cc"
    assert variables["CLANGXX"] == "/e/bin/x86_64-conda-linux-gnu-clang++"
    assert "clang_linux-64" in read_record(str(made["clangxx_linux-64"])).depends


def test_same_machine_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        compiler_packages(GNU, tmp_path / name)

    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


# ---------------------------------------------------------------- variants


def of(variants: VariantConfig, *keys: str) -> tuple[tuple[str, ...], ...]:
    return tuple(variants.get(key) for key in keys)


def test_variants_name_the_only_python() -> None:
    variants = host_variants(facts_of())

    assert of(variants, "python", "python_min", "is_python_min", "is_abi3") == (
        ("3.11.* *_cpython",),
        ("3.11",),
        ("true",),
        ("true",),
    )


def test_variants_name_compilers_and_the_c_library() -> None:
    variants = host_variants(GNU)

    assert of(variants, "c_compiler", "c_compiler_version") == (("gcc",), ("12",))
    assert of(variants, "cxx_compiler", "fortran_compiler") == (("gxx",), ("gfortran",))
    assert of(variants, "rust_compiler", "rust_compiler_version") == (("rust",), ("1.95",))
    assert of(variants, "c_stdlib", "c_stdlib_version") == (("sysroot",), ("2.36",))


def test_compiler_that_is_not_here_has_no_variant() -> None:
    assert host_variants(facts_of()).get("fortran_compiler") == ()
