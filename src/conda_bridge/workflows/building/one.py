"""One recipe becomes packages of the output channel, tested; or a failure whose log is kept.

    recipe -> staged copy -> packages -> the unedited recipe put back -> tests -> output channel

Everything happens in the recipe's work folder; what is published goes in at one moment.
"""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import BuildJob, BuildOutcome, EnvironmentRecord, NeededEnvironment, TestJob
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.building.context import BuildContext, DiscreetReporter, engine_for, expecting
from conda_bridge.workflows.building.environments import (
    missing_error,
    needed_environments,
    test_environments,
    will_be_record,
)
from conda_bridge.workflows.building.given_packages import GivenPackages
from conda_bridge.workflows.building.manifests import write_manifest
from conda_bridge.workflows.building.outputs import check_built, check_place
from conda_bridge.workflows.building.records import (
    LOG,
    RECIPE,
    build_folder,
    failed_folder,
    keep,
    keep_edited,
    keep_note,
    note_written,
    put_folder,
)
from conda_bridge.workflows.building.stand_ins import stand_in_findings
from conda_bridge.workflows.building.steps import Steps
from conda_bridge.workflows.building.values import (
    BuildResult,
    BuiltPackage,
    PackageTests,
    PlannedRecipe,
    PreparedRecipe,
)
from conda_bridge.workflows.manifest import FileRow, source_rows
from conda_bridge.workflows.restoring import restore_recipe
from conda_bridge.workflows.staged_folder import copy_recipe_folder
from conda_bridge.workflows.staging import Staged, StagingSetting, stage_recipe
from conda_bridge.workflows.writing import write_files

__all__ = ["build_recipe"]

_BUILD_DIR = "$BUILD_DIR"
_PACKAGES = "packages"
"""Begins the names of the folders in which children unpack what comes over the network."""


def build_recipe(planned: PlannedRecipe, context: BuildContext) -> BuildResult:
    """Build, test and publish a recipe of the plan. A failure is the result's `error`."""
    recipe = planned.recipe
    assert recipe is not None, "what has no recipe isn't built"
    steps = Steps(planned.label, context.reporter, earlier=recipe.steps)
    result = BuildResult(subject=planned.subject, planned=planned)
    try:
        with ExitStack() as stack:
            with steps.waiting(f"waiting for another build of {recipe.name}"):
                folder = stack.enter_context(context.services.channel.work(recipe.name))
                shown = stack.enter_context(context.work_folders.lent(recipe.name))
            places = Path(folder), Path(shown)
            return _RecipeBuild(planned, recipe, context, steps=steps, places=places).run()
    except BridgeError as error:
        return replace(result, error=error, steps=steps.done())


