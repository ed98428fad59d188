"""Methods of texts, with a bound on what they may grow to."""

import re

from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.operators import MAX_SIZE, text_of
from conda_bridge.infer.project.evaluator.values import (
    Arguments,
    BoundMethod,
    BudgetSpentError,
    TextFile,
    Value,
)

__all__ = ["check_size", "text_method"]

_FIELD = re.compile(r"\{(\w*)(!s)?\}|\{\{|\}\}")

_STRING_METHODS: frozenset[str] = frozenset({
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "lower", "upper",
    "title", "capitalize", "casefold", "partition", "rpartition", "find", "rfind", "index", "rindex", "count",
    "isdigit", "isalpha", "isalnum", "isspace", "isidentifier", "isupper", "islower", "isnumeric",
    "isdecimal", "removeprefix", "removesuffix", "swapcase", "encode",
})  # fmt: skip


_QUADRATIC = frozenset({"strip", "lstrip", "rstrip", "rfind", "rindex", "rpartition", "rsplit"})
"""They take the product of both lengths, other searches only the sum."""


def text_method(method: BoundMethod, call: Call) -> Value:
    """Return what a method of a text returns; Unknown for one that isn't understood.

    Raises:
        TypeError, ValueError, LookupError: as the method does.
        BudgetSpentError: the result would be too large.
    """
    receiver = method.receiver
    assert isinstance(receiver, str | bytes)
    doubt = call.arguments.unknown()
    if doubt is not None:
        return doubt
    call.machine.spend(len(receiver) // 1000)
    if method.name == "decode":
        # Files opened as bytes are text already.
        return receiver if isinstance(receiver, str) else receiver.decode(errors="replace")
    if isinstance(receiver, str):
        result = _text_builder(receiver, method.name, call)
        if result is not None:
            return result
    if method.name not in _STRING_METHODS or (method.name == "encode" and isinstance(receiver, bytes)):
        return call.unknown(f"the method {method.name!r}")
    if method.name in _QUADRATIC:
        longest = max((len(a) for a in call.arguments.positional if isinstance(a, str | bytes)), default=0)
        call.machine.spend(len(receiver) * longest // 1000)
    found: Value = getattr(receiver, method.name)(*call.arguments.positional, **call.arguments.keywords)
    return found


def _text_builder(receiver: str, name: str, call: Call) -> Value | None:
    """Return the result of the methods that may make a text longer; None for the others."""
    match name:
        case "format":
            return _format_text(receiver, call.arguments)
        case "join":
            items = call.get(0, "iterable")
            members = items.rest().splitlines(keepends=True) if isinstance(items, TextFile) else items
            if not isinstance(members, list | tuple | set | str | dict):
                return None
            texts = [member for member in members if isinstance(member, str)]
            if len(texts) != len(members):
                raise TypeError(name)
            check_size(sum(map(len, texts)) + len(receiver) * len(texts))
            return receiver.join(texts)
        case "replace":
            old, new = call.get(0, "old"), call.get(1, "new")
            if not isinstance(old, str) or not isinstance(new, str) or len(call.arguments.positional) > 2:
                return None
            check_size(len(receiver) + receiver.count(old) * len(new))
            return receiver.replace(old, new)
        case _:
            return None


def check_size(size: int) -> None:
    """Refuse a text or list that is too large.

    Raises:
        BudgetSpentError: it is.
    """
    if size > MAX_SIZE:
        raise BudgetSpentError(f"a value grows beyond {MAX_SIZE} characters")


def _format_text(template: str, arguments: Arguments) -> str | None:
    """Return `template.format(...)` for fields without attributes and formats; None for others.

    Raises:
        IndexError, KeyError, ValueError: a field has no value, or fields are of two styles.
    """
    parts: list[str] = []
    styles: set[bool] = set()
    position = automatic = size = 0
    for field in _FIELD.finditer(template):
        literal = template[position : field.start()]
        position = field.end()
        if "{" in literal or "}" in literal:
            return None
        if field[0] in {"{{", "}}"}:
            value: Value = field[0][0]
        elif field[1].isdecimal() or not field[1]:
            styles.add(bool(field[1]))
            value = arguments.positional[int(field[1]) if field[1] else automatic]
            automatic += not field[1]
        else:
            value = arguments.keywords[field[1]]
        text = text_of(value)
        if text is None:
            return None
        parts += (literal, text)
        size += len(literal) + len(text)
        if size > MAX_SIZE:
            raise BudgetSpentError("a formatted text grows too large")
    if len(styles) > 1:
        raise ValueError("numbered and automatic fields don't mix")
    rest = template[position:]
    return None if "{" in rest or "}" in rest else "".join((*parts, rest))
