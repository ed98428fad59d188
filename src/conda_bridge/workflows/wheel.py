"""Conda packages become wheels: files, URLs, and the packages that channels have under a name.

    package -> fetched -> a wheel aside, read again -> the index -> the output folder

The failure of one stops no other. Builds of one release become one wheel, if what they install is the same. A package
with several projects becomes several wheels, each with a result of its own, or none.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import BridgeError, RepackError, UsageError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted, WorkFinished
from conda_bridge.model.options import WheelOptions
from conda_bridge.model.repackaging import WheelMade, WheelSetting
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.protocols import NameSource, Reporter, SilentReporter
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheels
from conda_bridge.repack.to_wheel.platform_gates import gates_of
from conda_bridge.repack.wheels.wheel_variants import refuse_other_content
from conda_bridge.translate.conda_conditions import GATES
from conda_bridge.workflows.package_sources import FoundPackage, PackageSources, package_sources_of
from conda_bridge.workflows.services import name_source
from conda_bridge.workflows.wheel_index import IndexedWheel, WheelIndex
from conda_bridge.workflows.writing import refuse_url, unwritable

__all__ = ["WheelResult", "WheelServices", "wheel_services_of", "wheels"]

_SILENT = SilentReporter()
_DEFAULTS = WheelOptions()
_NOARCH = "noarch"
_EVERYWHERE = (frozenset({"__unix", "__win"}), frozenset({"__linux", "__osx", "__win"}))
"""Virtual packages of which every machine has one, so that builds for all of them leave nobody out."""
_GATE_DROPPED = "gate-dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelServices:
    """What is asked of the world."""

    packages: PackageSources
    names: NameSource


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelResult:
    """What became of one package, or of one of several projects in it."""

    source: str
    """As asked."""
    package: str = ""
    """The file's name; empty where none was found."""
    made: WheelMade | None = None
    """The wheel, at `path`, or else in the index; None after a failure."""
    path: str = ""
    """In the output folder; of a dry run where it would be. Empty where it is in the index only."""
    index_path: str = ""
    """In the index, likewise."""
    same_as: str = ""
    """Another build of the release, whose wheel stands for this one, too: they install the same."""
    diagnostics: tuple[Diagnostic, ...] = ()
    error: BridgeError | None = None
    """Why there is no wheel."""


def wheel_services_of(options: WheelOptions, reporter: Reporter = _SILENT) -> WheelServices:
    """Return the real services; nothing is fetched or read before it is needed.

    Raises:
        UsageError: `unknown-distributor`.
        SourceError: `invalid-url`.
    """
    return WheelServices(
        packages=package_sources_of(options, reporter),
        names=name_source(options.recipe),
    )


def wheels(
    packages: Sequence[str],
    *,
    options: WheelOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: WheelServices | None = None,
    is_dry_run: bool = False,
) -> Iterator[WheelResult]:
    """Convert packages one after the other, and yield what became of each as soon as it is final.

    A wheel is in the index and in the output folder, whole, when its result is yielded. `is_dry_run` does all the
    work, and keeps nothing of it.

    Raises:
        UsageError: `no-index-folder`, `not-writable`, `unknown-distributor`, `usage` for a deflate engine that isn't here.
        SourceError: `invalid-url` for a channel.
    """
    used = services or wheel_services_of(options, reporter)
    refuse_url(options.output_dir)
    if options.index_dir:
        refuse_url(options.index_dir)
        WheelIndex(options.index_dir).check_place()
    with scratch_folder("wheel") as scratch:
        run = _Run(options=options, services=used, reporter=reporter, scratch=scratch, is_dry_run=is_dry_run)
        yield from run.results(packages)


@dataclass(slots=True, kw_only=True)
class _Made:
    """A wheel that nobody sees yet."""

    found: FoundPackage
    made: WheelMade
    refusal: RepackError | None = None
    """What was said of it; None where it is for every machine."""
    gates: frozenset[str] = frozenset()
    build_number: int = 0


