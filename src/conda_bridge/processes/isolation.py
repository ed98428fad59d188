"""A program of ours that runs builds -> the command that keeps it, and what it starts, from the rest of the machine.

    bubblewrap    no network, no other processes; of the files the system's own, the interpreter and the folders that the
                  caller names, to be read only, and the folders to write in. Nothing else is there: no home, no other
                  temporary files, no /run with its sockets. Where the kernel has Landlock, its rules see to the same once
                  more, and in the tree of folders to write in to what else lies there
    unshare       no network, no other processes; all files are there
    session       a process session of its own, nothing else

The first whose probe succeeds is taken. A build isn't a stranger's code as a `sandbox.Sandbox` runs it: it stays our
user, so that the files are ours, and may use up what it needs; whether a build is worth running is the caller's to judge.

Source: bwrap(1), unshare(1), setpriv(1).
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Literal

from conda_bridge.model.build import Isolation
from conda_bridge.processes.children import run_child
from conda_bridge.processes.landlock import Rules, landlock_version
from conda_bridge.processes.syscall_filter import call_filter
from conda_bridge.processes.system_places import (
    SYSTEM_FILES,
    ancestors,
    interpreter_folders,
    masked_files,
    system_places,
)

__all__ = [
    "Isolator",
    "Setup",
    "Shown",
    "call_filter_here",
    "find_isolator",
    "isolation_of",
    "present_isolators",
    "setup_of",
]

_PROBE_TIMEOUT_S = 20.0
# Names of users, hosts and servers, certificates and the like: nothing that is secret. Private keys are kept beside
# certificates, in the same outer folders.
_BUILD_FILES = (
    *SYSTEM_FILES, "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf", "/etc/localtime", "/etc/timezone",
    "/etc/os-release", "/etc/lsb-release", "/etc/debian_version", "/etc/mime.types", "/etc/protocols", "/etc/services",
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/certs",
    "/etc/pki/tls/cert.pem", "/etc/pki/tls/openssl.cnf", "/etc/pki/ca-trust", "/etc/ca-certificates", "/etc/crypto-policies", "/sys/devices/system/cpu", "/sys/fs/cgroup",
)  # fmt: skip
_NETWORK_FILES = ("/etc/resolv.conf", "/etc/gai.conf", "/etc/host.conf")
# Of root's rights the one to read and write what is shown: by sudo we may work in folders of the user behind it.
_KEPT_RIGHTS = ("CAP_DAC_OVERRIDE",)
_TEMPORARY = "/tmp"  # noqa: S108
_OWN_PACKAGES = ("conda_bridge", "rattler", "rattler_build")


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolator:
    """A way to keep a build apart on this machine."""

    kind: Literal["bubblewrap", "unshare", "session"]
    prefix: tuple[str, ...] = ()
    """The program and its first arguments, the same for every run."""
    has_rules: bool = False
    """True where files are hidden by rules, too, which the program must lay upon itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a run sees of the machine."""

    readable: tuple[str, ...] = ()
    """Files and folders; those that don't exist are left out."""
    writable: tuple[str, ...] = ()
    """Existing folders; they win over readable ones at the same place."""
    tree: str = ""
    """An existing folder that is shown as one place, so that files can be linked from one to the other of those writable
    folders that are in it. Without rules what else is in it is hidden as far as it is there when the run begins."""
    temporary: str = ""
    """An existing folder for files that nobody needs afterwards, shown as `/tmp` where that can be."""
    has_network: bool = False
    filter_number: int = -1
    """The number of an open file with the filter of system calls; negative: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a program is run apart."""

    command: tuple[str, ...]
    """What comes before the program."""
    temporary: str
    """Where the program finds `Shown.temporary`."""
    rules: Rules | None = None
    """What the program must lay upon itself, as `landlock` takes it; None: nothing."""


@cache
def find_isolator() -> Isolator:
    """Return the best way of this machine that works; probed once in a process.

    Cost: a hundredth of a second a way that is tried.
    """
    return next(isolator for isolator in present_isolators() if _works(isolator))


def present_isolators() -> Iterator[Isolator]:
    """Yield the ways whose programs are installed, the best first; none is tried."""
    if sys.platform == "linux":
        if program := shutil.which("bwrap"):
            yield Isolator(kind="bubblewrap", prefix=(program,), has_rules=landlock_version() > 0)
        if program := shutil.which("unshare"):
            yield from _unsharing(program)
    yield Isolator(kind="session")


def isolation_of(isolator: Isolator, *, has_network: bool) -> Isolation:
    """Return what a run is kept from, for people."""
    return Isolation(
        kind=isolator.kind,
        has_network=has_network or isolator.kind == "session",
        are_files_hidden=isolator.kind == "bubblewrap",
        can_leave_orphans=isolator.kind == "session",
        are_other_builds_hidden=isolator.kind == "bubblewrap" and isolator.has_rules,
    )


def setup_of(isolator: Isolator, shown: Shown) -> Setup:
    """Return how a program is run apart."""
    if isolator.kind == "session":
        return Setup(command=(), temporary=shown.temporary)
    if isolator.kind == "unshare":
        network = () if shown.has_network else ("--net",)
        return Setup(command=(*isolator.prefix, *network, "--"), temporary=shown.temporary)
    return Setup(
        command=(
            *isolator.prefix,
            *_bubblewrap(shown),
            *_bubblewrap_files(shown),
            *([] if isolator.has_rules else _masks(shown)),
            *("--remount-ro", "/", "--"),
        ),
        temporary=_TEMPORARY,
        rules=_rules(shown) if isolator.has_rules else None,
    )


