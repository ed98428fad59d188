"""One source, from its name to its verdict; see `conda_bridge.workflows.verify`."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import BridgeError, EngineError, UsageError
from conda_bridge.infer.overrides.selection import overrides_for
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.names import CondaName
from conda_bridge.model.repackaging import Comparison, FileVerdict, WheelMade, WheelSetting
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Reporter
from conda_bridge.repack.comparing.compared_wheels import opened_wheel
from conda_bridge.repack.comparing.comparison import KnownDifferences, LabelledWheel, compare_wheels
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.sources.releases import release_of_version
from conda_bridge.workflows.backend import BackendWheels, check_offline, ready_backend
from conda_bridge.workflows.build import (
    BuildResult,
    BuildServices,
    builds,
)
from conda_bridge.workflows.building.explained import explained
from conda_bridge.workflows.building.preparing import is_recipe
from conda_bridge.workflows.building.steps import Steps
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.verifying.fitting_hints import fitting_error, fitting_finding
from conda_bridge.workflows.verifying.lasting_hints import lasting_error, lasting_finding
from conda_bridge.workflows.verifying.two_versions import with_versions
from conda_bridge.workflows.verifying.values import VerifyOptions, VerifyResult

__all__ = ["RoundTrip"]

_OURS = "the conda package's wheel"
_BUILT = "the project's own build"
_PUBLISHED = "the published wheel"
# A package that conda installs on one system only may be a wheel for any: the comparison is what proves it.
_SETTING = WheelSetting(allows_gated=True)
_PURE = "-none-any.whl"


class RoundTrip:
    """One source, from its name to its verdict."""

    def __init__(
        self,
        *,
        source: str,
        options: VerifyOptions,
        services: BuildServices,
        reporter: Reporter,
        folder: Path,
    ) -> None:
        self._source = source
        self._options = options
        self._services = services
        self._reporter = reporter
        self._folder = folder
        self._steps = Steps(source, reporter)
        self._found = VerifyResult(subject=source)
        self._rebuilt = ""

    def result(self) -> VerifyResult:
        """Do it all; a failure is a value."""
        try:
            self._run()
        except BridgeError as error:
            self._found = replace(self._found, error=error)
        return replace(self._found, steps=self._steps.done())

    def _run(self) -> None:
        if is_recipe(self._source):
            message = "a recipe was given, of which nobody knows the project's own build"
            raise UsageError(
                "usage", message, hint="name the source: a PyPI requirement, an sdist, a folder, a URL"
            )
        self._check_offline()
        with self._steps.step("building the conda package"):
            result = self._built()
        planned = result.planned.recipe
        assert planned is not None, "it was built"
        conversion = planned.conversion
        assert conversion is not None, "it is no recipe"
        if conversion.others:
            message = "the source has several projects, of which each is verified by itself"
            raise UsageError("usage", message, hint="choose one with --member NAME")
        self._found = replace(
            self._found,
            pypi_name=conversion.project.pypi_name.value,
            version=str(conversion.project.version.value),
            packages=tuple(Path(package.path).name for package in result.packages),
            diagnostics=result.diagnostics,
        )
        try:
            self._repackage(result)
        except BridgeError as error:
            raise with_versions(fitting_error(error), conversion) from error
        with self._backend(conversion) as wheels:
            known = KnownDifferences(
                source=_digests(wheels.source), built=self._by_backend(wheels, "backend")
            )
            self._compare(known.built, _BUILT, known=known, wheels=wheels)
            published = self._published(conversion)
            if published:
                self._compare_published(published, known, wheels)
        self._keep(result, known.built, published)

    def _check_offline(self) -> None:
        """Refuse what the backend couldn't be made ready for, before the conda package is built in vain."""
        options = replace(self._options.build.recipe, run_backend=False)
        if not options.network.offline:
            return
        services = self._services.recipe
        with self._steps.step("looking at what the backend requires"):
            try:
                facts = convert(
                    self._source, options=options, reporter=self._reporter, services=services
                ).facts
            except BridgeError:
                # The build says why there is no recipe, or finds one.
                return
            check_offline(facts, options)

    def _built(self) -> BuildResult:
        results = list(
            builds(
                (self._source,),
                options=replace(self._options.build, is_noarch_only=True),
                services=self._services,
                reporter=self._reporter,
            )
        )
        failed = [one for one in results if one.error is not None]
        for one in sorted(failed, key=lambda one: one.is_passed_over):
            error, lines, _ = explained(one)
            gone = str(self._folder.parent)  # It holds the channel, too, where that isn't the caller's.
            told = tuple(lasting_finding(found, gone, one.subject) for found in one.diagnostics)
            self._found = replace(self._found, log_lines=tuple(lines), diagnostics=told)
            raise lasting_error(error, gone, one.subject)
        (result,) = (one for one in results if one.planned.is_asked)
        if not result.packages:
            raise EngineError("unexpected-output", "nothing of it is built on this machine")
        return result

    def _repackage(self, result: BuildResult) -> None:
        for number, package in enumerate(result.packages):
            with self._steps.step("repackaging as a wheel"):
                target = self._made_folder(f"conda-{number}")
                names = self._services.recipe.names
                made = conda_to_wheel(package.path, target, setting=_SETTING, names=names)
            self._found = replace(
                self._found,
                wheels=(*self._found.wheels, made),
                diagnostics=(*self._found.diagnostics, *map(fitting_finding, made.diagnostics)),
            )

    @contextmanager
    def _backend(self, conversion: Conversion) -> Iterator[BackendWheels]:
        options, services = self._options.build.recipe, self._services.recipe
        project = conversion.project.pypi_name.value
        overrides = overrides_for(options.overrides, project, (CondaName(conversion.recipe.name),))
        settings = tuple((setting.key, setting.value) for setting in overrides.config_settings)
        ready = ready_backend(
            conversion.facts,
            fetcher=services.fetcher,
            options=options,
            reporter=self._reporter,
            settings=settings,
        )
        with ExitStack() as stack:
            with self._steps.step("getting the project's own backend ready"):
                wheels = stack.enter_context(ready)
            yield wheels

    def _by_backend(self, wheels: BackendWheels, name: str) -> str:
        with self._steps.step("building with the project's own backend"):
            return wheels.build(self._made_folder(name))

    def _compare(self, path: str, label: str, *, known: KnownDifferences, wheels: BackendWheels) -> None:
        right = LabelledWheel(path=path, label=label)
        for package, made in zip(self._found.packages, self._found.wheels, strict=True):
            is_only = len(self._found.wheels) == 1
            left = LabelledWheel(path=made.path, label=_OURS if is_only else f"the wheel of {package}")
            has_added = any(one.slug == "requires-python-added" for one in made.diagnostics)
            known = replace(known, has_added_python=has_added, rebuilt=self._rebuilt)
            with self._steps.step("comparing"):
                found = compare_wheels(left, right, known=known)
            if not self._rebuilt and any(map(_may_be_generated, found.files)):
                self._rebuilt = self._by_backend(wheels, "again")
                with self._steps.step("comparing"):
                    found = compare_wheels(left, right, known=replace(known, rebuilt=self._rebuilt))
            self._found = replace(self._found, comparisons=(*self._found.comparisons, found))

    def _compare_published(self, path: str, known: KnownDifferences, wheels: BackendWheels) -> None:
        """Compare with the published wheel; that it is none, or isn't what its RECORD says, is a difference."""
        try:
            with opened_wheel(path, _PUBLISHED):
                pass
        except BridgeError as error:
            row = FileVerdict(path=Path(path).name, verdict="different", note=str(error))
            broken = Comparison(
                left=_OURS, right=_PUBLISHED, files=(row,), fields=(), is_metadata_identical=False
            )
            self._found = replace(self._found, comparisons=(*self._found.comparisons, broken))
        else:
            self._compare(path, _PUBLISHED, known=known, wheels=wheels)

    def _published(self, conversion: Conversion) -> str:
        """Return the path of the published wheel; empty where there is none to compare with."""
        if not self._options.compares_published:
            return ""
        link = None
        reason = "the index has no sdist that is equal to this source"
        if conversion.facts.index is not None:
            fetcher = self._services.recipe.fetcher
            page = fetcher.get_project(conversion.project.pypi_name.value)
            release = release_of_version(page, conversion.project.version.value)
            link = _pure_wheel(release.wheels if release else ())
            reason = "the index has no wheel of this version for any python 3 and any platform"
        if link is None:
            note = finding("nothing-published", reason)
            self._found = replace(self._found, diagnostics=(*self._found.diagnostics, note))
            return ""
        with self._steps.step("fetching the published wheel"):
            cached = self._services.recipe.fetcher.get_file(link)
            # The cache names files by their digests; a wheel's name says what it is.
            path = Path(self._made_folder("published"), link.filename)
            path.symlink_to(cached)
        return str(path)

    def _keep(self, result: BuildResult, built: str, published: str) -> None:
        if not self._options.keep_dir:
            return
        top = Path(self._options.keep_dir, f"{self._found.pypi_name}-{self._found.version}")
        files = {top / Path(package.path).name: package.path for package in result.packages}
        wheels: list[WheelMade] = []
        for made in self._found.wheels:
            place = "conda" if len(self._found.wheels) == 1 else f"conda-{len(wheels)}"
            target = top / place / Path(made.path).name
            files[target] = made.path
            wheels.append(replace(made, path=str(target)))
        for place, path in (("backend", built), ("published", published)):
            if path:
                files[top / place / Path(path).name] = path
        for target, path in files.items():
            _copy(path, target)
        self._found = replace(self._found, kept=tuple(map(str, files)), wheels=tuple(wheels))

    def _made_folder(self, name: str) -> str:
        folder = self._folder / name
        folder.mkdir()
        return str(folder)


def _copy(path: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(str(target)) as file, Path(path).open("rb") as content:
        while piece := content.read(1 << 20):
            file.write(piece)


def _may_be_generated(row: FileVerdict) -> bool:
    return row.verdict == "different" and row.note.startswith("other content")


def _pure_wheel(wheels: Sequence[FileLink]) -> FileLink | None:
    """Return the wheel for any platform and any python 3, the one without a build tag first."""
    found = [
        link
        for link in wheels
        if link.filename.endswith(_PURE)
        and "py3" in link.filename.removesuffix(_PURE).rpartition("-")[2].split(".")
    ]
    return min(found, key=lambda link: link.filename.count("-"), default=None)


def _digests(folder: str) -> dict[str, str]:
    """Return path -> sha256 of the files of a source."""
    found: dict[str, str] = {}
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    found[path.relative_to(folder).as_posix()] = hashlib.file_digest(
                        file, "sha256"
                    ).hexdigest()
    return found
