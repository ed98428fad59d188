"""CMake text -> commands with their arguments, lines and the conditions around them.

A small tokenizer after the manual's grammar: comments, bracket and quoted arguments, nested parentheses. Variables that
are set to plain words are followed; nothing else is evaluated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from conda_bridge.infer.scan.platforms import (
    ANYWHERE,
    NEVER,
    UNKNOWN,
    Condition,
    Where,
    on_platforms,
    platforms_named,
)

__all__ = ["BUILD_TYPE", "CMakeFile", "Command", "read_cmake"]

_TOKEN = re.compile(
    r"(?P<hash>#?)\[(?P<equals>=*)\[|#[^\n]*+|\"(?P<quoted>(?:[^\"\\]|\\.)*+)(?:\"|\\?\Z)|(?P<mark>[()])"
    r"|(?P<word>[^\s()#\"]++(?:\"[^\"\s]*+\"[^\s()#\"]*+)*+)",
    re.DOTALL,
)
_REFERENCE = re.compile(r"\$\{([\w.+/-]+)\}")
_MAX_TOKENS = 100_000
_MAX_WORDS = 2_000
_MAX_VALUES = 50
_MAX_LENGTH = 200
_SYSTEM_NAMES = frozenset({"CMAKE_SYSTEM_NAME", "CMAKE_HOST_SYSTEM_NAME", "CMAKE_SYSTEM"})
_COMPARISONS = frozenset({"STREQUAL", "MATCHES", "EQUAL", "IN_LIST", "VERSION_LESS", "VERSION_GREATER", "VERSION_EQUAL", "VERSION_GREATER_EQUAL", "VERSION_LESS_EQUAL", "LESS", "GREATER"})  # fmt: skip
_WORDS_OF_PLATFORMS = {
    "WIN32": "win", "MSVC": "win", "MINGW": "win", "CYGWIN": "win", "WINDOWS": "win", "APPLE": "osx", "MACOS": "osx",
    "MACOSX": "osx", "DARWIN": "osx", "LINUX": "linux", "UNIX": "unix", "CMAKE_HOST_WIN32": "win", "CMAKE_HOST_APPLE": "osx",
    "CMAKE_HOST_UNIX": "unix",
}  # fmt: skip
# Asked for what is always so where the build gets that far, or says nothing of what the user wants.
_NEUTRAL = re.compile(r"TARGET|POLICY|COMMAND|DEFINED|SKBUILD.*|CMAKE_.*|.*_VERSION.*|NOT", re.IGNORECASE)
_FALSE = frozenset({"OFF", "FALSE", "NO", "0", "N", "IGNORE", "NOTFOUND", ""})
BUILD_TYPE = "CMAKE_BUILD_TYPE"
_SETTING = re.compile(r"[A-Za-z_]\w{0,80}")
_VALUE = re.compile(r"[\w.+-]{1,60}")
# What the build finds out, or what a function is called with: nobody sets it.
_FINDING = re.compile(r".*_FOUND|(?:_?HAVE|_?HAS|_*ARGS?)_.*|.*(?:_DIR|_LIBRARIES|_LIBRARY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a file."""

    name: str
    """Lower case."""
    words: tuple[str, ...]
    line: int
    where: Where
    is_conditional: bool
    """True inside any `if`."""


