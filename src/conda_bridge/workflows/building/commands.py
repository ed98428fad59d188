"""A planned recipe becomes the commands that build it by hand, with the user's own sources in place of staged ones."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conda_bridge.model.build import BuildJob, TestJob
from conda_bridge.translate.distributors import channel_label
from conda_bridge.workflows.building.context import BuildContext, engine_for
from conda_bridge.workflows.building.values import PlannedRecipe, PreparedRecipe
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.staging import FIXED_EPOCH

__all__ = ["commands_of", "recipe_command"]


def commands_of(planned: PlannedRecipe, context: BuildContext) -> tuple[str, ...]:
    """Return shell texts, to be run one after the other: write the recipe, build it, test each package.

    What the parent does itself has no command: it fetches the sources beforehand, so that the build needs no
    network, and publishes the packages.
    """
    assert planned.recipe is not None, "what has no recipe isn't built"
    return tuple(_commands(planned, planned.recipe, context))


def _commands(planned: PlannedRecipe, recipe: PreparedRecipe, context: BuildContext) -> Iterator[str]:
    work = context.work_dir(recipe.name)
    path = recipe.path
    if recipe.conversion is not None:
        yield recipe_command(planned.subject, recipe, context, work / "recipe")
        path = work / "recipe" / recipe.name / recipe.path.name
    engine = engine_for(recipe.format, context.options, context.services)
    setting = context.setting()
    # By hand the engine fetches the sources itself.
    open_setting = replace(
        setting, needs_network=True, readable=tuple(dict.fromkeys((*setting.readable, str(path.parent))))
    )
    epoch = context.options.source_date_epoch
    yield engine.command(
        BuildJob(
            subject=planned.subject,
            recipe_path=str(path),
            variants=context.variants,
            setting=open_setting,
            output_dir=str(work / "out"),
            log_path=str(work / "build.log"),
            source_date_epoch=FIXED_EPOCH if epoch is None else epoch,
        )
    )
    for output in recipe.outputs if context.options.has_tests else ():
        name = f"{output.conda_name}-{output.version}-{output.build}.conda"
        yield engine.command(
            TestJob(
                subject=planned.subject,
                package_path=str(work / "out" / output.subdir / name),
                setting=context.setting((work / "out").as_uri()),
                work_dir=str(work / f"test-{output.conda_name}"),
                log_path=str(work / "build.log"),
            )
        )


def recipe_command(source: str, recipe: PreparedRecipe, context: BuildContext, target: Path) -> str:
    """Return the command that writes the recipe of a source."""
    options = context.options.recipe
    words = ["conda-bridge", "recipe", without_credentials(source), "-o", str(target)]
    words += ["--distributor", channel_label(options.distributor)]
    words += ["--format", recipe.format] if recipe.format != "v1" else []
    words += [word for name in options.maintainers for word in ("--maintainer", name)]
    words += [word for name in options.members for word in ("--member", name)]
    words += ["--fetch-license"] if options.fetch_license else []
    words += ["--run-backend"] if options.run_backend else []
    words += ["--inspect-wheels"] if options.inspect_wheels else []
    return shlex.join(words)
