"""A folder in which foreign code has worked -> copies of the conda packages in it, in a folder that this code never saw.

What a build leaves, and what its process says of it, may be anything: links to the user's files, pipes that never end,
folders that trade places. So the folder is opened before the build begins and is reached by that alone afterwards;
no link is followed in it, only regular files are read, and of what is said only a subdir and a file name count.
"""

import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.archives.package_info import package_stem
from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.model.artifact import PackageRecord

__all__ = ["held_folder", "take_packages"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def held_folder(path: str) -> Iterator[int]:
    """Make a folder where there is none, and keep it open: later its number means it, whatever its path leads to.

    Raises:
        EngineError: `unexpected-output` where there is a link or a file in its place.
    """
    os.makedirs(path, exist_ok=True)  # noqa: PTH103
    try:
        number = os.open(path, _FOLDER)
    except OSError as error:
        message = f"the folder of a build can't be opened: {error.strerror}"
        raise EngineError("unexpected-output", message, where=path) from error
    try:
        yield number
    finally:
        os.close(number)


def take_packages(
    folder: int, told: Iterable[str], *, subdirs: Collection[str], target: str
) -> tuple[tuple[str, PackageRecord], ...]:
    """Copy packages from `<folder>/<subdir>/` to `<target>/<subdir>/` and return (path of the copy, record) of each.

    `told` says which, by paths of which the last two parts count; `target` is emptied first, and stays
    the folder that it is: somebody may have been shown it.

    Raises:
        EngineError: `unexpected-output` for what is no regular file there, or no package of its name and subdir.
    """
    with suppress(FileNotFoundError), os.scandir(target) as found:
        for entry in found:
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)  # noqa: PTH108
    return tuple(_taken(folder, path, subdirs, Path(target)) for path in dict.fromkeys(told))


def _taken(folder: int, told: str, subdirs: Collection[str], target: Path) -> tuple[str, PackageRecord]:
    subdir, name = ("", "", *PurePosixPath(told).parts)[-2:]
    if subdir not in subdirs or not package_stem(name):
        raise _unexpected(f"{shown(told)} is no package of {' or '.join(sorted(subdirs))}")
    copy = target / subdir / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(folder, subdir, name, copy)
    except OSError as error:
        raise _unexpected(f"{shown(f'{subdir}/{name}')} can't be taken: {error.strerror}") from error
    try:
        record = read_record(str(copy))
    except BridgeError as error:
        raise _unexpected(f"{shown(f'{subdir}/{name}')}: {error.message}") from error
    if record.subdir != subdir:
        raise _unexpected(f"{shown(name)} lies in {subdir} and is of {shown(record.subdir)}")
    return str(copy), record


def _copy(folder: int, subdir: str, name: str, copy: Path) -> None:
    place = os.open(subdir, _FOLDER, dir_fd=folder)
    try:
        number = os.open(name, _FILE, dir_fd=place)
    finally:
        os.close(place)
    with os.fdopen(number, "rb") as source:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise _unexpected(f"{shown(f'{subdir}/{name}')} is no regular file")
        with copy.open("xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _unexpected(message: str) -> EngineError:
    return EngineError("unexpected-output", message)
