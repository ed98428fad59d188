"""A source becomes a recipe that is rendered, and what its environments lack is known."""

from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.typed_paths import is_dir
from conda_bridge.errors import EngineError, RecipeError
from conda_bridge.model.build import RenderJob
from conda_bridge.model.options import RecipeFormat
from conda_bridge.workflows.building.context import BuildContext, engine_for
from conda_bridge.workflows.building.environments import needed_environments, will_be_record
from conda_bridge.workflows.building.outputs import check_rendered, check_sources
from conda_bridge.workflows.building.steps import Steps
from conda_bridge.workflows.building.values import PreparedRecipe
from conda_bridge.workflows.building.variants import pythons_of
from conda_bridge.workflows.surroundings import FORMATS, RecipeFile, find_recipes
from conda_bridge.workflows.writing import write_files

__all__ = ["format_of", "is_recipe", "prepare"]

_FEEDSTOCK_FOLDER = "recipe"
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "PKG-INFO")


def is_recipe(source: str) -> bool:
    """Tell whether a source, as typed, is a recipe: its file, its folder, or a feedstock.

    A bare name is a project of the index, whatever lies in the working directory; a folder with a project in it is
    that project, unless the recipe stands beside the project's files.
    """
    path = Path(source)
    if path.name in FORMATS:
        return True
    is_path = "/" in source or "\\" in source or source.startswith(".")
    if not is_path or "://" in source or not is_dir(path):
        return False
    if any((path / name).is_file() for name in FORMATS):
        return True
    is_feedstock = any((path / _FEEDSTOCK_FOLDER / name).is_file() for name in FORMATS)
    return is_feedstock and not any((path / name).exists() for name in _PROJECT_FILES)


def format_of(source: str, context: BuildContext) -> RecipeFormat:
    """Return the format of the recipe that is built of a source.

    Raises:
        UsageError: `no-recipe`.
        EngineError: `engine-missing`.
    """
    if is_recipe(source):
        return _chosen(source, context).format
    return _written_format(context)


def prepare(source: str, context: BuildContext, scratch: Path, *, subject: str = "") -> PreparedRecipe:
    """Return the rendered recipe of a source; a converted one is in a folder of its own below `scratch`.

    Raises:
        RecipeError: `invalid-output`.
        BridgeError: what converting, rendering and the distributor raise.
    """
    shown = subject or source
    steps = Steps(shown, context.reporter)
    if is_recipe(source):
        recipe = _given(source, context)
    else:
        with steps.step("writing the recipe"):
            recipe = _converted(source, context, scratch, shown)
    engine = engine_for(recipe.format, context.options, context.services)
    with steps.step("rendering"):
        job = RenderJob(recipe_path=str(recipe.path), variants=context.variants, setting=context.setting())
        try:
            outputs = engine.render(job)
        except RecipeError as error:
            from conda_bridge.workflows.building.refusals import refusal_of  # noqa: PLC0415 - only failures need it

            raise refusal_of(error, recipe) from error
    check_rendered(outputs, is_final=recipe.format == "v1", recipe=str(recipe.path))
    if recipe.conversion is None:
        check_sources(outputs, recipe.path)
    if recipe.conversion is None and outputs:
        recipe = replace(recipe, name=str(outputs[0].conda_name), version=outputs[0].version)
    with steps.step("environments"):
        provided = context.services.distributor.provide(
            needed_environments(outputs, are_tested=context.options.has_tests),
            beside=(*context.services.channel.records(), *map(will_be_record, outputs)),
        )
    return replace(
        recipe,
        subject=shown,
        outputs=outputs,
        missing=provided.missing,
        steps=steps.done(),
        diagnostics=(*recipe.diagnostics, *provided.diagnostics),
    )


def _given(source: str, context: BuildContext) -> PreparedRecipe:
    found = _chosen(source, context)
    path = found.path.absolute()
    if path.resolve().parent == context.folder.resolve():
        message = "the output channel would lie among the recipe's own files"
        raise EngineError(
            "unsafe-recipe-folder", message, where=str(path.parent), hint="choose another folder, -o"
        )
    return PreparedRecipe(subject=source, name=path.parent.name, version="", format=found.format, path=path)


def _chosen(source: str, context: BuildContext) -> RecipeFile:
    """Return the recipe of a folder that an engine takes; v1 where several are."""
    failures: list[EngineError] = []
    for recipe in find_recipes(source):
        try:
            engine_for(recipe.format, context.options, context.services)
        except EngineError as error:
            failures.append(error)
        else:
            return recipe
    failed = failures[0]
    raise EngineError(failed.slug, failed.message, where=failed.where or source, hint=failed.hint)


def _converted(source: str, context: BuildContext, scratch: Path, subject: str) -> PreparedRecipe:
    # Inference takes a tenth of a second to import, which those who give a recipe are spared.
    from conda_bridge.workflows.convert import convert  # noqa: PLC0415
    from conda_bridge.workflows.recipe import render_recipe  # noqa: PLC0415

    pythons = pythons_of(context.variants)
    # Where there are several, a release that one of them can't use is built for the others.
    options = replace(context.options.recipe, fitting_python=pythons[0] if len(pythons) == 1 else "")
    conversion = convert(source, options=options, reporter=context.reporter, services=context.services.recipe)
    name = conversion.recipe.name
    recipe_format = _written_format(context)
    rendered = render_recipe(
        conversion, options=replace(options, output_dir=str(scratch), report_dir="", formats=(recipe_format,))
    )
    write_files({Path(path): text for path, text in rendered.files})
    return PreparedRecipe(
        subject=subject,
        name=name,
        version=conversion.recipe.version,
        format=recipe_format,
        path=Path(rendered.files[0][0]),
        files=tuple((Path(path).name, text) for path, text in rendered.files),
        members=options.members,
        conversion=conversion,
        diagnostics=rendered.diagnostics,
    )


def _written_format(context: BuildContext) -> RecipeFormat:
    """Return the format in which sources are written for the engine: v1, unless it takes v0 only."""
    try:
        engine_for("v1", context.options, context.services)
    except EngineError:
        if not context.options.engine:
            raise
        engine_for("v0", context.options, context.services)
        return "v0"
    return "v1"
