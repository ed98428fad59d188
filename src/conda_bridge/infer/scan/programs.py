"""Words of build files -> programs of the build machine, `*-config` tools, variables that lead to a library."""

import re

__all__ = [
    "CONFIG_TOOL",
    "config_tool_of",
    "is_library_variable",
    "language_of_program",
    "program_of",
    "tool_of",
]

_TOOLS = {
    "cmake": ("cmake", "cmake3", "ctest", "cpack"),
    "ninja": ("ninja", "ninja-build", "samu"),
    "meson": ("meson",),
    "make": ("make", "gmake"),
    "pkg-config": ("pkg-config", "pkgconf"),
    "swig": ("swig", "swig2.0", "swig3.0", "swig4.0"),
    "autoconf": ("autoconf", "autoreconf", "autoheader"),
    "automake": ("automake", "aclocal"),
    "libtool": ("libtool", "libtoolize", "glibtoolize"),
    "flex": ("flex", "lex"),
    "bison": ("bison", "yacc"),
    "m4": ("m4",),
    "nasm": ("nasm",),
    "yasm": ("yasm",),
    "perl": ("perl",),
    "gperf": ("gperf",),
    "git": ("git",),
    "patch": ("patch",),
    "nodejs": ("node", "nodejs", "npm", "npx"),
    "pnpm": ("pnpm",),
    "yarn": ("yarn", "jlpm", "yarnpkg"),
    "wasm-bindgen-cli": ("wasm-bindgen",),
    "wasm-pack": ("wasm-pack",),
    "libprotobuf": ("protoc",),
    "grpc-cpp": ("grpc_cpp_plugin",),
    "flatbuffers": ("flatc",),
    "capnproto": ("capnp",),
    "thrift-compiler": ("thrift",),
    "gettext": ("msgfmt", "msgmerge", "xgettext"),
    "scons": ("scons",),
    "bazel": ("bazel", "bazelisk"),
    "ragel": ("ragel",),
    "re2c": ("re2c",),
    "help2man": ("help2man",),
    "doxygen": ("doxygen",),
    "openjdk": ("javac", "java", "jar"),
    "maven": ("mvn",),
    "gradle": ("gradle",),
    "cbindgen": ("cbindgen",),
    "bindgen": ("bindgen",),
    "qt-main": ("qmake", "qmake6"),
    "zig": ("zig",),
    "sip": ("sip", "sip-build"),
}
_BY_PROGRAM = {program: tool for tool, programs in _TOOLS.items() for program in programs}
_LANGUAGES = {"cargo": "rust", "rustc": "rust", "go": "go", "gfortran": "fortran", "f77": "fortran", "f95": "fortran"}  # fmt: skip
CONFIG_TOOL = re.compile(r"[A-Za-z][\w+]*(?:-\w+)*-config(?:-?\d[\d.]*)?|(?:pg|mysql|mariadb)_config")
"""A program that says how to build against its library."""
_WEAK_CONFIG_TOOL = re.compile(r"[A-Za-z]\w*_config")
# They tell of Python, of the build itself, or of every library.
_NO_CONFIG_TOOL = re.compile(
    r"(?:pkg|python|pypy|cross|auto|build|site|app|test|run|git|node|ct-ng|cmake|meson|setup|cython|numpy|pybind11"
    r"|nanobind|user|print|show|dump|gen|with|without|use|default|load|get|set|read|write|parse|create|tf|torch|no|the|base|dev|lint|pre-commit|release)"
    r"[\d.]*[-_]config.*|(?:with(?:out)?|use|enable|disable)-.*"
)
_LIBRARY_VARIABLE = re.compile(
    r"(?P<library>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*?)_?(?:ROOT_?DIR|BASE_?DIR|DIR|ROOT|PREFIX|HOME|PATH"
    r"|INC(?:LUDES?)?(?:_?(?:DIRS?|PATH))?|LIB(?:RARY|RARIES|S)?(?:_?(?:DIRS?|PATH|NAMES?))?"
    r"|C(?:XX|PP)?FLAGS|LDFLAGS|LIBDIR|INCDIR|CONFIG)"
)
_NO_LIBRARY = frozenset({
    "", "ANDROID", "APPDATA", "ARCH", "BASE", "BIN", "BUILD", "C", "CARGO", "CCACHE", "CI", "CL", "CMAKE", "CONDA",
    "CPLUS", "CPP", "CROSS", "CXX", "DATA", "DEPS", "DEVKIT", "DIST", "DISTUTILS", "DLL", "DOC", "DOCS", "DYLD", "EXE",
    "EXT", "EXTRA", "F", "FC", "GITHUB", "GO", "HOST", "I", "INSTALL", "ISYSTEM", "LD", "LOCAL", "LOCALAPPDATA", "LIBRARY", "LINK", "MACOSX",
    "MAKE", "MANIFEST", "MINGW", "MODULE", "MSVC", "MSYS", "NPY", "O", "OLD", "OUT", "OUTPUT", "PACKAGE", "PKG",
    "PKG_CONFIG", "PKG_CONFIG_SYSROOT", "PKGCONFIG", "PROGRAMFILES", "PROJECT", "PY", "PYPY", "PYTHON", "PYTHON3",
    "READTHEDOCS", "RECIPE", "REPO", "ROOT", "RUSTUP", "SDK", "SETUPTOOLS", "SITE", "SOURCE", "SP", "SRC", "SYS",
    "SYSTEM", "SYSTEMROOT", "SYSROOT", "TARGET", "TEMP", "TEST", "TESTS", "TMP", "TOP", "TOX", "USER", "USERPROFILE",
    "USR", "VC", "VCINSTALL", "VCPKG_INSTALLATION", "VIRTUAL", "VIRTUALENV", "VS", "VSINSTALL", "WHEEL", "WINDOWSSDK",
    "WORK", "WORKSPACE", "XDG_CACHE", "XDG_CONFIG", "XDG_DATA",
})  # fmt: skip
_NO_FIRST = frozenset({
    "CARGO", "CI", "CIBW", "CMAKE", "CONDA", "DISABLE", "DYLD", "ENABLE", "GITHUB", "LD", "MACOSX", "NO", "PKG",
    "PYTHON", "SETUPTOOLS", "TOX", "USE", "WITH", "XDG",
})  # fmt: skip
_NO_LAST = frozenset({
    "BUILD", "CACHE", "COMPILE", "DEBUG", "EXTRA", "INSTALL", "LINK", "OPT", "OUTPUT", "PLUGIN",
    "PLUGINS", "RUNTIME", "SOURCE", "SRC", "TEST", "TESTS", "TMP", "USE",
})  # fmt: skip


