"""Wheels become noarch conda packages: files, URLs, and the wheels that requirements mean.

wheel -> its METADATA -> names, extras of dependencies -> a package for each case of its markers
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path

from conda_bridge.archives.conda_writer import nearest_zip_time_s
from conda_bridge.archives.package_info import package_stem
from conda_bridge.archives.typed_paths import exists
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError, EngineError, RepackError, SourceError, UsageError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted, WorkFinished
from conda_bridge.model.names import NameTable
from conda_bridge.model.options import RecipeOptions
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.repack.to_conda.package_setting import DEFAULT_LEVEL, FAST_LEVEL, PackageSetting
from conda_bridge.repack.to_conda.wheel_target import Converted, ExtraMetadata
from conda_bridge.repack.to_conda.wheel_to_packages import package_needs, planned_packages, wheel_to_packages
from conda_bridge.workflows.services import Services, services_of
from conda_bridge.workflows.wheel_sources import (
    FoundWheel,
    build_number_of,
    find_wheel,
    read_extra_metadata,
    wheel_text,
)
from conda_bridge.workflows.writing import refuse_url, unwritable

__all__ = ["DEFAULT_LEVEL", "FAST_LEVEL", "CondaOptions", "CondaResult", "PackageMade", "conda"]

_SILENT = SilentReporter()
_NO_CHOICES = RecipeOptions()
_LEVELS = range(1, 23)
_MAX_ROUNDS = 5
_MAX_SHOWN = 3
"""An extra may ask for another project's extra, whose metadata is read then; so deep that goes."""
_SYSTEMS = {"__unix": ("linux", "osx"), "__linux": ("linux",), "__osx": ("osx",), "__win": ("win",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaOptions:
    """What `conda` needs beside its wheels."""

    recipe: RecipeOptions = _NO_CHOICES
    """Whose names, indexes and network are used."""
    output_dir: str = "."
    """Where packages are written; a channel's folder where `is_channel`."""
    level: int = DEFAULT_LEVEL
    """Of zstd, 1 to 22; `FAST_LEVEL` for `--fast`."""
    is_widened: bool = False
    """True: one package a wheel, whose dependencies are those that some platform or python needs."""
    is_channel: bool = False
    """True: the packages go into `noarch/` of the output folder, which is indexed."""
    source_date_epoch: int | None = None
    """Of the environment; None means the time of each wheel's newest file."""


_DEFAULTS = CondaOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageMade:
    """One package of a wheel."""

    path: str
    """Where it is; where it would be of a dry run."""
    record: PackageRecord
    """With its size and digests; of a dry run without."""
    platforms: tuple[str, ...] = ()
    """`linux`, `osx`, `win`: where it installs; empty means everywhere."""
    python: str = ""
    """What it asks of python, such as `>=3.8,<3.11`; empty means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaResult:
    """What became of one wheel."""

    source: str
    """As asked."""
    wheel: str = ""
    """The file's name; empty where none was found."""
    wheel_sha256: str = ""
    same_as: str = ""
    """What was asked for before and is this very wheel, which has these packages; empty otherwise."""
    packages: tuple[PackageMade, ...] = ()
    """One for each case of the markers; empty after a failure."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was lost, and what was decided."""
    error: BridgeError | None = None
    """Why there is no package."""


def conda(
    wheels: Sequence[str],
    *,
    options: CondaOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
    is_dry_run: bool = False,
) -> Iterator[CondaResult]:
    """Convert wheels one after the other and yield what became of each, in the order given.

    A wheel is a file, an https URL, or a requirement whose release has a pure wheel. The failure of one doesn't
    stop the others. `services` stand in for the network and the name tables; `is_dry_run` writes nothing.

    Raises:
        UsageError: `usage` for a level that there isn't; `no-channel-folder` and `not-writable` where the output
            folder is something else.
        EngineError: `channel-locked`, `unsafe-channel`.
    """
    if options.level not in _LEVELS:
        raise UsageError("usage", f"zstd has the levels 1 to {_LEVELS[-1]}, and not {options.level}")
    refuse_url(options.output_dir)
    channel = LocalChannel(options.output_dir, reporter=reporter) if options.is_channel else None
    if channel:
        channel.check_place()
    used = services or services_of(options.recipe, reporter)
    run = _Run(options=options, services=used, channel=channel, reporter=reporter, is_dry_run=is_dry_run)
    for source in wheels:
        result = run.result(source)
        # Whoever shows the result has nothing to tell of the work any more.
        reporter.report(WorkFinished(subject=source))
        yield result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What all wheels of a call are converted with."""

    options: CondaOptions
    services: Services
    channel: LocalChannel | None
    reporter: Reporter
    is_dry_run: bool
    made: dict[tuple[str, str], CondaResult] = field(default_factory=dict)
    """By the name and the hash of the wheel."""

    def result(self, source: str) -> CondaResult:
        wheel = sha256 = ""
        try:
            self._tell(source, "looking for the wheel")
            found = find_wheel(source, self.services.fetcher)
            wheel, sha256 = Path(found.path).name, _sha256(found.path)
            if same := self.made.get((wheel, sha256)):
                return replace(same, source=source, same_as=same.source)
            if other := next((one for name, one in self.made.items() if name[0] == wheel), None):
                raise RepackError("wheel-conflict", f"{other.source!r} is another one", where=wheel)
            order = self._order(source, found)
            self._tell(source, self._step())
            made = self._made(order)
        except BridgeError as error:
            return CondaResult(source=source, wheel=wheel, wheel_sha256=sha256, error=error)
        result = CondaResult(
            source=source,
            wheel=wheel,
            wheel_sha256=sha256,
            packages=made,
            diagnostics=tuple(dict.fromkeys((*self.services.diagnostics, *order.noticed))),
        )
        self.made[wheel, sha256] = result
        return result

    def _step(self) -> str:
        if self.is_dry_run:
            return "reading it"
        hint = " (--fast is quicker)" if self.options.level > FAST_LEVEL else ""
        return f"compressing at level {self.options.level}{hint}"

    def _order(self, source: str, wheel: FoundWheel) -> "_Order":
        """Return what the conversion of a wheel needs, asked from the index and the name tables."""
        text, name = wheel_text(wheel.path), Path(wheel.path).name
        extras: dict[str, ExtraMetadata] = {}
        build_number, cut = build_number_of(name)
        noticed = [*wheel.diagnostics, *cut]
        needs = package_needs(text, wheel=name)
        for _ in range(_MAX_ROUNDS):
            if not needs.wanted:
                break
            self._tell(source, "reading extras")
            found, problems = read_extra_metadata(needs.wanted, self.services.fetcher)
            extras |= {row.pypi_name: row for row in found}
            noticed += problems
            needs = package_needs(text, wheel=name, extras=extras.values())
        epoch = self.options.source_date_epoch
        return _Order(
            path=wheel.path,
            setting=PackageSetting(
                level=self.options.level,
                is_widened=self.options.is_widened,
                timestamp_ms=0 if epoch is None else nearest_zip_time_s(epoch) * 1000,
                build_number=build_number,
            ),
            names=NameTable(hits=self.services.names.to_conda(needs.names)),
            extras=tuple(extras.values()),
            noticed=noticed,
        )

    def _made(self, order: "_Order") -> tuple[PackageMade, ...]:
        folder = Path(self.options.output_dir, "noarch" if self.channel else "")
        if self.is_dry_run:
            rows = order.planned()
            order.noticed.extend(_beside(rows, folder))
            return tuple(_package(row, folder) for row in rows)
        if self.channel:
            with scratch_folder("conda") as scratch:
                rows = order.written(str(scratch))
                order.noticed.extend(_beside(rows, folder))
                self._publish([row.path for row in rows])
        else:
            # Within the folder, so that one that can't be written to is known before minutes of compression.
            with _made_folder(folder), scratch_folder("conda", place=str(folder)) as scratch:
                rows = order.written(str(scratch))
                order.noticed.extend((*_beside(rows, folder), *_placed(rows, folder)))
        return tuple(_package(row, folder) for row in rows)

    def _publish(self, paths: Sequence[str]) -> None:
        assert self.channel is not None, "packages are published where there is a channel"
        try:
            self.channel.publish(paths, replaces=False)
        except EngineError as error:
            if error.slug != "channel-unwritable":
                raise
            # No engine had a part in it: it is a folder as any other.
            raise UsageError("not-writable", error.message, where=error.where) from error

    def _tell(self, source: str, step: str) -> None:
        self.reporter.report(StepStarted(subject=source, step=step))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """A wheel with all that its conversion needs."""

    path: str
    setting: PackageSetting
    names: NameTable
    extras: tuple[ExtraMetadata, ...]
    noticed: list[Diagnostic] = field(default_factory=list)

    def planned(self) -> tuple[Converted, ...]:
        return self._noted(
            planned_packages(self.path, setting=self.setting, names=self.names, extras=self.extras)
        )

    def written(self, folder: str) -> tuple[Converted, ...]:
        try:
            found = wheel_to_packages(
                self.path, folder, setting=self.setting, names=self.names, extras=self.extras
            )
        except OSError as error:
            raise unwritable(error, folder) from error
        return self._noted(found)

    def _noted(self, rows: tuple[Converted, ...]) -> tuple[Converted, ...]:
        first = rows[0]
        self.noticed.extend(_with_names(one, first.record) for one in first.diagnostics)
        return rows


def _with_names(one: Diagnostic, record: PackageRecord) -> Diagnostic:
    """Return a finding whose hint names this package and a group of its own, where the table's names any."""
    if one.slug != "extras-in-groups":
        return one
    group = record.extra_depends[0][0]
    return replace(one, hint=one.hint.replace("NAME", record.conda_name).replace("GROUP", group))


def _package(row: Converted, folder: Path) -> PackageMade:
    python = next((spec for spec in row.record.depends if spec.split()[0] == "python"), "")
    platforms = [_SYSTEMS[spec] for spec in row.record.depends if spec in _SYSTEMS]
    return PackageMade(
        path=str(folder / Path(row.path).name),
        record=row.record,
        platforms=platforms[0] if platforms else (),
        python=python.partition(" ")[2],
    )


def _beside(packages: Sequence[Converted], folder: Path) -> Iterator[Diagnostic]:
    """Yield what is in a folder that solvers take for builds as good as these: those of another wheel, for example."""
    record = packages[0].record
    own = {Path(package.path).name for package in packages}
    start, end = f"{record.conda_name}-{record.version}-", f"_{record.build_number}"
    stems = {path.name: package_stem(path.name) for path in folder.iterdir()} if folder.is_dir() else {}
    # A build string has no hyphen, which a version that begins so would have behind it.
    others = sorted(
        name
        for name, stem in stems.items()
        if name not in own and stem.startswith(start) and stem.endswith(end) and "-" not in stem[len(start) :]
    )
    if others:
        more = f" and {len(others) - _MAX_SHOWN} more" if len(others) > _MAX_SHOWN else ""
        yield finding("other-builds", ", ".join(others[:_MAX_SHOWN]) + more, origin=str(folder))


def _placed(packages: Sequence[Converted], folder: Path) -> list[Diagnostic]:
    """Rename packages into a folder, and return what was there with other content."""
    replaced: list[Diagnostic] = []
    for package in packages:
        target = folder / Path(package.path).name
        there = _sha256(str(target)) if target.is_file() else ""
        Path(package.path).replace(target)
        if there not in {"", package.record.sha256}:
            message = f"{target.name} was there with other content (sha256 {there})"
            replaced.append(finding("package-replaced", message, origin=str(target)))
    return replaced


@contextmanager
def _made_folder(folder: Path) -> Iterator[None]:
    """Make a folder with its parents; after a failure those that are new and empty are gone.

    Raises:
        UsageError: `not-writable`, also for what is done within.
    """
    missing = [one for one in (folder, *folder.parents) if not exists(one)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for one in missing:
            with suppress(OSError):
                one.rmdir()
        if isinstance(error, OSError):
            raise unwritable(error, str(folder)) from error
        raise


def _sha256(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
