"""A pure wheel -> noarch conda packages for everybody: exact where markers are, nothing lost without a word.

A noarch package has one list of dependencies, while a wheel's may differ between systems and pythons. So a wheel becomes
one package for each case in which they differ: the same files, gated by `__unix`, `__win`, ... and by a range of
pythons that no other case has. A solver finds exactly one that fits. Extras become dependency groups.

Source: binary distribution format; core metadata; PEP 508; CEP 30 (virtual packages), CEP 34, CEP 44 (groups).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from conda_bridge.archives.conda_writer import check_condas, write_condas
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.errors import BridgeError, TranslationError
from conda_bridge.infer.project.core_metadata import read_wheel_metadata
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, NameTable, PypiName, conda_name, pypi_name
from conda_bridge.model.project import Declared
from conda_bridge.repack.to_conda.about import about_of, license_of, license_texts, lost_findings
from conda_bridge.repack.to_conda.conditional import read_conditional_sets
from conda_bridge.repack.to_conda.package_setting import PackageSetting
from conda_bridge.repack.to_conda.pure_wheels import NativeWatch, pythons_of, refuse_impure
from conda_bridge.repack.to_conda.wheel_cases import PackageCase, package_cases
from conda_bridge.repack.to_conda.wheel_files import WheelFiles
from conda_bridge.repack.to_conda.wheel_target import Converted, ExtraMetadata
from conda_bridge.repack.wheels.entry_points import link_lines, read_commands
from conda_bridge.repack.wheels.layout import shared_layout
from conda_bridge.repack.wheels.wheel_reading import Wheel, read_wheel
from conda_bridge.translate.versions import to_conda_version

__all__ = [
    "PackageNeeds",
    "PackageSetting",
    "package_needs",
    "planned_packages",
    "wheel_to_packages",
]

_MOST_INFO_LEVEL = 16
"""`info/` is another one in each package, and its list of thousands of files costs level 19 as much as a megabyte of
modules: a third of the time for 6 % more of it, which is 0.3 % of a package."""


_OF_CONDA = frozenset({"python"})
_OTHER_NAME = "give it another name under [names.pypi-to-conda] in conda-bridge.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageNeeds:
    """What a conversion needs beside the wheel."""

    names: tuple[PypiName, ...]
    """The projects whose conda names it needs: its own, its dependencies', those of its extras."""
    wanted: tuple[tuple[Declared, str], ...]
    """(requirement, extra) of other projects' extras, whose metadata isn't given yet."""


def package_needs(
    metadata: str, *, wheel: str = "wheel", extras: Iterable[ExtraMetadata] = ()
) -> PackageNeeds:
    """Return what is needed to convert the wheel that has this METADATA; ask again with what was wanted.

    Raises:
        MetadataError: `invalid-name`, `invalid-requirement`, `direct-reference`, `extra-collision`.
        TranslationError: `complex-marker`.
    """
    statement = read_wheel_metadata(metadata, wheel=wheel)
    own = pypi_name(statement.name.value if statement.name else "")
    sets = read_conditional_sets(statement, own_name=own, extras=extras)
    return PackageNeeds(names=tuple(dict.fromkeys((own, *sets.names))), wanted=sets.wanted)


def wheel_to_packages(
    wheel_path: str,
    target_dir: str,
    *,
    setting: PackageSetting,
    names: NameTable,
    extras: Iterable[ExtraMetadata] = (),
) -> tuple[Converted, ...]:
    """Write a package for each case of a wheel's markers to a folder, all of them or none.

    All carry the same findings. Packages of the same names are replaced.

    Raises:
        RepackError: `impure-wheel`, `invalid-wheel`, `record-mismatch`, `unsafe-data-file`, `invalid-package`.
        MetadataError: `invalid-requirement`, `direct-reference`, `unsafe-entry-point`, ...
        TranslationError: `inexpressible-spec`, `local-version`, `complex-marker`, `name-collision`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.

        `where` begins with the wheel's file name.
    """
    return _converted(wheel_path, target_dir, setting=setting, names=names, extras=tuple(extras))


def planned_packages(
    wheel_path: str, *, setting: PackageSetting, names: NameTable, extras: Iterable[ExtraMetadata] = ()
) -> tuple[Converted, ...]:
    """Return what `wheel_to_packages` would write, without sizes and digests; paths are file names.

    Raises:
        What `wheel_to_packages` raises, as every file is read.
    """
    return _converted(wheel_path, "", setting=setting, names=names, extras=tuple(extras))


