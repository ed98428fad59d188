"""Sources and recipes become tested packages in a channel.

    sources -> plan -> for each recipe: staged copy -> packages -> tests -> output channel

What a recipe needs and nobody has is built first, if the user wants that. One recipe's failure is a value in its
result; what depends on it is passed over, everything else goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conda_bridge.errors import BridgeError, EngineError, RepackError, UsageError
from conda_bridge.model.events import StepStarted, WorkFinished
from conda_bridge.model.options import BuildOptions
from conda_bridge.processes.cache_use import cache_used
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.workflows.building.context import BuildContext, BuildServices, machine_subdir
from conda_bridge.workflows.building.installing import Installed, check_prefix, install_packages
from conda_bridge.workflows.building.planning import make_plan
from conda_bridge.workflows.building.preparing import format_of
from conda_bridge.workflows.building.scheduling import run_in_order
from conda_bridge.workflows.building.services import build_services_of, cache_folder
from conda_bridge.workflows.building.values import (
    BuildPlan,
    BuildResult,
    PackageTests,
    PlannedRecipe,
    StepTime,
    Want,
)
from conda_bridge.workflows.building.variants import chosen_variants
from conda_bridge.workflows.writing import refuse_url

__all__ = [
    "BuildResult",
    "BuildServices",
    "Installed",
    "PackageTests",
    "StepTime",
    "Want",
    "build_services_of",
    "builds",
    "install",
]

_SILENT = SilentReporter()
_DEFAULTS = BuildOptions()


def builds(
    sources: Sequence[str],
    *,
    options: BuildOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: BuildServices | None = None,
    is_dry_run: bool = False,
) -> Iterator[BuildResult]:
    """Build sources and recipes, up to `options.jobs` at once; yield each result as soon as it is final.

    The plan has the sources in the given order, each behind those recipes that it needs; `planned.place` is a
    result's place in it. What can't be built is told first. A package is in the output channel, tested and indexed,
    when its result is yielded; `is_dry_run` writes nothing but the caches. After an interruption the results of what
    is in the channel come before it.

    Raises:
        UsageError: `unknown-distributor`, `no-recipe`, `prefix-exists`, `unusable-prefix`, `no-channel-folder`,
            `not-writable`; `usage` for engines, programs and variants that there aren't.
        SourceError: `distributor-unreachable`.
        EngineError: `engine-missing`, `channel-locked`.
        RepackError: `platform-package` where `options.is_noarch_only`.
    """
    used = services or build_services_of(options, reporter)
    context = _context(options, used, reporter)
    with cache_used(context.cache_dir):
        yield from _builds(sources, context, is_dry_run=is_dry_run)


def _builds(sources: Sequence[str], context: BuildContext, *, is_dry_run: bool) -> Iterator[BuildResult]:
    used, options, reporter = context.services, context.options, context.reporter
    refuse_url(options.channel_dir)
    refuse_url(options.install_prefix)
    for source in sources:
        # Who has no engine should know before anything is fetched.
        format_of(source, context)
    if options.install_prefix:
        check_prefix(options.install_prefix)
    used.channel.check_place()
    reporter.report(StepStarted(subject=used.distributor.name, step="asking for its variants"))
    variants = chosen_variants(used.distributor.variants(), options.chosen_variants)
    # Whether it can be reached at all.
    used.distributor.provide(())
    reporter.report(WorkFinished(subject=used.distributor.name))
    context = replace(context, variants=variants)
    if not is_dry_run:
        _open(used)
    with scratch_folder("build") as scratch:
        plan = make_plan(sources, context, scratch)
        if options.is_noarch_only:
            _refuse_platforms(plan)
        if is_dry_run:
            yield from _told_plan(plan, context, scratch)
        else:
            yield from _results(plan, context)


def install(
    results: Sequence[BuildResult],
    *,
    options: BuildOptions,
    reporter: Reporter = _SILENT,
    services: BuildServices | None = None,
) -> Installed:
    """Install the packages that were asked for, with all that they need, into the new folder `options.install_prefix`.

    Of several builds of one package one is chosen. After a failure the folder isn't there.

    Raises:
        UsageError: `prefix-exists`, `unusable-prefix`.
        SolverError: `unsatisfiable`, `packages-missing`.
        EngineError: `engine-missing`, `engine-crashed`, `build-timeout`.
    """
    used = services or build_services_of(options, reporter)
    asked = [one.record for result in results if result.planned.is_asked for one in result.packages]
    context = _context(options, used, reporter)
    with cache_used(context.cache_dir):
        return install_packages(asked, options.install_prefix, context)


def _open(services: BuildServices) -> None:
    try:
        services.channel.open()
    except EngineError as error:
        if error.slug != "channel-unwritable":
            raise
        # Nothing was built yet: it was the wrong folder to name.
        raise UsageError("not-writable", error.message, where=error.where) from error


def _refuse_platforms(plan: BuildPlan) -> None:
    for planned in plan.recipes:
        outputs = planned.recipe.outputs if planned.is_asked and planned.recipe else ()
        if platforms := sorted({output.subdir for output in outputs if not output.noarch}):
            message = f"its package would be for {', '.join(platforms)}"
            hint = "only projects without compiled parts come back as wheels for any platform"
            raise RepackError("platform-package", message, where=planned.subject, hint=hint)


def _context(options: BuildOptions, services: BuildServices, reporter: Reporter) -> BuildContext:
    return BuildContext(
        options=options,
        services=services,
        reporter=reporter,
        subdir=machine_subdir(),
        cache_dir=cache_folder(options),
    )


def _told_plan(plan: BuildPlan, context: BuildContext, scratch: Path) -> Iterator[BuildResult]:
    failed: set[str] = set()
    results = []
    for planned in plan.recipes:
        result = _passed_over(planned, failed) or _told(planned, context, scratch)
        failed |= {planned.key} if result.error is not None else set()
        results.append(result)
    if context.options.install_prefix and results and not any(result.error for result in results):
        from conda_bridge.workflows.building.commands import install_command  # noqa: PLC0415 - as below

        command = install_command(plan.recipes, context)
        results[-1] = replace(results[-1], commands=(*results[-1].commands, command))
    yield from results


def _told(planned: PlannedRecipe, context: BuildContext, scratch: Path) -> BuildResult:
    """Return what would be done."""
    context.reporter.report(WorkFinished(subject=planned.subject))
    result = _unbuilt(planned)
    if planned.error is not None or planned.recipe is None or not planned.recipe.outputs:
        return result
    from conda_bridge.workflows.building.commands import commands_of  # noqa: PLC0415 - builds need none of it

    try:
        return replace(result, commands=commands_of(planned, context, scratch))
    except BridgeError as error:
        return replace(result, error=error)


def _results(plan: BuildPlan, context: BuildContext) -> Iterator[BuildResult]:
    recipes = {planned.key: planned for planned in plan.recipes}
    failed = {planned.key for planned in plan.recipes if planned.error is not None}

    def build(key: str) -> BuildResult:
        planned = recipes[key]
        if planned.label != planned.subject:
            context.reporter.report(WorkFinished(subject=planned.subject))
        result = _result(planned, failed, context)
        if result.error is not None:
            failed.add(key)
        context.reporter.report(WorkFinished(subject=planned.label))
        return result

    for key in sorted(failed, key=lambda key: recipes[key].place):
        yield build(key)
    needs = {
        key: tuple(one for one in planned.needs if recipes[one].error is None)
        for key, planned in recipes.items()
        if planned.error is None
    }
    if needs:
        yield from run_in_order(needs, build, jobs=context.options.jobs, stop=context.stop)


def _result(planned: PlannedRecipe, failed: set[str], context: BuildContext) -> BuildResult:
    if planned.error is not None or planned.recipe is None or not planned.recipe.outputs:
        return _unbuilt(planned)
    if passed_over := _passed_over(planned, failed):
        return passed_over
    from conda_bridge.workflows.building.one import build_recipe  # noqa: PLC0415 - plans need none of it

    result = build_recipe(planned, context)
    return replace(result, diagnostics=(*_unbuilt(planned).diagnostics, *result.diagnostics))


def _passed_over(planned: PlannedRecipe, failed: set[str]) -> BuildResult | None:
    """Return the result of what isn't begun, since what it needs failed; None where all of that is there."""
    causes = [key for key in planned.needs if key in failed]
    if not causes or planned.error is not None:
        return None
    message = f"it needs {', '.join(causes)}, which could not be built"
    return replace(_unbuilt(planned), error=EngineError("dependency-failed", message), is_passed_over=True)


def _unbuilt(planned: PlannedRecipe) -> BuildResult:
    found = planned.recipe.diagnostics if planned.recipe else ()
    return BuildResult(
        subject=planned.subject,
        planned=planned,
        error=planned.error,
        diagnostics=(*found, *planned.diagnostics),
    )
