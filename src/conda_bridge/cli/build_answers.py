"""The answer of `build --json`; see `conda_bridge.cli.answers`."""

from dataclasses import dataclass

from conda_bridge.cli.answers import Failure
from conda_bridge.model.build import EnvironmentRecord, Isolation, RenderedOutput
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.version import __version__
from conda_bridge.workflows.build import BuildResult, Installed, PackageTests, StepTime, Want
from conda_bridge.workflows.building.values import BuiltPackage
from conda_bridge.workflows.report import without_credentials

__all__ = ["BuildAnswer", "BuildRow", "OutputRow", "PackageRow", "row_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRow:
    """A package as the recipe says it will be."""

    conda_name: str
    version: str
    build: str
    subdir: str
    variant: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRow:
    """A package in the output channel."""

    path: str
    conda_name: str
    version: str
    build: str
    subdir: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRow:
    """One recipe, in the order in which they are built; of one that failed, what is known of it."""

    source: str
    conda_name: str
    """The recipe's; empty where there is none."""
    version: str
    recipe: str
    """The path of a recipe that was given; empty where it was written for this build."""
    is_asked: bool
    """False: it is built because others need it."""
    is_built: bool
    """False also with `--dry-run`."""
    wants: tuple[Want, ...]
    needs: tuple[str, ...]
    """Recipes that are built before."""
    outputs: tuple[OutputRow, ...]
    packages: tuple[PackageRow, ...]
    engine: str
    isolation: Isolation | None
    environments: tuple[EnvironmentRecord, ...]
    tests: tuple[PackageTests, ...]
    steps: tuple[StepTime, ...]
    log: str
    manifest: str
    commands: tuple[str, ...]
    """With `--dry-run`: shell texts that do the same by hand."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildAnswer:
    """The answer of `build --json`."""

    schema: str = "conda-bridge.build/1"
    conda_bridge: str = __version__
    results: tuple[BuildRow, ...]
    installed: Installed | None = None
    """What `--install` made."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Findings that belong to no single recipe."""
    errors: tuple[Failure, ...] = ()


def row_of(result: BuildResult) -> BuildRow:
    """Return a result as documents carry it."""
    recipe = result.planned.recipe
    return BuildRow(
        source=without_credentials(result.subject),
        conda_name=recipe.name if recipe else "",
        version=recipe.version if recipe else "",
        recipe=str(recipe.path) if recipe and recipe.conversion is None else "",
        is_asked=result.planned.is_asked,
        is_built=bool(result.packages),
        wants=result.planned.wants,
        needs=result.planned.needs,
        outputs=tuple(map(_output_row, recipe.outputs)) if recipe else (),
        packages=tuple(map(_package_row, result.packages)),
        engine=result.engine,
        isolation=result.isolation,
        environments=result.environments,
        tests=result.tests,
        steps=result.steps,
        log=result.log,
        manifest=result.manifest,
        commands=result.commands,
        diagnostics=result.diagnostics,
    )


def _output_row(output: RenderedOutput) -> OutputRow:
    return OutputRow(
        conda_name=output.conda_name,
        version=output.version,
        build=output.build,
        subdir=output.subdir,
        variant=output.variant,
    )


def _package_row(built: BuiltPackage) -> PackageRow:
    record = built.record
    return PackageRow(
        path=built.path,
        conda_name=record.conda_name,
        version=record.version,
        build=record.build,
        subdir=record.subdir,
        size_bytes=record.size_bytes,
        sha256=record.sha256,
    )