@dataclass(slots=True, kw_only=True)
class _Run:
    options: WheelOptions
    services: WheelServices
    reporter: Reporter
    scratch: Path
    is_dry_run: bool
    done: dict[str, WheelResult] = field(default_factory=dict)
    """By the wheel's file name."""
    indexed: dict[str, IndexedWheel] = field(default_factory=dict)
    """What is in the index already of a package with several wheels, by the path that each was made at."""

    def results(self, sources: Sequence[str]) -> Iterator[WheelResult]:
        groups: dict[tuple[str, ...], list[FoundPackage]] = {}
        for source in sources:
            try:
                self._tell(source, "looking for it")
                for found in self.services.packages.find(source):
                    key = found.release if all(found.release) else (found.filename,)
                    groups.setdefault(key, []).append(found)
            except BridgeError as error:
                yield WheelResult(source=source, error=error)
            self.reporter.report(WorkFinished(subject=source))
        for group in groups.values():
            yield from self._released(group)

    def _released(self, group: Sequence[FoundPackage]) -> Iterator[WheelResult]:
        """Yield what becomes of the builds of one release."""
        is_one = len(group) == 1
        made: list[_Made] = []
        for number, found in enumerate(group):
            try:
                made += self._converted(found, self.scratch / str(number), is_one=is_one)
            except UsageError:
                raise
            except BridgeError as error:
                yield _failed(found, error)
            self.reporter.report(WorkFinished(subject=found.filename))
        # Build tags tell builds apart.
        by_name: dict[str, list[_Made]] = {}
        for one in made:
            by_name.setdefault(Path(one.made.path).name, []).append(one)
        packages = {id(one.found): one.found for one in made}
        hindrance = self._hindrance(by_name.values()) if len(packages) < len(made) else None
        if hindrance is not None:
            yield from (_failed(found, hindrance) for found in packages.values())
        else:
            for several in by_name.values():
                yield from self._settled(several)
        for number in range(len(group)):
            shutil.rmtree(self.scratch / str(number), ignore_errors=True)

    def _converted(self, found: FoundPackage, folder: Path, *, is_one: bool) -> list[_Made]:
        if found.subdir not in {"", _NOARCH}:
            # What the channel says is enough to know it, before megabytes are fetched.
            raise RepackError("platform-package", f"it is for {found.subdir}", where=found.filename)
        self._tell(found.filename, "fetching it" if found.link else "reading it")
        path = self.services.packages.fetch(found)
        number = 0 if is_one else read_record(path).build_number
        folder.mkdir()
        self._tell(found.filename, "converting it")
        setting = replace(self.options.setting, channel_needs=found.needs)
        try:
            made = self._made(path, folder, setting)
            return [_Made(found=found, made=one, build_number=number) for one in made]
        except RepackError as error:
            # Conda's dependencies of one system's build would be everybody's.
            if error.slug != "platform-gated" or is_one or setting.dependencies == "conda":
                raise
            refusal = error
        gates = frozenset(gates_of(found.needs.applied_to(read_record(path))))
        if not gates <= GATES.keys():
            # A graphics card or an interpreter is no system, of which there might be builds for all.
            raise refusal
        made = self._made(path, folder, replace(setting, allows_gated=True))
        return [
            _Made(found=found, made=one, refusal=refusal, gates=gates, build_number=number) for one in made
        ]

    def _made(self, path: str, folder: Path, setting: WheelSetting) -> tuple[WheelMade, ...]:
        return conda_to_wheels(path, str(folder), setting=setting, names=self.services.names)

    def _hindrance(self, groups: Iterable[Sequence[_Made]]) -> BridgeError | None:
        """Return why some wheel of a package with several can't be where it belongs, so that none of them will be.

        The index takes them here, all at once: what it has may be another when it is asked again.
        """
        new: list[str] = []
        try:
            for made in groups:
                kept, *_ = _agreed(made)
                if earlier := self.done.get(Path(kept.made.path).name):
                    self._check_same(kept, earlier)
                else:
                    new.append(kept.made.path)
            if self.options.index_dir:
                index = WheelIndex(self.options.index_dir)
                indexed = map(index.check, new) if self.is_dry_run else index.add_all(new)
                self.indexed.update(zip(new, indexed, strict=True))
        except UsageError:
            raise
        except BridgeError as error:
            return error
        return None

    def _settled(self, made: Sequence[_Made]) -> Iterator[WheelResult]:
        """Yield the result of each build that becomes one and the same wheel."""
        try:
            kept, *others = _agreed(made)
        except BridgeError as error:
            is_gated = error.slug == "platform-gated"
            for one in made:
                yield _failed(one.found, (one.refusal if is_gated else None) or error)
            return
        result = self._kept(kept)
        yield result
        for one in others:
            if result.error is not None:
                yield _failed(one.found, result.error)
                continue
            yield _same(result, one)

    def _kept(self, one: _Made) -> WheelResult:
        """Put a wheel where it belongs."""
        made, found = one.made, one.found
        name = Path(made.path).name
        try:
            if earlier := self.done.get(name):
                return self._again(one, earlier)
            index_path, noticed = self._indexed(made.path)
            path, replaced = self._placed(made)
        except BridgeError as error:
            if isinstance(error, UsageError):
                raise
            return _failed(found, error)
        result = WheelResult(
            source=found.source,
            package=found.filename,
            made=replace(made, path=path or index_path),
            path=path,
            index_path=index_path,
            diagnostics=(*made.diagnostics, *noticed, *replaced),
        )
        self.done[name] = result
        if self.is_dry_run:
            # Another package's wheel may have to be compared with it.
            self._unplaced.mkdir(exist_ok=True)
            Path(made.path).rename(self._unplaced / name)
        return result

    @property
    def _unplaced(self) -> Path:
        """Where a dry run has the wheels that would be elsewhere."""
        return self.scratch / "unplaced"

    def _again(self, one: _Made, earlier: WheelResult) -> WheelResult:
        """Return the result of a package whose file's name hides that it is another build of a release."""
        self._check_same(one, earlier)
        return _same(earlier, one)

    def _check_same(self, one: _Made, earlier: WheelResult) -> None:
        assert earlier.made is not None
        there = earlier.made
        if self.is_dry_run:
            there = replace(there, path=str(self._unplaced / Path(there.path).name))
        refuse_other_content([there, one.made])

    def _indexed(self, wheel_path: str) -> tuple[str, tuple[Diagnostic, ...]]:
        if not self.options.index_dir:
            return "", ()
        index = WheelIndex(self.options.index_dir)
        indexed = self.indexed.pop(wheel_path, None)
        if indexed is None:
            indexed = index.check(wheel_path) if self.is_dry_run else index.add(wheel_path)
        return indexed.path, indexed.diagnostics

    def _placed(self, made: WheelMade) -> tuple[str, tuple[Diagnostic, ...]]:
        if not self.options.output_dir:
            return "", ()
        target = Path(self.options.output_dir) / Path(made.path).name
        try:
            there = _sha256(target)
            if there != made.sha256 and not self.is_dry_run:
                target.parent.mkdir(parents=True, exist_ok=True)
                with Path(made.path).open("rb") as source, written_aside(str(target)) as copy:
                    shutil.copyfileobj(source, copy)
        except OSError as error:
            raise unwritable(error, str(target)) from error
        if there in {"", made.sha256}:
            return str(target), ()
        message = f"{target.name} was there with other content (sha256 {there})"
        return str(target), (finding("wheel-replaced", message, origin=str(target)),)

    def _tell(self, subject: str, step: str) -> None:
        self.reporter.report(StepStarted(subject=subject, step=step))


