"""CMakeLists.txt and *.cmake -> signals: languages, packages, libraries, programs, switches, downloads.

Source: CMake manual, cmake-commands(7), FindPkgConfig, FetchContent; pybind11 and nanobind's own commands.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from conda_bridge.infer.scan.aside import is_vendored
from conda_bridge.infer.scan.cmake_settings import keep_folder, keep_option, keep_setting
from conda_bridge.infer.scan.cmake_text import CMakeFile, Command, read_cmake
from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.platforms import Where
from conda_bridge.infer.scan.programs import config_tool_of, program_of, tool_of
from conda_bridge.infer.scan.switches import switch_of
from conda_bridge.model.source import Signal

__all__ = ["scan_cmake"]

_KEYWORDS = frozenset(
    {"VERSION", "DESCRIPTION", "HOMEPAGE_URL", "LANGUAGES", "COMPAT_VERSION", "SPDX_LICENSE"}
)
_LANGUAGES = {
    "C": "c", "CXX": "cxx", "FORTRAN": "fortran", "CUDA": "cuda", "OBJC": "objc", "OBJCXX": "objc", "SWIFT": "",
}  # fmt: skip
# What a package of this name is, where it is no library.
_TOOL_PACKAGES = {
    "git": "git", "swig": "swig", "bison": "bison", "flex": "flex", "pkgconfig": "pkg-config", "perl": "perl",
    "perllibs": "perl", "java": "openjdk", "gperf": "gperf", "m4": "m4", "nasm": "nasm",
}  # fmt: skip
_LANGUAGE_PACKAGES = {
    "cython": "cython", "pybind11": "cxx", "nanobind": "cxx", "corrosion": "rust", "rust": "rust", "usecython": "cython",
}  # fmt: skip
_PYTHON = frozenset({"python", "python2", "python3", "pythoninterp", "pythonlibs", "pythonlibsnew", "pythonextensions"})  # fmt: skip
_NO_PACKAGES = _PYTHON | {"threads", "doxygen", "sphinx", "unwind", "packagehandlestandardargs", "skbuild"}
_FIND_PACKAGE_KEYWORDS = frozenset({"CONFIG", "MODULE", "NO_MODULE", "REQUIRED", "QUIET", "EXACT", "COMPONENTS", "OPTIONAL_COMPONENTS", "NAMES"})  # fmt: skip
_CREATORS = {
    "add_library": "", "add_executable": "", "add_custom_target": "", "pybind11_add_module": "cxx", "nanobind_add_module": "cxx",
    "python_add_library": "", "python3_add_library": "", "python_add_module": "", "cython_add_module": "cython",
    "swig_add_library": "", "swig_add_module": "", "f2py_add_module": "fortran", "cuda_add_library": "cuda",
    "add_python_library": "", "add_cython_target": "cython", "py_binding": "",
}  # fmt: skip
_EXTENSIONS = frozenset(_CREATORS) - {
    "add_library",
    "add_executable",
    "add_custom_target",
    "cuda_add_library",
}
_LINK_KEYWORDS = frozenset({"PUBLIC", "PRIVATE", "INTERFACE", "LINK_PUBLIC", "LINK_PRIVATE", "LINK_INTERFACE_LIBRARIES", "debug", "optimized", "general"})  # fmt: skip
_PKG_CONFIG_KEYWORDS = frozenset({"REQUIRED", "QUIET", "IMPORTED_TARGET", "GLOBAL", "NO_CMAKE_PATH", "NO_CMAKE_ENVIRONMENT_PATH"})  # fmt: skip
_FIND_KEYWORDS = frozenset({
    "HINTS", "PATHS", "PATH_SUFFIXES", "DOC", "REQUIRED", "NO_CACHE", "NAMES_PER_DIR", "NO_DEFAULT_PATH", "ENV", "OPTIONAL",
    "NO_PACKAGE_ROOT_PATH", "NO_CMAKE_PATH", "NO_CMAKE_ENVIRONMENT_PATH", "NO_SYSTEM_ENVIRONMENT_PATH", "NO_CMAKE_SYSTEM_PATH",
    "CMAKE_FIND_ROOT_PATH_BOTH", "ONLY_CMAKE_FIND_ROOT_PATH", "NO_CMAKE_FIND_ROOT_PATH", "VALIDATOR", "REGISTRY_VIEW",
})  # fmt: skip
_DOWNLOADS = frozenset({"fetchcontent_declare", "fetchcontent_populate", "externalproject_add", "cpmaddpackage", "cpmfindpackage", "cpmdeclarepackage"})  # fmt: skip
# Modules that say how a package is found, or how the project itself is: not that anything is needed.
_FINDER = re.compile(r"Find.*\.cmake|.*-?config(?:-version)?\.cmake|.*\.cmake\.in", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"\$?ENV\{(\w+)\}")
_NAME = re.compile(r"[A-Za-z_][\w.+-]*")
_PKG_NAME = re.compile(r"(?P<name>[A-Za-z][\w.+-]*?)(?:[<>=!].*)?")
_API = re.compile(
    r"(?:-D)?Py_LIMITED_API(?:=0x030(?P<minor>[0-9a-fA-F])\w*|=0x03(?P<long>[0-9a-fA-F]{2})\w*)?"
)
_FORGE = re.compile(r"(?:\w+:)?[\w.-]+/(?P<name>[\w.-]+?)(?:\.git)?(?:[@#].*)?")


def scan_cmake(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a CMake file says of native code."""
    if _FINDER.fullmatch(path.rpartition("/")[2]):
        return ()
    known, commands = read_cmake(text)
    found = Found(path)
    scanner = _Scanner(known, found, frozenset(_targets(commands)))
    for command in commands:
        scanner.scan(command)
    return found.signals()


