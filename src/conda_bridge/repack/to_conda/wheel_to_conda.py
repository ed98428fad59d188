"""A wheel -> a `.conda` package, member by member, without building or unpacking anything.

A wheel for any platform becomes `noarch: python`. One for a platform becomes a package of that platform: bound to
one minor version of python where its modules are, else shared by all as a noarch package is (CEP 20), and
without python where it is nothing but a program.

Source: binary distribution format; core metadata; CEP 20, CEP 34.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from packaging.specifiers import SpecifierSet

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import NO_INFO, PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.errors import BridgeError, RepackError
from conda_bridge.infer.project.core_metadata import read_wheel_metadata
from conda_bridge.model.artifact import NoarchKind, PackageRecord
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import Target
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName, NameTable, PypiName, conda_name, pypi_name
from conda_bridge.repack.to_conda.about import about_of, license_of, license_texts
from conda_bridge.repack.to_conda.bytecode import can_compile, compiled_here
from conda_bridge.repack.to_conda.dependencies import Requirements, depends_of, read_wheel_requirements
from conda_bridge.repack.to_conda.native_tools import (
    NativeTool,
    is_command,
    is_shim,
    missing_programs,
    native_tool,
)
from conda_bridge.repack.to_conda.python_bounds import requires_python_of
from conda_bridge.repack.to_conda.shadowing import shadow_findings
from conda_bridge.repack.to_conda.tags import fit_of, python_specs
from conda_bridge.repack.to_conda.wheel_files import WheelFiles, refuse_compiled, tool_files
from conda_bridge.repack.to_conda.wheel_target import Converted, ExtraMetadata, WheelTarget
from conda_bridge.repack.wheels.entry_points import link_lines, read_commands
from conda_bridge.repack.wheels.layout import bound_layout, shared_layout
from conda_bridge.repack.wheels.wheel_reading import Wheel, read_wheel
from conda_bridge.translate.versions import to_conda_version

__all__ = ["Converted", "ExtraMetadata", "WheelTarget", "needed_names", "wheel_to_conda"]

_FAST_LEVEL = 3
"""Who asks for no more of zstd keeps the package here."""


def needed_names(
    metadata: str, *, target: WheelTarget, extras: tuple[ExtraMetadata, ...] = ()
) -> tuple[PypiName, ...]:
    """Return the projects whose conda names a conversion needs: the wheel's own, then its dependencies'.

    `metadata` is the text of its METADATA, which an index may serve alone.

    Raises:
        MetadataError: `invalid-name`, `invalid-requirement`, `direct-reference`, `extra-collision`.
        TranslationError: `complex-marker`.
    """
    statement = read_wheel_metadata(metadata, wheel="wheel")
    own = pypi_name(statement.name.value if statement.name else "")
    found = read_wheel_requirements(statement, target, own_name=own, extras=extras)
    return tuple(dict.fromkeys((own, *found.names)))


def wheel_to_conda(
    wheel_path: str,
    target_dir: str,
    *,
    target: WheelTarget,
    names: NameTable,
    extras: tuple[ExtraMetadata, ...] = (),
) -> Converted:
    """Write the package of a wheel to a folder; one of the same name is replaced.

    Raises:
        RepackError: `invalid-wheel`, `record-mismatch`, `impure-wheel`, `unsuitable-wheel`, `unsafe-data-file`,
            `invalid-package`.
        MetadataError: `invalid-requirement`, `direct-reference`, `unsafe-entry-point`, ...
        TranslationError: `inexpressible-spec`, `local-version`, `complex-marker`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.

        `where` begins with the wheel's file name. Nothing is left in the folder then.
    """
    filename = Path(wheel_path).name
    try:
        with open_wheel(wheel_path) as archive:
            wheel = read_wheel(archive, filename)
            return _Conversion(wheel, target, names, extras).write(target_dir)
    except BridgeError as error:
        where = filename if error.where in {None, filename, wheel_path} else f"{filename}/{error.where}"
        raise type(error)(error.slug, error.message, where=where, hint=error.hint) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payload:
    """What a package has in it, and what that makes of it."""

    files: tuple[PackedFile, ...]
    entry_points: tuple[str, ...] = ()
    subdir: str
    noarch: NoarchKind = ""
    build_prefix: str
    depends: tuple[str, ...]


class _Conversion:
    """One wheel on its way."""

    def __init__(
        self, wheel: Wheel, target: WheelTarget, names: NameTable, extras: tuple[ExtraMetadata, ...]
    ) -> None:
        self._wheel = wheel
        self._target = target
        self._names = names
        self._fit = fit_of(wheel.tags, target)
        self._requirements = read_wheel_requirements(
            wheel.metadata,
            target,
            own_name=wheel.pypi_name,
            extras=extras,
            is_any_platform=wheel.is_any,
        )
        self._diagnostics: list[Diagnostic] = [*wheel.archive.diagnostics, *self._requirements.diagnostics]

    def write(self, target_dir: str) -> Converted:
        wheel = self._wheel
        self._refuse_clashes()
        if wheel.is_any:
            refuse_compiled(wheel)
        payload = self._tool_payload() or self._python_payload()
        licences = license_texts(wheel)
        licence = license_of(wheel.metadata)
        record = self._record(payload, licence)
        info = PackageInfo(
            about=about_of(wheel.metadata, licence, (path for path, _ in licences)),
            run_exports=self._target.run_exports,
            entry_points=payload.entry_points,
            is_private=self._target.is_private,
            files=tuple((f"licenses/{path}", content) for path, content in licences),
            level=_FAST_LEVEL if self._target.level <= _FAST_LEVEL else NO_INFO.level,
        )
        path = str(Path(target_dir, f"{record.stem}.conda"))
        record = write_conda(path, record, payload.files, info=info, level=self._target.level)
        return Converted(path=path, record=record, diagnostics=tuple(dict.fromkeys(self._diagnostics)))

    # ------------------------------------------------------------ kinds of packages

    def _tool_payload(self) -> _Payload | None:
        """Return the package of a program; None where python is needed."""
        wheel, target = self._wheel, self._target
        tool = self._tool()
        if tool is None:
            return None
        files = tool_files(wheel, tool)
        commands = [file.path.rpartition("/")[2] for file in files if is_command(file.path)]
        self._diagnostics += shadow_findings(commands, wheel.pypi_name)
        return _Payload(
            files=files,
            subdir=target.target.platform,
            build_prefix="",
            depends=tuple(sorted({*self._fit.virtual, *self._depends(self._requirements)})),
        )

    def _tool(self) -> NativeTool | None:
        if self._wheel.is_any or self._target.is_native_tool is False:
            return None
        points = read_commands(self._wheel)[0]
        tool = native_tool(self._wheel, points, self._target.target)
        if tool is None:
            return None
        is_alone = not self._fit.has_abi and not self._requirements.needed
        if not (self._target.is_native_tool or (is_alone and is_shim(self._wheel, tool, points))):
            return None
        for point in missing_programs(tool, points):
            message = f"the command {point.name} is left out: the wheel has no program of this name"
            self._diagnostics.append(finding("command-without-program", message, origin=point.origin))
        return tool

    def _python_payload(self) -> _Payload:
        wheel, target, fit = self._wheel, self._target, self._fit
        is_bound = fit.kind == "bound"
        points, noticed = read_commands(wheel)
        layout = bound_layout(target.target) if is_bound else shared_layout()
        files = WheelFiles(wheel, layout)
        files.add_members()
        if is_bound:
            files.add_scripts(points, target.target)
        if target.has_bytecode and (target.compiler is not None or can_compile(target.target)):
            files.add_bytecode(target.compiler or compiled_here, target.target)
        self._note_undecided()
        depends = {*fit.virtual, *self._depends(self._requirements)}
        payload = _Payload(
            files=files.finished(() if is_bound else points),
            entry_points=() if is_bound else link_lines(points),
            subdir="noarch" if wheel.is_any else target.target.platform,
            noarch="" if is_bound else "python",
            build_prefix=_minor_prefix(target.target) if is_bound else "py",
            depends=(*python_specs(fit, self._requires_python()), *sorted(depends)),
        )
        self._diagnostics += [*noticed, *files.diagnostics]
        return payload

    # ------------------------------------------------------------ what the record says

    def _record(self, payload: _Payload, licence: str) -> PackageRecord:
        wheel, target = self._wheel, self._target
        hit = self._names.get(wheel.pypi_name)
        own = hit.chosen or hit.own_name or CondaName(wheel.pypi_name)
        number = target.build_number
        label = f"_{target.build_label}" if target.build_label else ""
        return PackageRecord(
            conda_name=conda_name(own),
            version=to_conda_version(wheel.version),
            build=f"{payload.build_prefix}h{self._digest(payload)}_{number}{label}",
            build_number=number,
            subdir=payload.subdir,
            noarch=payload.noarch,
            depends=payload.depends,
            license=licence,
            timestamp_ms=target.timestamp_ms or wheel.archive.newest_time_s * 1000,
        )

    def _digest(self, payload: _Payload) -> str:
        """Return a short digest of what the package is made of, so that different ones have different names."""
        parts = [
            self._wheel.text("RECORD"),
            *payload.depends,
            *(file.path for file in payload.files),
            repr(self._target.run_exports),
        ]
        return sha256("\0".join(parts).encode()).hexdigest()[:7]

    def _depends(self, requirements: Requirements) -> tuple[str, ...]:
        specs, noticed = depends_of(requirements.needed, self._names)
        self._diagnostics += noticed
        return specs

    def _requires_python(self) -> SpecifierSet:
        specifiers, noticed = requires_python_of(self._wheel.metadata)
        self._diagnostics += noticed
        return specifiers

    def _note_undecided(self) -> None:
        """Say which dependencies were decided for one target, in a package that installs elsewhere, too."""
        if self._fit.kind == "bound":
            return
        target = self._target.target
        for declared in self._requirements.undecided:
            message = f"'{declared.requirement}' was decided for python {target.python} on {target.platform}"
            self._diagnostics.append(finding("stale-marker", message, origin=declared.origin))

    def _refuse_clashes(self) -> None:
        """Refuse names that differ only by case where files can't."""
        clash = next((row for row in self._wheel.archive.diagnostics if row.slug == "case-clash"), None)
        if clash is not None and not self._wheel.is_any and self._target.target.os != "linux":
            raise RepackError("invalid-wheel", clash.message)


def _minor_prefix(target: Target) -> str:
    return "py" + "".join(map(str, target.python.release[:2]))