@dataclass(slots=True)
class CMakeFile:
    """What is known while a file is read."""

    options: dict[str, bool]
    """Default of each `option()`, by name."""
    variables: dict[str, list[str]]
    """Plain words that variables were set to, anywhere."""
    demanded: set[str]
    """Packages, lower case, without which the build ends: `if(NOT X_FOUND) message(FATAL_ERROR ...)`."""

    def expanded(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return words with `${X}` replaced by what X was set to, each value in its turn."""
        found: list[str] = []
        for word in words:
            match = _REFERENCE.search(word)
            values = self.variables.get(match[1], [word]) if match else [word]
            found += (
                [word.replace(match[0], value) for value in values] if match and values != [word] else [word]
            )
            if len(found) > _MAX_WORDS:
                break
        return tuple(found)


def read_cmake(text: str) -> tuple[CMakeFile, tuple[Command, ...]]:
    """Return a file's commands in their order, and its options and variables."""
    reader = _Reader()
    return reader.known, tuple(reader.commands(text))


class _Reader:
    """Keeps the open `if`s while commands go by."""

    def __init__(self) -> None:
        self.known = CMakeFile(options={}, variables={}, demanded=set())
        self._open: list[tuple[Where, Where]] = []
        """Of each open `if`: where its current branch holds, and where the next one can."""
        self._missing: list[str] = []
        """Of each open `if`: the package that its current branch is without."""

    def commands(self, text: str) -> Iterator[Command]:
        for name, words, line in _raw_commands(text):
            where = self._open[-1][0] if self._open else ANYWHERE
            yield Command(name, words, line, where, bool(self._open))
            if name in {"if", "elseif", "else", "endif"}:
                self._branch(name, words)
            elif name == "message" and self._missing and words[:1] in {("FATAL_ERROR",), ("SEND_ERROR",)}:
                self.known.demanded.add(self._missing[-1])
            else:
                self._remember(name, words)

    def _branch(self, name: str, words: tuple[str, ...]) -> None:
        missing = _missing_package(words)
        if name == "if":
            self._missing.append(missing)
            outer = self._open[-1][0] if self._open else ANYWHERE
            condition = self._condition(words)
            self._open.append((_within(outer, condition), _within(outer, condition.negated())))
        elif self._open:
            _, rest = self._open.pop()
            self._missing.pop()
            if name != "endif":
                self._missing.append(missing)
            if name == "elseif":
                condition = self._condition(words)
                self._open.append((_within(rest, condition), _within(rest, condition.negated())))
            elif name == "else":
                self._open.append((rest, rest))

    def _remember(self, name: str, words: tuple[str, ...]) -> None:
        if name in {"option", "cmake_dependent_option"} and words:
            value = words[2] if len(words) > 2 else "OFF"
            self.known.options.setdefault(words[0], value.upper() not in _FALSE)
        if (name == "set" and len(words) > 1) or (name == "list" and len(words) > 2 and words[0] == "APPEND"):
            target, values = (words[0], words[1:]) if name == "set" else (words[1], words[2:])
            values = tuple(takewhile(lambda value: value not in {"CACHE", "PARENT_SCOPE"}, values))
            kept = self.known.variables.setdefault(target, [])
            kept += [word for word in values if "$" not in word and word not in kept][
                : _MAX_VALUES - len(kept)
            ]

    def _condition(self, words: tuple[str, ...]) -> Condition:
        """Read a condition from left to right; `NOT` binds tighter than `AND` and `OR`. Source: CMake manual, command if."""
        found: Condition | None = None
        is_negated, joins = False, "AND"
        position = 0
        while position < len(words):
            word = words[position]
            if word.upper() == "NOT":
                is_negated = not is_negated
            elif word.upper() in {"AND", "OR"}:
                joins = word.upper()
            elif word not in {"(", ")"}:
                condition, used = self._operand(words, position)
                position += used - 1
                condition = condition.negated() if is_negated else condition
                is_negated = False
                if found is None:
                    found = condition
                else:
                    found = found.and_(condition) if joins == "AND" else found.or_(condition)
            position += 1
        return found or UNKNOWN

    def _operand(self, words: tuple[str, ...], position: int) -> tuple[Condition, int]:
        word = words[position]
        bare = word.removeprefix("${").removesuffix("}")
        following = words[position + 1] if position + 1 < len(words) else ""
        if following.upper() in _COMPARISONS and position + 2 < len(words):
            condition = _of_system(words[position + 2]) if bare in _SYSTEM_NAMES else None
            return condition or _of_text(bare, following, words[position + 2]), 3
        if bare.upper() in {"TARGET", "DEFINED", "POLICY", "COMMAND", "EXISTS"} and following:
            return UNKNOWN, 2
        platform = platforms_named(_WORDS_OF_PLATFORMS.get(bare.upper(), ""))
        if platform:
            return on_platforms(platform), 1
        return self._of_variable(bare), 1

    def _of_variable(self, name: str) -> Condition:
        """An option holds by its default; any other variable holds if the user, or what was found, says so."""
        if name in self.known.options:
            is_on = self.known.options[name]
            return Condition(is_chosen=not is_on, is_refused=is_on, when=(name,), unless=(f"!{name}",))
        if _NEUTRAL.fullmatch(name):
            return UNKNOWN
        if name.upper() in _FALSE:
            return Condition(is_chosen=True, when=(NEVER,))
        if not _SETTING.fullmatch(name) or _FINDING.fullmatch(name):
            return Condition(is_chosen=True)
        return Condition(is_chosen=True, when=(name,), unless=(f"!{name}",))


def _missing_package(words: tuple[str, ...]) -> str:
    """Return the package that is missing under a condition `NOT X_FOUND`; empty for any other condition."""
    match words:
        case ("NOT", found) if found.upper().endswith("_FOUND"):
            return found[: -len("_FOUND")].lower()
        case _:
            return ""


def _of_text(name: str, comparison: str, value: str) -> Condition:
    """`X STREQUAL text` is a question for a choice of the user's where X is one."""
    is_choice = comparison.upper() == "STREQUAL" and _SETTING.fullmatch(name) and _VALUE.fullmatch(value)
    if not is_choice or (name.startswith("CMAKE_") and name != BUILD_TYPE) or _FINDING.fullmatch(name):
        return UNKNOWN
    return Condition(when=(f"{name}={value}",), unless=(f"!{name}={value}",))


def _of_system(value: str) -> Condition | None:
    words = re.findall(r"\w+", value)
    named = [platforms for word in words if (platforms := platforms_named(word))]
    return on_platforms(frozenset().union(*named)) if named else None


def _within(where: Where, condition: Condition) -> Where:
    return where.within(condition.then, is_optional=condition.is_chosen, when=condition.when)


def _raw_commands(text: str) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Yield name, words and line of each command; parentheses inside a command are words of it."""
    last, name, words, depth, start = "", "", list[str](), 0, 1
    for kind, word, line in islice(_tokens(text), _MAX_TOKENS):
        if kind == "(":
            depth += 1
            if depth == 1:
                name, words, start = last.lower(), [], line
                continue
        elif kind == ")" and depth:
            depth -= 1
            if not depth:
                yield name, tuple(words), start
        elif kind == "word" and not depth:
            last = word
        if depth and len(words) < _MAX_WORDS:
            words.append(word[:_MAX_LENGTH])


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield kind (`(`, `)`, `word`, `quoted`), text and line; comments are left out."""
    position, counted, line = 0, 0, 1
    while match := _TOKEN.search(text, position):
        position = match.end()
        line += text.count("\n", counted, match.start())
        counted = match.start()
        if match["equals"] is not None:
            closing = f"]{match['equals']}]"
            end = text.find(closing, position)
            end = len(text) if end < 0 else end
            if not match["hash"]:
                yield "quoted", text[position : min(end, position + _MAX_LENGTH)], line
            position = min(len(text), end + len(closing))
        elif match["mark"]:
            yield match["mark"], match["mark"], line
        elif match["quoted"] is not None:
            yield "quoted", match["quoted"][:_MAX_LENGTH], line
        elif match["word"]:
            yield "word", match["word"], line
