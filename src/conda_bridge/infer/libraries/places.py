"""Whether a file belongs to what the project builds.

Folders' names tell mostly (`third_party`, `tests`); a library's own project, copied into another folder, shows by the
library's name and by the files that only the top of a project has.
"""

import re
from collections.abc import Iterable, Iterator

from conda_bridge.infer.libraries.cmake_tree import CMakeTree
from conda_bridge.infer.scan.aside import is_test_or_docs, is_vendored, own_folders
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.libraries import LibraryTable

__all__ = ["Places"]

_TOP_FILES = re.compile(
    r"(?P<rights>licen[cs]e|copying|copyright)(?:[-_.].*)?|(?P<people>authors|contributors|maintainers)(?:[-_.].*)?"
    r"|(?P<news>changelog|changes|news|history|releases?)(?:[-_.].*)?|(?P<text>readme)(?:[-_.].*)?"
    r"|(?P<build>configure(?:\.ac|\.in)?|cmakelists\.txt|meson\.build|makefile\.am|build\.zig|[^/]*\.pc\.in)",
    re.IGNORECASE,
)
_BINDERS = frozenset({"pybind11", "nanobind", "pybind", "cppyy", "pybind11_protobuf", "xtensor", "eigenpy"})
"""Header-only libraries that bind C++, which are Python projects and in no table."""
_ENOUGH_OF_A_LIBRARY = 2
_ENOUGH_OF_ANY = 4
"""Kinds of top files; the project's own parts have no licence, news, readme and build files all of their own."""
_SOURCES = (".c", ".cc", ".cpp", ".cxx")
_RELEASE = re.compile(r"[-_]v?\d[\w.]*$")
_EDITION = re.compile(r"[-_]\w{1,2}$")
"""As in `qhull_r`."""
_TREES = frozenset({
    "src", "python", "lib", "build", "include", "core", "ext", "native", "c", "cpp", "c++", "cxx", "rust", "bindings",
    "package", "packages", "wrapper", "wrappers", "py",
})  # fmt: skip


class Places:
    """The folders of a source; each folder is judged once."""

    def __init__(self, ctx: InferContext) -> None:
        """Judge the folders of the source at hand; cost: linear in its files."""
        paths = ctx.facts.paths
        name = ctx.project.pypi_name.value
        self._own = own_folders(paths, name.replace("-", "_"))
        self.cmake = CMakeTree(ctx)
        """What the CMake files say of each other."""
        self._copies = (
            *_copied_projects(paths, name, ctx.libraries),
            *_copied_libraries(paths, name, ctx.libraries),
            *self.cmake.strangers,
        )
        self._parts = tuple(_built_parts(ctx))
        self._known: dict[str, tuple[bool, bool]] = {}

    def is_vendored(self, path: str) -> bool:
        """Tell whether a file lies in a copy of another project's code."""
        return self._judged(path)[0]

    def is_test_or_docs(self, path: str) -> bool:
        """Tell whether a file lies in a tree of tests, documentation or examples."""
        return self._judged(path)[1]

    def is_aside(self, path: str) -> bool:
        """Tell whether either is true."""
        return any(self._judged(path))

    def _judged(self, path: str) -> tuple[bool, bool]:
        folder = path[: path.rfind("/") + 1]
        if folder not in self._known:
            is_copy = is_vendored(folder, own=self._own) or folder.startswith(self._copies)
            self._known[folder] = (
                is_copy and not folder.startswith(self._parts),
                is_test_or_docs(folder, own=self._own),
            )
        return self._known[folder]


def _built_parts(ctx: InferContext) -> Iterator[str]:
    """Yield folders of others' code that the build always compiles and no distributor has: parts of the project."""
    for signal in ctx.facts.signals:
        if signal.kind == "vendored-build":
            token = Token.parse(signal.token)
            folder = token.name.strip("/")
            name = _RELEASE.sub("", folder.rpartition("/")[2])
            is_known = any(map(ctx.libraries.of_word, (name, _EDITION.sub("", name))))
            if "/" not in signal.path and folder and not token.is_optional and not is_known:
                yield f"{folder}/"


def _copied_projects(paths: Iterable[str], pypi_name: str, table: LibraryTable) -> Iterator[str]:
    """Yield the folders, each with a `/` at its end, that look like the top of another project."""
    tops: dict[str, set[str]] = {}
    # Most of a source's thousands of files share a few names.
    kinds_of_names: dict[str, str] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        kind = kinds_of_names.get(name)
        if kind is None:
            match = _TOP_FILES.fullmatch(name)
            kind = kinds_of_names[name] = (match.lastgroup or "") if match else ""
        if kind and folder:
            tops.setdefault(folder, set()).add(kind)
    for folder, kinds in tops.items():
        name = _RELEASE.sub("", folder.rpartition("/")[2])
        if name.lower() in _TREES or name.lower().replace("_", "-") == pypi_name:
            continue
        is_library = table.of_word(name) is not None or name.lower() in _BINDERS
        if len(kinds) >= (_ENOUGH_OF_A_LIBRARY if is_library else _ENOUGH_OF_ANY):
            yield f"{folder}/"


def _copied_libraries(paths: Iterable[str], pypi_name: str, table: LibraryTable) -> Iterator[str]:
    """Yield the folders, called like a library, that hold a header by which all the world includes it."""
    found: set[str] = set()
    sources = {path.rpartition("/")[0] for path in paths if path.endswith(_SOURCES)}
    for path in paths:
        folder, _, name = path.rpartition("/")
        row = table.exactly("header", name) if folder and name.endswith(".h") else None
        if row is None or row.role == "system":
            continue
        parts = folder.split("/")
        for end, part in enumerate(parts, 1):
            if _is_alike(part, pypi_name):
                break
            if table.of_word(_RELEASE.sub("", part)) is row:
                found.add("/".join(parts[:end]) + "/")
                break
    yield from (one for one in sorted(found) if any(f"{folder}/".startswith(one) for folder in sources))


def _is_alike(folder: str, pypi_name: str) -> bool:
    """Tell whether a folder is called like the project itself, which may bind a library of the same name."""
    name = folder.lower().replace("_", "-")
    return name == pypi_name or not {name, name.removeprefix("lib")}.isdisjoint(pypi_name.split("-"))
