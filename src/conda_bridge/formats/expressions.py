"""Expressions of a recipe -> values, without Jinja.

Known is what recipes compute from their own variables: names, texts, numbers and lists, indices and slices,
`+ - * // %` on whole numbers, `+` and `~` on text, the common filters and methods of text. All else is unknown,
and so is whatever would be long or big: an expression from a stranger costs no more than its length.

Vocabulary: the *scope* is what names stand for.
Source: Jinja's documentation, "Template Designer Documentation"; minijinja's (v1) is the same as far as this goes.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from conda_bridge.formats.jinja_tags import tags_of
from conda_bridge.model.options import RecipeFormat

__all__ = ["UnknownExpression", "Value", "evaluate", "replace_expressions", "substitute", "text_of_value"]

Value: TypeAlias = str | int | float | tuple[str, ...]
"""What a variable may hold. Truth values and the like are unknown here."""

_MAX_EXPRESSION = 500
_MAX_TEXT = 500
_MAX_GROWTH = 2_000
"""How many characters values may put into one text."""
_MAX_NUMBER = 10**15
_MAX_DEPTH = 20

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
      | (?P<number>\d{1,15}(?:\.\d{1,15})?(?!\w))
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign>//|[-+*%~|.,:()\[\]])
    )""",
    re.ASCII | re.VERBOSE,
)


class UnknownExpression(ValueError):  # noqa: N818 - it is an answer, which the caller always expects
    """What an expression is can't be told from the recipe's own variables."""


def substitute(written: str, scope: Mapping[str, Value], recipe_format: RecipeFormat) -> str:
    """Return `written` with each expression's value in its place; what is unknown stays as written.

    >>> substitute("{{ name|lower }}-{{ PYTHON }}", {"name": "Foo"}, "v0")
    'foo-{{ PYTHON }}'
    """
    return replace_expressions(written, recipe_format, lambda inner: text_of_value(evaluate(inner, scope)))


def replace_expressions(written: str, recipe_format: RecipeFormat, text_of: Callable[[str], str]) -> str:
    """Return `written` with `text_of` each expression, given without braces, in its place.

    An expression for which `text_of` raises UnknownExpression stays as written; so do those after a lot of text.
    """
    if "{{" not in written:
        return written
    parts: list[str] = []
    position = growth = 0
    for tag in tags_of(written, recipe_format):
        if tag.kind != "expression" or growth > _MAX_GROWTH:
            continue
        try:
            text = text_of(tag.inner)
        except UnknownExpression:
            continue
        growth += len(text)
        parts += [written[position : tag.start], text]
        position = tag.end
    return "".join((*parts, written[position:]))


def text_of_value(value: Value) -> str:
    """Return the text that an expression with this value leaves behind.

    Raises:
        UnknownExpression: for a list.
    """
    if isinstance(value, tuple):
        raise UnknownExpression("a list is no text")
    return str(value)


def evaluate(expression: str, scope: Mapping[str, Value]) -> Value:
    """Return the value of an expression, given without its braces.

    >>> evaluate("version.split('.')[0] ~ '.x'", {"version": "1.2"})
    '1.x'

    Raises:
        UnknownExpression: where it isn't one of those that are known.
    """
    if len(expression) > _MAX_EXPRESSION:
        raise UnknownExpression("the expression is long")
    parser = _Parser(_tokens(expression), scope)
    value = parser.sum(0)
    if parser.tokens:
        raise UnknownExpression(f"{parser.tokens[-1][1]!r} isn't expected")
    return value


def _tokens(expression: str) -> list[tuple[str, str]]:
    """Return (kind, text) of each token, the last one first."""
    tokens: list[tuple[str, str]] = []
    text = expression.rstrip()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise UnknownExpression(f"{text[position:][:20]!r} isn't known")
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        position = match.end()
    return tokens[::-1]


