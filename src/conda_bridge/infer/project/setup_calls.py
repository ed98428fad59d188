"""setup.py -> the arguments that it gives to `setup()`, in each world that it tells apart."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from conda_bridge.infer.project.evaluator.files import ROOT, SourceFiles
from conda_bridge.infer.project.evaluator.frames import Budget, SetupCall
from conda_bridge.infer.project.evaluator.machine import Machine
from conda_bridge.infer.project.evaluator.operators import text_of
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.project.evaluator.values import (
    BudgetSpentError,
    TextFile,
    Unknown,
    Value,
    equal,
    first_unknown,
    ordered,
    parts_of,
)
from conda_bridge.infer.project.evaluator.worlds import WORLDS, World, markers_of
from conda_bridge.infer.project.setuptools_values import requirement_texts
from conda_bridge.model.source import SourceFacts

__all__ = ["SETUP_PY", "Marked", "SetupArguments", "UnfollowedError", "setup_arguments"]

SETUP_PY = "setup.py"
_REQUIREMENTS = frozenset({"install_requires", "extras_require"})
_MAX_CHARACTERS = 200_000
"""The longest argument, all its texts together, each time that it holds them."""
_DIFFERS = "it differs by platform or python"


class UnfollowedError(Exception):
    """The file as a whole can't be followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text, where it stands, and the marker of the worlds that have it."""

    text: str
    origin: str
    marker: str = ""


@dataclass(frozen=True, slots=True)
class _Call:
    """The arguments of all `setup()` calls of one run, as far as they agree."""

    worlds: tuple[World, ...]
    keywords: dict[str, Value]
    lines: dict[str, int]
    line: int
    is_open: bool


class SetupArguments:
    """The arguments of `setup()`; what isn't given is None, what can't be followed `Unknown`."""

    def __init__(self, calls: tuple[_Call, ...], places: dict[str, str], changed: dict[str, str]) -> None:
        self._calls = calls
        self._places = places
        self._changed = changed

    def place(self, keyword: str) -> str:
        """Return where an argument stands, `setup.py:31`."""
        call = self._calls[0]
        return f"{SETUP_PY}:{call.lines.get(keyword, call.line)}"

    def value(self, keyword: str) -> Value:
        """Return an argument that must be the same everywhere."""
        values = [self._in_world(call, keyword) for call in self._calls]
        if not all(equal(value, values[0]) for value in values[1:]):
            return Unknown(self.place(keyword), _DIFFERS)
        return self._checked(values[0], keyword)

    def text(self, keyword: str) -> str | Unknown | None:
        """Return an argument that is one text."""
        value = self.value(keyword)
        if value is None or isinstance(value, Unknown):
            return value
        text = text_of(value)
        return Unknown(self.place(keyword), "it is no text") if text is None else text

    def texts(self, keyword: str) -> list[str] | Unknown | None:
        """Return an argument that is a list of texts, or a text with one a line."""
        value = self.value(keyword)
        if value is None or isinstance(value, Unknown):
            return value
        found = _as_texts(value)
        return Unknown(self.place(keyword), "it is no list of texts") if found is None else found

    def requirements(self, keyword: str) -> list[Marked] | Unknown | None:
        """Return a list of requirements, with markers for those that not every world has."""
        values = [(call.worlds, self._in_world(call, keyword)) for call in self._calls]
        if all(value is None for _, value in values):
            return None
        return self._marked(values, keyword)

    def groups(self, keyword: str) -> dict[str, list[Marked]] | Unknown | None:
        """Return a table of lists of requirements."""
        values = [(call.worlds, self._in_world(call, keyword)) for call in self._calls]
        if all(value is None for _, value in values):
            return None
        names: dict[str, None] = {}
        for _, value in values:
            checked = self._checked(value, keyword)
            if isinstance(checked, Unknown):
                return checked
            if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
                return Unknown(self.place(keyword), "it is no table of lists")
            names.update(dict.fromkeys(str(key) for key in value))
        groups: dict[str, list[Marked]] = {}
        for name in names:
            members = [(worlds, value.get(name)) for worlds, value in values if isinstance(value, dict)]
            found = self._marked(members, keyword)
            if isinstance(found, Unknown):
                return found
            groups[name] = found
        return groups

    def _marked(self, values: list[tuple[tuple[World, ...], Value]], keyword: str) -> list[Marked] | Unknown:
        """Return the texts of all worlds in order, each with the marker of the worlds that have it."""
        present: dict[str, list[World]] = {}
        for worlds, value in values:
            checked = self._checked(value, keyword)
            if isinstance(checked, Unknown):
                return checked
            texts = [] if value is None else _as_texts(value)
            if texts is None:
                return Unknown(self.place(keyword), "it is no list of texts")
            for text in requirement_texts(texts):
                present.setdefault(text, []).extend(worlds)
        everywhere = [world for worlds, _ in values for world in worlds]
        return [
            Marked(text=text, origin=self._origin(text, keyword), marker=marker)
            for text, found in present.items()
            for marker in markers_of(found, everywhere)
        ]

    def _origin(self, text: str, keyword: str) -> str:
        return self._places.get(text) or self.place(keyword)

    def _in_world(self, call: _Call, keyword: str) -> Value:
        if keyword in self._changed:
            return Unknown(self._changed[keyword], "a class changes it while setup() runs")
        if keyword in call.keywords:
            return call.keywords[keyword]
        return (
            Unknown(self.place(keyword), "setup() gets arguments that can't be followed")
            if call.is_open
            else None
        )

    def _checked(self, value: Value, keyword: str) -> Value:
        unknown = first_unknown(value)
        if unknown is not None:
            return unknown if unknown.place else Unknown(self.place(keyword), unknown.reason)
        return Unknown(self.place(keyword), "it contains a path") if _mentions_root(value) else value


