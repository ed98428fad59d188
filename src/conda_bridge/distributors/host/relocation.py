"""Files that know where their interpreter was installed -> files that work in any prefix.

Texts get a placeholder, which installers replace. Programs and libraries can't: an environment's path is often longer
than the old one. Their library path is set relative to themselves instead, which is hardly ever longer.

Source: CEP 34 (prefix placeholders); ld.so(8), `$ORIGIN`.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from posixpath import dirname, relpath

from conda_bridge.archives.elf import ElfError, needed_libraries, search_folders, with_runpath
from conda_bridge.distributors.host.facts import Interpreter

__all__ = ["PLACEHOLDER", "is_elf", "knows_prefix", "private_folders", "relocated_elf", "relocated_text"]

PLACEHOLDER = "/opt/placeholder"
_ELF = b"\x7fELF"
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64")
_KNOWING = re.compile(
    r"_sysconfigdata_.*\.py|_sysconfig_vars_.*\.json|build-details\.json|Makefile|python-config\.py|.*-config|.*\.pc"
)
_BEFORE = rb"(?:(?<![\w./)}-])|(?<=-[LI]))"
"""A path begins here: not in the middle of another one, but perhaps behind a compiler's flag."""
_AFTER = rb"(?![\w.-])"


def is_elf(data: bytes) -> bool:
    """Whether it is a program or a library."""
    return data.startswith(_ELF)


def knows_prefix(name: str) -> bool:
    """Whether a file of that name is one of those that an interpreter's build writes its prefix into."""
    return _KNOWING.fullmatch(name) is not None


def relocated_text(data: bytes, interpreter: Interpreter) -> bytes:
    """Return a text with the placeholder for the interpreter's prefix."""
    for prefix in interpreter.old_prefixes:
        if prefix == "/usr":
            data = _without_usr(data, interpreter)
        else:
            pattern = _BEFORE + re.escape(prefix.encode()) + _AFTER
            data = re.sub(pattern, PLACEHOLDER.encode(), data)
    return data


def _without_usr(data: bytes, interpreter: Interpreter) -> bytes:
    """Replace the interpreter's own folders below `/usr`; programs and headers of the system stay where they are."""
    place = PLACEHOLDER.encode()
    if interpreter.multiarch:
        folder = b"/usr/lib/" + re.escape(interpreter.multiarch.encode())
        data = re.sub(_BEFORE + folder + _AFTER, place + b"/lib", data)
    own = rb"/(?:lib|include)/python" + re.escape(interpreter.minor.encode()) + _AFTER
    whole = rb"(?:/bin|/include|/lib|/share|/share/man)?(?=[\s'\"$]|$)"
    return re.sub(_BEFORE + rb"/usr(?=" + own + rb"|" + whole + rb")", place, data)


def private_folders(data: bytes, interpreter: Interpreter) -> tuple[str, ...]:
    """Return the folders of this machine, and not of its system, that a program or library looks for libraries in.

    Raises:
        ElfError: it is damaged.
    """
    return tuple(folder for folder in search_folders(data) if _is_private(folder, interpreter))


def _is_private(folder: str, interpreter: Interpreter) -> bool:
    path = PurePosixPath(folder)
    if not path.is_absolute():
        return False
    own = [prefix for prefix in interpreter.old_prefixes if prefix != "/usr"]
    return any(map(path.is_relative_to, own)) or not any(map(path.is_relative_to, _SYSTEM))


def relocated_elf(data: bytes, path: str, interpreter: Interpreter, libraries: Collection[str]) -> bytes:
    """Return a program or library that looks for libraries in the environment's own `lib/`.

    `path` is its place in the prefix, `libraries` are the names of what the package has in `lib/`. One that looks in
    the system's folders only stays as it is.

    Raises:
        ElfError: it is damaged, or has too little room for the new search path.
    """
    to_lib = relpath("lib", dirname(path))
    runpath = "$ORIGIN" if to_lib == "." else f"$ORIGIN/{to_lib}"
    is_needed = not set(libraries).isdisjoint(needed_libraries(data))
    for folder in private_folders(data, interpreter):
        try:
            data = with_runpath(data, folder, runpath)
        except ElfError:
            # Extension modules are given a search path even where they link nothing that lies there.
            if is_needed:
                raise
    return data
