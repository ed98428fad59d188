"""The CMake files of a source together: which options are off, and which folders the build never enters.

A file says under which conditions it names a library; what decides a condition, an option's default, another file
may say. A folder whose own project no other CMake file adds is built by itself or not at all, not for Python.
Source: CMake manual, commands if, option, add_subdirectory; documentation of scikit-build-core (cmake.define).
"""

import re
from collections.abc import Iterator, Mapping

from conda_bridge.infer.scan.cmake_settings import UNKNOWN_FOLDER
from conda_bridge.infer.scan.cmake_text import BUILD_TYPE
from conda_bridge.infer.scan.platforms import CARGO, NEVER
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.source import Signal

__all__ = ["CMakeTree"]

_FILE = "CMakeLists.txt"
_FALSE = frozenset({"OFF", "FALSE", "NO", "0", "N", "IGNORE", "NOTFOUND", ""})
_SWITCH = re.compile(
    r"(?:.*_)?(?:USE|WITH|ENABLE|BUILD|FORCE|REQUIRE|WANT)_.*|.*_(?:ENABLED?|SUPPORT)", re.IGNORECASE
)
"""Names of what only users set: unset, such a variable is off."""
_FOR_PYTHON = re.compile(r"PY(?:THON|BIND)|SKBUILD|WHEEL", re.IGNORECASE)
"""Who builds a Python package switches these on, wherever that is said."""
_SCRIPT = re.compile(r"[^/]+\.py|pyproject\.toml|setup\.cfg")
_MOST_STEPS = 8


