"""The files of a wheel -> the files of its package.

Contents go from one archive to the other untouched, but for scripts that name no interpreter yet, and the records of
the dist-info folder, which speak of the installed project.

Source: recording installed projects (INSTALLER, REQUESTED, RECORD); binary distribution format.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from conda_bridge.archives.packed_files import PackedFile, content_size
from conda_bridge.archives.paths import shown
from conda_bridge.archives.wheel_archive import WheelMember
from conda_bridge.archives.wheel_record import record_text
from conda_bridge.errors import RepackError
from conda_bridge.infer.project.entry_points import check_command_name
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import Target
from conda_bridge.model.counts import counted
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import EntryPoint
from conda_bridge.repack.to_conda.bytecode import ModuleCompiler, bytecode_path
from conda_bridge.repack.to_conda.launchers import LauncherSetting
from conda_bridge.repack.to_conda.native_tools import NativeTool, is_command
from conda_bridge.repack.to_conda.shadowing import shadow_findings
from conda_bridge.repack.wheels.entry_points import PLACEHOLDER, command_script, windows_launcher
from conda_bridge.repack.wheels.layout import Layout, shared_layout
from conda_bridge.repack.wheels.package_commands import one_on_windows
from conda_bridge.repack.wheels.record import UNRECORDED
from conda_bridge.repack.wheels.wheel_reading import Wheel

__all__ = ["WheelFiles", "refuse_compiled", "tool_files"]

_DROPPED = frozenset({*UNRECORDED, "INSTALLER", "REQUESTED", "direct_url.json"})
"""Of the dist-info folder: written anew, or about another machine."""
_COMPILED = re.compile(r"\.(?:so(?:\.[0-9]+)*|pyd|dylib|dll)\Z", re.IGNORECASE)
_STARTUP = re.compile(r"[^/]+\.pth|(?:site|user)customize(?:\.py|/__init__\.py)")
_GENERIC_SHEBANG = re.compile(rb"#!python[^ \t\r\n]*(?P<option>[ \t]+-[A-Za-z]+(?=[ \t]*\r?\n))?[^\n]*\n?")
"""Installers write this line anew, whatever stands behind `python`; one option is one argument for a kernel."""
_FOREIGN_SHEBANG = re.compile(rb"#!\s*/(?!usr/bin/env\b)[^\r\n]*python[^\r\n]*")
_SHEBANG_BYTES = 256
_WRAPPER = re.compile(r"(?:\.exe|-script\.pyw?|\.pya)\Z", re.IGNORECASE)
"""How the names end that installers give to what starts an entry point's command."""
_MOVED_TO = ("bin", "Scripts")
"""Where installers put the scripts of a package that all pythons share."""
_CLASH_HINT = "report it where the wheel was made: which of them is installed depends on the installer"
_STARTED = "libexec-conda-bridge"
"""The folder of programs that a script in `bin/` starts; nobody else's, unlike `libexec`."""


