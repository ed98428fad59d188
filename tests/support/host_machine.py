"""Machines of a few files: an interpreter that is a shell script, compilers that say what they are."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from conda_bridge.distributors.host.facts import Compiler, HostFacts, Interpreter
from support.elf import elf_bytes

__all__ = ["GCC", "GXX", "facts_of", "fake_python", "put", "tiny_interpreter", "tool"]

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
VERSION = f"{MINOR}.7"
GCC = Compiler(language="c", kind="gcc", version="12.2.0", path="/opt/gnu/bin/gcc")
GXX = Compiler(language="cxx", kind="gcc", version="12.2.0", path="/opt/gnu/bin/g++")
_SYSCONFIG = b"""\
_INSTALL_SCHEMES = {"posix_prefix": "site-packages", "posix_local": "dist-packages", "deb_system": ""}


def _get_preferred_schemes():
    return {"prefix": "posix_local"}


def get_preferred_scheme(key):
    return _get_preferred_schemes()[key]


def get_path(scheme=get_preferred_scheme("prefix")):
    return _INSTALL_SCHEMES[scheme]
"""


def put(path: Path, content: bytes | str = b"", *, mode: int = 0o644) -> Path:
    """Write a file with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def tool(folder: Path, name: str, script: str) -> Path:
    """Write a program into a folder."""
    return put(folder / name, f"#!/bin/sh\n{script}\n", mode=0o755)


def fake_python(prefix: Path, *, minor: str = MINOR, **said: Any) -> Path:
    """Write an interpreter that says these things of itself, and compiles with the one that runs the tests."""
    put(prefix / f"lib/python{minor}/os.py")
    put(prefix / f"include/python{minor}/Python.h")
    variables = {
        "INSTSONAME": f"libpython{minor}.so.1.0",
        "LIBDIR": str(prefix / "lib"),
        "LIBPL": "",
        "MULTIARCH": "x86_64-linux-gnu",
        "SOABI": "",
        "Py_GIL_DISABLED": "",
        **said.pop("variables", {}),
    }
    facts = {
        "implementation": "cpython",
        "numbers": [*map(int, minor.split(".")), 7],
        "suffix": "",
        "abiflags": "",
        "platform": "linux-x86_64",
        "bits": 64,
        "prefix": str(prefix),
        "executable": str(prefix / f"bin/python{minor}"),
        "configured_prefix": str(prefix),
        "library_folder": "lib",
        "stdlib": str(prefix / f"lib/python{minor}"),
        "include": str(prefix / f"include/python{minor}"),
        "schemes": ["posix_prefix", "posix_user"],
        "glibc": "2.36",
        "missing": [],
        "variables": variables,
        **said,
    }
    put(prefix / "facts.json", json.dumps(facts))
    script = (
        f'case "$*" in *interpreter_facts.py) cat {prefix}/facts.json;; *) exec {sys.executable} "$@";; esac'
    )
    return tool(prefix / "bin", f"python{minor}", script)


def tiny_interpreter(prefix: Path) -> Interpreter:
    """Write an interpreter in upstream's layout with one file of each kind, and describe it."""
    library = f"lib/python{MINOR}"
    executable = fake_python(prefix)
    put(prefix / f"bin/python{MINOR}-config", f"#!/bin/sh\nprefix={prefix}\n", mode=0o755)
    search = ((29, f"{prefix}/lib"),)
    put(prefix / f"lib/libpython{MINOR}.so.1.0", elf_bytes(["libown.so.1"], paths=search), mode=0o755)
    (prefix / f"lib/libpython{MINOR}.so").symlink_to(f"libpython{MINOR}.so.1.0")
    put(prefix / "lib/libown.so.1", elf_bytes(["libc.so.6"]), mode=0o755)
    put(prefix / "lib/libother.so.1", elf_bytes(), mode=0o755)
    put(prefix / f"lib/pkgconfig/python-{MINOR}.pc", f"prefix={prefix}\n")
    put(prefix / f"{library}/lib-dynload/_x.so", elf_bytes(["libc.so.6"], paths=search), mode=0o755)
    put(prefix / f"{library}/_sysconfigdata__linux_.py", f"build_time_vars = {{'prefix': '{prefix}'}}\n")
    put(prefix / f"{library}/sysconfig.py", _SYSCONFIG)
    put(prefix / f"{library}/json/__init__.py", "NAMES = {'b', 'a'}\n")
    put(prefix / f"{library}/broken.py", "def\n")
    put(prefix / f"{library}/config-{MINOR}/Makefile", f"prefix=\t{prefix}\n")
    for name in (
        "test/test_x.py", "json/tests/t.py", "idlelib/x.py", "ensurepip/x.py", "site-packages/other/x.py",
        "__pycache__/os.pyc", "config/libpython.a", "sitecustomize.py", "EXTERNALLY-MANAGED",
    ):  # fmt: skip
        put(prefix / library / name, "x = 1\n")
    return Interpreter(
        executable=str(executable),
        version=VERSION,
        prefix=str(prefix),
        old_prefixes=(str(prefix),),
        layout="upstream",
        stdlib=str(prefix / library),
        include=str(prefix / f"include/python{MINOR}"),
        library_dir=str(prefix / "lib"),
        has_headers=True,
    )


def facts_of(interpreter: Interpreter | None = None, **changes: Any) -> HostFacts:
    """Return the facts of a machine with that interpreter, or with one that isn't there."""
    nowhere = Interpreter(
        executable="/nowhere/bin/python3.11",
        version="3.11.7",
        prefix="/nowhere",
        old_prefixes=("/nowhere",),
        layout="upstream",
        stdlib="/nowhere/lib/python3.11",
        include="/nowhere/include/python3.11",
        library_dir="/nowhere/lib",
        has_headers=True,
    )
    return replace(HostFacts(interpreter=interpreter or nowhere, glibc="2.36"), **changes)
