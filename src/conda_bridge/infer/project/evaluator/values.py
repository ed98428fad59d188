"""What expressions evaluate to: Python's own plain values, and the kinds below."""

import ast
import builtins
import reprlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from configparser import RawConfigParser

__all__ = [
    "OPEN_KEY",
    "Arguments",
    "BoundMethod",
    "BudgetSpentError",
    "ConfigValue",
    "Environment",
    "FactoryDict",
    "Function",
    "ImportedName",
    "LoopEnded",
    "MatchValue",
    "Module",
    "PathValue",
    "PatternValue",
    "Raised",
    "Record",
    "Reference",
    "Returned",
    "Scope",
    "Signal",
    "Stopped",
    "TextFile",
    "Unknown",
    "Value",
    "VersionInfo",
    "equal",
    "first_unknown",
    "ordered",
    "parts_of",
    "weight_of",
]

Value: TypeAlias = object
"""str, bytes, numbers, None, lists, tuples, dicts and sets of values, or one of the kinds below."""
Scope: TypeAlias = dict[str, Value]

_MAX_PARTS = 100_000
_CONTAINERS = (list, tuple, set, frozenset, dict)
_MAX_NESTING = 200
"""Comparing, hashing and copying recurse: deeper values would end the interpreter itself."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that text alone doesn't tell."""

    place: str
    """Where it arose, `setup.py:31`; empty where no single place did."""
    reason: str
    """What could not be followed, for people."""


@dataclass(frozen=True, slots=True)
class _OpenKey:
    """Marks a dict that may have more entries than are known."""


OPEN_KEY = _OpenKey()


class FactoryDict(dict[Value, Value]):
    """A `collections.defaultdict` whose missing entries are empty lists, sets or dicts."""

    def __init__(self, factory: Callable[[], Value], entries: "dict[Value, Value] | None" = None) -> None:
        super().__init__(entries or {})
        self.factory = factory

    def __missing__(self, key: Value) -> Value:
        self[key] = value = self.factory()
        return value


@dataclass(frozen=True, slots=True)
class Reference:
    """Something of another project's module, `os.path.join`, of which only the name is known."""

    name: str


@dataclass(frozen=True, slots=True)
class BoundMethod:
    """A method of a known value."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function or lambda of the source, and the scopes that it sees, innermost last."""

    name: str
    parameters: ast.arguments
    body: Sequence[ast.stmt] | ast.expr
    scopes: tuple[Scope, ...]
    path: str
    is_generator: bool = False


@dataclass(slots=True, eq=False)
class Module:
    """A module of the source itself; its names are computed when the first is asked for."""

    path: str
    names: Scope | None = None


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A name of a module of the source, not looked up yet."""

    module: Module
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """An object of a library of which the text and a few attributes are known."""

    text: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False)
class Environment:
    """`os.environ` of a build, which starts from a clean one: only what the program itself sets is known to be there."""

    names: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ConfigValue:
    """A `configparser` parser, and what it has read so far."""

    parser: "RawConfigParser"


@dataclass(frozen=True, slots=True)
class PathValue:
    """A `pathlib` path."""

    path: str


@dataclass(slots=True, eq=False)
class TextFile:
    """A file of the source, opened for reading."""

    path: str
    text: str
    position: int = 0

    def rest(self) -> str:
        """Return the text that hasn't been read yet, and take it as read."""
        rest = self.text[self.position :]
        self.position = len(self.text)
        return rest

    def line(self) -> str:
        """Return the next line with its end, and take it as read; empty at the end of the file."""
        end = self.text.find("\n", self.position)
        stop = len(self.text) if end < 0 else end + 1
        line = self.text[self.position : stop]
        self.position = stop
        return line


@dataclass(frozen=True, slots=True)
class PatternValue:
    """A compiled regular expression."""

    pattern: str
    flags: int = 0


@dataclass(frozen=True, slots=True)
class MatchValue:
    """What a regular expression found; group 0 is the whole."""

    groups: tuple[str | None, ...]
    names: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """`sys.version_info`, or its first two parts: which minor version it is, only the world tells."""

    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call, evaluated; what `**` of an unknown value may add is told apart."""

    positional: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """Where each keyword stands."""
    is_open: bool = False
    """True where more arguments may have been given than are known."""

    def get(self, position: int, keyword: str, default: Value = None) -> Value:
        """Return an argument that may be given by position or by keyword."""
        if position < len(self.positional):
            return self.positional[position]
        return self.keywords.get(keyword, default)

    def unknown(self) -> Unknown | None:
        """Return the first argument that isn't known entirely."""
        for value in (*self.positional, *self.keywords.values()):
            found = first_unknown(value)
            if found is not None:
                return found
        return Unknown("", "unknown arguments") if self.is_open else None