def _converted(
    wheel_path: str,
    target_dir: str,
    *,
    setting: PackageSetting,
    names: NameTable,
    extras: tuple[ExtraMetadata, ...],
) -> tuple[Converted, ...]:
    filename = Path(wheel_path).name
    try:
        with open_wheel(wheel_path) as archive:
            wheel = read_wheel(archive, filename)
            conversion = _Conversion(wheel, setting, names, extras)
            return conversion.write(target_dir) if target_dir else conversion.planned()
    except BridgeError as error:
        where = filename if error.where in {None, filename, wheel_path} else f"{filename}/{error.where}"
        raise type(error)(error.slug, error.message, where=where, hint=error.hint) from error


class _Conversion:
    """One wheel on its way."""

    def __init__(
        self, wheel: Wheel, setting: PackageSetting, names: NameTable, extras: Sequence[ExtraMetadata]
    ) -> None:
        refuse_impure(wheel)
        sets = read_conditional_sets(wheel.metadata, own_name=wheel.pypi_name, extras=extras)
        pythons = pythons_of(wheel)
        found = package_cases(sets, pythons, names, is_widened=setting.is_widened)
        _refuse_collisions(found.diagnostics)
        self._wheel = wheel
        self._setting = setting
        self._own_name = _own_name(wheel.pypi_name, names)
        self._points, noticed = read_commands(wheel)
        files = WheelFiles(wheel, shared_layout())
        files.add_members()
        self._files = files.finished(self._points)
        self._license = license_of(wheel.metadata)
        self._records = tuple(self._record(case) for case in found.cases)
        by_python = {record.depends[0] for record in self._records}
        # What only the tag says of pythons would be lost if the pins weren't read.
        is_told = not pythons.is_declared or wheel.metadata.requires_python is not None
        self._is_python_by_case = len(by_python) > 1 and is_told
        self._diagnostics: tuple[Diagnostic, ...] = tuple(
            dict.fromkeys(
                (
                    *wheel.archive.diagnostics,
                    *pythons.diagnostics,
                    *found.diagnostics,
                    *noticed,
                    *files.diagnostics,
                    *lost_findings(wheel),
                )
            )
        )

    def planned(self) -> tuple[Converted, ...]:
        license_texts(self._wheel)
        watch = NativeWatch()
        check_condas(map(watch.watched, self._files))
        diagnostics = (*self._diagnostics, *watch.findings())
        return tuple(
            Converted(path=f"{record.stem}.conda", record=record, diagnostics=diagnostics)
            for record in self._records
        )

    def write(self, target_dir: str) -> tuple[Converted, ...]:
        licences = license_texts(self._wheel)
        info = PackageInfo(
            about=about_of(self._wheel.metadata, self._license, (path for path, _ in licences)),
            entry_points=link_lines(self._points),
            files=tuple((f"licenses/{path}", content) for path, content in licences),
            is_python_by_case=self._is_python_by_case,
            level=min(self._setting.level, _MOST_INFO_LEVEL),
        )
        watch = NativeWatch()
        files = map(watch.watched, self._files)
        written = write_condas(target_dir, self._records, files, info=info, level=self._setting.level)
        diagnostics = (*self._diagnostics, *watch.findings())
        return tuple(
            Converted(
                path=str(Path(target_dir, f"{record.stem}.conda")),
                record=record,
                diagnostics=diagnostics,
            )
            for record in written
        )

    def _record(self, case: PackageCase) -> PackageRecord:
        wheel, number = self._wheel, self._setting.build_number
        return PackageRecord(
            conda_name=self._own_name,
            version=to_conda_version(wheel.version),
            build=f"pyh{_digest(wheel, case, self._files)}_{number}",
            build_number=number,
            noarch="python",
            depends=case.depends,
            extra_depends=case.extra_depends,
            license=self._license,
            timestamp_ms=self._setting.timestamp_ms or wheel.archive.newest_time_s * 1000,
        )


def _own_name(project: PypiName, names: NameTable) -> CondaName:
    hit = names.get(project)
    own = conda_name(hit.chosen or hit.own_name or CondaName(project))
    if hit.is_collision or own in _OF_CONDA:
        why = hit.reason or "every environment has conda's"
        raise TranslationError(
            "name-collision", f"the package would be called {own}, but {why}", hint=_OTHER_NAME
        )
    return own


def _refuse_collisions(findings: Iterable[Diagnostic]) -> None:
    """Refuse dependencies on what is another thing than the project."""
    found = next((row for row in findings if row.slug == "name-collision"), None)
    if found is not None:
        raise TranslationError("name-collision", found.message)


def _digest(wheel: Wheel, case: PackageCase, files: Sequence[PackedFile]) -> str:
    """Return a short digest of what a package is made of, so that different ones have different names."""
    groups = (part for group, specs in case.extra_depends for part in (f"[{group}]", *specs))
    # RECORD has no modes: they are part of what is installed, too.
    placed = (f"{file.path} {file.mode:o}" for file in files)
    parts = [wheel.text("RECORD"), *case.depends, *groups, *placed]
    return sha256("\0".join(parts).encode()).hexdigest()[:7]
