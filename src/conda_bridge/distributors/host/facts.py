"""This machine -> what the packages of the host distributor are made of: an interpreter, compilers, programs.

Nothing here is guessed from where things usually are: the interpreter and the compilers are asked.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["Compiler", "HostFacts", "HostProgram", "Interpreter", "Language", "Layout", "rust_library"]

Layout = Literal["upstream", "debian"]
"""Where the parts of an interpreter lie; Debian's packages, which Ubuntu has too, change upstream's schemes."""
Language = Literal["c", "cxx", "fortran", "rust"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A CPython of this machine."""

    executable: str
    """Its real path, of no virtual environment."""
    version: str
    """`3.11.7`, `3.15.0rc1`."""
    prefix: str
    old_prefixes: tuple[str, ...]
    """How its files spell the prefix, the longest first: it may be a link, or have been moved since it was built."""
    layout: Layout
    stdlib: str
    include: str
    """Where its `Python.h` belongs."""
    library_dir: str
    """Where `libpython` and its pkg-config files lie."""
    multiarch: str = ""
    """Such as `x86_64-linux-gnu`, as Debian names folders."""
    has_headers: bool
    fingerprint: str = ""
    """Changes when another build of it is installed at the same place."""

    @property
    def minor(self) -> str:
        """`3.11`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def abi(self) -> str:
        """`cp311`."""
        return f"cp{self.minor.replace('.', '')}"

    @property
    def site_packages(self) -> str:
        """Where packages go, relative to the prefix."""
        return f"lib/python{self.minor}/site-packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """A compiler of this machine."""

    language: Language
    kind: Literal["gcc", "clang", "rust"]
    version: str
    path: str
    """Of rust the toolchain's own `rustc`, not rustup's stand-in, which needs the user's home folder."""
    target: str = ""
    """Of rust, as cargo names it: `x86_64-unknown-linux-gnu`."""


def rust_library(rustc: str) -> Path:
    """Return the folder that has a folder for each target. Source: rustc's book, the layout of the sysroot."""
    return Path(rustc).parent.parent / "lib/rustlib"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostProgram:
    """Programs of this machine that a conda package stands for."""

    conda_name: str
    version: str
    paths: tuple[tuple[str, str], ...]
    """(name in `bin/`, path)."""
    settings: tuple[tuple[str, str], ...] = ()
    """(variable, value as shell text) that hold for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What the host distributor has on this machine."""

    interpreter: Interpreter
    glibc: str
    """Its version: `2.36`."""
    subdir: str = "linux-64"
    triple: str = "x86_64-conda-linux-gnu"
    """What conda's compilers are called after."""
    compilers: tuple[Compiler, ...] = ()
    binutils: tuple[tuple[str, str], ...] = ()
    """(name, path) of assembler, linker, archiver and so on."""
    cargo: tuple[tuple[str, str], ...] = ()
    """(name, path) of what belongs to rust beside the compiler."""
    rust_targets: tuple[str, ...] = ()
    """What rust has its standard library for: `wasm32-unknown-unknown`."""
    programs: tuple[HostProgram, ...] = ()
    openmp: str = ""
    """The real path of the OpenMP library that belongs to gcc; empty where there is none."""
    openmp_fingerprint: str = ""
    """Changes when another build of it is installed at the same place: the package has the library itself."""
    readable: tuple[str, ...] = ("/usr",)
    """Folders that the packages point into."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is missing here, and what to install."""

    def compiler(self, language: Language) -> Compiler | None:
        """Return the compiler of a language; None where the machine has none."""
        return next((one for one in self.compilers if one.language == language), None)

    @property
    def is_noarch_only(self) -> bool:
        """Whether no extension module can be compiled here."""
        return not self.interpreter.has_headers or self.compiler("c") is None