def setup_arguments(facts: SourceFacts) -> SetupArguments:
    """Follow setup.py and return what it gives to `setup()`.

    Raises:
        UnfollowedError: it is no Python 3, too long to be followed, or never gets to `setup()`.
    """
    tree = parse(facts.text(SETUP_PY) or "")
    if tree is None:
        raise UnfollowedError("it can't be parsed as Python 3")
    files, budget = SourceFiles(facts), Budget()
    places = _constants(tree)
    calls: list[_Call] = []
    last_place = SETUP_PY
    pending: list[tuple[World, ...]] = [WORLDS]
    while pending:
        machine = Machine(files, worlds=pending.pop(), budget=budget)
        try:
            machine.run_program(SETUP_PY, tree)
            made = [_bounded(call, machine) for call in machine.setup_calls]
        except BudgetSpentError as error:
            raise UnfollowedError(f"{error}; it was followed until {machine.last_place}") from error
        pending += machine.worlds_left
        last_place = machine.last_place
        # In worlds that it doesn't support, the program ends before it calls setup().
        if made:
            calls.append(_agreed(machine.worlds, made))
        _add_lines_of_files(places, files, machine.files_read)
    if not calls:
        raise UnfollowedError(f"it doesn't get to setup(); it was followed until {last_place}")
    return SetupArguments(tuple(calls), places, _changed_by_classes(tree))


def _bounded(call: SetupCall, machine: Machine) -> SetupCall:
    """Return a call whose arguments can be looked through and compared; larger ones are unknown.

    Raises:
        BudgetSpentError: there are too many calls.
    """
    keywords: dict[str, Value] = {}
    for name, value in call.arguments.keywords.items():
        machine.spend()
        try:
            size = sum(len(part) for part in parts_of(value) if isinstance(part, str | bytes))
            reason = f"it has {size} characters" if size > _MAX_CHARACTERS else ""
        except BudgetSpentError as error:
            reason = str(error)
        place = f"{SETUP_PY}:{call.arguments.lines.get(name, call.line)}"
        keywords[name] = Unknown(place, reason) if reason else value
    return replace(call, arguments=replace(call.arguments, keywords=keywords))


def _agreed(worlds: tuple[World, ...], calls: list[SetupCall]) -> _Call:
    """Return what all calls of one run agree on: which of them a build makes, nobody knows."""
    last = calls[-1]
    keywords = dict(last.arguments.keywords)
    for call in calls[:-1]:
        others = call.arguments.keywords
        for name in dict.fromkeys((*keywords, *others)):
            if name not in keywords or name not in others or not equal(keywords[name], others[name]):
                place = f"{SETUP_PY}:{call.arguments.lines.get(name, call.line)}"
                keywords[name] = Unknown(place, "setup() is called in several ways")
    return _Call(
        worlds=worlds,
        keywords=keywords,
        lines=last.arguments.lines,
        line=last.line,
        is_open=any(call.arguments.is_open for call in calls),
    )


def _changed_by_classes(tree: ast.Module) -> dict[str, str]:
    """Return the arguments that a class of setup.py changes by itself, `self.install_requires += [...]`."""
    changed: dict[str, str] = {}
    for parent in tree.body:
        if not isinstance(parent, ast.ClassDef):
            continue
        for node in ast.walk(parent):
            match node:
                case (
                    ast.Attribute(attr=name, ctx=ast.Store())
                    | ast.Call(
                        func=ast.Attribute(
                            value=ast.Attribute(attr=name), attr="append" | "extend" | "update"
                        )
                    )
                ) if name in _REQUIREMENTS:
                    changed[name] = f"{SETUP_PY}:{node.lineno}"
                case _:
                    pass
    return changed


def _as_texts(value: Value) -> list[str] | None:
    if isinstance(value, str):
        return value.splitlines()
    if isinstance(value, TextFile):
        return value.rest().splitlines()
    if not isinstance(value, list | tuple | set | dict):
        return None
    found: list[str] = []
    for item in ordered(value) if isinstance(value, set) else value:
        text = text_of(item)
        if text is None or item is None:
            return None
        found.append(text)
    return found


def _mentions_root(value: Value) -> bool:
    if isinstance(value, str):
        return ROOT in value
    if isinstance(value, dict):
        return any(map(_mentions_root, value.values()))
    return isinstance(value, list | tuple | set) and any(map(_mentions_root, value))


def _constants(tree: ast.Module) -> dict[str, str]:
    """Return where each text of the program stands, line by line."""
    places: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for offset, line in enumerate(node.value.split("\n")):
                places.setdefault(line.strip(), f"{SETUP_PY}:{node.lineno + offset}")
    return places


def _add_lines_of_files(places: dict[str, str], files: SourceFiles, paths: Iterable[str]) -> None:
    for path in paths:
        for number, line in enumerate((files.text(path) or "").splitlines(), 1):
            places.setdefault(line.partition(" #")[0].strip(), f"{path}:{number}")
