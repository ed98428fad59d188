"""A folder -> the same folder with links to the few programs that scripts may count on everywhere, and to no other.

An engine hands its PATH on to build scripts, so that on a PATH with compilers, make, git and pythons a recipe that
forgot them builds all the same, here and nowhere else.

Source: POSIX.1-2024, "Shell & Utilities", what of it compiles, prints or talks left out; what every Linux adds to it.
"""

import os
import shutil
from contextlib import suppress
from functools import cache

__all__ = ["PROGRAMS", "minimal_path"]

PROGRAMS = (
    "[", "arch", "awk", "b2sum", "base64", "basename", "bash", "bunzip2", "bzcat", "bzip2", "cat", "chgrp", "chmod",
    "chown", "cksum", "clear", "cmp", "comm", "cp", "csplit", "cut", "date", "dd", "df", "diff", "dirname", "du", "echo",
    "egrep", "env", "expand", "expr", "false", "fgrep", "find", "fmt", "fold", "getconf", "getent", "getopt", "grep",
    "groups", "gunzip", "gzip", "head", "hostname", "id", "install", "join", "kill", "ldd", "link", "ln", "locale",
    "logname", "ls", "md5sum", "mkdir", "mkfifo", "mktemp", "more", "mv", "nice", "nl", "nohup", "nproc", "numfmt", "od",
    "paste", "pathchk", "pr", "printenv", "printf", "ps", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq",
    "setsid", "sh", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shred", "shuf", "sleep", "sort",
    "split", "stat", "stdbuf", "stty", "sum", "sync", "tac", "tail", "tar", "tee", "test", "timeout", "touch", "tput",
    "tr", "true", "truncate", "tsort", "tty", "uname", "unexpand", "uniq", "unlink", "unxz", "users", "wc", "which",
    "who", "whoami", "xargs", "xz", "xzcat", "yes", "zcat",
)  # fmt: skip

_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin")


def minimal_path(folder: str, *, searched: tuple[str, ...] = _FOLDERS) -> str:
    """Fill a folder, made if need be, with links to the programs that are here, and return it."""
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    for name, found in _found(searched):
        with suppress(FileExistsError):
            os.symlink(found, f"{folder}/{name}")  # noqa: PTH211 - a hundred of them, twice as fast
    return folder


@cache
def _found(searched: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return (name, path) of the programs that are here; looked for once in a process, since that takes 10 ms."""
    path = os.pathsep.join(searched)
    return tuple((name, found) for name in PROGRAMS if (found := shutil.which(name, path=path)))