def _targets(commands: tuple[Command, ...]) -> Iterator[str]:
    for command in commands:
        if command.name in _CREATORS and command.words:
            yield command.words[0]


class _Scanner:
    """Looks at one command after the other."""

    def __init__(self, known: CMakeFile, found: Found, targets: frozenset[str]) -> None:
        self._known = known
        self._found = found
        self._targets = targets
        self._scanners = {
            "project": self._project,
            "enable_language": self._enable_language,
            "find_package": self._find_package,
            "find_dependency": self._find_package,
            "pkg_check_modules": self._pkg_config,
            "pkg_search_module": self._pkg_config,
            "find_library": self._find,
            "find_path": self._find,
            "find_file": self._find,
            "find_program": self._find,
            "check_library_exists": self._check,
            "check_include_file": self._check,
            "check_include_file_cxx": self._check,
            "target_link_libraries": self._link,
            "link_libraries": self._link,
            "execute_process": self._run,
            "add_custom_command": self._run,
            "option": self._option,
            "cmake_dependent_option": self._option,
            "set": self._set,
            "if": self._if,
            "elseif": self._if,
            "include": self._include,
            "add_subdirectory": self._subdirectory,
            "add_definitions": self._definitions,
            "add_compile_definitions": self._definitions,
            "target_compile_definitions": self._definitions,
            **dict.fromkeys(_CREATORS, self._create),
            **dict.fromkeys(_DOWNLOADS, self._download),
        }

    def scan(self, command: Command) -> None:
        """Keep what a command says."""
        scanner = self._scanners.get(command.name)
        if scanner is not None and command.words:
            scanner(command)

    def _project(self, command: Command) -> None:
        """A project that names no language has C and C++. Source: CMake manual, command project."""
        self._found.add("cmake-project", "project", command.line)
        words = [word.upper() for word in command.words[1:]]
        if "LANGUAGES" in words:
            words = words[words.index("LANGUAGES") + 1 :]
        elif _KEYWORDS.intersection(words):
            words = []
        if "NONE" in words:
            return
        if "ASM_NASM" in words:
            self._found.add("tool", "nasm", command.line, command.where)
        named = [_LANGUAGES[word] for word in words if word in _LANGUAGES]
        for language in named or ("c", "cxx"):
            self._found.add("language", language, command.line, command.where)

    def _enable_language(self, command: Command) -> None:
        """CUDA under a condition is an option of the build, off by default nearly everywhere."""
        word = command.words[0].upper()
        language = _LANGUAGES.get(word, "")
        if word == "ASM_NASM":
            self._found.add("tool", "nasm", command.line, command.where)
        if not (command.where.is_optional or (language == "cuda" and command.is_conditional)):
            self._found.add("language", language, command.line, command.where)

    def _find_package(self, command: Command) -> None:
        for name in self._known.expanded(command.words[:1]):
            lowered = name.lower()
            where = command.where if lowered in self._known.demanded else _required(command)
            if lowered in _PYTHON:
                self._python_parts(command)
            elif lowered in {"numpy", "f2py"}:
                kind, token = ("f2py", "f2py") if lowered == "f2py" else ("numpy-headers", "numpy")
                self._found.add(kind, token, command.line, command.where)
            elif lowered == "openmp":
                self._found.add("openmp", "openmp", command.line, where)
            elif lowered in _TOOL_PACKAGES:
                self._found.add("tool", _TOOL_PACKAGES[lowered], command.line, where)
            elif lowered not in _NO_PACKAGES and name not in _FIND_PACKAGE_KEYWORDS and _NAME.fullmatch(name):
                self._found.add("cmake-package", name, command.line, where)
            if lowered in _LANGUAGE_PACKAGES and not where.is_optional:
                self._found.add("language", _LANGUAGE_PACKAGES[lowered], command.line, where)

    def _python_parts(self, command: Command) -> None:
        words = command.words
        if "NumPy" in words:
            self._found.add("numpy-headers", "numpy", command.line, command.where)
        required = words[: words.index("OPTIONAL_COMPONENTS")] if "OPTIONAL_COMPONENTS" in words else words
        if "Development.SABIModule" in required:
            self._found.add("abi3", "", command.line, command.where)

    def _pkg_config(self, command: Command) -> None:
        is_demanded = command.words[0].lower() in self._known.demanded
        where = command.where if is_demanded else _required(command)
        self._found.add("tool", "pkg-config", command.line, where)
        for word in self._known.expanded(command.words[1:]):
            match = _PKG_NAME.fullmatch(word)
            if match and word not in _PKG_CONFIG_KEYWORDS:
                self._found.add("pkg-config", match["name"], command.line, where)

    def _find(self, command: Command) -> None:
        """`find_x(VARIABLE name [path ...])` or `find_x(VARIABLE NAMES name ... HINTS path ...)`."""
        where = _required(command)
        words = command.words[1:]
        names = list(words[1:]) if words[:1] == ("NAMES",) else list(words[:1])
        if "NAMES" in words:
            names = list(words[words.index("NAMES") + 1 :])
        for name in self._known.expanded(tuple(names)):
            if name in _FIND_KEYWORDS:
                break
            if command.name == "find_program":
                self._program(name, command.line, where)
            elif command.name == "find_library" and _NAME.fullmatch(name):
                self._found.add("library", name, command.line, where)
            elif command.name != "find_library" and name.endswith((".h", ".hpp", ".hh", ".hxx")):
                self._found.add("header-string", name, command.line, where)

    def _program(self, word: str, line: int, where: Where) -> None:
        tool, config_tool = tool_of(word), config_tool_of(word, is_program=True)
        self._found.add("tool", tool or "", line, where)
        self._found.add("config-tool", config_tool or "", line, where)

    def _check(self, command: Command) -> None:
        kind = "library" if command.name == "check_library_exists" else "header-string"
        self._found.add(
            kind,
            command.words[0],
            command.line,
            command.where.within(command.where.platforms, is_optional=True),
        )

    def _link(self, command: Command) -> None:
        words = command.words[1:] if command.name.startswith("target") else command.words
        for word in self._known.expanded(words):
            name = word.removeprefix("-l")
            if name in _LINK_KEYWORDS or name in self._targets or not _NAME.fullmatch(name):
                continue
            self._found.add("library", name, command.line, command.where)

    def _run(self, command: Command) -> None:
        words = command.words
        for word, following in pairwise(words):
            if word == "COMMAND":
                self._program(following, command.line, command.where)
        if len(words) > 1 and program_of(words[1]) in {"pkg-config", "pkgconf"}:
            for word in words[2:]:
                if _NAME.fullmatch(word) and not word.isupper():
                    self._found.add("pkg-config", word, command.line, command.where)

    def _option(self, command: Command) -> None:
        keep_option(self._found, command)
        is_on = self._known.options.get(command.words[0], False)
        self._switch(command, command.words[0], default="ON" if is_on else "OFF")

    def _set(self, command: Command) -> None:
        words = command.words
        keep_setting(self._found, self._known, command)
        if "CACHE" in words[:-1] and words[words.index("CACHE") + 1] in {"BOOL", "STRING"}:
            self._switch(command, words[0], default=words[1].upper())

    def _if(self, command: Command) -> None:
        """A variable that only the user can have set is a switch as an option is."""
        for word in command.words:
            asked = _ENVIRONMENT.fullmatch(word)
            if asked:
                self._found.add("switch", switch_of("env", asked[1]) or "", command.line, command.where)
            name = word.removeprefix("${").removesuffix("}")
            if name not in self._known.options and name not in self._known.variables and "::" not in name:
                self._switch(command, name, default="OFF")

    def _switch(self, command: Command, name: str, *, default: str) -> None:
        switch = switch_of("cmake", name) if name.isupper() or "_" in name else None
        if switch is None or name.startswith(("CMAKE_", "_")):
            return
        wanted = "OFF" if switch.endswith("=OFF") else "ON"
        is_default = (default in {"ON", "TRUE", "YES", "1"}) == (wanted == "ON")
        self._found.add("switch-default" if is_default else "switch", switch, command.line, command.where)

    def _include(self, command: Command) -> None:
        module = command.words[0].lower()
        if module.endswith(".cmake"):
            keep_folder(self._found, self._known, command, command.words[0])
        elif module == "useswig":
            self._found.add("tool", "swig", command.line, command.where)
        elif module == "usef2py":
            self._found.add("f2py", "f2py", command.line, command.where)
        elif module in _LANGUAGE_PACKAGES:
            self._found.add("language", _LANGUAGE_PACKAGES[module], command.line, command.where)

    def _create(self, command: Command) -> None:
        words = command.words
        self._found.add("build-target", words[0], command.line, command.where)
        self._found.add("language", _CREATORS[command.name], command.line, command.where)
        if command.name not in _EXTENSIONS:
            return
        self._found.add("extension", command.name, command.line, command.where)
        if command.name.startswith("swig"):
            self._found.add("tool", "swig", command.line, command.where)
        if command.name == "f2py_add_module":
            self._found.add("f2py", "f2py", command.line, command.where)
        if "STABLE_ABI" in words:
            # The stable ABI has what nanobind needs since Python 3.12.
            self._found.add("abi3", "3.12", command.line, command.where)
        if "USE_SABI" in words[:-1]:
            version = words[words.index("USE_SABI") + 1]
            known = re.fullmatch(r"3\.\d{1,2}", version)
            self._found.add("abi3", version if known else "", command.line, command.where)

    def _download(self, command: Command) -> None:
        name = command.words[0]
        if "NAME" in command.words[:-1]:
            name = command.words[command.words.index("NAME") + 1]
        if "SOURCE_DIR" in command.words[:-1]:
            keep_folder(
                self._found, self._known, command, command.words[command.words.index("SOURCE_DIR") + 1]
            )
        match = _FORGE.fullmatch(name)
        self._found.add("fetch", match["name"] if match else name, command.line, command.where)

    def _subdirectory(self, command: Command) -> None:
        keep_folder(self._found, self._known, command, command.words[0])
        folder = re.sub(r"^\$\{[^}]*\}/", "", command.words[0]).strip("/")
        if is_vendored(f"{folder}/CMakeLists.txt"):
            self._found.add("vendored-build", folder, command.line, command.where)

    def _definitions(self, command: Command) -> None:
        for word in command.words:
            match = _API.fullmatch(word)
            if match:
                digits = match["long"] or match["minor"]
                version = f"3.{int(digits, 16)}" if digits else ""
                self._found.add("abi3", version, command.line, command.where)


def _required(command: Command) -> Where:
    is_optional = "REQUIRED" not in command.words
    return command.where.within(command.where.platforms, is_optional=is_optional)
