"""Programs of this machine -> small shell scripts that start them, to be put into packages.

Links wouldn't do: some programs look for their parts beside the name that they were started by.
"""

import shlex
from collections.abc import Iterable

from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.host.packing import script

__all__ = ["wrapper"]


def wrapper(name: str, path: str, *, settings: Iterable[tuple[str, str]] = ()) -> PackedFile:
    """Return `bin/NAME`, which becomes the program at `path`; `settings` are shell texts of variables."""
    lines = ["#!/bin/sh"]
    lines += [f'{variable}="{value}"; export {variable}' for variable, value in settings]
    lines.append(f'exec {shlex.quote(path)} "$@"')
    return script(f"bin/{name}", "\n".join(lines) + "\n")
