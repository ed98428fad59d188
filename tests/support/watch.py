"""Watches what this process does while a stretch of code runs: files touched, programs started, code executed.

The interpreter tells audit hooks of each such act (PEP 578). A hook can't be removed, so there is one for the whole
process, which listens only while `watching` lasts.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

__all__ = ["foreign_modules", "watching"]

_STARTS = frozenset({
    "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile",
    "subprocess.Popen", "pty.spawn", "ctypes.dlopen", "winreg.ConnectRegistry",
})  # fmt: skip
_OF_CTYPES = ("ctypes.dlopen", (None,))
"""Importing ctypes opens this process itself, in which nothing is new."""
_TOUCHES = frozenset({
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.setxattr",
    "os.symlink", "os.truncate", "os.utime", "shutil.copyfile", "shutil.move", "shutil.rmtree",
    "tempfile.mkstemp", "tempfile.mkdtemp",
})  # fmt: skip
_FOLDERS = {
    "os.remove": (1,), "os.rmdir": (1,), "os.chmod": (2,), "os.mkdir": (2,), "os.rename": (2, 3), "os.link": (2, 3),
}  # fmt: skip
"""Where the arguments of an event say from which open folder its paths count."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_LOCAL = ("127.0.0.1", "::1", "localhost")
_OWN = tuple(
    sorted(
        {
            str(Path(__file__).resolve().parents[2]),
            *(
                os.path.realpath(sysconfig.get_path(key))
                for key in ("stdlib", "platstdlib", "purelib", "platlib")
            ),
        }
    )
)
"""Whose code may run: the standard library's, what is installed, and this project's."""


class _Watch:
    """What is allowed, and what was seen against it."""

    def __init__(self, writable: tuple[Path, ...], *, may_connect: bool) -> None:
        self.seen: list[str] = []
        self._writable = tuple(os.path.realpath(folder) for folder in writable)
        self._may_connect = may_connect

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._see_open(*arguments)
        elif event in _TOUCHES:
            for path in _paths(event, arguments):
                if isinstance(path, str | bytes | os.PathLike) and not self._is_ours(path):
                    self.seen.append(f"{event} {os.fsdecode(path)!r}")
        elif event in _STARTS and (event, arguments) != _OF_CTYPES:
            self.seen.append(f"{event} {arguments!r:.200}")
        elif event == "socket.connect":
            address = arguments[1]
            if not (self._may_connect and isinstance(address, tuple) and address[0] in _LOCAL):
                self.seen.append(f"{event} {address!r}")
        elif event == "exec" and isinstance(arguments[0], CodeType):
            self._see_code(arguments[0])

    def _see_open(self, path: object, mode: object, flags: object) -> None:
        writes = isinstance(flags, int) and bool(flags & _WRITES)
        writes = writes or (isinstance(mode, str) and not set(mode).isdisjoint("wax+"))
        if writes and isinstance(path, str | bytes | os.PathLike) and not self._is_ours(path):
            self.seen.append(f"open {os.fsdecode(path)!r} to write")

    def _see_code(self, code: CodeType) -> None:
        name = code.co_filename
        if name.startswith(("<frozen ", *_OWN)) or (name.startswith("<") and _is_importing()):
            return
        self.seen.append(f"code of {name!r} is executed")

    def _is_ours(self, path: "str | bytes | os.PathLike[str]") -> bool:
        text = os.fsdecode(path)
        if text == os.devnull or "__pycache__" in text:
            return True
        real = os.path.realpath(text)
        return any(real == folder or real.startswith(f"{folder}{os.sep}") for folder in self._writable)


def _paths(event: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the paths of an event; whole folders are removed by names that count from an open folder."""
    places = _FOLDERS.get(event, ())
    return (
        *(_below(arguments[place], path) for path, place in zip(arguments, places, strict=False)),
        *arguments[len(places) : 2],
    )


def _below(folder: object, path: object) -> object:
    if not (isinstance(folder, int) and folder >= 0 and isinstance(path, str | bytes)):
        return path
    return Path(f"/proc/self/fd/{folder}").readlink() / os.fsdecode(path)


class _Hook:
    """The one hook of this process."""

    def __init__(self) -> None:
        self.is_installed = False
        self.watch: _Watch | None = None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        watch = self.watch
        if watch is not None:
            watch.see(event, arguments)


_HOOK = _Hook()


@contextmanager
def watching(*writable: Path, may_connect: bool = False) -> Iterator[list[str]]:
    """Yield a list that grows by a line for each forbidden act while the context lasts.

    Forbidden are: changes of files outside the folders `writable`, the start of another program, connections
    (but to this machine with `may_connect`), and the execution of code that is neither installed nor ours.
    """
    if not _HOOK.is_installed:
        sys.addaudithook(_HOOK)
        _HOOK.is_installed = True
    watch = _Watch(writable, may_connect=may_connect)
    _HOOK.watch = watch
    try:
        yield watch.seen
    finally:
        _HOOK.watch = None


def foreign_modules(before: frozenset[str]) -> list[str]:
    """Return the modules imported since `before` whose file is neither installed nor ours."""
    found = []
    for name in sorted(sys.modules.keys() - before):
        file = getattr(sys.modules[name], "__file__", None)
        if file and not os.path.realpath(file).startswith(_OWN):
            found.append(f"{name} from {file}")
    return found


def _is_importing() -> bool:
    """Tell whether an import is under way: classes of data compile their methods when they are made."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None
