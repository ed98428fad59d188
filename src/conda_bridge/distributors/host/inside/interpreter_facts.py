"""Says of the interpreter that runs it what is needed to make it a package: one JSON document on standard output.

Written for any Python 3, so that one that is too old can be told from one that is broken.
"""

import importlib.util
import json
import os
import struct
import sys
import sysconfig

__all__ = []

_NEEDED = ("ctypes", "email", "unittest", "zlib")
"""What no build does without: some have them in a package of their own, or were built where a library was missing."""
_VARIABLES = ("INSTSONAME", "LIBDIR", "LIBPL", "MULTIARCH", "SOABI", "Py_GIL_DISABLED")


def _glibc() -> str:
    """Return the version of glibc; empty for another library."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (AttributeError, OSError, ValueError):
        return ""
    return version if name == "glibc" else ""


def _configured_prefix() -> str:
    """Return the prefix that it was configured with: some are moved after they were built."""
    try:
        name = sysconfig._get_sysconfigdata_name()  # type: ignore[attr-defined] # noqa: SLF001 - the only place
        return str(__import__(name).build_time_vars.get("prefix", ""))
    except (AttributeError, ImportError):
        return ""


def _facts() -> object:
    level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(sys.version_info[3], "")
    variables = sysconfig.get_config_vars()
    return {
        "implementation": sys.implementation.name,
        "numbers": list(sys.version_info[:3]),
        "suffix": "%s%d" % (level, sys.version_info[4]) if level else "",  # noqa: UP031 - of any Python 3
        "abiflags": getattr(sys, "abiflags", ""),
        "platform": sysconfig.get_platform(),
        "bits": struct.calcsize("P") * 8,
        "prefix": sys.base_prefix,
        "executable": getattr(sys, "_base_executable", "") or sys.executable,
        "configured_prefix": _configured_prefix(),
        "library_folder": getattr(sys, "platlibdir", "lib"),
        "stdlib": sysconfig.get_path("stdlib", "posix_prefix"),
        "include": sysconfig.get_path("include", "posix_prefix"),
        "schemes": list(sysconfig.get_scheme_names()),
        "glibc": _glibc(),
        "missing": [name for name in _NEEDED if importlib.util.find_spec(name) is None],
        "variables": {name: str(variables.get(name) or "") for name in _VARIABLES},
    }


json.dump(_facts(), sys.stdout)
