"""Wheels that are nothing but a program: which they are, and where the program goes.

Such a wheel has a binary and a few lines of python that run it. Packed with python it would bring a second python
into every build environment, where distributors' packages of the same programs need none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import dirname

from conda_bridge.archives.wheel_archive import WheelMember
from conda_bridge.model.condition import Target
from conda_bridge.model.project import EntryPoint
from conda_bridge.repack.to_conda.launchers import LauncherSetting, launcher_settings
from conda_bridge.repack.wheels.wheel_reading import Wheel

__all__ = ["NativeTool", "is_command", "is_program", "is_shim", "missing_programs", "native_tool"]

_MAGIC = (
    b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf",
)  # fmt: skip
"""Of programs for Linux, Windows and macOS."""
_COMMAND_FOLDERS = frozenset({"bin", "Library/bin"})
_MAX_SHIM_BYTES = 32_000
_SHIM_SUFFIXES = (".py", ".pyi", ".typed")
_HOOK = b"def build_wheel"
"""A build backend is imported, whatever program it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeTool:
    """The program of a wheel with what lies beside it."""

    files: tuple[tuple[WheelMember, str], ...]
    """(member, path in the prefix)."""
    settings: tuple[LauncherSetting, ...] = ()
    """What the wheel's own launcher tells the programs; always empty for Windows."""


def is_command(path: str) -> bool:
    """Return whether a file of such a package is found as a command; a program's own folders may be called bin, too."""
    return dirname(path) in _COMMAND_FOLDERS


def is_program(member: WheelMember) -> bool:
    """Return whether a file is a native program or library."""
    return member.start(4).startswith(_MAGIC)


def native_tool(wheel: Wheel, commands: Sequence[EntryPoint], target: Target) -> NativeTool | None:
    """Return the programs of a wheel that has any, with the files that belong to them.

    They are those of the scripts scheme, and those of a folder `bin` in a package that are called as one of the
    `commands` is; with the latter goes everything that lies beside `bin`.
    """
    scripts = f"{wheel.data_folder}/scripts/"
    names = frozenset(point.name for point in commands)
    found: dict[str, tuple[WheelMember, str]] = {}
    prefix = "Library/" if target.os == "win" else ""
    for member in wheel.archive.files:
        if member.path.startswith(scripts) and is_program(member):
            name = member.path.removeprefix(scripts)
            found[member.path] = (member, f"{prefix}bin/{name}")
        elif _is_bundled(member.path, names) and is_program(member):
            root = dirname(dirname(member.path))
            for other in wheel.archive.files:
                if other.path.startswith(f"{root}/"):
                    found[other.path] = (other, prefix + _hoisted(other.path.removeprefix(f"{root}/")))
    files = tuple(found[path] for path in sorted(found))
    modules = [
        member for member in wheel.archive.files if member.path.endswith(".py") and member.path not in found
    ]
    is_small = sum(member.size_bytes for member in modules) <= _MAX_SHIM_BYTES
    is_told = is_small and target.os != "win"
    settings = launcher_settings(modules, files, commands=commands, target=target) if is_told else ()
    return NativeTool(files=files, settings=settings) if files else None


def missing_programs(tool: NativeTool, points: Iterable[EntryPoint]) -> tuple[EntryPoint, ...]:
    """Return the commands that no program of the tool is called as."""
    offered = {path.rpartition("/")[2].removesuffix(".exe") for _, path in tool.files if is_command(path)}
    return tuple(point for point in points if point.name not in offered)


def is_shim(wheel: Wheel, tool: NativeTool, points: Iterable[EntryPoint]) -> bool:
    """Return whether all that a wheel has beside its programs is python that runs them.

    A command without a program may be one that isn't built everywhere: so it is where the others' module has it.
    """
    points = tuple(points)
    missing = missing_programs(tool, points)
    if {point.module for point in missing} - {point.module for point in points if point not in missing}:
        return False
    hoisted = {member.path for member, _ in tool.files}
    rest = [
        member
        for member in wheel.archive.files
        if member.path not in hoisted and not member.path.startswith(f"{wheel.dist_info}/")
    ]
    return (
        all(member.path.endswith(_SHIM_SUFFIXES) for member in rest)
        and sum(member.size_bytes for member in rest) <= _MAX_SHIM_BYTES
        and not any(_HOOK in member.read() for member in rest)
    )


def _is_bundled(path: str, names: frozenset[str]) -> bool:
    parts = path.split("/")
    return len(parts) > 2 and parts[-2] == "bin" and parts[-1].removesuffix(".exe") in names


def _hoisted(path: str) -> str:
    """Return a path of a bundle's own small prefix in a real one, where documentation has its place."""
    return f"share/{path}" if path.startswith(("doc/", "man/")) else path
