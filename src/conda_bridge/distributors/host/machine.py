"""This machine -> `HostFacts`: the interpreter that was chosen, and what of the toolchain is there.

Compilers are asked for their versions, and made to find `stdio.h`: without the C library's headers one is of no use.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conda_bridge.distributors.host.facts import Compiler, HostFacts, Interpreter, Language, rust_library
from conda_bridge.distributors.host.interpreters import describe_interpreter, fingerprint, own_interpreter
from conda_bridge.distributors.host.openmp import find_openmp
from conda_bridge.distributors.host.programs import find_programs, remedy_for
from conda_bridge.errors import EngineError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.processes.children import ChildStreams, run_child
from conda_bridge.processes.programs import find_program

__all__ = ["describe_host"]

_PASSED_ON = (
    "PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "PYENV_ROOT", "PYENV_VERSION",
)  # fmt: skip
_TIMEOUT_S = 30.0
_PLATFORMS = {
    "linux-x86_64": ("linux-64", "x86_64"),
    "linux-i686": ("linux-32", "i686"),
    "linux-i386": ("linux-32", "i686"),
    "linux-aarch64": ("linux-aarch64", "aarch64"),
    "linux-armv7l": ("linux-armv7l", "armv7l"),
    "linux-ppc64le": ("linux-ppc64le", "powerpc64le"),
    "linux-riscv64": ("linux-riscv64", "riscv64"),
    "linux-s390x": ("linux-s390x", "s390x"),
}
"""Platform of an interpreter -> subdir, and the machine in the names of conda's compilers."""
_COMPILERS: tuple[tuple[Language, tuple[str, str]], ...] = (
    ("c", ("gcc", "clang")),
    ("cxx", ("g++", "clang++")),
    ("fortran", ("gfortran", "")),
)
_SOURCES: dict[Language, tuple[str, str]] = {"c": ("c", "stdio.h"), "cxx": ("c++", "cstdio")}
_BINUTILS = (
    "addr2line", "ar", "as", "c++filt", "dwp", "elfedit", "gprof", "ld", "ld.bfd", "ld.gold", "nm", "objcopy",
    "objdump", "ranlib", "readelf", "size", "strings", "strip", "gcc-ar", "gcc-nm", "gcc-ranlib", "gcov", "cpp",
)  # fmt: skip
_STORES = (Path("/nix/store"), Path("/gnu/store"))
"""Where programs have their libraries in folders of their own."""
_FIELD = re.compile(r"^(release|host): (\S+)$", re.MULTILINE)
_STAND_INS = frozenset({"ccache", "distcc", "icecc", "sccache"})
"""They look for the real compiler further down the PATH, which in a build has none."""
_CHILDREN = 4
"""How many programs are asked at once."""
_CARGO = ("cargo", "rustdoc", "rustfmt", "cargo-fmt")


def describe_host(python: str = "", *, environment: Mapping[str, str] | None = None) -> HostFacts:
    """Look what this machine has. `python` is a path or a name on the PATH; empty means the one that runs us.

    `environment` says where programs are found, by default our own.

    Raises:
        UsageError: `unknown-interpreter`.
        EngineError: `unsuitable-interpreter`, `unsupported-machine`.

    Cost: a child for each program that is there, a quarter of a second together.
    """
    passed = _passed_on(os.environ if environment is None else environment)
    with ThreadPoolExecutor(_CHILDREN) as pool:
        asked = pool.submit(describe_interpreter, python or own_interpreter(), passed)
        compiled = pool.map(lambda row: _compiler_of(row[0], row[1], passed), _COMPILERS)
        rusted = pool.submit(_rust, passed)
        programs = find_programs(passed)
        interpreter, glibc, platform = asked.result()
        compilers = tuple(one for one in (*compiled, rusted.result()) if one is not None)
    subdir, machine = _machine(platform, interpreter)
    cargo = _cargo(compilers, passed)
    openmp = _openmp(compilers, passed)
    return HostFacts(
        interpreter=interpreter,
        glibc=glibc,
        subdir=subdir,
        triple=f"{machine}-conda-linux-gnu",
        compilers=compilers,
        binutils=_paths_of(_BINUTILS, passed),
        cargo=cargo,
        rust_targets=_rust_targets(compilers),
        programs=programs,
        openmp=openmp,
        openmp_fingerprint=fingerprint(openmp) if openmp else "",
        readable=_readable(
            [one.path for one in compilers] + [path for _, path in cargo],
            [path for program in programs for _, path in program.paths],
        ),
        diagnostics=tuple(_findings(interpreter, compilers)),
    )


