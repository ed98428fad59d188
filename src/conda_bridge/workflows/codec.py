"""Model values become JSON and come back equal: what facts files, reports and `--json` are made of.

The field types of the dataclasses decide, so nothing has to be registered. An object stands for a dataclass;
where a field may hold one of several classes, the object says which in `type`. Tuples are lists, frozensets
sorted lists, and versions, specifiers, requirements and enumerations their texts.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NewType, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import UsageError

__all__ = [
    "TAG",
    "Json",
    "classes_of",
    "decode",
    "dumps",
    "encode",
    "fields_of",
    "is_union",
    "loads",
    "plain",
]

T = TypeVar("T")
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

TAG = "type"
"""The key under which an object says its class, where several are possible."""

_TEXTUAL: dict[type, Callable[[str], object]] = {
    Requirement: Requirement,
    SpecifierSet: SpecifierSet,
    Version: Version,
}


def dumps(value: object, kind: type) -> str:
    """Return `value`, of the dataclass `kind`, as indented JSON text with a final newline."""
    return json.dumps(encode(value, kind), indent=2, ensure_ascii=False) + "\n"


def loads(text: str, kind: type[T], *, where: str) -> T:
    """Return the value of the dataclass `kind` that `dumps` wrote; `where` names the file in complaints.

    Raises:
        UsageError: `invalid-document` where the text is no such value.
    """
    try:
        parsed: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("invalid-document", f"is not valid JSON: {error}", where=where) from error
    value = decode(parsed, kind, where=f"{where}#")
    if not isinstance(value, kind):
        raise UsageError("invalid-document", f"holds no {kind.__name__}", where=where)
    return value


def encode(value: Any, hint: Any) -> Json:
    """Return `value`, of the type `hint`, as what `json` can write."""
    hint = plain(hint)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    if type(value) in _TEXTUAL:
        return str(value)
    if isinstance(value, tuple):
        return [encode(item, item_hint) for item, item_hint in _items(value, hint)]
    if isinstance(value, frozenset):
        (member,) = get_args(hint)
        return sorted((encode(item, member) for item in value), key=json.dumps)
    return _encode_object(value, hint)


def decode(data: Json, hint: Any, *, where: str = "") -> Any:
    """Return the value of the type `hint` that `encode` turned into `data`.

    Raises:
        UsageError: `invalid-document`, with the path of the offending part.
    """
    hint = plain(hint)
    if is_union(hint):
        return _decode_union(data, get_args(hint), where)
    origin = get_origin(hint) or hint
    if is_dataclass(origin):
        return _decode_object(data, hint, where)
    if origin is tuple or origin is frozenset:
        return _decode_items(data, hint, where)
    if origin is Literal:
        return _checked(data, data in get_args(hint), f"one of {get_args(hint)}", where)
    if origin in _TEXTUAL or (isinstance(origin, type) and issubclass(origin, Enum)):
        return _decode_text(data, _TEXTUAL.get(origin, origin), where)
    is_right = isinstance(data, origin) and (origin is bool or not isinstance(data, bool))
    return _checked(data, is_right, origin.__name__, where)


def _encode_object(value: Any, hint: Any) -> Json:
    kind = type(value)
    encoded: dict[str, Json] = {TAG: kind.__name__} if len(classes_of(hint)) > 1 else {}
    own_hint = hint if get_origin(hint) is kind else kind
    for field, field_hint in fields_of(own_hint):
        encoded[field.name] = encode(getattr(value, field.name), field_hint)
    return encoded


def _decode_object(data: Json, hint: Any, where: str) -> Any:
    table = _checked(data, isinstance(data, dict), "an object", where)
    given: dict[str, Any] = {}
    for field, field_hint in fields_of(hint):
        if field.name in table:
            given[field.name] = decode(table[field.name], field_hint, where=f"{where}/{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise UsageError("invalid-document", f"has no {field.name!r}", where=where)
    kind = get_origin(hint) or hint
    try:
        return kind(**given)
    except ValueError as error:
        raise UsageError("invalid-document", str(error), where=where) from error


def _decode_union(data: Json, members: tuple[Any, ...], where: str) -> Any:
    if data is None and NoneType in members:
        return None
    classes = {kind.__name__: kind for member in members for kind in classes_of(member)}
    if len(classes) > 1:
        table = _checked(data, isinstance(data, dict), "an object", where)
        tag = table.get(TAG)
        _checked(tag, isinstance(tag, str) and tag in classes, f"a {TAG!r} among {', '.join(classes)}", where)
        return decode(data, classes[tag], where=where)
    hint = next(member for member in members if member is not NoneType)
    return decode(data, hint, where=where)


def _decode_items(data: Json, hint: Any, where: str) -> Any:
    items = _checked(data, isinstance(data, list), "a list", where)
    args = get_args(hint)
    if get_origin(hint) is frozenset:
        return frozenset(decode(item, args[0], where=f"{where}/{n}") for n, item in enumerate(items))
    if args[-1] is not Ellipsis:
        _checked(items, len(items) == len(args), f"{len(args)} items", where)
    return tuple(
        decode(item, args[0] if args[-1] is Ellipsis else args[n], where=f"{where}/{n}")
        for n, item in enumerate(items)
    )


def _decode_text(data: Json, parse: Callable[[str], object], where: str) -> object:
    text = _checked(data, isinstance(data, str), "a text", where)
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError("invalid-document", str(error), where=where) from error


def _checked(data: Any, is_right: bool, expected: str, where: str) -> Any:  # noqa: FBT001
    if not is_right:
        raise UsageError("invalid-document", f"needs {expected}, not {str(data)[:80]!r}", where=where)
    return data


def plain(hint: Any) -> Any:
    """Return a type without the names that NewType gave it."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint


def is_union(hint: Any) -> bool:
    """Tell whether a type is `A | B`."""
    return get_origin(hint) in (Union, UnionType)


def classes_of(hint: Any) -> tuple[Any, ...]:
    """Return the dataclasses that a type allows."""
    hint = plain(hint)
    if is_union(hint):
        return tuple(kind for member in get_args(hint) for kind in classes_of(member))
    return (hint,) if is_dataclass(get_origin(hint) or hint) else ()


def _items(value: tuple[Any, ...], hint: Any) -> list[tuple[Any, Any]]:
    if is_union(hint):
        hint = next(member for member in get_args(hint) if get_origin(member) is tuple)
    args = get_args(hint)
    hints = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
    return list(zip(value, hints, strict=True))


def fields_of(hint: Any) -> list[tuple[Field[Any], Any]]:
    """Return the fields of a dataclass that its constructor takes, each with its type."""
    kind = get_origin(hint) or hint
    bindings: Mapping[Any, Any] = dict(zip(getattr(kind, "__parameters__", ()), get_args(hint), strict=False))
    hints = _type_hints(kind)
    return [(f, bindings.get(hints[f.name], hints[f.name])) for f in fields(kind) if f.init]


@cache
def _type_hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
