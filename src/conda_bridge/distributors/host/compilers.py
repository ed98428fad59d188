"""The compilers of this machine -> packages under the names that `compiler()` and `stdlib()` give.

A package has wrappers in `bin/`, called as conda's compilers are, and the scripts that announce them. The C library's
package is empty: its headers are the machine's own.

Source: conda-build's documentation of `compiler()`; conda-forge's compiler packages for names and variables.
"""

from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname

from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.host.activation import (
    Activation,
    c_flags,
    fortran_flags,
    generator,
    link_flags,
    project_flags,
    scripts,
)
from conda_bridge.distributors.host.facts import Compiler, HostFacts, Language
from conda_bridge.distributors.host.packing import PRIVATE_BUILD, pack
from conda_bridge.distributors.host.wrappers import wrapper
from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.names import CondaName

__all__ = ["compiler_name", "compiler_packages"]

_NAMES: dict[tuple[Language, str], str] = {
    ("c", "gcc"): "gcc", ("c", "clang"): "clang", ("cxx", "gcc"): "gxx", ("cxx", "clang"): "clangxx",
    ("fortran", "gcc"): "gfortran", ("rust", "rust"): "rust",
}  # fmt: skip
_PROGRAMS: dict[str, tuple[str, ...]] = {
    "gcc": ("cc", "gcc"), "clang": ("cc", "clang"), "gxx": ("c++", "g++"), "clangxx": ("c++", "clang++"),
    "gfortran": ("gfortran", "f95"), "rust": ("rustc",),
}  # fmt: skip
_VARIABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "gcc": (("CC", "cc"), ("GCC", "gcc")),
    "clang": (("CC", "cc"), ("CLANG", "clang")),
    "gxx": (("CXX", "c++"), ("GXX", "g++")),
    "clangxx": (("CXX", "c++"), ("CLANGXX", "clang++")),
    "gfortran": (("FC", "gfortran"), ("F77", "gfortran"), ("F90", "gfortran"), ("F95", "f95")),
}
_TOOL_VARIABLES = (
    "CPP", "AR", "LD", "NM", "RANLIB", "STRIP", "OBJCOPY", "OBJDUMP", "READELF", "AS", "GCC_AR", "GCC_NM",
    "GCC_RANLIB",
)  # fmt: skip
_LICENSE = "BSD-3-Clause"


def compiler_name(compiler: Compiler) -> str:
    """Return what variants call a compiler: `gcc`, `gxx`, `gfortran`, `rust`."""
    return _NAMES[compiler.language, compiler.kind]


def compiler_packages(facts: HostFacts, target_dir: Path) -> tuple[Path, ...]:
    """Make the packages of all compilers and of the C library in a folder, and return their paths.

    Rust links through the C compiler, and isn't made without one.
    """
    made = [_sysroot(facts, target_dir)]
    for compiler in facts.compilers:
        if compiler.language == "rust":
            if facts.compiler("c") is not None:
                made += [_rust(compiler, facts, target_dir), *_rust_libraries(compiler, facts, target_dir)]
        else:
            made.append(_native(compiler, facts, target_dir))
    return tuple(made)


def _sysroot(facts: HostFacts, folder: Path) -> Path:
    record = PackageRecord(
        conda_name=CondaName(f"sysroot_{facts.subdir}"),
        version=facts.glibc,
        build=PRIVATE_BUILD,
        noarch="generic",
        depends=("__linux",),
        license=_LICENSE,
    )
    # Whatever is compiled against this machine's C library may need its newest symbols.
    run_exports = RunExports(strong=(f"__glibc >={facts.glibc},<3.0.a0",))
    return pack(folder, record, summary="Stands for the C library", run_exports=run_exports)


def _record(compiler: Compiler, facts: HostFacts, depends: tuple[str, ...]) -> PackageRecord:
    return PackageRecord(
        conda_name=CondaName(f"{compiler_name(compiler)}_{facts.subdir}"),
        version=compiler.version,
        build=PRIVATE_BUILD,
        subdir=facts.subdir,
        depends=depends,
        license=_LICENSE,
    )


