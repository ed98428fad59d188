"""What shows, before a .py file is taken apart, that a scanner may find something in it.

Most modules of a source say nothing to any scanner; what tells so is all that is loaded for them.
"""

import re

__all__ = [
    "BACKEND_MENTIONS",
    "BUILD_MENTIONS",
    "CFFI_MENTIONS",
    "COMMAND_MENTIONS",
    "OPENING_MENTIONS",
    "is_build_script",
    "is_command_module",
    "is_package_module",
]

BACKEND_MENTIONS = (b"get_requires_for_build_wheel", b"def build_wheel")
"""One of them is in every module that defines the hooks of a build backend."""
CFFI_MENTIONS = (b"set_source", b".verify(", b"create_extension")
"""One of them is in every module that has a source compiled; others have nothing to find."""
BUILD_MENTIONS = (
    b"Extension",
    b"libraries",
    b"ext_modules",
    b"cythonize",
    b"mypycify",
    b"set_source",
    b"subprocess",
    b"environ",
)
"""One of them is in every build script that builds native code."""
OPENING_MENTIONS = (b"find_library", b"CDLL", b"LoadLibrary", b"dlopen", b"WinDLL", b"subprocess", b"os.popen", b"os.system", b"which(", b"findlibs", b"DLL(", b"load_lib", b"_library(")  # fmt: skip
"""One of them is in every file that this scanner finds anything in."""

COMMAND_MENTIONS = (b"sys.argv",)
"""It is in every module that reads its arguments by itself."""

_BUILD_SCRIPT = re.compile(
    r"(?:(?:tools|build_tools|buildtools|build-tools|_custom_build|_build|src|python)/)?"
    r"(?:_?setup\w*|hatch_build|pdm_build|_?build|\w+_build|build_\w+|_custom_build|\w*buildutils?|\w*setup_?utils?|cython_\w+)\.py"
)
_CFFI_SCRIPT = re.compile(
    r"(?:[^/]+/){0,4}_?(?:\w+_)?(?:ffi_?build|build_?\w*ffi|cffi_\w+|build_\w+|\w*_build)\.py"
)
_COMMAND_MODULE = re.compile(
    r"(?:.*/)?_*(?:main|cli|cmd|cmdline|command|commandline|command_line|commands|console|entry_?points?|run)_*\.py"
)
_ASIDE = re.compile(
    r"(?:^|/)(?:tools?|scripts?|ci|\.[^/]+|build[-_]?\w*|packaging|dev|maint(?:ainer)?|misc|contrib|utils|bin|conda|recipes?|docker)/"
    r"|(?:^|/)(?:setup\w*|conftest|noxfile|tasks|versioneer|fabfile|dodo|hatch_build|build|_\w*build|\w+_build|test_\w+|\w+_test)\.py$",
    re.IGNORECASE,
)


def is_build_script(path: str) -> bool:
    """Tell whether a module other than setup.py belongs to the build, by its name: `hatch_build.py`, `build_ffi.py`.

    >>> is_build_script("tools/build_ext.py"), is_build_script("src/demo/_ffi_build.py"), is_build_script("demo/core.py")
    (True, True, False)
    """
    return path != "setup.py" and bool(_BUILD_SCRIPT.fullmatch(path) or _CFFI_SCRIPT.fullmatch(path))


def is_package_module(path: str) -> bool:
    """Tell whether a .py file may be part of the package: neither a build file nor a script of the repository.

    >>> is_package_module("src/demo/core.py"), is_package_module("setup.py"), is_package_module("tools/x.py")
    (True, False, False)
    """
    return _ASIDE.search(path) is None


def is_command_module(path: str) -> bool:
    """Tell whether a .py file may have a command's function, by its name.

    >>> is_command_module("src/demo/__main__.py"), is_command_module("demo/cli.py"), is_command_module("demo/core.py")
    (True, True, False)
    """
    return bool(_COMMAND_MODULE.fullmatch(path)) and is_package_module(path)
