"""The result of a build becomes its manifest."""

from pathlib import Path

from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.url_secrets import redacted
from conda_bridge.workflows.building.context import BuildContext
from conda_bridge.workflows.building.values import BuildResult, PreparedRecipe
from conda_bridge.workflows.manifest import (
    BuildInputs,
    BuildManifest,
    FileRow,
    StepRow,
    TestRow,
    output_row,
    recipe_sha256,
    write_manifest_file,
)
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.staging import Staged

__all__ = ["write_manifest"]


def write_manifest(
    result: BuildResult, staged: Staged, context: BuildContext, folder: Path, *, sources: tuple[FileRow, ...]
) -> str:
    """Write the manifest of a recipe that was built and published, and return its path.

    `sources` are its rows as they were before the build, which may have written to the files.

    Raises:
        EngineError: `channel-unwritable`.
    """
    recipe = result.planned.recipe
    assert recipe is not None, "what has no recipe isn't built"
    manifest = BuildManifest(
        inputs=_inputs(result, recipe, staged, context, sources=sources),
        environments=result.environments,
        outputs=tuple(
            output_row(package.path, package.record, recipe.outputs) for package in result.packages
        ),
        are_tested=context.options.has_tests,
        tests=tuple(TestRow(file=tested.package, results=tested.results) for tested in result.tests),
        steps=tuple(StepRow(step=step.step, duration_s=step.duration_s) for step in result.steps),
        diagnostics=_findings(result, recipe),
    )
    return write_manifest_file(manifest, str(folder))


def _findings(result: BuildResult, recipe: PreparedRecipe) -> tuple[Diagnostic, ...]:
    """Return what was found on the way from the source to the package, each once."""
    converted = recipe.conversion.diagnostics if recipe.conversion else ()
    found = (*converted, *recipe.diagnostics, *result.planned.diagnostics, *result.diagnostics)
    return tuple(dict.fromkeys(found))


def _inputs(
    result: BuildResult,
    recipe: PreparedRecipe,
    staged: Staged,
    context: BuildContext,
    *,
    sources: tuple[FileRow, ...],
) -> BuildInputs:
    return BuildInputs(
        source=without_credentials(result.subject),
        recipe=recipe.name,
        version=recipe.version,
        format=recipe.format,
        is_converted=recipe.conversion is not None,
        recipe_sha256=recipe_sha256(staged),
        sources=sources,
        distributor=context.services.distributor.name,
        channels=tuple(map(redacted, (context.folder.as_uri(), *context.services.distributor.channels()))),
        subdir=context.subdir,
        engine=result.engine,
        isolation=result.isolation,
        source_date_epoch=staged.source_date_epoch,
    )