def call_filter_here() -> bytes:
    """Return this machine's filter of system calls; empty where the numbers of its calls aren't known."""
    calls = call_filter(platform.machine()) if sys.platform == "linux" else None
    return calls.program if calls else b""


def _works(isolator: Isolator) -> bool:
    if isolator.kind == "session":
        return True
    command = [*setup_of(isolator, Shown()).command, "/bin/sh", "-c", ":"]
    try:
        ended = run_child(command, folder="/", environment={"PATH": os.defpath}, timeout_s=_PROBE_TIMEOUT_S)
    except OSError:
        return False
    return ended.exit_status == 0


def _unsharing(program: str) -> Iterator[Isolator]:
    setpriv = shutil.which("setpriv")
    if not setpriv:
        return
    # Root of a container may be nobody special outside: then only a user namespace works. There the number stays, too,
    # where `unshare` is new enough; our own files are ours inside and outside in any case.
    ways = ([], ["--map-root-user"]) if os.geteuid() == 0 else (["--map-current-user"], ["--map-root-user"])
    for way in ways:
        # A container may forbid a /proc of its own.
        for mounts in (["--mount-proc"], []):
            yield Isolator(
                kind="unshare",
                prefix=(
                    *(setpriv, "--pdeathsig", "KILL", program, *way),
                    *("--pid", "--ipc", "--fork", "--kill-child", *mounts),
                ),
            )


# ---------------------------------------------------------------- bubblewrap


def _bubblewrap(shown: Shown) -> list[str]:
    spaces = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent"]
    rights = ["--cap-drop", "ALL"]
    if os.geteuid() == 0:
        rights += [part for right in _KEPT_RIGHTS for part in ("--cap-add", right)]
    return [
        *spaces,
        *([] if shown.has_network else ["--unshare-net"]),
        *rights,
        *(["--seccomp", str(shown.filter_number)] if shown.filter_number >= 0 else []),
        *("--chdir", "/"),
    ]


def _bubblewrap_files(shown: Shown) -> list[str]:
    files = ["--proc", "/proc", "--dev", "/dev"]
    for path in masked_files():
        files += ["--ro-bind", os.devnull, path]
    files += ["--bind", shown.temporary, _TEMPORARY] if shown.temporary else ["--tmpfs", _TEMPORARY]
    for path, target in system_places():
        files += ["--symlink", target, path] if target else ["--ro-bind", path, path]
    for path in (*_BUILD_FILES, *(_NETWORK_FILES if shown.has_network else ())):
        files += ["--ro-bind-try", path, path]
    folders = dict.fromkeys(
        (*interpreter_folders(), *_own_folders(), *_with_real(shown.readable)), "--ro-bind-try"
    )
    folders |= dict.fromkeys(_mounted(shown), "--bind")
    for folder in ancestors(folders):
        files += ["--perms", "0755", "--dir", folder]
    # Outer folders first, or they would cover the inner ones.
    for folder, how in sorted(folders.items()):
        files += [how, folder, folder]
    return files


def _masks(shown: Shown) -> Iterator[str]:
    """Yield what hides the rest of the tree as it is now, where no rules do: the folders of other builds."""
    inside = [path for path in (*shown.writable, *shown.readable) if shown.tree and _is_in(path, shown.tree)]
    pending = [shown.tree] if shown.tree and shown.tree not in inside else []
    while pending:
        for entry in _folders_in(pending.pop()):
            if any(_is_in(path, entry) for path in inside):
                pending += [] if entry in inside else [entry]
            else:
                yield from ("--perms", "0555", "--tmpfs", entry, "--remount-ro", entry)


def _folders_in(folder: str) -> list[str]:
    with suppress(OSError), os.scandir(folder) as found:
        return sorted(entry.path for entry in found if entry.is_dir(follow_symlinks=False))
    return []


def _mounted(shown: Shown) -> list[str]:
    """Return the folders that are mounted to be written in: of those in the tree only the tree.

    A mount is a world of its own: between two of them files can be copied, but not linked. Where a readable folder
    covers a part of the tree, what is to be written in it is mounted again.
    """
    if not shown.tree:
        return [*shown.writable]
    covering = [path for path in shown.readable if _is_in(path, shown.tree) and path != shown.tree]
    apart = [
        path
        for path in shown.writable
        if not _is_in(path, shown.tree) or any(_is_in(path, cover) for cover in covering)
    ]
    return [shown.tree, *apart]


def _rules(shown: Shown) -> Rules:
    system = [path for path, target in system_places() if not target]
    files = [*_BUILD_FILES, *(_NETWORK_FILES if shown.has_network else ())]
    return {
        "readable": [*system, *files, *interpreter_folders(), *_own_folders(), *_with_real(shown.readable)],
        "writable": ["/dev", "/proc", _TEMPORARY, *shown.writable],
    }


def _with_real(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return paths and what they are where they lead through links, which aren't there inside."""
    return tuple(dict.fromkeys((*paths, *map(os.path.realpath, paths))))


def _is_in(path: str, place: str) -> bool:
    return PurePosixPath(path).is_relative_to(place)


@cache
def _own_folders() -> tuple[str, ...]:
    """Return where our own code and the engines' are imported from, and our virtual environment."""
    found = [sys.prefix] if sys.prefix != sys.base_prefix else []
    for name in _OWN_PACKAGES:
        spec = find_spec(name)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            folder = PurePosixPath(place).parent
            if not any(folder.is_relative_to(path) for path in found):
                found.append(str(folder))
    places = [path for path, target in system_places() if not target]
    return tuple(
        folder
        for folder in dict.fromkeys((*found, *map(os.path.realpath, found)))
        if Path(folder).is_dir() and not any(PurePosixPath(folder).is_relative_to(path) for path in places)
    )
