"""An interpreter of this machine -> the files of its package, before anything is changed in them.

What is left out is of no use in an environment, or brings in what others installed: tests, editors, installed
packages, static libraries. Links stay links where they stay inside; others become what they point to.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath

from conda_bridge.archives.elf import ElfError, needed_libraries
from conda_bridge.distributors.host import debian
from conda_bridge.distributors.host.facts import Interpreter
from conda_bridge.distributors.host.relocation import private_folders

__all__ = ["HostFile", "interpreter_files"]

_SKIPPED_FOLDERS = frozenset(
    {
        "__pycache__", "dist-packages", "ensurepip", "idle_test", "idlelib", "site-packages", "test", "tests",
        "turtledemo",
    }
)  # fmt: skip
_SKIPPED_ENDINGS = (".a", ".o", ".pyc", ".exe")
_SYSTEM_PREFIXES = ("/usr", "/usr/local")
"""What lies in their `lib/` is found without us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFile:
    """A file of this machine and its place in the prefix."""

    path: str
    source: Path = Path()
    link: str = ""
    """Of a link its target; then there is no source."""
    is_program: bool = False


def interpreter_files(interpreter: Interpreter) -> tuple[HostFile, ...]:
    """Return the files of an interpreter, by their paths in the prefix.

    Raises:
        OSError: a folder can't be read.
    """
    found: dict[str, HostFile] = {}
    for part in (_programs, _libraries, _headers, _standard_library):
        found.update((file.path, file) for file in part(interpreter))
    found.update((file.path, file) for file in _private_libraries(interpreter, tuple(found.values())))
    return tuple(file for _, file in sorted(found.items()) if not file.link or _is_held(file, found))


def _is_held(file: HostFile, found: dict[str, HostFile]) -> bool:
    """Whether a link leads to what the package has."""
    target = normpath(join(os.path.dirname(file.path), file.link))  # noqa: PTH120 - a path in the prefix
    return target in found or any(path.startswith(f"{target}/") for path in found)


def _programs(interpreter: Interpreter) -> Iterator[HostFile]:
    name = f"python{interpreter.minor}"
    yield HostFile(path=f"bin/{name}", source=Path(interpreter.executable), is_program=True)
    yield HostFile(path="bin/python3", link=name)
    yield HostFile(path="bin/python", link=name)
    config = Path(interpreter.prefix, "bin", f"{name}-config")
    if config.is_file():
        yield HostFile(path=f"bin/{name}-config", source=config, is_program=True)
        yield HostFile(path="bin/python3-config", link=f"{name}-config")


def _libraries(interpreter: Interpreter) -> Iterator[HostFile]:
    folder = Path(interpreter.library_dir)
    for source in sorted({*folder.glob(f"libpython{interpreter.minor}*.so*"), *folder.glob("libpython3.so")}):
        yield _placed(source, "lib")
    described = folder / "pkgconfig"
    for pattern in (f"python-{interpreter.minor}*.pc", "python3*.pc"):
        for source in sorted(described.glob(pattern)):
            yield _placed(source, "lib/pkgconfig")


def _headers(interpreter: Interpreter) -> Iterator[HostFile]:
    include = Path(interpreter.include)
    place = f"include/python{interpreter.minor}"
    yield from _tree(include, place)
    if interpreter.multiarch:
        # The one in its place includes this one by a name that only a system's compiler finds.
        real = include.parent / interpreter.multiarch / include.name / "pyconfig.h"
        if real.is_file():
            yield HostFile(path=f"{place}/pyconfig.h", source=real)


def _standard_library(interpreter: Interpreter) -> Iterator[HostFile]:
    place = f"lib/python{interpreter.minor}"
    for file in _tree(Path(interpreter.stdlib), place):
        name = file.path.rpartition("/")[2]
        is_second_library = f"{place}/config-" in file.path and name.startswith("libpython")
        if name not in debian.UNWANTED and not is_second_library:
            yield file


def _tree(folder: Path, place: str) -> Iterator[HostFile]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _SKIPPED_FOLDERS)
        here = join(place, Path(parent).relative_to(folder).as_posix()).removesuffix("/.")
        for name in sorted(names):
            source = Path(parent, name)
            if not name.endswith(_SKIPPED_ENDINGS) and source.is_file():
                yield _placed(source, here)


def _placed(source: Path, folder: str) -> HostFile:
    path = f"{folder}/{source.name}"
    if source.is_symlink():
        target = os.readlink(source)  # noqa: PTH115 - as it is spelt
        # A link beside it; what leads further away may lie elsewhere in the package.
        if "/" not in target:
            return HostFile(path=path, link=target)
    return HostFile(path=path, source=source, is_program=os.access(source, os.X_OK))


def _private_libraries(interpreter: Interpreter, files: tuple[HostFile, ...]) -> Iterator[HostFile]:
    """Yield what lies outside of the system's folders and is linked, such as an OpenSSL of the interpreter's own."""
    beside = [] if interpreter.prefix in _SYSTEM_PREFIXES else [str(Path(interpreter.prefix, "lib"))]
    known = {file.path for file in files}
    waiting = [
        file.source for file in files if not file.link and (file.is_program or ".so" in file.source.name)
    ]
    while waiting:
        needed, folders = _linked(waiting.pop(), interpreter)
        for name in needed:
            path = f"lib/{name}"
            places = (Path(folder, name) for folder in (*folders, *beside))
            source = next((place for place in places if place.is_file()), None)
            if path not in known and source is not None:
                known.add(path)
                waiting.append(source)
                yield HostFile(path=path, source=source.resolve(), is_program=True)


def _linked(source: Path, interpreter: Interpreter) -> tuple[tuple[str, ...], tuple[str, ...]]:
    data = source.read_bytes()
    try:
        return needed_libraries(data), private_folders(data, interpreter)
    except ElfError:
        return (), ()
