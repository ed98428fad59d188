"""The log of a failed build, or of a failed test -> what probably went wrong, and what helps.

The causes are rows of `data/build_hints.toml`. A log ends in the traceback of whoever noticed that something failed, so
all of it is looked at; a line that many builds have and survive, such as a probe for a header, may be told all the same.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.external import ExternalSection
from conda_bridge.model.libraries import LibraryRow, TokenKind
from conda_bridge.model.names import is_valid_pypi_name, pypi_name
from conda_bridge.protocols import NameSource
from conda_bridge.translate.build_hints import Cause, CauseKind, HintTable, hint_table
from conda_bridge.translate.external import best_row, external_mapping, placed, read_function
from conda_bridge.translate.libraries import library_of, library_table
from conda_bridge.translate.toolchains import toolchain_table

__all__ = ["HintFacts", "HintPlace", "hints_for"]

_MOST_HINTS = 3
_VAGUE = "network-somewhere"
"""What needn't be told where another line says more of the same."""
_MOST_LINES = 50_000
"""The last ones of a log; looking at so many costs 0.2 s, and seconds where all are as long as can be."""
_MOST_CHARACTERS = 1_000
"""Of one line that are looked at; compilers' commands are longer, what they complain about isn't."""
_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}m")
_TRIPLE = re.compile(r"(?:x86_64|aarch64|powerpc64le|arm64|x86_64)-(?:conda-linux-gnu|apple-darwin[\d.]*)-")
_FILE = re.compile(
    r".*/.*|.*\.(?:md|rst|txt|toml|cfg|ini|json|yaml|yml|py|in|h|c|cpp|pxd|pyx|typed)", re.IGNORECASE
)
_FRAME = re.compile(
    r"""\s{0,20}File "(?P<file>[^"]{1,500})", line \d|(?P<test>[^\s:]{1,500}\.py):\d{1,7}: in """
)
"""A line of Python's traceback, or of pytest's."""
_INSTALLED = "/site-packages/"
_COMPILER_PACKAGES = {"c": ("gcc_", "clang_", "c-compiler"), "cxx": ("gxx_", "clangxx_", "cxx-compiler")}


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
"""Source: TOML 1.0, keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HintPlace:
    """Where people write what a recipe lacks."""

    recipe: str
    """The recipe's file."""
    package: str = ""
    """Its table in conda-bridge.toml; empty where no table decides, since the recipe was given."""

    def addition(self, section: str, specs: Sequence[str]) -> str:
        """Return the lines to write, and where."""
        if not self.package:
            return f"the recipe is {self.recipe}"
        key = self.package if _BARE_KEY.fullmatch(self.package) else f'"{self.package}"'
        added = ", ".join(f'"{spec}"' for spec in specs)
        return (
            f"in conda-bridge.toml, which then holds for every build:\n"
            f"  [package.{key}.requirements.{section}]\n  add = [{added}]\n"
            f"or in the recipe that was written, and build that: conda-bridge build {self.recipe}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HintFacts:
    """What is known of the build."""

    own_modules: tuple[str, ...] = ()
    """Top-level modules of the package itself, as far as they are known."""
    build_specs: tuple[str, ...] = ()
    host_specs: tuple[str, ...] = ()
    run_specs: tuple[str, ...] = ()
    is_test: bool = False
    """True for the log of a package's tests."""
    log: str = ""
    """The log's path, for people."""
    names: NameSource | None = None
    """None: names are taken to be the same on conda."""
    place: HintPlace | None = None
    """None: what is to be added is told, and not where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A template and the words for it."""

    template: str
    words: Mapping[str, str]


def hints_for(log_lines: Iterable[str], *, facts: HintFacts | None = None) -> tuple[Diagnostic, ...]:
    """Return at most three findings, the most specific first; none where nothing is known of what the log says.

    >>> [hint.message for hint in hints_for(["ld: cannot find -lz: No such file or directory"])]
    ["-lz isn't found: it belongs to zlib"]
    """
    known = facts or HintFacts()
    hints = _Hints(table=hint_table(), facts=known)
    found = sorted(
        hints.found(deque(enumerate(log_lines, start=1), maxlen=_MOST_LINES)), key=itemgetter(0, 1)
    )
    told: dict[tuple[str, str], Diagnostic] = {}
    for _, line, cause in found:
        diagnostic = hints.diagnostic(cause, line)
        is_vague = cause.template == _VAGUE and any(slug == diagnostic.slug for slug, _ in told)
        if not is_vague:
            told.setdefault((diagnostic.slug, diagnostic.message), diagnostic)
    return tuple(islice(told.values(), _MOST_HINTS))


class _Hints:
    def __init__(self, *, table: HintTable, facts: HintFacts) -> None:
        self._table = table
        self._facts = facts
        self._templates = dict(table.templates)
        self._frame = ""
        """The file that the traceback above the line names last."""
        self._resolvers: Mapping[CauseKind, Callable[[str], _Told]] = {
            "generator": self._generator,
            "file": lambda name: _Told(template="file", words={"name": name}),
            "path": self._path,
            "requirement": lambda name: self._project("requirement", name),
            "rust": lambda _name: self._compiler("rust", "rustc"),
            "program": self._program,
            "language": lambda name: self._compiler(name.lower(), f"CMAKE_{name}_COMPILER"),
            "header": self._header,
            "linked": lambda name: self._library(f"-l{name}", ("soname", f"lib{name}.so")),
            "dependency": self._dependency,
            "pkg-config": lambda name: self._library(f"{name}.pc", ("pkg-config", name)),
            "cmake-package": self._cmake_package,
            "soname": self._soname,
            "run": lambda name: self._project("run", name),
            "version": lambda name: _Told(template="version", words={"name": name}),
            "plugin": self._plugin,
            "module": self._module,
            "metadata": lambda name: self._project("metadata", name),
        }

    def found(self, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int, _Told]]:
        """Yield (rank of the cause, number of the line, what is told) of each line that shows a cause."""
        for number, line in lines:
            text = _COLOURS.sub("", line[:_MOST_CHARACTERS])
            if frame := _FRAME.match(text):
                file = frame["file"] or frame["test"]
                self._frame = self._frame if file.startswith("<frozen importlib") else file
            for rank, cause in enumerate(self._table.causes):
                if cause.needle in text and (match := cause.pattern.search(text)):
                    yield rank, number, self._told(cause, match["name"])
                    break

    def diagnostic(self, told: _Told, line: int) -> Diagnostic:
        template = self._templates[told.template]
        message, hint = template.told(told.words)
        if template.adds and self._facts.place is not None:
            hint = f"{hint}; {self._facts.place.addition(*template.addition(told.words))}"
        return finding(template.slug, message, origin=self._facts.log, line=line, hint=hint)

    def _told(self, cause: Cause, name: str) -> _Told:
        if cause.kind == "text":
            return _Told(template=cause.template, words={"name": name})
        return self._resolvers[cause.kind](name)

    # ------------------------------------------------------------ programs

    def _generator(self, name: str) -> _Told:
        if name == "Unix Makefiles":
            return _Told(template="generator-make", words={})
        return _Told(template="generator", words={"name": name, "package": name.lower().partition(" ")[0]})

    def _path(self, name: str) -> _Told:
        is_file = _FILE.fullmatch(name) is not None and self._language(name) is None
        return _Told(template="file", words={"name": name}) if is_file else self._program(name)

    def _language(self, path: str) -> str | None:
        """Return the language of a compiler's program; None for any other."""
        return dict(self._table.compilers).get(_TRIPLE.sub("", path.rpartition("/")[2]))

    def _program(self, path: str) -> _Told:
        name = path.rpartition("/")[2]
        language = self._language(path)
        if language is not None:
            return self._compiler(language, name)
        row = library_of(library_table(), "config-tool", name)
        packages = self._packages(row)[1] if row is not None else ()
        package = dict(self._table.programs).get(name) or (packages[0] if packages else name)
        # A Python project's program goes where the project does.
        section = "host" if package in dict(toolchain_table().imports) else "build"
        template = "program-run" if self._facts.is_test else "program"
        return _Told(template=template, words={"name": name, "package": package, "section": section})

    def _compiler(self, key: str, name: str) -> _Told:
        called, variable = dict(self._table.languages)[key]
        prefixes = _COMPILER_PACKAGES.get(key, (f"{key}_", f"g{key}_", f"{key}-compiler"))
        is_there = any(spec.startswith(prefixes) for spec in self._facts.build_specs)
        is_plain = not _TRIPLE.match(name)
        template = "compiler-elsewhere" if is_there and is_plain else "compiler"
        return _Told(
            template=template, words={"name": name, "language": called, "key": key, "variable": variable}
        )

    # ------------------------------------------------------------ libraries

    def _header(self, name: str) -> _Told:
        folder = name.partition("/")[0]
        if name == "Python.h":
            return self._of_package(name, "python")
        # What conda has of them is the Python project.
        if folder in {"numpy", "pybind11", "nanobind"}:
            return self._of_package(name, folder)
        return self._library(name, ("header", name))

    def _dependency(self, name: str) -> _Told:
        known = dict(toolchain_table().imports)
        if name in {"python", "python3"}:
            return self._of_package(name, "python")
        if name in known:
            return self._of_package(name, known[name])
        return self._library(name, ("pkg-config", name), ("cmake-package", name))

    def _cmake_package(self, name: str) -> _Told:
        known = dict(toolchain_table().imports)
        if name in known:
            return self._of_package(name, known[name])
        return self._library(name, ("cmake-package", name))

    def _soname(self, name: str) -> _Told:
        told = self._library(name, ("soname", name))
        return told if told.template == "library-unknown" else _Told(template="library-run", words=told.words)

    def _library(self, name: str, *tokens: tuple[TokenKind, str]) -> _Told:
        table = library_table()
        rows = (library_of(table, kind, token) for kind, token in tokens)
        row = next((row for row in rows if row is not None), None)
        section, packages = self._packages(row) if row is not None else ("host", ())
        if row is None or not packages:
            return _Told(template="library-unknown", words={"name": name})
        return self._of_package(name, ", ".join(packages), library=row.key, section=section)

    def _of_package(
        self, name: str, package: str, *, library: str = "", section: ExternalSection = "host"
    ) -> _Told:
        specs = self._facts.build_specs if section == "build" else self._facts.host_specs
        is_there = any(spec.partition(" ")[0] == package for spec in specs)
        template = "library-there" if is_there else "library"
        return _Told(
            template=template,
            words={"name": name, "library": library or package, "package": package, "section": section},
        )

    def _packages(self, row: LibraryRow) -> tuple[ExternalSection, tuple[str, ...]]:
        mapping = external_mapping()
        rows = mapping.of(row.id)
        if not rows:
            return "host", ()
        section, specs = placed(best_row(rows), "host")
        return section, tuple(spec for spec in specs if read_function(spec) is None)

    # ------------------------------------------------------------ Python projects

    def _plugin(self, name: str) -> _Told:
        project = dict(self._table.plugins).get(name) or f"hatch-{name}"
        return self._project("plugin", name, project=project)

    def _module(self, dotted: str) -> _Told:
        top = dotted.partition(".")[0]
        if top in self._facts.own_modules:
            template = "own-submodule" if top != dotted else "own-module"
            return _Told(
                template=template if self._facts.is_test else "own-module-build", words={"name": dotted}
            )
        known = (
            dict(toolchain_table().imports).get(top) or _backend_with(dotted) or self._project_with(dotted)
        )
        importer = self._frame.rpartition(_INSTALLED)[2] if _INSTALLED in self._frame else ""
        template = "module"
        if self._facts.is_test:
            template = "module-imported" if importer else "module-run"
        told = self._project(template, dotted, project=known or top)
        is_known = bool(known) or self._is_project(top)
        return _Told(
            template=told.template if is_known else f"{told.template}-unknown",
            words={**told.words, "importer": importer},
        )

    def _project_with(self, dotted: str) -> str:
        """Return the project of a module that isn't called like it; empty where the table knows none."""
        modules = dict(self._table.modules)
        parts = dotted.split(".")
        names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((modules[name] for name in names if name in modules), "")

    def _is_project(self, name: str) -> bool:
        """Tell whether somebody knows a project of that name; without anybody to ask it is taken for one."""
        if self._facts.names is None or not is_valid_pypi_name(name):
            return self._facts.names is None
        return self._facts.names.to_conda([pypi_name(name)])[0].source != "identity"

    def _project(self, template: str, name: str, *, project: str = "") -> _Told:
        asked = project or name
        package = asked.lower().replace("_", "-")
        if self._facts.names is not None and is_valid_pypi_name(asked):
            chosen = self._facts.names.to_conda([pypi_name(asked)])[0].chosen
            package = chosen or package
        section = "run" if self._facts.is_test else "host"
        return _Told(template=template, words={"name": name, "package": package, "section": section})


def _backend_with(dotted: str) -> str:
    """Return the project of a build backend's module, the first where they share a package; empty where none has it."""
    rows = [(module, row.requirement) for row in toolchain_table().backends for module in row.modules]
    exact = (project for module, project in rows if dotted == module or dotted.startswith(f"{module}."))
    around = (project for module, project in rows if module.startswith(f"{dotted}."))
    return next(exact, "") or next(around, "")
