"""Sources become recipes on disk: convert, render, write.

    text -> Conversion -> texts of files -> files

Everything up to the texts only reads. Files are written last, by the thread that asked, all files of a recipe
or none. One source's failure is a value in its result and stops no other source.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conda_bridge.archives.typed_paths import exists
from conda_bridge.errors import BridgeError, UsageError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v1 import render_v1
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeFormat, RecipeOptions
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.workflows.codec import dumps, loads
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.linting import lint_rendered
from conda_bridge.workflows.packaged import already_packaged
from conda_bridge.workflows.report import digest, report_of
from conda_bridge.workflows.services import Services, services_of
from conda_bridge.workflows.writing import refuse_url, write_files

__all__ = ["RecipeResult", "recipes", "render_recipe", "report_path", "write_recipe"]

_SILENT = SilentReporter()
_DEFAULTS = RecipeOptions()
_FILE_NAMES: dict[RecipeFormat, str] = {"v1": "recipe.yaml", "v0": "meta.yaml"}
"""Both in one folder confuse every tool that reads it. Source: conda-smithy, R-051."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeResult:
    """What became of one source."""

    source: str
    """As typed."""
    conversion: Conversion | None = None
    """None where it failed before there was a recipe."""
    error: BridgeError | None = None
    """Why there is no recipe; None where all went well."""
    files: tuple[tuple[str, str], ...] = ()
    """(path, text) of the recipe's files."""
    report: str = ""
    """The path of the report."""
    is_written: bool = False
    """False for a dry run and after a failure."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """The conversion's findings and those of writing."""


def recipes(
    sources: Sequence[str],
    *,
    options: RecipeOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
    is_dry_run: bool = False,
) -> Iterator[RecipeResult]:
    """Convert and write several sources, up to `options.jobs` at once; yield their results in the given order.

    A failure of one source is its result's `error`. A recipe is on disk when its result is yielded, unless
    `is_dry_run`, which writes nothing.

    Raises:
        UsageError: `unknown-distributor`; `not-writable` for the URL of a folder.
        RecipeError: `template-error` where `options.template_dir` is no folder.
    """
    distributor_policy(options.distributor, options.distributors)
    template_environment(options.template_dir)
    refuse_url(options.output_dir)
    refuse_url(options.report_dir)
    used = services or services_of(options, reporter)
    taken: dict[str, RecipeResult] = {}
    for source, attempt in _attempts(sources, options, reporter, used):
        yield _finish(source, attempt, options, taken, is_dry_run=is_dry_run)


def render_recipe(conversion: Conversion, *, options: RecipeOptions = _DEFAULTS) -> RecipeResult:
    """Return the texts of the files that `write_recipe` would write, and what it would find.

    Raises:
        RecipeError: `unrenderable-recipe`, `template-error`.
    """
    name = conversion.recipe.name
    paths = {recipe_format: _path(name, recipe_format, options) for recipe_format in options.formats}
    texts = {recipe_format: _text(conversion, recipe_format, options) for recipe_format in paths}
    beside = [(name, conversion.facts.text(name) or "") for name in conversion.facts.beside]
    lost = _lost(conversion) if "v0" in paths else ()
    linted = [
        one for recipe_format, text in texts.items() for one in _lint(text, recipe_format, name, options)
    ]
    return RecipeResult(
        source=conversion.facts.ref.text,
        conversion=conversion,
        files=(
            *((str(path), texts[recipe_format]) for recipe_format, path in paths.items()),
            *((str(path.with_name(name)), text) for path in paths.values() for name, text in beside),
        ),
        report=str(report_path(name, options)),
        diagnostics=(*conversion.diagnostics, *lost, *_beside(paths.values()), *linted),
    )


def _lint(
    text: str, recipe_format: RecipeFormat, conda_name: str, options: RecipeOptions
) -> tuple[Diagnostic, ...]:
    # Relative to the output folder, so that the report doesn't depend on where that is.
    path = _path(conda_name, recipe_format, options).relative_to(options.output_dir).as_posix()
    return lint_rendered(
        text,
        path=path,
        recipe_format=recipe_format,
        policy=distributor_policy(options.distributor, options.distributors),
    )


def _path(conda_name: str, recipe_format: RecipeFormat, options: RecipeOptions) -> Path:
    top = Path(options.output_dir)
    folder = top / recipe_format if recipe_format != options.formats[0] else top
    return folder / conda_name / _FILE_NAMES[recipe_format]


def _text(conversion: Conversion, recipe_format: RecipeFormat, options: RecipeOptions) -> str:
    environment = template_environment(options.template_dir)
    if recipe_format == "v1":
        return render_v1(conversion.recipe, environment=environment)
    # Most recipes are v1, and what v0 needs takes milliseconds to import.
    from conda_bridge.formats.v0 import render_v0  # noqa: PLC0415

    return render_v0(conversion.recipe, environment=environment)


def _lost(conversion: Conversion) -> tuple[Diagnostic, ...]:
    from conda_bridge.formats.v0 import restrict  # noqa: PLC0415 - see above

    return restrict(conversion.recipe).diagnostics