# ---------------------------------------------------------------- control flow


class Signal(Exception):  # noqa: N818 # control flow of the interpreted program, not an error of ours
    """A statement of the interpreted program that leaves the straight path."""


class Stopped(Signal):
    """The program ended: `sys.exit`, or an exception that nothing catches."""


class Raised(Signal):
    """The program raised an exception; `names` are those of its class and of the classes above it."""

    def __init__(self, name: str | type[BaseException]) -> None:
        super().__init__(name)
        kind = getattr(builtins, name, None) if isinstance(name, str) else name
        if isinstance(kind, type) and issubclass(kind, BaseException):
            self.names = frozenset(base.__name__ for base in kind.__mro__)
        else:
            self.names = frozenset({str(name), "Exception", "BaseException"})


class Returned(Signal):
    """A function returned a value."""

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value


class LoopEnded(Signal):
    """`break` or `continue`; a doubtful one may not have been reached."""

    def __init__(self, *, is_break: bool, is_doubtful: bool = False) -> None:
        super().__init__(is_break, is_doubtful)
        self.is_break = is_break
        self.is_doubtful = is_doubtful


class BudgetSpentError(Exception):
    """The program is too long, too deep or too large to be followed."""


def parts_of(value: Value, *, limit: int = 50_000) -> list[Value]:
    """Return a value and all that it consists of, shared parts each time, as comparing and hashing see it.

    Raises:
        BudgetSpentError: more than `limit`, or nested too deeply.
    """
    found: list[Value] = []
    level: list[Value] = [value]
    for _ in range(_MAX_NESTING):
        found += level
        inner: list[Value] = []
        for part in level:
            if not isinstance(part, _CONTAINERS):
                continue
            members = _members(part)
            if len(found) + len(inner) + len(members) > limit:
                raise BudgetSpentError("a value grows too large")
            inner += members
        if not inner:
            return found
        level = inner
    raise BudgetSpentError("a value is nested too deeply")


def _members(value: Collection[Value]) -> Collection[Value]:
    """Return what a container holds; of a dict's keys only the tuples, which hold something themselves."""
    if not isinstance(value, dict):
        return value
    return [*value.values(), *(key for key in value if isinstance(key, tuple))]


def weight_of(value: Value, *, limit: int = 50_000) -> int:
    """Return how many values a value consists of; see `parts_of`.

    Raises:
        BudgetSpentError: more than `limit`, or nested too deeply.
    """
    return len(parts_of(value, limit=limit))


def equal(left: Value, right: Value) -> bool:
    """Tell whether two values are the same, of the same type.

    Raises:
        BudgetSpentError: they are too large to be compared.
    """
    if left is right or type(left) is not type(right):
        return left is right
    weight_of(left)
    weight_of(right)
    return bool(left == right)


def ordered(members: Iterable[Value]) -> list[Value]:
    """Return the members of a set; its order is nobody's intention, but here it is the same each time."""
    return sorted(
        members, key=lambda member: repr(member) if isinstance(member, str) else reprlib.repr(member)
    )


def first_unknown(value: Value) -> Unknown | None:
    """Return the first unknown part of a value, however deep; None where all of it is known.

    Something of which only the name is known is no data, and unknown in this sense.

    Raises:
        BudgetSpentError: the value is too large to look at.
    """
    pending: list[Value] = [value]
    count = 1
    while pending:
        current = pending.pop()
        if isinstance(current, Unknown):
            return current
        if isinstance(current, (Reference, BoundMethod, Function, Module, ConfigValue, Environment)):
            return Unknown("", "an object of a module")
        if isinstance(current, dict) and OPEN_KEY in current:
            return Unknown("", "entries that are not known")
        if isinstance(current, (list, tuple, set, frozenset, dict)):
            count += len(current)
            if count > _MAX_PARTS:
                raise BudgetSpentError("a value grows too large")
            pending.extend(current.values() if isinstance(current, dict) else current)
    return None
