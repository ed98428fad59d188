"""What the variables of environment markers say on each of conda's platforms.

Source: the PyPA specification of dependency specifiers; `os.name`, `sys.platform`, `platform.machine()` and
`platform.system()` of CPython; the subdirs that conda knows.
"""

__all__ = ["CPYTHON", "MACHINES", "SYSTEMS"]

SYSTEMS: dict[str, dict[str, str]] = {
    "os_name": {"linux": "posix", "osx": "posix", "win": "nt"},
    "platform_system": {"linux": "Linux", "osx": "Darwin", "win": "Windows"},
    "sys_platform": {"linux": "linux", "osx": "darwin", "win": "win32"},
}
"""Variable -> system -> value."""

MACHINES: dict[tuple[str, str], str] = {
    ("linux", "x86_64"): "x86_64",
    ("linux", "x86"): "i686",
    ("linux", "aarch64"): "aarch64",
    ("linux", "armv6l"): "armv6l",
    ("linux", "armv7l"): "armv7l",
    ("linux", "loongarch64"): "loongarch64",
    ("linux", "ppc64"): "ppc64",
    ("linux", "ppc64le"): "ppc64le",
    ("linux", "riscv64"): "riscv64",
    ("linux", "s390x"): "s390x",
    ("osx", "x86_64"): "x86_64",
    ("osx", "arm64"): "arm64",
    ("win", "x86_64"): "AMD64",
    ("win", "x86"): "x86",
    ("win", "arm64"): "ARM64",
}
"""(system, conda's architecture) -> `platform_machine`."""

CPYTHON: dict[str, str] = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
"""Variable -> value. conda-forge builds for CPython only, and so does every recipe that we write."""
