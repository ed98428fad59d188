"""Meson text -> calls with their arguments, lines and the conditions around them.

A small tokenizer after the reference manual's syntax; names that are set to texts, and loops over lists of them, are
followed. Nothing else is evaluated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from conda_bridge.infer.scan.platforms import (
    ANYWHERE,
    EVERY_PLATFORM,
    UNKNOWN,
    Condition,
    Where,
    on_platforms,
    platforms_named,
)

__all__ = ["Call", "read_meson"]

_TOKEN = re.compile(
    r"#[^\n]*+|f?'''(?P<long>(?:[^']|'(?!''))*+)(?:'''|\Z)|f?'(?P<text>(?:[^'\\\n]|\\.)*+)'?|(?P<word>[A-Za-z_]\w*+)"
    r"|(?P<mark>[-+!=<>]=|[^\s\w'])|(?P<newline>\n)|\\\n|\d\w*+",
)
_MAX_TOKENS = 100_000
_MAX_TEXTS = 300
_MAX_DEPTH = 60
_MAX_LENGTH = 300
_OPEN, _CLOSED = frozenset("([{"), frozenset(")]}")
_OPERATORS = frozenset({"and", "or", "not", "in", "if", "elif", "foreach"})
_SYSTEM_METHODS = frozenset({"system", "get_id", "get_argument_syntax", "kernel", "subsystem"})


class _Token(NamedTuple):
    kind: str
    """`text`, `word`, `mark`, `newline`."""
    text: str
    line: int


@dataclass(slots=True)
class Call:
    """A call of a function or a method."""

    name: str
    """Of the function, or of the method without its object."""
    owner: str
    """The object's name; empty for a function."""
    line: int
    where: Where = ANYWHERE
    is_conditional: bool = False
    texts: list[str] = field(default_factory=list)
    """Positional, lists flattened."""
    named: dict[str, list[str]] = field(default_factory=dict)
    """Texts of named arguments, and words such as `false` or a called function's name."""


def read_meson(text: str) -> Iterator[Call]:
    """Yield every call of a file, inner ones before the outer."""
    return _Reader().calls(text)


class _Reader:
    """Keeps the open branches and the names that stand for texts, statement by statement."""

    def __init__(self) -> None:
        self._open: list[tuple[Where, Where]] = []
        self._texts: dict[str, list[str]] = {}
        self._conditions: dict[str, Condition] = {}

    def calls(self, text: str) -> Iterator[Call]:
        for statement in _statements(text):
            first = statement[0].text if statement[0].kind == "word" else ""
            where = self._open[-1][0] if self._open else ANYWHERE
            if first in {"if", "elif", "else", "endif"}:
                self._branch(first, statement[1:])
            elif first == "foreach":
                self._loop(statement[1:])
            else:
                self._assign(statement)
            for call in _calls(statement, self._texts):
                call.where = where
                call.is_conditional = bool(self._open)
                yield call

    def _branch(self, word: str, condition: Sequence[_Token]) -> None:
        if word == "if":
            outer = self._open[-1][0] if self._open else ANYWHERE
            self._enter(outer, self._condition(condition))
        elif self._open:
            _, rest = self._open.pop()
            if word == "elif":
                self._enter(rest, self._condition(condition))
            elif word == "else":
                self._open.append((rest, rest))

    def _enter(self, outer: Where, condition: Condition) -> None:
        then, otherwise = condition, condition.negated()
        self._open.append(
            (
                outer.within(then.then, is_optional=then.is_chosen),
                outer.within(otherwise.then, is_optional=otherwise.is_chosen),
            )
        )

    def _loop(self, tokens: Sequence[_Token]) -> None:
        """`foreach name : list`, also `foreach key, value : dictionary`."""
        names: list[str] = []
        for index, token in enumerate(tokens):
            if token.text == ":":
                values = self._plain_texts(tokens[index + 1 :])
                for name in names:
                    self._bind(name, values)
                return
            if token.kind == "word":
                names.append(token.text)

    def _assign(self, statement: Sequence[_Token]) -> None:
        if len(statement) < 3 or statement[0].kind != "word" or statement[1].text not in {"=", "+="}:
            return
        name, value = statement[0].text, statement[2:]
        self._bind(name, self._plain_texts(value))
        words = {token.text for token in value}
        if words.isdisjoint(_SYSTEM_METHODS) and words.isdisjoint(self._conditions):
            return
        condition = self._condition(value)
        if condition.then != condition.otherwise:
            self._conditions[name] = condition

    def _plain_texts(self, tokens: Sequence[_Token]) -> list[str]:
        """Return the texts of lists and literals; those inside of calls are arguments, not values."""
        found: list[str] = []
        depth = 0
        for index, token in enumerate(tokens):
            if token.text == "(" and token.kind == "mark" and index and tokens[index - 1].kind == "word":
                depth += 1
            elif depth and token.kind == "mark":
                depth += (token.text == "(") - (token.text == ")")
            elif not depth and token.kind == "text":
                found.append(token.text)
            elif not depth and token.kind == "word":
                found += self._texts.get(token.text, [])
            if len(found) > _MAX_TEXTS:
                break
        return found[:_MAX_TEXTS]

    def _bind(self, name: str, values: list[str]) -> None:
        known = self._texts.setdefault(name, [])
        known += [value for value in dict.fromkeys(values) if value not in known][: _MAX_TEXTS - len(known)]

    def _condition(self, tokens: Sequence[_Token]) -> Condition:
        """Read a condition from left to right: `not`, then `and` and `or` as they come."""
        found: Condition | None = None
        is_negated, joins, part = False, "and", list[_Token]()
        for token in (*tokens, _Token("word", "and", 0)):
            if token.kind == "word" and token.text in {"and", "or"}:
                condition = self._comparison(part)
                condition = condition.negated() if is_negated else condition
                if found is None:
                    found = condition
                else:
                    found = found.and_(condition) if joins == "and" else found.or_(condition)
                is_negated, joins, part = False, token.text, []
            elif token.kind == "word" and token.text == "not" and not part:
                is_negated = not is_negated
            else:
                part.append(token)
        return found or UNKNOWN

    def _comparison(self, tokens: Sequence[_Token]) -> Condition:
        words = [token.text for token in tokens if token.kind == "word"]
        texts = [token.text for token in tokens if token.kind == "text"]
        if _SYSTEM_METHODS.intersection(words) and texts:
            named = [platforms for text in texts if (platforms := platforms_named(text))]
            # Compilers and systems of other names leave the platform open.
            condition = on_platforms(frozenset().union(*named)) if named else UNKNOWN
            is_unequal = any(token.text == "!=" for token in tokens) or "not" in words
            return condition.negated() if is_unequal else condition
        if len(words) == 1 and words[0] in self._conditions and len(tokens) <= 3:
            return self._conditions[words[0]]
        is_chosen = "found" in words or "get_option" in words
        return Condition(EVERY_PLATFORM, EVERY_PLATFORM, is_chosen=is_chosen)


