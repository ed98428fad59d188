"""A conda recipe: what both formats can say, and nothing about how it is written.

Vocabulary: *section* is build, host, run or run_constraints; a *spec* is one entry of a section; a
*requirement* is a spec under a condition. `python_min` is the distributor's lowest python (CFEP 25).
Source: conda-build's recipe documentation (v0), CEP 13 and 14 (v1).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from conda_bridge.model.condition import ALWAYS, Condition
from conda_bridge.model.evidence import Address, address
from conda_bridge.model.names import CondaName

__all__ = [
    "LATEST",
    "PYTHON_MIN",
    "SECTIONS",
    "About",
    "CommandTest",
    "CompilerSpec",
    "CrossPythonSpec",
    "GitSource",
    "MatchSpec",
    "Output",
    "PathSource",
    "PinSpec",
    "PythonMinSpec",
    "PythonTest",
    "Recipe",
    "RecipeEntryPoint",
    "RecipeTest",
    "Requirement",
    "Requirements",
    "Script",
    "ScriptLine",
    "Section",
    "Source",
    "Spec",
    "StdlibSpec",
    "UrlSource",
    "leaves",
    "spec_key",
]

Section = Literal["build", "host", "run", "run_constraints"]
SECTIONS: tuple[Section, ...] = ("build", "host", "run", "run_constraints")

PYTHON_MIN = "python_min"
"""In `PythonTest.python_versions`: the lowest python of the recipe."""
LATEST = "*"
"""In `PythonTest.python_versions`: the newest python there is."""


# ---------------------------------------------------------------- requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSpec:
    """A package by name, perhaps with a version and a build constraint. Source: CEP 29."""

    conda_name: CondaName
    version: str = ""
    """A conda version constraint such as `>=1.2,<2`, without spaces; empty means any."""
    build: str = ""

    def __str__(self) -> str:
        version = self.version or ("*" if self.build else "")
        return " ".join(part for part in (self.conda_name, version, self.build) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonMinSpec:
    """`python` tied to python_min: exactly it (host of a noarch package) or from it on (run)."""

    is_exact: bool
    upper: str = ""
    """`<` of this version where upstream has an upper bound, such as `3.14`; only when not exact."""
    extra: str = ""
    """Further clauses as conda writes them, such as `!=3.12.1`; only when not exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerSpec:
    """The distributor's compiler for a language: `c`, `cxx`, `fortran`, `rust`, `go-nocgo`, ..."""

    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StdlibSpec:
    """The distributor's standard library for a language, `c`."""

    language: str = "c"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossPythonSpec:
    """`cross-python_<target platform>`, which makes the build python act for the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinSpec:
    """A pin on another output of the recipe, or on what was resolved in host."""

    function: Literal["pin_subpackage", "pin_compatible"]
    conda_name: CondaName
    is_exact: bool = False
    lower: str = ""
    """`x.x` form or a version; empty means the engine's default."""
    upper: str = ""


Spec: TypeAlias = MatchSpec | PythonMinSpec | CompilerSpec | StdlibSpec | CrossPythonSpec | PinSpec


def spec_key(spec: Spec) -> str:
    """Return the name under which evidence knows a spec: its conda name, `compiler(c)`, `stdlib(c)`."""
    match spec:
        case MatchSpec() | PinSpec():
            return spec.conda_name
        case PythonMinSpec():
            return "python"
        case CompilerSpec(language=language):
            return f"compiler({language})"
        case StdlibSpec(language=language):
            return f"stdlib({language})"
        case CrossPythonSpec():
            return "cross-python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A spec and when it applies."""

    spec: Spec
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """The sections, in the order in which they are written."""

    build: tuple[Requirement, ...] = ()
    host: tuple[Requirement, ...] = ()
    run: tuple[Requirement, ...] = ()
    run_constraints: tuple[Requirement, ...] = ()

    def section(self, name: Section) -> tuple[Requirement, ...]:
        """Return one section."""
        found: tuple[Requirement, ...] = getattr(self, name)
        return found


# ---------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlSource:
    """A file to download and unpack. The URL is literal; the renderer puts `version` into it."""

    url: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSource:
    """A repository at a commit."""

    url: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSource:
    """A directory or archive on this machine."""

    path: str
    sha256: str = ""


Source: TypeAlias = UrlSource | GitSource | PathSource


