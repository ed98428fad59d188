"""A planned recipe becomes the commands that build it by hand, with the user's own sources in place of staged ones."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conda_bridge.model.build import BuildJob, RenderedOutput, TestJob
from conda_bridge.sources.recipe_sources import fetch_source
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.building.context import BuildContext, engine_for
from conda_bridge.workflows.building.values import PlannedRecipe, PreparedRecipe
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.staging import FIXED_EPOCH, StagingSetting, stage_recipe

__all__ = ["commands_of", "recipe_command"]


def commands_of(planned: PlannedRecipe, context: BuildContext, scratch: Path) -> tuple[str, ...]:
    """Return shell texts, to be run one after the other: write the recipe, stage it, build it, test each package.

    Secrets of channels' URLs aren't told: who has such channels puts them back. Files of an index are staged from the
    cache, to which they are fetched; repositories are left to the engine. To publish the packages has no command.

    Raises:
        SourceError: a source can't be had, or isn't what the recipe says.
        RecipeError: `uneditable-recipe`.
        EngineError: `unsafe-recipe-folder`.
    """
    assert planned.recipe is not None, "what has no recipe isn't built"
    return tuple(map(context.without_secrets, _commands(planned, planned.recipe, context, scratch)))


def _commands(
    planned: PlannedRecipe, recipe: PreparedRecipe, context: BuildContext, scratch: Path
) -> Iterator[str]:
    work = context.work_dir(recipe.name)
    path = recipe.path
    if recipe.conversion is not None:
        yield recipe_command(planned.subject, recipe, context, work / "recipe")
        path = work / "recipe" / recipe.name / recipe.path.name
    if all(source.kind == "url" for output in recipe.outputs for source in output.sources):
        yield _staging_command(recipe, context, scratch / "staged" / recipe.name, (path, work / "staged"))
        path = work / "staged" / "recipe" / path.name
    engine = engine_for(recipe.format, context.options, context.services)
    yield engine.command(_build_job(planned.subject, path, context, work))
    for output in recipe.outputs if context.options.has_tests else ():
        job = _test_job(planned.subject, output, context, work)
        yield f"mkdir -p {shlex.quote(job.work_dir)}\n{engine.command(job)}"


def _build_job(subject: str, path: Path, context: BuildContext, work: Path) -> BuildJob:
    setting = context.setting()
    epoch = context.options.source_date_epoch
    return BuildJob(
        subject=subject,
        recipe_path=str(path),
        variants=context.variants,
        # By hand the engine may have to fetch what isn't staged.
        setting=replace(
            setting, needs_network=True, readable=tuple(dict.fromkeys((*setting.readable, str(path.parent))))
        ),
        output_dir=str(work / "out"),
        taken_dir=str(work / "taken"),
        log_path=str(work / "build.log"),
        source_date_epoch=FIXED_EPOCH if epoch is None else epoch,
    )


def _test_job(subject: str, output: RenderedOutput, context: BuildContext, work: Path) -> TestJob:
    name = f"{output.conda_name}-{output.version}-{output.build}.conda"
    return TestJob(
        subject=subject,
        package_path=str(work / "out" / output.subdir / name),
        setting=context.setting((work / "out").as_uri()),
        work_dir=str(work / f"test-{output.conda_name}"),
        log_path=str(work / "build.log"),
    )


def _staging_command(
    recipe: PreparedRecipe, context: BuildContext, scratch: Path, places: tuple[Path, Path]
) -> str:
    """Return the command that lays recipe and sources out as they are built."""
    path, target = places
    fetcher = context.services.recipe.fetcher
    setting = StagingSetting(target_dir=str(scratch), network=context.options.recipe.network)
    staged = stage_recipe(str(recipe.path), recipe.outputs, setting=setting, fetcher=fetcher)
    cached = {Path(one.path).name: fetch_source(one.source, fetcher=fetcher) for one in staged.sources}
    lines = [
        shlex.join(["mkdir", "-p", str(target / "recipe")]),
        shlex.join(["cp", "-r", f"{path.parent}/.", str(target / "recipe")]),
    ]
    for file in sorted((scratch / "sources").rglob("*")):
        if file.is_file():
            copied = target / file.relative_to(scratch)
            lines.append(shlex.join(["mkdir", "-p", str(copied.parent)]))
            lines.append(shlex.join(["cp", cached[file.name], str(copied)]))
    text = Path(staged.recipe_path).read_text(encoding="utf-8")
    text = text.replace(scratch.resolve().as_uri(), target.as_uri())
    lines.append(
        f"cat > {shlex.quote(str(target / 'recipe' / path.name))} <<'RECIPE'\n{text.rstrip()}\nRECIPE"
    )
    return "\n".join(lines)


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