def _agreed(made: Iterable[_Made]) -> list[_Made]:
    """Return builds that become one and the same wheel, the one first whose wheel it is.

    Raises:
        RepackError: `platform-gated`, `variant-conflict`.
    """
    ordered = sorted(made, key=lambda one: (one.refusal is not None, -one.build_number))
    gates = frozenset[str]().union(*(one.gates for one in ordered))
    refusal = ordered[0].refusal
    if refusal and not any(systems <= gates for systems in _EVERYWHERE):
        raise refusal
    refuse_other_content([one.made for one in ordered])
    return [_for_all(one) if one.refusal else one for one in ordered]


def _for_all(one: _Made) -> _Made:
    """Return a build beside which are those for all other systems: nothing tells its own any more."""
    told = tuple(row for row in one.made.diagnostics if row.slug != _GATE_DROPPED)
    return replace(one, made=replace(one.made, diagnostics=told))


def _failed(found: FoundPackage, error: BridgeError) -> WheelResult:
    return WheelResult(source=found.source, package=found.filename, error=error)


def _same(kept: WheelResult, other: _Made) -> WheelResult:
    """Return the result of another build: the wheel is that of the kept one, what was noticed is its own."""
    assert kept.made is not None, "failures stand for nobody"
    own = other.made
    made = replace(
        kept.made,
        package_sha256=own.package_sha256,
        metadata_origin=own.metadata_origin,
        dropped=own.dropped,
        drift=own.drift,
        diagnostics=own.diagnostics,
    )
    return replace(
        kept,
        source=other.found.source,
        package=other.found.filename,
        made=made,
        same_as=kept.package,
        diagnostics=own.diagnostics,
    )


def _sha256(path: Path) -> str:
    """Return the sha256 of a file; empty where there is none."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