# ---------------------------------------------------------------- C, C++, Fortran


def _native(compiler: Compiler, facts: HostFacts, folder: Path) -> Path:
    c = facts.compiler("c")
    is_first = compiler.language == "c"
    depends: tuple[str, ...] = ("__glibc >=2.17", "__linux")
    if not is_first and c is not None:
        depends += (f"{compiler_name(c)}_{facts.subdir}",)
    return pack(
        folder,
        _record(compiler, facts, depends),
        [*_native_wrappers(compiler, facts), *scripts(_native_activation(compiler, facts))],
        summary=f"Starts {compiler.path}",
    )


def _native_wrappers(compiler: Compiler, facts: HostFacts) -> Iterator[PackedFile]:
    settings = (("COMPILER_PATH", _tool_folders(compiler, facts) + "${COMPILER_PATH:+:${COMPILER_PATH}}"),)
    for name in _PROGRAMS[compiler_name(compiler)]:
        yield wrapper(f"{facts.triple}-{name}", compiler.path, settings=settings)
    if compiler.language == "c":
        for name, path in facts.binutils:
            yield wrapper(f"{facts.triple}-{name}", path, settings=settings)


def _tool_folders(compiler: Compiler, facts: HostFacts) -> str:
    """Return where the compiler finds assembler and linker: the PATH of a build has none."""
    paths = [path for name, path in facts.binutils if name in {"as", "ld"}]
    return ":".join(dict.fromkeys(dirname(path) for path in (*paths, compiler.path)))


def _native_activation(compiler: Compiler, facts: HostFacts) -> Activation:
    key, triple = compiler_name(compiler), facts.triple
    variables = list(_VARIABLES[key])
    lines = link_flags()
    match compiler.language:
        case "c":
            here = {name for name, _ in facts.binutils}
            tools = ((variable, variable.lower().replace("_", "-")) for variable in _TOOL_VARIABLES)
            variables += [(variable, tool) for variable, tool in tools if tool in here]
            flags = (*c_flags("CFLAGS"), *project_flags(triple))
            lines += generator()
        case "cxx":
            flags = c_flags("CXXFLAGS")
        case _:
            flags = fortran_flags()
    return Activation(
        package=f"{key}_{facts.subdir}",
        always=tuple((name, f"${{_bridge_base}}/bin/{triple}-{tool}") for name, tool in variables),
        while_building=flags,
        lines=lines,
        also_unset=("LDFLAGS", "CPPFLAGS"),
    )


# ---------------------------------------------------------------- Rust


def _rust(compiler: Compiler, facts: HostFacts, folder: Path) -> Path:
    c = facts.compiler("c")
    assert c is not None, "checked by the caller"
    target = compiler.target.upper().replace("-", "_")
    activation = Activation(
        package=f"rust_{facts.subdir}",
        always=(
            ("CARGO_BUILD_TARGET", compiler.target),
            (f"CARGO_TARGET_{target}_LINKER", f"${{_bridge_base}}/bin/{facts.triple}-cc"),
        ),
        while_building=(("CARGO_HOME", "${_bridge_base}/.cargo"),),
    )
    programs = (("rustc", compiler.path), *facts.cargo)
    return pack(
        folder,
        _record(compiler, facts, (f"{compiler_name(c)}_{facts.subdir}", "__linux")),
        [*(wrapper(name, path) for name, path in programs), *scripts(activation)],
        summary=f"Starts {compiler.path}",
    )


def _rust_libraries(compiler: Compiler, facts: HostFacts, folder: Path) -> Iterator[Path]:
    """Make the packages of rust's standard library, which are empty: the toolchain has it beside itself."""
    for target in facts.rust_targets:
        record = PackageRecord(
            conda_name=CondaName(f"rust-std-{target}"),
            version=compiler.version,
            build=PRIVATE_BUILD,
            noarch="generic",
            depends=("__unix",),
            license=_LICENSE,
        )
        yield pack(folder, record, summary=f"Stands for the standard library of {compiler.path}")