def _passed_on(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that programs are asked in."""
    passed = {name: given[name] for name in _PASSED_ON if name in given}
    return {**passed, "LC_ALL": "C.UTF-8", "PATH": _usable_path(given.get("PATH", ""))}


def _machine(platform: str, interpreter: Interpreter) -> tuple[str, str]:
    if platform not in _PLATFORMS:
        raise EngineError(
            "unsupported-machine", f"its platform is {platform!r}", where=interpreter.executable
        )
    return _PLATFORMS[platform]


def _usable_path(path: str) -> str:
    """Return a PATH without folders of stand-ins, and without relative ones, which lead elsewhere in a build."""
    folders = (Path(folder) for folder in path.split(os.pathsep))
    return os.pathsep.join(
        str(folder)
        for folder in folders
        if folder.is_absolute() and (folder / "gcc").resolve().name not in _STAND_INS
    )


def _compiler_of(
    language: Language, names: tuple[str, str], environment: Mapping[str, str]
) -> Compiler | None:
    gnu, other = names
    found = _compiler(language, gnu, "gcc", environment)
    return _compiler(language, other, "clang", environment) if found is None and other else found


def _compiler(language: Language, name: str, kind: str, environment: Mapping[str, str]) -> Compiler | None:
    arguments = ("-dumpfullversion",) if kind == "gcc" else ("-dumpversion",)
    found = find_program((name,), environment=environment, arguments=arguments)
    if found is None or not found.version or not _finds_headers(language, found.path, environment):
        return None
    return Compiler(
        language=language, kind="gcc" if kind == "gcc" else "clang", version=found.version, path=found.path
    )


def _finds_headers(language: Language, path: str, environment: Mapping[str, str]) -> bool:
    if language not in _SOURCES:
        return True
    dialect, header = _SOURCES[language]
    child = run_child(
        [path, "-E", "-x", dialect, "-o", os.devnull, "-"],
        folder="/",
        environment=environment,
        timeout_s=_TIMEOUT_S,
        streams=ChildStreams(given=f"#include <{header}>\n"),
    )
    return child.exit_status == 0


def _rust(environment: Mapping[str, str]) -> Compiler | None:
    stand_in = shutil.which("rustc", path=environment.get("PATH", ""))
    if stand_in is None:
        return None
    sysroot = _said([stand_in, "--print", "sysroot"], environment).strip()
    path = shutil.which(str(Path(sysroot, "bin", "rustc")))
    said = dict(_FIELD.findall(_said([path, "-vV"], environment))) if path else {}
    if path is None or not said.keys() >= {"release", "host"}:
        return None
    # Of `1.96.0-nightly` conda's versions know only the first part.
    version = said["release"].partition("-")[0]
    return Compiler(language="rust", kind="rust", version=version, path=path, target=said["host"])


def _said(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Return what a program says; empty where it fails."""
    try:
        child = run_child(arguments, folder="/", environment=environment, timeout_s=_TIMEOUT_S)
    except OSError:
        return ""
    return "" if child.exit_status else child.output


def _cargo(compilers: tuple[Compiler, ...], environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what stands beside rustc in its toolchain, or on the PATH where none does."""
    rust = next((one for one in compilers if one.language == "rust"), None)
    if rust is None:
        return ()
    folder = str(Path(rust.path).parent)
    return _paths_of(_CARGO, {"PATH": folder}) or _paths_of(_CARGO, environment)


def _rust_targets(compilers: tuple[Compiler, ...]) -> tuple[str, ...]:
    """Return what the toolchain's library is there for."""
    rust = next((one for one in compilers if one.language == "rust"), None)
    libraries = rust_library(rust.path).glob("*/lib") if rust else ()
    return tuple(sorted(library.parent.name for library in libraries))


def _openmp(compilers: tuple[Compiler, ...], environment: Mapping[str, str]) -> str:
    gcc = next((one for one in compilers if one.language == "c" and one.kind == "gcc"), None)
    return find_openmp(gcc.path, environment) if gcc else ""


def _paths_of(names: tuple[str, ...], environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found = ((name, shutil.which(name, path=environment.get("PATH", ""))) for name in names)
    return tuple((name, path) for name, path in found if path)


def _readable(compilers: list[str], programs: list[str]) -> tuple[str, ...]:
    """Return the folders that packages point into, outermost only.

    A compiler's parts lie in `lib/` beside its `bin/`. Of other programs nothing but their own folder is shown: the
    one above, such as `~/.cargo`, may hold secrets.
    """
    folders = {Path("/usr")}
    for path in (*compilers, *programs):
        for place in (path, os.path.realpath(path)):
            folder = Path(place).parent
            is_whole = path in compilers and folder.name == "bin"
            folders.add(folder.parent if is_whole else folder)
            folders.update(store for store in _STORES if folder.is_relative_to(store))
    kept: list[Path] = []
    for one in sorted(folders - {Path("/")}):
        if not any(one.is_relative_to(other) for other in kept):
            kept.append(one)
    return tuple(map(str, kept))


def _findings(interpreter: Interpreter, compilers: tuple[Compiler, ...]) -> Iterator[Diagnostic]:
    if not interpreter.has_headers:
        package = f"python{interpreter.minor}-dev"
        yield finding(
            "no-python-headers",
            f"{interpreter.executable} comes without Python.h",
            origin=interpreter.include,
            hint=f"install its development files, with Debian's layout: apt install {package}"
            if interpreter.layout == "debian"
            else "install its development files, or name another interpreter",
        )
    if not any(one.language == "c" for one in compilers):
        yield finding(
            "no-compiler", "neither gcc nor clang finds stdio.h here", hint=remedy_for("gcc_") or None
        )