# ---------------------------------------------------------------- build and tests


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """One command of a script and when it runs.

    `$PYTHON`-like engine variables are written in v1 spelling, `${{ PYTHON }}`; text from outside never is.
    """

    command: str
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The commands that build an output, and the environment that they get."""

    lines: tuple[ScriptLine, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    """(name, value); a value that equals the recipe's version is written as `${{ version }}`.

    Never text from outside: engines hand values to a shell, which expands `$NAME` and `$(command)` in them.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeEntryPoint:
    """A command that the installer creates: `name = module:attribute`."""

    name: str
    target: str

    def __str__(self) -> str:
        return f"{self.name} = {self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonTest:
    """Import these modules and run `pip check`."""

    imports: tuple[str, ...]
    pip_check: bool = True
    python_versions: tuple[str, ...] = ()
    """PYTHON_MIN, LATEST or a version spec; empty means the python of the build."""
    condition: Condition = ALWAYS
    """When the whole test runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTest:
    """Run these commands in an environment with the package and `requires`."""

    lines: tuple[ScriptLine, ...]
    requires: tuple[Spec, ...] = ()
    condition: Condition = ALWAYS
    """When the whole test runs, such as only where the package uses the stable ABI."""


RecipeTest: TypeAlias = PythonTest | CommandTest


# ---------------------------------------------------------------- about and the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What people read about the package."""

    homepage: str = ""
    summary: str = ""
    description: str = ""
    license: str = ""
    """An SPDX expression; empty where it is unknown."""
    license_files: tuple[str, ...] = ()
    """Relative to the source's top folder (or the recipe folder)."""
    repository: str = ""
    documentation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One conda package that the recipe builds."""

    conda_name: CondaName
    version: str = ""
    """Its own conda version, where that isn't the recipe's; empty means the recipe's."""
    noarch: Literal["python", "generic"] | None = None
    skip: tuple[Condition, ...] = ()
    """The output isn't built where one of them holds."""
    script: Script = Script()
    entry_points: tuple[RecipeEntryPoint, ...] = ()
    is_version_independent: bool = False
    """Built once for all pythons (abi3). Source: CEP 20."""
    requirements: Requirements = Requirements()
    tests: tuple[RecipeTest, ...] = ()
    about: About = About()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One recipe; with a single output it is written flat."""

    name: CondaName
    version: str
    """A conda version."""
    python_min: str = ""
    """Set where the recipe raises the distributor's python_min; empty means the distributor's own."""
    sources: tuple[Source, ...] = ()
    build_number: int = 0
    outputs: tuple[Output, ...]
    maintainers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.outputs:
            raise ValueError("a recipe has at least one output")
        if any(output.version and output.version == self.version for output in self.outputs):
            raise ValueError("an output's own version is another one than the recipe's")


def leaves(recipe: Recipe) -> tuple[Address, ...]:
    """Return the address of everything that the recipe says, each of which evidence must explain."""
    top = recipe.name
    found = [address(top, "package", "name"), address(top, "package", "version")]
    found += [address(top, "source")] if recipe.sources else []
    found += [address(top, "context", PYTHON_MIN)] if recipe.python_min else []
    found += [address(top, "build", "number")]
    found += [address(top, "extra", "recipe-maintainers")] if recipe.maintainers else []
    for output in recipe.outputs:
        found += _output_leaves(output)
    return tuple(dict.fromkeys(found))


def _output_leaves(output: Output) -> list[Address]:
    name = output.conda_name
    found = [address(name, "package", "name")]
    found += [address(name, "package", "version")] if output.version else []
    found += [address(name, "build", "noarch")] if output.noarch else []
    found += [address(name, "build", "skip")] if output.skip else []
    found += [address(name, "build", "script")] if output.script.lines else []
    found += [address(name, "build", f"env.{variable}") for variable, _ in output.script.env]
    found += [address(name, "build", f"entry_points.{e.name}") for e in output.entry_points]
    found += [address(name, "build", "version_independent")] if output.is_version_independent else []
    for section in SECTIONS:
        found += [
            address(name, f"requirements.{section}", spec_key(r.spec))
            for r in output.requirements.section(section)
        ]
    for test in output.tests:
        match test:
            case PythonTest():
                found += [address(name, "tests", f"imports.{module}") for module in test.imports]
                found += [address(name, "tests", "pip_check")]
                found += [address(name, "tests", "python_version")] if test.python_versions else []
            case CommandTest():
                found += [address(name, "tests", f"script.{line.command}") for line in test.lines]
                found += [address(name, "tests", f"requires.{spec_key(spec)}") for spec in test.requires]
    found += [
        address(name, "about", key)
        for key in ("homepage", "summary", "description", "license", "repository", "documentation")
        if getattr(output.about, key)
    ]
    found += [address(name, "about", f"license_file.{path}") for path in output.about.license_files]
    return found