class WheelFiles:
    """Gathers the files of one package, and what was noticed of them."""

    def __init__(self, wheel: Wheel, layout: Layout) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._wheel = wheel
        self._layout = layout
        self._files: list[PackedFile] = []
        self._has_bytecode = False

    def add_members(self) -> None:
        """Take every file of the wheel.

        Raises:
            RepackError: `unsafe-data-file`, `invalid-wheel`, `record-mismatch`.
            MetadataError: `unsafe-entry-point` for a command that could be no file, or replaces python.
        """
        wheel = self._wheel
        dropped = {f"{wheel.dist_info}/{name}" for name in _DROPPED}
        for member in wheel.archive.files:
            if member.path not in dropped:
                self._files.append(self._placed(member))
        self._note_startup_files()

    def add_scripts(self, points: Iterable[EntryPoint], target: Target) -> None:
        """Write the commands, for an installer that won't."""
        folder = self._layout.scripts
        for point in points:
            if target.os == "win":
                launcher = windows_launcher(point)
                self._files.append(PackedFile(path=f"{folder}/{point.name}.bat", content=launcher))
            name = f"{point.name}-script.py" if target.os == "win" else point.name
            self._files.append(
                PackedFile(
                    path=f"{folder}/{name}",
                    content=command_script(point),
                    mode=0o755,
                    placeholder=PLACEHOLDER,
                )
            )

    def add_bytecode(self, compiler: ModuleCompiler, target: Target) -> None:
        """Compile the modules; those that can't be stay as they are, and so does what the wheel has compiled."""
        self._has_bytecode = True
        present = {file.path for file in self._files}
        modules = [
            (file.path, _source(file))
            for file in self._files
            if file.path.startswith(f"{self._layout.site_packages}/") and file.path.endswith(".py")
        ]
        for (path, _), code in zip(modules, compiler(modules), strict=True):
            place = bytecode_path(path, target)
            if code is not None and place not in present:
                self._files.append(PackedFile(path=place, content=code))

    def finished(self, points: Sequence[EntryPoint]) -> tuple[PackedFile, ...]:
        """Return all files, with the records of the installed project.

        `points` are the commands that the installer will make, and whose content nobody knows yet.

        Raises:
            RepackError: `clashing-files` where a script and a file of the data are one command.
        """
        if self._layout == shared_layout():
            self._leave_to_installer(points)
        folder = f"{self._layout.site_packages}/{self._wheel.dist_info}"
        self._files.append(PackedFile(path=f"{folder}/INSTALLER", content=b"conda\n"))
        self._files.append(PackedFile(path=f"{folder}/REQUESTED"))
        layout = self._layout
        commands = [file.path for file in self._files if layout.is_command(file.path)]
        names = [*(path.rpartition("/")[2] for path in commands), *(point.name for point in points)]
        if layout == shared_layout():
            self._refuse_clashing(commands)
            self.diagnostics += one_on_windows(sorted(set(names)), where=self._wheel.filename)
        self.diagnostics += shadow_findings(names, self._wheel.pypi_name)
        rows: list[tuple[str, str, int | None]] = [
            (layout.recorded(file.path), *_recorded(file)) for file in self._files
        ]
        rows += [(layout.recorded(f"{layout.scripts}/{point.name}"), "", None) for point in points]
        record = record_text(rows, own_path=layout.recorded(f"{folder}/RECORD"))
        self._files.append(PackedFile(path=f"{folder}/RECORD", content=record.encode()))
        return tuple(self._files)

    def _leave_to_installer(self, points: Iterable[EntryPoint]) -> None:
        """Leave out what the installer makes itself: commands of entry points, as pip does, and compiled modules."""
        names = {point.name for point in points}
        folders = (self._layout.scripts, *_MOVED_TO)
        scripts = [
            file.path
            for file in self._files
            if file.path.rpartition("/")[0] in folders
            and _WRAPPER.sub("", file.path.rpartition("/")[2]) in names
        ]
        present = {file.path for file in self._files}
        compiled = [path for path in present if not self._has_bytecode and _source_of(path) in present]
        for path in scripts:
            message = f"{shown(path)} stands where the command of an entry point goes, which is kept"
            self.diagnostics.append(finding("left-to-installer", message, origin=path))
        if compiled:
            told = (
                f"{counted(len(compiled), 'compiled module')} of one python, such as {shown(min(compiled))}"
            )
            self.diagnostics.append(finding("left-to-installer", told, origin=min(compiled)))
        left = {*scripts, *compiled}
        self._files = [file for file in self._files if file.path not in left]

    def _refuse_clashing(self, commands: Iterable[str]) -> None:
        """Refuse data that lies where the installer puts a script."""
        own = self._layout.scripts
        scripts = {path.rpartition("/")[2]: path for path in commands if path.rpartition("/")[0] == own}
        for path in commands:
            folder, _, name = path.rpartition("/")
            if folder in _MOVED_TO and name in scripts:
                data = self._wheel.data_folder
                message = (
                    f"{shown(f'{data}/scripts/{name}')} and {shown(f'{data}/data/{path}')} are one command"
                )
                raise RepackError("clashing-files", message, hint=_CLASH_HINT)

    # ------------------------------------------------------------ one member

    def _placed(self, member: WheelMember) -> PackedFile:
        wheel, layout = self._wheel, self._layout
        mode = 0o755 if member.is_executable else 0o644
        if not member.path.startswith(f"{wheel.data_folder}/"):
            return wheel.packed(member, f"{layout.site_packages}/{member.path}", mode=mode)
        scheme, _, rest = member.path.removeprefix(f"{wheel.data_folder}/").partition("/")
        if not rest:
            raise RepackError("invalid-wheel", f"{shown(member.path)} belongs to no scheme")
        path = layout.data_path(scheme, rest, wheel.pypi_name)
        if layout.is_command(path) or scheme == "scripts":
            name = path.rpartition("/")[2] if scheme == "data" else rest
            check_command_name(name, project=wheel.pypi_name, origin=member.path)
        return self._script(member, path) if scheme == "scripts" else wheel.packed(member, path, mode=mode)

    def _script(self, member: WheelMember, path: str) -> PackedFile:
        start = member.start(_SHEBANG_BYTES)
        if _FOREIGN_SHEBANG.match(start):
            message = f"its first line is {start.splitlines()[0].decode(errors='replace')[:80]!r}"
            self.diagnostics.append(finding("foreign-interpreter", message, origin=member.path))
        if not _GENERIC_SHEBANG.match(start):
            return self._wheel.packed(member, path, mode=0o755)
        content = self._wheel.read(member.path)
        line = _GENERIC_SHEBANG.match(content)
        assert line is not None, "it begins as its first bytes do"
        # A carriage return would be part of the interpreter's name.
        first = f"#!{PLACEHOLDER}/bin/python".encode() + (line["option"] or b"") + b"\n"
        content = first + content[line.end() :]
        return PackedFile(path=path, content=content, mode=0o755, placeholder=PLACEHOLDER)

    def _note_startup_files(self) -> None:
        folder = f"{self._layout.site_packages}/"
        for file in self._files:
            rest = file.path.removeprefix(folder)
            if file.path.startswith(folder) and _STARTUP.fullmatch(rest):
                message = f"{shown(rest)} is run whenever python starts"
                self.diagnostics.append(finding("startup-file", message, origin=rest))


