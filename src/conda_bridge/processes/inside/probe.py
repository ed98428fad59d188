"""Tries what a sandbox must make impossible, and writes what succeeded as a JSON list.

The questions on standard input are JSON: `secrets` are files that nobody here may read; `closed` are folders that nobody here may write to;
`port` is where a server of the machine outside listens; `variable` is set outside; `calls` are the numbers of system calls that
must be refused; `limits` are those in force.
"""

import ctypes
import errno
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

__all__: list[str] = []


def _can_read(paths: list[str]) -> str:
    for path in paths:
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError:
            continue
        return f"it can read {path}"
    return ""


def _can_write(folders: list[str]) -> str:
    for folder in folders:
        try:
            os.close(os.open(f"{folder}/conda-bridge-probe", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        return f"it can write to {folder}"
    return ""


def _can_connect(port: int) -> str:
    interfaces = [name for _, name in socket.if_nameindex() if name != "lo"]
    if interfaces:
        return f"it has the network interface {interfaces[0]}"
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return ""
    return "it can reach servers of this machine"


def _sees(variable: str) -> str:
    return "it sees the environment" if variable in os.environ else ""


def _sees_processes() -> str:
    others = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return "it sees other processes" if len(others) > 4 else ""


def _has_rights() -> str:
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
        status = dict(line.split(":", 1) for line in file)
    if os.getuid() == 0:
        return "it is root"
    if int(status["CapEff"], 16) or int(status["CapPrm"], 16):
        return "it has capabilities"
    return "" if int(status["NoNewPrivs"]) else "it can gain privileges"


def _can_call(numbers: dict[str, int]) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    wrong = [ctypes.c_long(-1)] * 6
    for name, number in numbers.items():
        done = libc.syscall(ctypes.c_long(number), *wrong)
        if done >= 0 or ctypes.get_errno() not in {errno.EPERM, errno.ENOSYS}:
            return f"it can call {name}"
    return ""


def _can_talk() -> str:
    for family in range(64):
        if family not in {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
                try:
                    socket.socket(family, kind).close()
                except OSError:
                    continue
                return f"it can talk to the kernel or other machines by sockets of the family {family}"
    return ""


def _is_endless(limits: dict[str, int]) -> str:
    try:
        bytearray(limits["memory_bytes"])
    except MemoryError:
        return _can_fill(limits) or _can_fork(limits["processes"])
    return "memory has no limit"


def _can_fill(limits: dict[str, int]) -> str:
    home = os.environ["HOME"]
    piece = bytes(1 << 20)
    for name, bound in (("file", limits["file_bytes"]), ("folder", limits["scratch_bytes"])):
        written = 0
        try:
            for number in range(bound // len(piece) + 2):
                # One large file, then many small ones.
                path = f"{home}/large" if name == "file" else f"{home}/{number}"
                with open(path, "ab", buffering=0) as file:  # noqa: PTH123
                    written += file.write(piece)
        except OSError:
            continue
        if written > bound:
            return f"a {name} has no limit"
    return ""


def _can_fork(limit: int) -> str:
    children = []
    try:
        for _ in range(limit + 4):
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError:
        return ""
    finally:
        for child in children:
            os.kill(child, 9)
    return "the number of processes has no limit"


def main(questions: dict[str, Any]) -> None:
    """Answer all questions."""
    attempts: list[Callable[[], str]] = [
        lambda: _can_read(questions["secrets"]),
        lambda: _can_write(questions["closed"]),
        lambda: _can_connect(questions["port"]),
        lambda: _sees(questions["variable"]),
        _sees_processes,
        _has_rights,
        lambda: _can_call(questions["calls"]),
        _can_talk,
        lambda: _is_endless(questions["limits"]),
    ]
    print(json.dumps([found for attempt in attempts if (found := attempt())]))  # noqa: T201


if __name__ == "__main__":
    main(json.load(sys.stdin))