class _Parser:
    """Evaluates while it reads; binding from loose to tight: `+ -`, `~`, `* // %`, filters, postfixes."""

    def __init__(self, tokens: list[tuple[str, str]], scope: Mapping[str, Value]) -> None:
        self.tokens = tokens
        self.scope = scope

    def take(self, *signs: str) -> str:
        """Return the next token where it is one of these signs, else nothing."""
        if self.tokens and self.tokens[-1][0] == "sign" and self.tokens[-1][1] in signs:
            return self.tokens.pop()[1]
        return ""

    def expect(self, kind: str, *texts: str) -> str:
        if not self.tokens or self.tokens[-1][0] != kind or (texts and self.tokens[-1][1] not in texts):
            raise UnknownExpression(f"{texts or kind} is expected")
        return self.tokens.pop()[1]

    def sum(self, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            raise UnknownExpression("deep nesting")
        value = self.joined(depth)
        while sign := self.take("+", "-"):
            value = _calculated(sign, value, self.joined(depth))
        return value

    def joined(self, depth: int) -> Value:
        value = self.product(depth)
        while self.take("~"):
            value = _bounded(text_of_value(value) + text_of_value(self.product(depth)))
        return value

    def product(self, depth: int) -> Value:
        value = self.filtered(depth)
        while sign := self.take("*", "//", "%"):
            value = _calculated(sign, value, self.filtered(depth))
        return value

    def filtered(self, depth: int) -> Value:
        value = self.postfixed(depth)
        while self.take("|"):
            name = self.expect("name")
            arguments = self.arguments(depth) if self.take("(") else ()
            value = _applied(_FILTERS, name, (value, *arguments))
        return value

    def postfixed(self, depth: int) -> Value:
        value = self.primary(depth)
        while sign := self.take(".", "["):
            if sign == "[":
                value = self.element(value, depth)
                continue
            name = self.expect("name")
            self.expect("sign", "(")
            value = _applied(_METHODS, name, (value, *self.arguments(depth)))
        return value

    def primary(self, depth: int) -> Value:
        if self.take("("):
            value = self.sum(depth + 1)
            self.expect("sign", ")")
            return value
        if self.take("["):
            return self.items(depth)
        if not self.tokens:
            raise UnknownExpression("the expression ends early")
        match self.tokens.pop():
            case "text", text:
                return text[1:-1]
            case "number", text:
                return float(text) if "." in text else int(text)
            case "name", name if name in self.scope:
                return self.scope[name]
            case _, text:
                raise UnknownExpression(f"{text!r} isn't known")

    def items(self, depth: int) -> tuple[str, ...]:
        items: list[str] = []
        while not self.take("]"):
            value = self.sum(depth + 1)
            if not isinstance(value, str):
                raise UnknownExpression("a list of other things than texts")
            items.append(value)
            if not self.take(","):
                self.expect("sign", "]")
                break
        return tuple(items)

    def arguments(self, depth: int) -> tuple[Value, ...]:
        arguments: list[Value] = []
        while not self.take(")"):
            arguments.append(self.sum(depth + 1))
            if not self.take(","):
                self.expect("sign", ")")
                break
        return tuple(arguments)

    def element(self, value: Value, depth: int) -> Value:
        if not isinstance(value, str | tuple):
            raise UnknownExpression("only texts and lists have elements")
        start = self.bound(depth)
        if self.take(":"):
            stop = self.bound(depth)
            self.expect("sign", "]")
            return value[start:stop]
        self.expect("sign", "]")
        if start is None or not -len(value) <= start < len(value):
            raise UnknownExpression("there is no such element")
        return value[start]

    def bound(self, depth: int) -> int | None:
        if self.tokens and self.tokens[-1] in {("sign", ":"), ("sign", "]")}:
            return None
        sign = -1 if self.take("-") else 1
        number = self.sum(depth + 1)
        if not isinstance(number, int):
            raise UnknownExpression("an index is a whole number")
        return sign * number


def _calculated(sign: str, left: Value, right: Value) -> Value:
    match sign, left, right:
        case "+", str(), str():
            return _bounded(left + right)
        case "+", tuple(), tuple():
            return _bounded(left + right)
        case "+", int(), int():
            return _bounded(left + right)
        case "-", int(), int():
            return _bounded(left - right)
        case "*", int(), int():
            return _bounded(left * right)
        case "//", int(), int() if right:
            return left // right
        case "%", int(), int() if right:
            return left % right
        case _:
            raise UnknownExpression(f"{sign!r} between these isn't known")


def _bounded(value: Value) -> Value:
    is_big = abs(value) > _MAX_NUMBER if isinstance(value, int | float) else len(value) > _MAX_TEXT
    if is_big:
        raise UnknownExpression("the value is too big")
    return value


def _applied(functions: Mapping[str, Callable[..., Value]], name: str, arguments: tuple[Value, ...]) -> Value:
    if name not in functions:
        raise UnknownExpression(f"{name!r} isn't known")
    try:
        return _bounded(functions[name](*arguments))
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise UnknownExpression(f"{name!r} doesn't take these") from error


# The annotations are promises that `_applied` keeps: a method that a value lacks is an AttributeError.


def _split(text: str, separator: str | None = None, limit: int = -1) -> Value:
    return tuple(text.split(separator, limit))


def _rsplit(text: str, separator: str | None = None, limit: int = -1) -> Value:
    return tuple(text.rsplit(separator, limit))


def _replace(text: str, old: str, new: str) -> Value:
    # An empty `old` or a long `new` would make the text long before it could be refused.
    if len(text) * (1 + len(new)) > _MAX_TEXT * 10:
        raise UnknownExpression("the value is too big")
    return text.replace(old, new)


def _join(parts: tuple[str, ...], separator: str = "") -> Value:
    if len(parts) * (1 + len(separator)) > _MAX_TEXT:
        raise UnknownExpression("the value is too big")
    return separator.join(parts)


def _int(value: str | float) -> Value:
    if isinstance(value, str) and not re.fullmatch(r"\d{1,15}", value, re.ASCII):
        raise UnknownExpression("this is no number")
    return int(value)


def _text(value: Value) -> Value:
    return text_of_value(value)


def _first(value: str | tuple[str, ...]) -> Value:
    return value[0]


def _last(value: str | tuple[str, ...]) -> Value:
    return value[-1]


def _length(value: str | tuple[str, ...]) -> Value:
    return len(value)


def _strip(text: str, characters: str | None = None) -> Value:
    return text.strip(characters)


def _lstrip(text: str, characters: str | None = None) -> Value:
    return text.lstrip(characters)


def _rstrip(text: str, characters: str | None = None) -> Value:
    return text.rstrip(characters)


def _lower(text: str) -> Value:
    return text.lower()


def _upper(text: str) -> Value:
    return text.upper()


def _build_text(version: str) -> Value:
    """Return `310` for `3.10.1`. Source: rattler-build's documentation, `version_to_buildstring`."""
    return "".join(version.split(".")[:2])


_SHARED: Mapping[str, Callable[..., Value]] = {
    "lower": _lower,
    "upper": _upper,
    "replace": _replace,
    "split": _split,
}
_METHODS: Mapping[str, Callable[..., Value]] = {
    **_SHARED,
    "join": lambda separator, parts: _join(parts, separator),
    "lstrip": _lstrip,
    "rsplit": _rsplit,
    "rstrip": _rstrip,
    "strip": _strip,
}
_FILTERS: Mapping[str, Callable[..., Value]] = {
    **_SHARED,
    "count": _length,
    "first": _first,
    "int": _int,
    "join": _join,
    "last": _last,
    "length": _length,
    "str": _text,
    "string": _text,
    "trim": _strip,
    "version_to_buildstring": _build_text,
}
