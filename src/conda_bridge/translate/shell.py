"""A word -> text that the shells of every platform read as that one word.

Build scripts are text for bash and, on Windows, for cmd. What both read alike is written plain or in double
quotes; what they can't agree on is refused, never escaped for one of them.
"""

import re

from conda_bridge.errors import ConfigError

__all__ = ["is_plain_folder", "shell_word"]

_PLAIN = re.compile(r"[A-Za-z0-9_.,:/=+@-]+", re.ASCII)
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII)
_QUOTABLE = re.compile(r"""[ #&'()*+,./0-9:;<=>?@A-Z\[\]_a-z{|}~-]*""", re.ASCII)
"""Printable ASCII without what acts inside double quotes: `"`, `$`, `` ` ``, backslash, `!`, `%`, `^`."""


def shell_word(text: str) -> str:
    r"""Return `text`, in double quotes where it needs them.

    >>> print(shell_word("cmake.args=-DX=ON"), shell_word("a b; c"))
    cmake.args=-DX=ON "a b; c"

    Raises:
        ConfigError: `invalid-override` for text that bash and cmd read differently.
    """
    if _PLAIN.fullmatch(text):
        return text
    if not _QUOTABLE.fullmatch(text):
        raise ConfigError("invalid-override", f"{text[:80]!r} can't be quoted for every platform's shell")
    return f'"{text}"'


def is_plain_folder(path: str) -> bool:
    """Tell whether a script can name a folder as it is, on every system."""
    return _FOLDER.fullmatch(path) is not None