def tool_files(wheel: Wheel, tool: NativeTool) -> tuple[PackedFile, ...]:
    """Return the files of a package that has the programs of a wheel and nothing else.

    Raises:
        MetadataError: `unsafe-entry-point`.
        RepackError: `record-mismatch`.
    """
    files: list[PackedFile] = []
    for member, path in tool.files:
        place = path
        folder, _, name = path.rpartition("/")
        if is_command(path):
            check_command_name(name, project=wheel.pypi_name, origin=member.path)
        if is_command(path) and tool.settings:
            # As deep as before: it may look for its libraries and its data beside its own folder.
            place = f"{_STARTED}/{name}"
            files.append(_starter(path, place, tool.settings))
        is_run = folder.rpartition("/")[2] == "bin" or member.is_executable
        mode = 0o755 if is_run else 0o644
        files.append(wheel.packed(member, place, mode=mode))
    return tuple(files)


def _starter(path: str, place: str, settings: Iterable[LauncherSetting]) -> PackedFile:
    """Return the script that starts a program as the wheel's launcher would.

    The prefix stands in single quotes: the shell reads nothing of it.
    """
    lines = ["#!/bin/sh"]
    for one in settings:
        name = one.variable
        unless = f'test "${{{name}+set}}" || ' if one.is_default else ""
        lines.append(f"{unless}{name}='{PLACEHOLDER}/{one.path}'; export {name}")
    text = "\n".join((*lines, f"exec '{PLACEHOLDER}/{place}' \"$@\"", ""))
    return PackedFile(path=path, content=text.encode(), mode=0o755, placeholder=PLACEHOLDER)


def refuse_compiled(wheel: Wheel) -> None:
    """Refuse a wheel for any platform that isn't pure.

    Raises:
        RepackError: `impure-wheel`.
    """
    if not wheel.is_purelib:
        raise RepackError("impure-wheel", "its WHEEL doesn't say that its root is purelib")
    found = next((member.path for member in wheel.archive.files if _COMPILED.search(member.path)), None)
    if found is not None:
        raise RepackError("impure-wheel", "it is compiled, in a wheel for any platform", where=found)


def _source_of(path: str) -> str:
    """Return the module that a file is the compiled form of; empty for other files.

    >>> _source_of("a/__pycache__/b.cpython-311.opt-1.pyc"), _source_of("a/b.pyc"), _source_of("a/b.py")
    ('a/b.py', 'a/b.py', '')
    """
    folder, _, name = path.rpartition("/")
    if not name.endswith(".pyc"):
        return ""
    is_cached = folder.endswith("__pycache__")
    stem = name.partition(".")[0] if is_cached else name.removesuffix(".pyc")
    folder = folder.removesuffix("__pycache__").removesuffix("/") if is_cached else folder
    return f"{folder}/{stem}.py".removeprefix("/")


def _source(file: PackedFile) -> bytes:
    source = file.content.read() if isinstance(file.content, WheelMember) else file.content
    assert isinstance(source, bytes), "site-packages holds members of the wheel"
    return source


def _recorded(file: PackedFile) -> tuple[str, int | None]:
    if file.placeholder:
        # Its content changes when it is installed.
        return "", None
    digest = sha256(file.content).hexdigest() if isinstance(file.content, bytes) else file.sha256
    return digest, content_size(file.content)
