"""A planned recipe becomes the commands that build it by hand, with the user's own sources in place of staged ones."""

import hashlib
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.typed_paths import is_dir
from conda_bridge.engines.by_hand import by_hand
from conda_bridge.model.build import BuildJob, EngineSetting, RenderedOutput, TestJob
from conda_bridge.model.source import ArchiveRef, DirectoryRef, RequirementRef
from conda_bridge.processes.work_folders import INSTALLED
from conda_bridge.sources.recipe_sources import fetch_source
from conda_bridge.sources.releases import is_pinned
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.building.context import BuildContext, engine_for
from conda_bridge.workflows.building.environments import will_be_record
from conda_bridge.workflows.building.installing import install_request, specs_of
from conda_bridge.workflows.building.values import PlannedRecipe, PreparedRecipe
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.staged_folder import own_outputs
from conda_bridge.workflows.staging import FIXED_EPOCH, StagedSource, StagingSetting, stage_recipe

__all__ = ["commands_of", "install_command", "recipe_command"]

_CHANNEL = (
    "import sys; from conda_bridge.distributors.local_channel import LocalChannel; LocalChannel(sys.argv[1])"
)
_CLEARING = """\
import sys; from conda_bridge.processes.work_folders import WorkFolders
with WorkFolders(*sys.argv[1:3]).lent(sys.argv[3]): pass"""
"""Who borrows a folder finds it empty, and leaves nothing: a link that a build has put in its way isn't followed."""


def commands_of(planned: PlannedRecipe, context: BuildContext, scratch: Path) -> tuple[str, ...]:
    """Return shell texts, to be run one after the other: write the recipe, stage, build, test each package, publish.

    Each begins with a comment that says what it does, and fails where the build would. Secrets of channels' URLs aren't
    told: who has such channels puts them back. Files of an index are staged from the cache, to which they are fetched;
    repositories are left to the engine.

    Raises:
        SourceError: a source can't be had, or isn't what the recipe says.
        RecipeError: `uneditable-recipe`.
        EngineError: `unsafe-recipe-folder`.
    """
    assert planned.recipe is not None, "what has no recipe isn't built"
    return tuple(map(context.without_secrets, _commands(planned, planned.recipe, context, scratch)))


def install_command(planned: Sequence[PlannedRecipe], context: BuildContext) -> str:
    """Return the shell text that installs what was asked for, once all of it is published."""
    outputs = [output for one in planned if one.is_asked and one.recipe for output in one.recipe.outputs]
    prefix = str(Path(context.options.install_prefix).absolute())
    setting = _setting(context)
    channels = tuple(map(channel_label, setting.channels))
    request = install_request(
        specs_of(list(map(will_be_record, outputs))), prefix, replace(setting, channels=channels)
    )
    cache = f"RATTLER_CACHE_DIR={shlex.quote(str(context.cache_dir / INSTALLED))}"
    words = (shlex.quote(sys.executable), "-I", "-m", "conda_bridge.adapters.worker")
    lines = (
        f"# install {', '.join(dict.fromkeys(str(output.conda_name) for output in outputs))}",
        shlex.join(("mkdir", "-p", prefix)),
        by_hand(("LANG=C.UTF-8", f"PATH={shlex.quote(os.defpath)}", cache), words, request.as_line()),
    )
    return context.without_secrets("\n".join(lines))


def _commands(
    planned: PlannedRecipe, recipe: PreparedRecipe, context: BuildContext, scratch: Path
) -> Iterator[str]:
    name, work = recipe.name, context.work_dir(recipe.name)
    path, epoch = recipe.path, context.options.source_date_epoch
    if not planned.needs and not is_dir(context.folder):
        making = shlex.join((sys.executable, "-I", "-c", f"{_CHANNEL}.open()", str(context.folder)))
        yield f"# make the channel\n{making}"
    yield f"# remove what an earlier build of {name} left\n{_clearing_command(name, context)}"
    if recipe.conversion is not None:
        yield f"# write the recipe of {name}\n{recipe_command(planned.subject, recipe, context, work / 'recipe')}"
        path = work / "recipe" / recipe.name / recipe.path.name
    if all(source.kind != "git" for output in recipe.outputs for source in output.sources):
        places = (path, work / "staged")
        command, epoch = _staging_command(recipe, context, scratch / "staged" / recipe.name, places)
        yield f"# lay out {name} with its sources\n{command}"
        path = work / "staged" / "recipe" / path.name
    engine = engine_for(recipe.format, context.options, context.services)
    job = _build_job(planned.subject, path, context, work=work, epoch=epoch)
    yield f"# build {name}\n{engine.command(job)}"
    for output in recipe.outputs if context.options.has_tests else ():
        tested = _test_job(planned.subject, output, context, work)
        lines = (
            f"# test {output.conda_name}",
            shlex.join(("mkdir", "-p", tested.work_dir)),
            engine.command(tested),
        )
        yield "\n".join(lines)
    yield _publishing_command(recipe, context, work)


def _clearing_command(name: str, context: BuildContext) -> str:
    purpose = os.path.realpath(context.folder)
    return shlex.join((sys.executable, "-I", "-c", _CLEARING, str(context.cache_dir), purpose, name))


def _publishing_command(recipe: PreparedRecipe, context: BuildContext, work: Path) -> str:
    """Return the command that copies the packages into the channel and indexes it; what `build` does before is told."""
    paths = [_package_path(output, work) for output in recipe.outputs]
    return "\n".join(
        (
            f"# publish {recipe.name}: copy into the channel, and index it; conda-bridge build has first put the recipe",
            "# as it was before it was laid out back into each package, and writes log and manifest into builds/",
            shlex.join(
                (sys.executable, "-I", "-c", f"{_CHANNEL}.publish(sys.argv[2:])", str(context.folder), *paths)
            ),
        )
    )


