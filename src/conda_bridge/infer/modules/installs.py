"""CMakeLists.txt and meson.build -> what they install for Python: extension modules and packages, by dotted names.

Where a file names no place for a module, or one that only the build knows, the module is left out.

Source: CMake manual, commands install and set_target_properties; scikit-build-core, configuration; Meson reference
manual, Python module.
"""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from conda_bridge.infer.scan.meson_text import Call, read_meson

__all__ = [
    "Installed",
    "cmake_installs",
    "cmake_project",
    "cmake_variables",
    "meson_installs",
    "meson_variables",
]

_CMAKE_ADD = re.compile(
    r"^[ \t]*(?:nanobind_add_module|pybind11_add_module|python3?_add_library)\s*\(\s*(?P<name>\S+?)[\s)]",
    re.IGNORECASE | re.MULTILINE,
)
_CMAKE_INSTALL = re.compile(
    r"^[ \t]*install\s*\(\s*(?P<what>TARGETS|FILES|DIRECTORY)\s(?P<arguments>[^()]*+)\)",
    re.IGNORECASE | re.MULTILINE,
)
_CMAKE_SET = re.compile(
    r"^[ \t]*set\s*\(\s*(?P<name>\w+)\s+\"?(?P<value>[\w./${}-]+)\"?(?:\s+CACHE\b[^()]*)?\s*\)",
    re.IGNORECASE | re.MULTILINE,
)
_CMAKE_PROJECT = re.compile(r"^[ \t]*project\s*\(\s*(?P<name>[\w${}.-]+)", re.IGNORECASE | re.MULTILINE)
_CMAKE_OUTPUT = re.compile(
    r"^[ \t]*set_target_properties\s*\(\s*(?P<target>\S+)\s[^()]*\bOUTPUT_NAME\s+\"?(?P<name>[^\s\")]+)",
    re.IGNORECASE | re.MULTILINE,
)
_CMAKE_NAME = re.compile(r"\$\{(?P<name>\w+)\}")
_CMAKE_FIXED = re.compile(
    r"\$\{(?:SKBUILD_PLATLIB_DIR|Python3?_SITE(?:ARCH|LIB)|PYTHON3?_SITE(?:ARCH|LIB|_PACKAGES\w*))\}"
)
_MAX_VALUE = 200
"""Of a variable: a few that hold one another twice would fill the memory."""
_FIXED = "/"
"""What stands for the folder of Python modules itself."""
_MESON_MODULE = re.compile(r"\bextension_module\s*\(\s*'(?P<name>[\w.]+)'")
_MESON_VARIABLE = re.compile(r"^(?P<name>[A-Za-z_]\w*)\s*=\s*'(?P<value>[\w./-]+)'", re.MULTILINE)
_MESON_ASSIGNED = re.compile(r"^(\w+) =", re.MULTILINE)
_WORD = re.compile(r"\w+")
_MESON_WORDS = ("extension_module", "install_sources", "install_subdir")
_FOLDER = re.compile(r"[A-Za-z_]\w*(?:/[A-Za-z_]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A module, or a package of Python files, that a build file installs."""

    name: str
    """Dotted."""
    line: int
    is_module: bool
    """True for an extension module."""
    guard: str = ""
    """One of `tokens.GUARDS`; empty where it holds everywhere."""
    is_optional: bool = False
    """True where an option or what is found decides on it."""

    @property
    def package(self) -> str:
        """The package that holds it, or the module itself at the top."""
        return self.name.rpartition(".")[0] or self.name if self.is_module else self.name


# ---------------------------------------------------------------- CMake


def cmake_project(text: str, known: Mapping[str, str]) -> str:
    """Return the name that `project()` gives; empty where it can't be known."""
    project = _CMAKE_PROJECT.search(text)
    named = _expanded(project["name"], known) if project is not None else ""
    return "" if "$" in named else named


def cmake_variables(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return `known` with what `set()` says in a file; of branches the first whose value can be known."""
    own: dict[str, str] = {}
    found = ChainMap(own, dict(known))
    for match in _CMAKE_SET.finditer(text):
        value = _expanded(match["value"], found)
        if "$" not in value and len(value) <= _MAX_VALUE:
            own.setdefault(match["name"], value)
    if named := cmake_project(text, found):
        own["PROJECT_NAME"] = named
    return dict(found)


def cmake_installs(text: str, variables: Mapping[str, str], *, prefix: str) -> Iterator[Installed]:
    """Yield what `install()` puts below the folder of Python modules; `prefix` is where relative places begin."""
    added = {_expanded(match["name"], variables): match for match in _CMAKE_ADD.finditer(text)}
    called = {
        _expanded(match["target"], variables): _expanded(match["name"], variables)
        for match in _CMAKE_OUTPUT.finditer(text)
    }
    for install in _CMAKE_INSTALL.finditer(text):
        words = [_expanded(word.strip('"'), variables) for word in install["arguments"].split()]
        folder = next((after for word, after in pairwise(words) if word == "DESTINATION"), "")
        package = _package(folder, prefix)
        if not folder or package is None:
            continue
        if install["what"].upper() != "TARGETS":
            if package:
                yield Installed(name=package, line=_line(text, install.start()), is_module=False)
            continue
        for match in sorted((added[word] for word in added.keys() & set(words)), key=re.Match.start):
            target = _expanded(match["name"], variables)
            name = ".".join(filter(None, (package, called.get(target, target))))
            yield Installed(name=name, line=_line(text, match.start("name")), is_module=True)


def _package(destination: str, prefix: str) -> str | None:
    """Return the package of a destination, empty for the top; None for a place outside, or an unknown one."""
    parts = [part for part in destination.split("/") if part not in {"", "."}]
    if not destination.startswith(_FIXED):
        parts = [*(part for part in prefix.split("/") if part), *parts]
    folder = "/".join(parts)
    return folder.replace("/", ".") if not folder or _FOLDER.fullmatch(folder) else None


def _expanded(word: str, variables: Mapping[str, str]) -> str:
    """Return the word with the variables in it; what is unknown stays and makes no name."""
    fixed = _CMAKE_FIXED.sub(_FIXED, word)
    return _CMAKE_NAME.sub(lambda match: variables.get(match["name"]) or match[0], fixed)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


# ---------------------------------------------------------------- Meson


def meson_variables(text: str) -> dict[str, str]:
    """Return the texts that the top file gives names to: the files below know them."""
    return {match["name"]: match["value"] for match in _MESON_VARIABLE.finditer(text)}


def meson_installs(text: str, variables: Mapping[str, str]) -> Iterator[Installed]:
    """Yield what the Python module's methods install."""
    if not any(word in text for word in _MESON_WORDS):
        return
    foreign = set(_WORD.findall(text)).difference(_MESON_ASSIGNED.findall(text))
    own = {name: value for name, value in variables.items() if name in foreign}
    head = "".join(f"{name} = '{value}'\n" for name, value in own.items())
    literals = frozenset(_MESON_MODULE.findall(text))
    quoted = f"{head}{text}"
    for call in read_meson(quoted):
        folder = _meson_folder(call, quoted)
        line = call.line - len(own)
        if folder is None or line < 1:
            continue
        if call.name == "extension_module" and call.named.get("install") == ["true"]:
            name = call.texts[0] if call.texts and call.texts[0] in literals else ""
            is_optional = call.where.is_optional or not name
            # Without its name, it still tells what the package is called.
            for found in filter(None, (".".join(filter(None, (folder, name))),)):
                yield Installed(
                    name=found,
                    line=line,
                    is_module=bool(name),
                    guard=call.where.guard,
                    is_optional=is_optional,
                )
        elif call.name in {"install_sources", "install_subdir"} and folder:
            yield Installed(name=folder, line=line, is_module=False)


def _meson_folder(call: Call, text: str) -> str | None:
    """Return the package that a call installs into, empty for the top; None where it can't be known."""
    subdir, folder = call.named.get("subdir"), call.named.get("install_dir")
    is_folder = call.name == "install_subdir"
    if is_folder and folder is None:
        return None
    words = subdir if subdir is not None else folder or []
    if "get_option()" in words or "join_paths()" in words:
        return None
    parts = [part.strip("/") for part in words if part != "get_install_dir()"]
    if any(f"'{part}'" not in text and f"'{part}/" not in text for part in parts if part):
        # A name that stands for something computed.
        return None
    if is_folder and "get_install_dir()" in words and not parts:
        parts = call.texts[:1]
    path = "/".join(filter(None, parts))
    return path.replace("/", ".") if not path or _FOLDER.fullmatch(path) else None