def _statements(text: str) -> Iterator[list[_Token]]:
    """Yield the tokens of one statement after the other; a line ends one outside of brackets."""
    statement: list[_Token] = []
    depth = 0
    for token in islice(_tokens(text), _MAX_TOKENS):
        if token.kind == "newline":
            if depth <= 0 and statement:
                yield statement
                statement, depth = [], 0
            continue
        if token.kind == "mark":
            depth += (token.text in _OPEN) - (token.text in _CLOSED)
        statement.append(token)
    if statement:
        yield statement


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "long":
            yield _Token("text", match[kind][:_MAX_LENGTH], line)
            line += match[0].count("\n")
        elif kind is not None:
            yield _Token(kind, match[kind][:_MAX_LENGTH], line)
            line += kind == "newline"
        else:
            line += match[0] == "\\\n"


class _Frame(NamedTuple):
    """An open bracket."""

    call: Call | None
    """The call that the contents belong to; None outside of every call."""
    name: str
    """The named argument at hand; empty for positional ones."""
    is_own: bool
    """True for the bracket of the call itself; False for a list or a group in it."""


def _calls(statement: Sequence[_Token], texts: dict[str, list[str]]) -> Iterator[Call]:
    """Yield the calls of a statement as their brackets close."""
    frames: list[_Frame] = []
    for index, token in enumerate(statement):
        frame = frames[-1] if frames else _Frame(None, "", is_own=False)
        if token.kind == "mark" and token.text in _OPEN:
            made = _call_at(statement, index) if token.text == "(" else None
            opened = _Frame(made, "", is_own=True) if made is not None else frame._replace(is_own=False)
            frames.append(opened)
            if len(frames) > _MAX_DEPTH:
                return
        elif token.kind == "mark" and token.text in _CLOSED and frames:
            frames.pop()
            if frame.is_own and frame.call is not None:
                yield frame.call
        elif frame.call is not None:
            frames[-1] = _argument(statement, index, frame, texts)


def _call_at(statement: Sequence[_Token], index: int) -> Call | None:
    """Return the call whose bracket opens here; None where the bracket only groups."""
    if not index or statement[index - 1].kind != "word" or statement[index - 1].text in _OPERATORS:
        return None
    name = statement[index - 1]
    owner = ""
    if index > 2 and statement[index - 2].text == "." and statement[index - 3].kind == "word":
        owner = statement[index - 3].text
    elif index > 1 and statement[index - 2].text == ".":
        owner = "?"
    return Call(name=name.text, owner=owner, line=name.line)


def _argument(statement: Sequence[_Token], index: int, frame: _Frame, texts: dict[str, list[str]]) -> _Frame:
    """Keep one token of a call's arguments; return the frame that holds for the next one."""
    call, token = frame.call, statement[index]
    assert call is not None, "only arguments of a call are kept"
    following = statement[index + 1].text if index + 1 < len(statement) else ""
    if frame.is_own and token.kind == "mark" and token.text == ",":
        return frame._replace(name="")
    if frame.is_own and token.kind == "word" and following == ":":
        call.named.setdefault(token.text, [])
        return frame._replace(name=token.text)
    kept = call.named.setdefault(frame.name, []) if frame.name else call.texts
    room = _MAX_TEXTS - len(kept)
    if token.kind == "text" and following != "+":
        kept += [token.text][:room]
    elif token.kind == "word" and following == "(" and frame.name:
        kept += [f"{token.text}()"][:room]
    elif token.kind == "word" and following not in {".", "("}:
        kept += texts.get(token.text, [token.text] if frame.name else [])[:room]
    return frame
