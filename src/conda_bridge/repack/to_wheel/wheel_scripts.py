"""The scripts of a conda package -> those of a wheel, whose installer writes the first line.

A script of Python begins with the prefix that it was built in: `#!/prefix/bin/python`, or, where that is too long for a
kernel, two lines that a shell and Python both read. In a wheel each begins with `#!python`.

Source: binary distribution format, "The .data directory"; CEP 34, prefix replacement.
"""

import re
from collections.abc import Collection

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError
from conda_bridge.repack.to_wheel.package_facts import PathRow

__all__ = ["is_made_by_installer", "is_starter", "wheel_script"]

_PYTHON_LINE = re.compile(
    rb"#![ \t]*+(?P<quote>\"?)(?P<path>[^\r\n\"]*[/\\])?python(?P<w>w?)[0-9.]*(?:\.exe)?(?P=quote)(?P<rest>[ \t][^\r\n]*)?(?=\r?\n|\Z)",
    re.IGNORECASE,
)
_SHELL_LINES = re.compile(
    rb"#![ \t]*/bin/sh[ \t]*\r?\n'''exec'[ \t][^\r\n]*python(?P<w>w?)[0-9.]*[\"']?[ \t]+\"\$0\"[ \t]+\"\$@\"[ \t]*(?P<end>\r?\n)' '''"
)
_LONGEST_LINE = 1024
"""No kernel reads half as much of one, and no prefix is as long."""
_OF_SYSTEM = (b"/usr/bin/", b"/bin/", b"/usr/local/bin/")
"""Interpreters that a project names on purpose; a builder writes the prefix of its own."""
_MADE = re.compile(r"(?P<name>.+?)(?:\.exe|\.exe\.manifest|-script\.pyw?|\.bat)?", re.DOTALL)


def is_made_by_installer(path: str, commands: Collection[str]) -> bool:
    """Return whether a script is what installers make of an entry point, on Windows with a program beside it."""
    match = _MADE.fullmatch(path)
    return path in commands or (match is not None and match["name"] in commands)


def is_starter(path: str) -> bool:
    """Return whether a file may be the program that installers put beside a command on Windows."""
    return path.partition("/")[0] != "site-packages" and path.lower().endswith(".exe")


def wheel_script(path: str, content: bytes, row: PathRow | None) -> bytes:
    """Return a script as wheels have it; `path` is that in the package.

    Raises:
        RepackError: `embedded-prefix` where the prefix stands elsewhere in it, too.
    """
    rewritten = _rewritten(content)
    if row is not None and row.placeholder and row.placeholder.encode() in rewritten:
        message = f"the prefix {shown(row.placeholder)} stands in it, behind its first line or not for Python"
        raise RepackError("embedded-prefix", message, where=path)
    return rewritten


def _rewritten(content: bytes) -> bytes:
    match = _SHELL_LINES.match(content)
    if match:
        return b"#!python" + match["w"] + content[match.end() :]
    end = content.find(b"\n")
    if (end if end >= 0 else len(content)) > _LONGEST_LINE:
        return content
    match = _PYTHON_LINE.match(content)
    if match is None or not match["path"] or match["path"] in _OF_SYSTEM:
        return content
    first = b"#!python" + match["w"].lower() + (match["rest"] or b"").rstrip()
    return first + _as_the_second(content[match.end() :])


def _as_the_second(rest: bytes) -> bytes:
    """Return what follows the first line's words, which ends as the second does: installers wrote the first alone."""
    second = rest.find(b"\n", 1)
    is_crlf = rest.startswith(b"\n") and second > 1 and rest[second - 1 : second] == b"\r"
    return b"\r" + rest if is_crlf else rest