def _package_path(output: RenderedOutput, work: Path) -> str:
    name = f"{output.conda_name}-{output.version}-{output.build}.conda"
    return str(work / "out" / output.subdir / name)


def _setting(context: BuildContext, *first: str) -> EngineSetting:
    """Return where an engine works once the output channel is there."""
    setting = context.setting()
    own = context.folder.as_uri()
    channels = (*first, own, *(channel for channel in setting.channels if channel != own))
    return replace(setting, channels=channels)


def _build_job(subject: str, path: Path, context: BuildContext, *, work: Path, epoch: int | None) -> BuildJob:
    setting = _setting(context)
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
    return TestJob(
        subject=subject,
        package_path=_package_path(output, work),
        setting=_setting(context, (work / "out").as_uri()),
        work_dir=str(work / f"test-{output.conda_name}"),
        log_path=str(work / "build.log"),
    )


def _staging_command(
    recipe: PreparedRecipe, context: BuildContext, scratch: Path, places: tuple[Path, Path]
) -> tuple[str, int]:
    """Return the command that lays recipe and sources out as they are built, and the time that builds are told."""
    path, target = places
    fetcher = context.services.recipe.fetcher
    setting = StagingSetting(
        target_dir=str(scratch),
        left_out=context.own_outputs,
        source_date_epoch=context.options.source_date_epoch,
        network=context.options.recipe.network,
    )
    staged = stage_recipe(str(recipe.path), recipe.outputs, setting=setting, fetcher=fetcher)
    # Names say nothing: several sources may be called the same, and one may be laid out under several names.
    laid_out = scratch.resolve()
    fetched = (one for one in staged.sources if one.source.kind == "url")
    cached = {_digest(Path(one.path)): fetch_source(one.source, fetcher=fetcher) for one in fetched}
    lines = [
        shlex.join(["mkdir", "-p", str(target / "recipe")]),
        shlex.join(["cp", "-r", f"{path.parent}/.", str(target / "recipe")]),
    ]
    copied_here = (one for one in staged.sources if Path(one.path).is_relative_to(laid_out))
    projects = [one for one in copied_here if one.source.kind == "path"]
    for one in projects:
        source = (recipe.path.parent / one.source.urls[0]).resolve()
        lines += _copying(one, source, target / Path(one.path).relative_to(laid_out), context.own_outputs)
    for file in sorted((scratch / "sources").rglob("*")):
        if file.is_file() and not any(file.resolve().is_relative_to(one.path) for one in projects):
            copied = target / file.relative_to(scratch)
            lines.append(shlex.join(["mkdir", "-p", str(copied.parent)]))
            lines.append(shlex.join(["cp", cached[_digest(file)], str(copied)]))
    text = Path(staged.recipe_path).read_text(encoding="utf-8")
    text = text.replace(laid_out.as_uri(), target.as_uri()).replace(str(laid_out), str(target))
    lines.append(_writing_command(target / "recipe" / path.name, text))
    return "\n".join(lines), staged.source_date_epoch


def _copying(project: StagedSource, source: Path, copied: Path, outputs: Sequence[str]) -> Iterator[str]:
    """Yield the commands that copy a project without what we make in it; see `copy_project`."""
    yield shlex.join(["mkdir", "-p", str(copied)])
    yield shlex.join(["cp", "-a", f"{source}/.", str(copied)])
    for path in own_outputs(str(source), outputs):
        gone = path.relative_to(source)
        while not Path(project.path, gone.parent).exists():
            gone = gone.parent
        yield shlex.join(["rm", "-rf", str(copied / gone)])


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _writing_command(path: Path, text: str) -> str:
    """Return the command that writes a recipe, whose lines may be a stranger's: none of them ends it.

    Source: POSIX.1-2017, Shell Command Language 2.7.4, Here-Document.
    """
    end = "RECIPE"
    while end in text.split("\n"):
        end += "_"
    whole = text if text.endswith("\n") else f"{text}\n"
    return f"cat > {shlex.quote(str(path))} <<'{end}'\n{whole}{end}"


def recipe_command(source: str, recipe: PreparedRecipe, context: BuildContext, target: Path) -> str:
    """Return the command that writes the recipe of a source."""
    options = context.options.recipe
    words = [
        sys.executable,
        "-I",
        "-m",
        "conda_bridge",
        "recipe",
        _exactly(source, recipe),
        "-o",
        str(target),
    ]
    words += ["--distributor", channel_label(options.distributor)]
    words += ["--format", recipe.format] if recipe.format != "v1" else []
    words += [word for name in options.maintainers for word in ("--maintainer", name)]
    words += [word for name in recipe.members for word in ("--member", name)]
    words += ["--fetch-license"] if options.fetch_license else []
    words += ["--run-backend"] if options.run_backend else []
    words += ["--inspect-wheels"] if options.inspect_wheels else []
    return shlex.join(words)


def _exactly(source: str, recipe: PreparedRecipe) -> str:
    """Return a source by which the same release is chosen, whatever comes out meanwhile or suits other pythons."""
    ref = recipe.conversion.facts.ref if recipe.conversion else None
    if isinstance(ref, RequirementRef) and not is_pinned(ref.specifier):
        return f"{ref.pypi_name}=={recipe.version}"
    if isinstance(ref, DirectoryRef | ArchiveRef):
        # Relative ones would depend on where the text is pasted.
        return ref.path
    return without_credentials(source)
