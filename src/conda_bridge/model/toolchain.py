"""What a build backend needs from a distributor."""

from dataclasses import dataclass
from typing import Literal

from conda_bridge.model.names import CondaName, PypiName

__all__ = [
    "BackendRow",
    "BuildTool",
    "CrateRow",
    "LanguageRow",
    "PluginRow",
    "ProgramRow",
    "RuntimeRow",
    "SettingRow",
    "ToolchainTable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendRow:
    """One PEP 517 backend of `data/toolchains.toml`."""

    key: str
    """The row's name, such as `hatchling`."""
    modules: tuple[str, ...]
    """Backend objects begin with one of these module names: `hatchling.build`, `hatchling`."""
    requirement: PypiName
    """The project that provides the backend, for when `[build-system] requires` doesn't name it."""
    nature: Literal["pure", "native", "mixed"]
    """pure: builds no extension by itself; native: always does; mixed: the source decides."""
    compilers: tuple[str, ...] = ()
    """Languages to assume for a native project whose source says nothing better."""
    build: tuple[CondaName, ...] = ()
    """Tools that run on the build machine for native projects."""
    build_file: str = ""
    """`CMakeLists.txt` or `meson.build`: the file that names the languages of a project."""
    runs_setup_py: bool = False
    """True where it runs the source's setup.py; other backends leave one that is there alone."""
    is_known_to_linter: bool = True
    """False where conda-smithy hints at an unknown backend (R-046)."""
    runs_in_cross_build: bool = False
    """True where the build machine runs it when cross-compiling, so that build needs it as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRow:
    """A project in `[build-system] requires` that means more than itself."""

    pypi_name: PypiName
    version_env: str = ""
    """An environment variable that sets the version where there is no VCS; `{NAME}` is the upper-cased name."""
    has_no_version_env: bool = False
    """True for a plugin that takes the version from a repository and can't be told it otherwise."""
    nature: Literal["pure", "native"] = "pure"
    included_extras: tuple[str, ...] = ()
    """Extras that need nothing beside the conda package."""
    always_native: bool = False
    """True where every project that requires it builds native code; else the source must show some, too."""
    compilers: tuple[str, ...] = ()
    build: tuple[CondaName, ...] = ()
    """Tools that run on the build machine."""
    skip_env: str = ""
    """A variable that keeps the plugin's hook from running."""
    build_file: str = ""
    """`CMakeLists.txt` where the plugin builds with CMake: the file that names the languages of a project."""
    runs_in_cross_build: bool = False
    """True where the build machine runs it when cross-compiling, so that build needs it as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """A setting with which a backend asks for more than `[build-system] requires`."""

    key: str
    backends: tuple[str, ...]
    """Keys of backends that read it."""
    path: tuple[str, ...]
    """Keys below `[tool]`; `*` stands for every key of a table and every member of a list."""
    values: tuple[str | bool, ...] = ()
    """Those that make the backend ask; empty where the setting's own texts are requirements."""
    requires: tuple[str, ...] = ()
    """What it asks for then, as requirements."""

    @property
    def lists_requirements(self) -> bool:
        """True where the setting's own texts are requirements."""
        return not self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTool:
    """A PyPI project that only wraps a program which conda has as a package for `build`."""

    pypi_name: PypiName
    conda_name: CondaName


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """A language that builds compile."""

    key: str
    """What signals call it, and the distributor's compiler where `compiler` is empty."""
    suffixes: tuple[str, ...]
    """Of its sources, lower case; empty where sources alone don't say that a build compiles them."""
    compiler: str = ""
    """The compiler that it ends up in: C for Cython."""
    companions: tuple[str, ...] = ()
    """Compilers that it needs beside its own, to link for instance."""

    @property
    def compilers(self) -> tuple[str, ...]:
        """What to compile it with."""
        return (self.compiler or self.key, *self.companions)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateRow:
    """A Rust crate whose own build runs programs."""

    key: str
    feature: str = ""
    """The crate's feature that makes it do so; empty where it always does."""
    build: tuple[CondaName, ...] = ()
    compilers: tuple[str, ...] = ()
    """Of other languages than Rust and C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRow:
    """A program that builds run and that conda has as a package."""

    conda_name: CondaName
    is_hook_program: bool = False
    """True where a hook of the Python backend runs it, so that it goes where the backend is."""
    is_unix_only: bool = False
    """True where builds on Windows run another program in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeRow:
    """What a feature of compilers, such as OpenMP, needs in host."""

    key: str
    packages: tuple[tuple[str, CondaName], ...]
    """(operating system, package); a system that isn't named needs none."""
    tokens: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(kind of signal, tokens): what in a build file shows its use."""
    words: tuple[str, ...] = ()
    """What in a build script shows its use: a compiler's flag, a function that sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolchainTable:
    """`data/toolchains.toml`, typed."""

    backends: tuple[BackendRow, ...]
    plugins: tuple[PluginRow, ...] = ()
    tools: tuple[BuildTool, ...] = ()
    abi: tuple[tuple[PypiName, PypiName], ...] = ()
    """(a project that only chooses a version to compile against, the project that it chooses)."""
    imports: tuple[tuple[str, PypiName], ...] = ()
    """(a module that a setup.py imports, the project that has it)."""
    languages: tuple[LanguageRow, ...] = ()
    crates: tuple[CrateRow, ...] = ()
    programs: tuple[ProgramRow, ...] = ()
    runtimes: tuple[RuntimeRow, ...] = ()
    settings: tuple[SettingRow, ...] = ()

    def backend_of(self, backend: str) -> BackendRow | None:
        """Return the row of a backend object such as `hatchling.build`; the longest module name wins."""
        rows = [
            (module, row)
            for row in self.backends
            for module in row.modules
            if backend == module or backend.startswith((f"{module}.", f"{module}:"))
        ]
        return max(rows, key=lambda pair: len(pair[0]))[1] if rows else None

    def plugin_of(self, name: PypiName) -> PluginRow | None:
        """Return the row of a build requirement that means more than itself."""
        return next((row for row in self.plugins if row.pypi_name == name), None)

    def abi_of(self, name: PypiName) -> PypiName | None:
        """Return the project that a build requirement only chooses a version of."""
        return dict(self.abi).get(name)

    def tool_of(self, name: PypiName) -> BuildTool | None:
        """Return the program that a build requirement wraps."""
        return next((row for row in self.tools if row.pypi_name == name), None)

    def language_of(self, key: str) -> LanguageRow | None:
        """Return the row of a language as signals call it."""
        return next((row for row in self.languages if row.key == key), None)

    def language_of_source(self, path: str) -> LanguageRow | None:
        """Return the language that a file is written in, by its suffix."""
        suffix = f".{path.rpartition('.')[2].lower()}"
        return next((row for row in self.languages if suffix in row.suffixes), None)

    def crate_of(self, key: str) -> CrateRow | None:
        """Return the row of a crate whose build runs programs."""
        return next((row for row in self.crates if row.key == key), None)

    def program_of(self, name: str) -> ProgramRow | None:
        """Return the row of a program that builds run."""
        return next((row for row in self.programs if row.conda_name == name), None)