def program_of(command: str) -> str:
    """Return the bare name of a program as a command line spells it.

    >>> program_of("/usr/bin/CMake.exe"), program_of("")
    ('cmake', '')
    """
    name = command.strip().replace("\\", "/").rpartition("/")[2].lower()
    return name.removesuffix(".exe").removesuffix(".cmd").removesuffix(".bat")


def tool_of(command: str) -> str | None:
    """Return the conda name of a known program of the build machine.

    >>> tool_of("ninja-build"), tool_of("ls")
    ('ninja', None)
    """
    return _BY_PROGRAM.get(program_of(command))


def language_of_program(command: str) -> str | None:
    """Return the language whose compiler a program is.

    >>> language_of_program("cargo")
    'rust'
    """
    return _LANGUAGES.get(program_of(command))


def config_tool_of(command: str, *, is_program: bool = False) -> str | None:
    """Return the name of a `*-config` tool; `*_config` is one only where it is surely run as a program.

    >>> config_tool_of("/usr/bin/xml2-config"), config_tool_of("python3-config"), config_tool_of("load_config")
    ('xml2-config', None, None)
    """
    name = program_of(command)
    if _NO_CONFIG_TOOL.fullmatch(name):
        return None
    if CONFIG_TOOL.fullmatch(name) or (is_program and _WEAK_CONFIG_TOOL.fullmatch(name)):
        return name
    if is_program and name in {"mpicc", "mpicxx", "mpic++", "mpif90", "mpifort"}:
        return name
    return None


def is_library_variable(name: str) -> bool:
    """Tell whether a variable leads to a library by its name: `OPENSSL_DIR`, not `BUILD_DIR`.

    >>> is_library_variable("OPENSSL_DIR"), is_library_variable("BUILD_DIR"), is_library_variable("PATH")
    (True, False, False)
    """
    match = _LIBRARY_VARIABLE.fullmatch(name)
    is_joined = "_" not in name and not name.endswith(("DIR", "ROOT", "PREFIX", "HOME", "PATH"))
    if match is None or is_joined or match["library"] in _NO_LIBRARY:
        return False
    words = match["library"].split("_")
    return words[0] not in _NO_FIRST and words[-1] not in _NO_LAST