def _beside(paths: Iterable[Path]) -> Iterator[Diagnostic]:
    """Tell of a recipe of the other format in the folder of one that is written."""
    for path in paths:
        for other in (path.with_name(name) for name in _FILE_NAMES.values()):
            if other != path and exists(other):
                message = f"{path.parent.name}/ holds {other.name} beside the new {path.name}"
                yield finding("two-formats", message, origin=str(other))


def write_recipe(conversion: Conversion, *, options: RecipeOptions = _DEFAULTS) -> RecipeResult:
    """Write `<output>/<conda name>/recipe.yaml` or `meta.yaml`, and the report, `<report>/<conda name>.bridge.json`.

    Of two formats the second goes to a folder of its own, `<output>/v0/<conda name>/meta.yaml`.

    What conda-bridge wrote before is replaced; the same conversion gives the same bytes.

    Raises:
        UsageError: `foreign-recipe` where a recipe is there that conda-bridge didn't write or that was changed
            since, `not-writable`.
        RecipeError: `unrenderable-recipe`, `template-error`.
    """
    return _write(conversion, render_recipe(conversion, options=options))


def report_path(conda_name: str, options: RecipeOptions) -> Path:
    """Return where the report of a recipe goes: outside its folder, which engines pack into the package."""
    return Path(options.report_dir or options.output_dir) / f"{conda_name}.bridge.json"


# ---------------------------------------------------------------- one source


def _refuse_foreign(rendered: RecipeResult) -> None:
    known = _known_digests(Path(rendered.report))
    for path, text in rendered.files:
        try:
            present = Path(path).read_text(encoding="utf-8") if exists(Path(path)) else text
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("foreign-recipe", f"can't be read: {error}", where=path) from error
        if present != text and digest(present) not in known:
            raise UsageError(
                "foreign-recipe",
                "differs from what conda-bridge wrote last, as far as its report tells",
                where=path,
            )


def _known_digests(report: Path) -> frozenset[str]:
    if not exists(report):
        return frozenset()
    try:
        written = loads(report.read_text(encoding="utf-8"), Report, where=str(report))
    except (OSError, UnicodeDecodeError, UsageError):
        # A damaged report vouches for nothing.
        return frozenset()
    return frozenset(file.sha256 for file in written.files)


def _write(conversion: Conversion, rendered: RecipeResult) -> RecipeResult:
    _refuse_foreign(rendered)
    folder = Path(rendered.report).parent
    files = tuple((Path(os.path.relpath(path, folder)).as_posix(), text) for path, text in rendered.files)
    added = rendered.diagnostics[len(conversion.diagnostics) :]
    report = report_of(conversion, files=files, diagnostics=added)
    texts = {Path(path): text for path, text in rendered.files}
    write_files({**texts, Path(rendered.report): dumps(report, Report)})
    return replace(rendered, is_written=True)


# ---------------------------------------------------------------- several sources


def _attempts(
    sources: Sequence[str], options: RecipeOptions, reporter: Reporter, services: Services
) -> Iterator[tuple[str, Conversion | BridgeError]]:
    def attempt(source: str) -> Conversion | BridgeError:
        try:
            conversion = convert(source, options=options, reporter=reporter, services=services)
        except BridgeError as error:
            return error
        names = [output.conda_name for output in conversion.recipe.outputs] if options.ask_channels else ()
        known = already_packaged(names, services)
        return replace(conversion, diagnostics=(*conversion.diagnostics, *known))

    if len(sources) == 1 or options.jobs == 1 or options.run_backend:
        # In this thread an interruption reaches the work itself, which then cleans up; and one build backend at a
        # time uses the machine up far enough.
        yield from ((source, attempt(source)) for source in sources)
        return
    from concurrent.futures import Future, ThreadPoolExecutor  # noqa: PLC0415 - one source needs no pool

    pool = ThreadPoolExecutor(max_workers=options.jobs)
    try:
        futures: list[Future[Conversion | BridgeError]] = [pool.submit(attempt, source) for source in sources]
        bugs: list[BaseException] = []
        for source, future in zip(sources, futures, strict=True):
            # A bug of ours in one source must not take the recipes of the others with it.
            if (bug := future.exception()) is not None:
                bugs.append(bug)
            else:
                yield source, future.result()
        if bugs:
            raise bugs[0]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finish(
    source: str,
    attempt: Conversion | BridgeError,
    options: RecipeOptions,
    taken: dict[str, RecipeResult],
    *,
    is_dry_run: bool,
) -> RecipeResult:
    if isinstance(attempt, BridgeError):
        return RecipeResult(source=source, error=attempt)
    name = attempt.recipe.name
    try:
        result = replace(render_recipe(attempt, options=options), source=source)
        earlier = taken.setdefault(name, result)
        if earlier.files != result.files:
            message = f"{earlier.source!r} gave another recipe for {result.files[0][0]}"
            raise UsageError("same-recipe", message)
        if not is_dry_run:
            result = _write(attempt, result)
    except BridgeError as error:
        return RecipeResult(source=source, conversion=attempt, error=error, diagnostics=attempt.diagnostics)
    return result