class CMakeTree:
    """What the CMake files of a source say of each other."""

    def __init__(self, ctx: InferContext) -> None:
        """Gather what they say; cost: linear in signals, and in the build scripts' text for each option asked for."""
        self._values: dict[str, list[Token]] = {}
        self._texts = [text for path, text in ctx.facts.texts if _SCRIPT.fullmatch(path)]
        self._passed: dict[str, str | None] = {}
        self._ways: dict[str, list[tuple[str, Token]]] = {}
        """Of each folder or included file: the files that add it, and under which conditions."""
        self._open: set[str] = set()
        """Folders whose files add folders that nothing names."""
        paths = ctx.facts.paths
        self._folders = {path.removesuffix(_FILE) for path in paths if path.rpartition("/")[2] == _FILE}
        projects: set[str] = set()
        for signal in ctx.facts.signals:
            if signal.kind == "cmake-option":
                token = Token.parse(signal.token)
                self._values.setdefault(token.name.partition("=")[0], []).append(token)
            elif signal.kind == "cmake-folder":
                self._add_way(signal, paths)
            elif signal.kind == "cmake-project":
                projects.add(signal.path.removesuffix(_FILE))
        self.strangers = tuple(folder for folder in sorted(projects) if self._is_stranger(folder))
        """Folders, each with a `/` at its end, that are projects of their own."""
        self._known: dict[str, bool] = {}

    def is_off(self, when: tuple[str, ...]) -> bool:
        """Tell whether one of the conditions of a place is off unless the user says otherwise."""
        return any(self._is_off(atom, 0) for atom in when)

    def assume(self, settings: Mapping[str, str]) -> None:
        """Take options as the recipe sets them from now on."""
        self._passed.update(settings)
        self._known.clear()

    def is_left_out(self, path: str) -> bool:
        """Tell whether a file lies in a folder that is added only where an option is on that is off."""
        folder = path[: path.rfind("/") + 1]
        if path in self._ways and self._is_closed(path, 0):
            return True
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = any(self._is_closed(part, 0) for part in _parts(folder))
        return known

    def _add_way(self, signal: Signal, paths: frozenset[str]) -> None:
        token = Token.parse(signal.token)
        here = signal.path[: signal.path.rfind("/") + 1]
        if token.name == UNKNOWN_FOLDER:
            self._open.add(here)
            return
        for base in (here, *reversed(_parts(here)), ""):
            file = f"{base}{token.name}"
            if file in paths:
                self._ways.setdefault(file, []).append((signal.path, token))
                return
            if f"{file}/{_FILE}" in paths:
                self._ways.setdefault(f"{file}/", []).append((signal.path, token))
                return

    def _is_stranger(self, folder: str) -> bool:
        """Tell whether a project lies in the folder of another, which doesn't add it, and no build script names it."""
        if not folder or folder in self._ways:
            return False
        around = [part for part in (*_parts(folder)[:-1], "") if part in self._folders]
        if not around or any(part in self._open for part in around):
            return False
        name = re.escape(folder.rstrip("/").rpartition("/")[2])
        return not any(re.search(rf"\b{name}\b", text) for text in self._texts)

    def _is_closed(self, target: str, depth: int) -> bool:
        ways = self._ways.get(target)
        if not ways or depth > _MOST_STEPS:
            return False
        return all(self.is_off(token.when) or self._is_beyond(path, depth) for path, token in ways)

    def _is_beyond(self, path: str, depth: int) -> bool:
        folder = path[: path.rfind("/") + 1]
        if path in self._ways and self._is_closed(path, depth + 1):
            return True
        return any(self._is_closed(part, depth + 1) for part in _parts(folder))

    def _is_off(self, atom: str, depth: int) -> bool:
        """Tell whether a condition of `Where.when` doesn't hold by default; what is unknown may hold."""
        if atom == NEVER:
            return True
        if atom.startswith(CARGO):
            return self._passed_to(atom.removeprefix(CARGO)) is None
        if _FOR_PYTHON.search(atom):
            return False
        name, compared, text = atom.removeprefix("!").partition("=")
        values = self._values_of(name, depth)
        is_contrary = atom.startswith("!")
        if not values:
            return not (compared or is_contrary) and _SWITCH.fullmatch(name) is not None
        if "" in values:
            return False
        holds = [
            value.lower() == text.lower() if compared else value.upper() not in _FALSE for value in values
        ]
        return all(holds) if is_contrary else not any(holds)

    def _values_of(self, name: str, depth: int) -> tuple[str, ...]:
        """Return what a variable may be by default, an empty text where that is unknown; nothing where nobody sets it."""
        passed = self._passed_to(name)
        if passed is not None:
            return (passed,)
        if name == BUILD_TYPE:
            return ("Release",)
        tokens = self._values.get(name, ())
        if depth > _MOST_STEPS:
            return ("",) if tokens else ()
        return tuple(
            token.name.partition("=")[2]
            for token in tokens
            if not any(self._is_off(atom, depth + 1) for atom in token.when)
        ) or (("OFF",) if tokens else ())

    def _passed_to(self, name: str) -> str | None:
        """Return the value that the project's build scripts give an option, empty for an unknown one; None for none."""
        if name not in self._passed:
            found = {value for text in self._texts for value in _given(name, text)}
            self._passed[name] = None if not found else found.pop() if len(found) == 1 else ""
        return self._passed[name]


def _given(name: str, text: str) -> Iterator[str]:
    """Yield the values of `-DX=ON`, `X = "ON"` and `cmake.define.X = true`; an empty text where it is only named."""
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)(?P<rest>[^\n]{{0,80}})", text):
        value = re.match(r"(?::\w+)?[\"']?\s*[=:,]\s*[\"']?(\w+)(?=[\"'\s,;)\]]|$)", match["rest"])
        yield value[1] if value and value[1].upper() in {*_FALSE, "ON", "TRUE", "YES", "1"} else ""


def _parts(folder: str) -> tuple[str, ...]:
    """Return a folder and those above it, the outermost first, each with a `/` at its end.

    >>> _parts("a/b/")
    ('a/', 'a/b/')
    """
    names = folder.split("/")[:-1]
    return tuple("/".join(names[:end]) + "/" for end in range(1, len(names) + 1))
