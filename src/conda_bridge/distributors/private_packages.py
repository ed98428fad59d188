"""Packages that are of use on the machine that made them alone, and are kept out of channels that others may read.

The host distributor's are: they point into the machine, or were converted in a way that suits its interpreter only.
They say so in `info/about.json`, since a build string such as that of python has to be what recipes ask for.
"""

from collections.abc import Iterable
from pathlib import Path

from conda_bridge.archives.package_documents import says_private
from conda_bridge.archives.package_info import package_stem, read_info
from conda_bridge.errors import EngineError

__all__ = ["refuse_private"]

_ABOUT = "info/about.json"


def refuse_private(paths: Iterable[str]) -> None:
    """Let none of these packages be a private one.

    Raises:
        EngineError: `private-package`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    for path in paths:
        is_package = bool(package_stem(Path(path).name))
        if is_package and says_private(read_info(path, (_ABOUT,)).get(_ABOUT, b"")):
            message = f"{Path(path).name} was made for this machine alone, and no channel for others takes it"
            raise EngineError("private-package", message, where=path)
