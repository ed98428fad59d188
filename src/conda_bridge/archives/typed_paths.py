"""What a user typed, as a path: what no system can name isn't there.

`Path.exists` and its kind raise where a name is longer than the file system takes, and `Path.expanduser` where nobody
has the name behind the `~`.
"""

import os
from pathlib import Path

__all__ = ["exists", "expanded", "is_dir", "is_file"]


def expanded(text: str) -> Path:
    """Return a path, from somebody's home where it begins with one.

    >>> expanded("wheels/demo.whl").name
    'demo.whl'
    """
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path's own raises


def exists(path: Path) -> bool:
    """Tell whether there is anything, behind links."""
    return os.path.exists(path)  # noqa: PTH110 - Path's own raises


def is_dir(path: Path) -> bool:
    """Tell whether there is a folder, or a link to one."""
    return os.path.isdir(path)  # noqa: PTH112 - Path's own raises


def is_file(path: Path) -> bool:
    """Tell whether there is a regular file, or a link to one."""
    return os.path.isfile(path)  # noqa: PTH113 - Path's own raises