class _RecipeBuild:
    """The build of one recipe in its work folder."""

    def __init__(
        self,
        planned: PlannedRecipe,
        recipe: PreparedRecipe,
        context: BuildContext,
        *,
        steps: Steps,
        places: tuple[Path, Path],
    ) -> None:
        self._planned = planned
        self._recipe = recipe
        self._context = context
        self._steps = steps
        self._folder, self._shown = places
        """What no build can write, and what engines are shown."""
        self._log = self._folder / LOG
        self._staging = self._shown / "staged"
        self._out = self._shown / "out"
        """Where the engine works: nothing in it is trusted, nor opened again."""
        self._taken = self._folder / "taken"
        """What was taken from there; no build can write it."""
        self._sources: tuple[FileRow, ...] = ()
        self._ahead = ExitStack()
        self._tests_began_at = 0
        """Where in the log."""
        self._engine = engine_for(recipe.format, context.options, context.services)
        self._result = BuildResult(subject=planned.subject, planned=planned)

    def run(self) -> BuildResult:
        """Do all steps and return what came of them."""
        self._given = given = GivenPackages(self._context.setting())
        try:
            self._add(*given.before())
            path = self._written()
            self._provide()
            staged = self._staged(path)
            outcome = self._built(staged)
            outcome = self._restored(outcome, staged)
            if self._context.options.has_tests:
                self._test(outcome)
            given.check(str(self._taken))
            return self._published(outcome, staged, path)
        except BridgeError as error:
            self._add(*given.after(error, str(self._taken)))
            return self._failed(error)
        finally:
            self._ahead.close()
            given.done()
            self._keep_work()

    # ------------------------------------------------------------ before

    def _written(self) -> Path:
        """Return the recipe's file; a converted one is written into the work folder."""
        if not self._recipe.files:
            return self._recipe.path
        folder = self._folder / "recipe" / self._recipe.name
        write_files({folder / name: text for name, text in self._recipe.files})
        return folder / self._recipe.path.name

    def _provide(self) -> None:
        """See again to the environments where packages were built since they were planned."""
        if not self._planned.needs:
            return
        environments = needed_environments(self._recipe.outputs, are_tested=self._context.options.has_tests)
        beside = tuple(map(will_be_record, self._recipe.outputs))
        self._see_to(environments, beside)

    def _see_to(self, environments: tuple[NeededEnvironment, ...], beside: tuple[PackageRecord, ...]) -> None:
        services = self._context.services
        with self._steps.step("environments"):
            provided = services.distributor.provide(
                environments, beside=(*services.channel.records(), *beside)
            )
        self._add(*provided.diagnostics)
        if provided.missing:
            raise missing_error(provided.missing, services.distributor.name)

    def _staged(self, path: Path) -> Staged:
        options = self._context.options
        setting = StagingSetting(
            target_dir=str(self._staging),
            build_dir=str(self._out),
            left_out=self._context.own_outputs,
            subject=self._planned.label,
            source_date_epoch=options.source_date_epoch,
            network=options.recipe.network,
        )
        with self._steps.step("fetching sources"):
            staged = stage_recipe(
                str(path),
                self._recipe.outputs,
                setting=setting,
                fetcher=self._context.services.recipe.fetcher,
            )
        self._sources = source_rows(staged)
        # Whoever gives a project on this machine knows where it is; whoever gives a recipe need not have read it.
        # And of a source that was just converted the index was asked.
        known = {"source-outside", "source-from-cache"} if self._recipe.conversion is not None else set()
        self._add(*(one for one in staged.diagnostics if one.slug not in known))
        return staged

    # ------------------------------------------------------------ the engine

    def _built(self, staged: Staged) -> BuildOutcome:
        check_place(self._recipe.outputs, self._out)
        setting = self._given.lent(self._context.setting(), self._shown / _PACKAGES)
        job = BuildJob(
            subject=self._planned.label,
            recipe_path=staged.recipe_path,
            variants=self._context.variants,
            setting=replace(
                setting,
                readable=(*setting.readable, str(self._staging), *staged.readable),
                tools=(*setting.tools, *staged.tools),
            ),
            output_dir=str(self._out),
            taken_dir=str(self._taken),
            log_path=str(self._log),
            source_date_epoch=staged.source_date_epoch,
        )
        if self._context.options.has_tests:
            self._taken.mkdir(exist_ok=True)
            self._ahead.enter_context(expecting(self._engine, self._test_job(str(self._taken / "first"), 0)))
        can_do = self._engine.capabilities()
        self._result = replace(self._result, engine=f"{can_do.name} {can_do.version}".strip())
        with self._steps.step("building"):
            self._given.ready(job.setting)
            outcome = self._engine.build(job, DiscreetReporter(self._context))
            self._given.came(job.setting, outcome, str(self._taken))
        records = tuple(record for _, record in outcome.packages)
        check_built(records, self._recipe.outputs, is_final=self._recipe.format == "v1")
        environments = tuple(map(self._told, outcome.environments))
        self._result = replace(self._result, isolation=outcome.isolation, environments=environments)
        self._add(*outcome.diagnostics, *stand_in_findings(outcome.environments, self._log))
        return outcome

    def _told(self, environment: EnvironmentRecord) -> EnvironmentRecord:
        """Return an environment as results and manifests tell it: without what opens a private channel.

        What was just built is told where it will be.
        """
        published = self._context.folder.as_uri()
        own, taken = self._out.as_uri(), self._taken.as_uri()
        packages = (
            replace(one, url=channel_label(one.url).replace(own, published).replace(taken, published))
            for one in environment.packages
        )
        return replace(environment, packages=tuple(packages))

    def _restored(self, outcome: BuildOutcome, staged: Staged) -> BuildOutcome:
        with self._steps.step("packaging"):
            channels = self._context.services.distributor.channels()
            built_at_s = self._context.options.source_date_epoch
            places = self._places()
            packages = tuple(
                (
                    path,
                    restore_recipe(path, staged, channels=channels, places=places, built_at_s=built_at_s),
                )
                for path, _ in outcome.packages
            )
        return replace(outcome, packages=packages)

    def _places(self) -> dict[str, str]:
        """Return what packages say in place of folders of this machine."""
        distributor, folder = self._context.services.distributor, self._context.folder
        local = (url for url in distributor.channels() if url.startswith("file://"))
        return {
            **{url: distributor.name.rstrip("/").rpartition("/")[2] for url in local},
            folder.as_uri(): folder.name or "local",
            self._shown.as_uri(): _BUILD_DIR,
            str(self._shown): _BUILD_DIR,
        }

    def _test(self, outcome: BuildOutcome) -> None:
        records = tuple(record for _, record in outcome.packages)
        self._see_to(test_environments(records, self._recipe.outputs), records)
        failed = []
        with self._steps.step("testing"):
            self._tests_began_at = self._log.stat().st_size if self._log.exists() else 0
            LocalChannel(str(self._taken)).open()
            for number, (path, _) in enumerate(outcome.packages):
                job = self._test_job(path, number)
                self._given.ready(job.setting)
                tested = self._engine.test(job, DiscreetReporter(self._context))
                self._given.came(job.setting, tested, str(self._taken))
                tests = PackageTests(package=Path(path).name, results=tested.results)
                environments = (*self._result.environments, *map(self._told, tested.environments))
                self._result = replace(
                    self._result, tests=(*self._result.tests, tests), environments=environments
                )
                failed += [Path(path).name] if not tested.is_passed else []
        if failed:
            raise EngineError("tests-failed", f"the tests of {', '.join(failed)} fail", where=str(self._log))

    def _test_job(self, path: str, number: int) -> TestJob:
        return TestJob(
            subject=self._planned.label,
            package_path=path,
            setting=self._given.lent(
                self._context.setting(self._taken.as_uri()), self._shown / f"{_PACKAGES}-{number}"
            ),
            work_dir=str(self._shown / f"test-{number}"),
            log_path=str(self._log),
        )

    # ------------------------------------------------------------ after

    def _published(self, outcome: BuildOutcome, staged: Staged, recipe_path: Path) -> BuildResult:
        context = self._context
        with self._steps.step("publishing"):
            records = context.services.channel.publish([path for path, _ in outcome.packages])
            packages = tuple(
                BuiltPackage(path=str(context.folder / record.subdir / Path(path).name), record=record)
                for (path, _), record in zip(outcome.packages, records, strict=True)
            )
            self._result = replace(self._result, packages=packages)
            target = build_folder(context.folder, records[0].stem)
        self._result = replace(self._result, steps=self._steps.done())
        self._keep_records(staged, recipe_path, target)
        failed = failed_folder(context.folder, self._planned)
        self._add(*keep_edited(failed, self._recipe.files))
        shutil.rmtree(failed, ignore_errors=True)
        return self._result

    def _keep_records(self, staged: Staged, recipe_path: Path, target: Path) -> None:
        made = self._folder / "records"
        copy_recipe_folder(
            str(recipe_path.parent),
            str(made / "recipe"),
            left_out=(str(self._folder), str(self._context.folder)),
            text=staged.text,
        )
        has_log = self._log.exists()
        if has_log:
            self._copy_log(made / LOG)
        self._result = replace(self._result, log=str(target / LOG) if has_log else "")
        manifest = write_manifest(self._result, staged, self._context, made, sources=self._sources)
        self._result = replace(self._result, manifest=str(target / Path(manifest).name))
        put_folder(made, target)

    def _failed(self, error: BridgeError) -> BuildResult:
        """Return the failure; its log is kept where the next build doesn't remove it."""
        if not self._log.exists():
            return replace(self._result, steps=self._steps.done(), error=error)
        from conda_bridge.workflows.building.causes import remedy_in_recipe  # noqa: PLC0415 - only failures need it

        target = failed_folder(self._context.folder, self._planned)
        made = self._folder / "records"
        self._keep_recipe(made, target)
        self._copy_log(made / LOG)
        put_folder(made, target)
        result = replace(self._result, steps=self._steps.done())
        log = str(target / LOG)
        kept = target / RECIPE / self._recipe.path.name if self._recipe.files else self._recipe.path
        hints = self._hints(log, kept)
        moved = log if error.where == str(self._log) else error.where
        remedy = remedy_in_recipe(error, self._recipe, kept)
        if hints and hints[0].hint:
            remedy = f"{hints[0].message}: {hints[0].hint}"
        message = self._context.without_secrets(error.message)
        told = type(error)(error.slug, message, where=moved, hint=remedy)
        return replace(result, error=told, log=log, diagnostics=(*hints, *result.diagnostics))

    def _keep_recipe(self, made: Path, target: Path) -> None:
        """Put the recipe beside the log: the one that was written, or the one there that was built, perhaps edited."""
        write_files({made / RECIPE / name: text for name, text in self._recipe.files})
        made.mkdir(exist_ok=True)
        folder = self._recipe.path.parent
        if not self._recipe.files and folder.resolve() == (target / RECIPE).resolve():
            copy_recipe_folder(str(folder), str(made / RECIPE), left_out=())
            keep_note(target, made)
            return
        note_written(made, self._recipe.files)
        self._add(*keep_edited(target, self._recipe.files))

    def _copy_log(self, target: Path) -> None:
        """Write the log to a place where others than the user may read it."""
        text = self._log.read_text(encoding="utf-8", errors="surrogateescape")
        target.write_text(self._context.without_secrets(text), encoding="utf-8", errors="surrogateescape")

    def _hints(self, log: str, kept: Path) -> tuple[Diagnostic, ...]:
        """Return what is known to cause such an end; `kept` is the recipe that the user can edit."""
        from conda_bridge.workflows.building.causes import hint_facts  # noqa: PLC0415 - as above
        from conda_bridge.workflows.hints import hints_for  # noqa: PLC0415

        names = self._context.services.recipe.names
        facts = hint_facts(self._recipe, is_test=self._tests_began_at > 0, log=log, kept=kept, names=names)
        with self._log.open("rb") as file:
            file.seek(self._tests_began_at)
            return hints_for((line.decode("utf-8", "replace").rstrip() for line in file), facts=facts)

    def _keep_work(self) -> None:
        """Move the work folder's contents to where they aren't removed, if the user wants to look at them."""
        if not self._context.options.keeps_work:
            return
        kept = failed_folder(self._context.folder, self._planned).with_suffix(".work")
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for entry in (*self._folder.iterdir(), *self._shown.iterdir()):
            if not entry.name.startswith(_PACKAGES):
                keep(entry, kept / entry.name)

    def _add(self, *diagnostics: Diagnostic) -> None:
        self._result = replace(self._result, diagnostics=(*self._result.diagnostics, *diagnostics))
