"""What is planned to be built, and what came of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conda_bridge.errors import BridgeError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import EnvironmentRecord, Isolation, MissingPackage, RenderedOutput, TestResult
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeFormat

if TYPE_CHECKING:
    # Whoever gives a recipe needs nothing of conversions.
    from conda_bridge.model.conversion import Conversion

__all__ = [
    "BuildPlan",
    "BuildResult",
    "BuiltPackage",
    "PackageTests",
    "PlannedRecipe",
    "PreparedRecipe",
    "StepTime",
    "Want",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """Why a recipe is built that nobody asked for."""

    by: str
    """The recipe that needs it."""
    spec: str
    """The match spec that the distributor can't satisfy."""
    section: str
    """`build`, `host`, `run` or `test`; empty where a package of one of these needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """How long a step took."""

    step: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRecipe:
    """A recipe that an engine can render."""

    subject: str
    """The source as typed, or the requirement that stands for a missing package."""
    name: str
    """What the recipe is called: that of its package, or of its top."""
    version: str
    format: RecipeFormat
    path: Path
    """The recipe file: the user's own, or the one in the scratch folder."""
    files: tuple[tuple[str, str], ...] = ()
    """(name, text) of a converted recipe's files; none where the recipe was given."""
    members: tuple[str, ...] = ()
    """The projects of the source that it was made for; empty for all."""
    conversion: "Conversion | None" = None
    outputs: tuple[RenderedOutput, ...] = ()
    """What is built of it here; none where all is skipped."""
    missing: tuple[MissingPackage, ...] = ()
    """What neither the distributor nor the output channel has."""
    steps: tuple[StepTime, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRecipe:
    """A step of a plan: a recipe to be built, or why it can't be."""

    key: str
    """The recipe's name; where there is none, what it was to be made from."""
    subject: str
    is_asked: bool
    """False: it is built because others need it."""
    place: int = 0
    """Its place in the plan."""
    recipe: PreparedRecipe | None = None
    """None where there is no recipe."""
    wants: tuple[Want, ...] = ()
    needs: tuple[str, ...] = ()
    """The names of the recipes of this plan that are built before."""
    error: BridgeError | None = None
    """Why it can't be built."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def label(self) -> str:
        """What people call it: the source as typed; the recipe's name where that is only dots, such as `.`."""
        is_named = bool(Path(self.subject).name.strip("."))
        return self.subject if is_named or self.recipe is None else self.recipe.name


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPlan:
    """What will be built, in this order."""

    recipes: tuple[PlannedRecipe, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltPackage:
    """A package in the output channel."""

    path: str
    record: PackageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageTests:
    """What became of a package's own tests."""

    package: str
    """The archive's name."""
    results: tuple[TestResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What became of one recipe."""

    subject: str
    """The source as typed, or the requirement that stands for a missing package."""
    planned: PlannedRecipe
    engine: str = ""
    """Its name and version; empty where none was run."""
    isolation: Isolation | None = None
    environments: tuple[EnvironmentRecord, ...] = ()
    packages: tuple[BuiltPackage, ...] = ()
    """What is in the output channel now; none after a dry run and after a failure."""
    tests: tuple[PackageTests, ...] = ()
    steps: tuple[StepTime, ...] = ()
    log: str = ""
    """The path of the log; empty where nothing was run."""
    manifest: str = ""
    commands: tuple[str, ...] = ()
    """With a dry run only: shell text that does the same by hand."""
    error: BridgeError | None = None
    is_passed_over: bool = False
    """True where it wasn't begun, because what it needs couldn't be built."""
    diagnostics: tuple[Diagnostic, ...] = ()
