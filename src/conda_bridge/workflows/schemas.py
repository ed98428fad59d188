"""Documents become their JSON Schemas: the same field types that `codec` follows, told to other programs.

The schemas ship as `data/schemas/<name>-<version>.json`; a test keeps them equal to what is generated here.
"""

from dataclasses import MISSING, is_dataclass
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from conda_bridge.workflows.codec import TAG, Json, classes_of, fields_of, is_union, plain

__all__ = ["json_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def json_schema(kind: type) -> dict[str, Json]:
    """Return the schema of the documents that hold a value of the dataclass `kind`."""
    definitions: dict[str, Json] = {}
    body = _object(kind, definitions)
    found: Json = dict(sorted(definitions.items()))
    return {"$schema": _DIALECT, "title": _title(kind), **body, "$defs": found}


def _title(kind: type) -> str:
    named = [field.default for field, _ in fields_of(kind) if field.name == "schema"]
    return str(named[0]) if named else kind.__name__


def _object(hint: Any, definitions: dict[str, Json], *, tag: str = "") -> dict[str, Json]:
    properties: dict[str, Json] = {TAG: {"const": tag}} if tag else {}
    required: list[Json] = [TAG] if tag else []
    for field, field_hint in fields_of(hint):
        if field.name == "schema" and field.default is not MISSING:
            properties[field.name] = {"const": field.default}
        else:
            properties[field.name] = _of(field_hint, definitions)
        required.append(field.name)
    return {"type": "object", "properties": properties, "required": required}


def _of(hint: Any, definitions: dict[str, Json]) -> dict[str, Json]:
    hint = plain(hint)
    if is_union(hint):
        return _union(hint, definitions)
    origin = get_origin(hint) or hint
    if is_dataclass(origin):
        return _reference(hint, definitions)
    if origin is tuple or origin is frozenset:
        return _list(hint, definitions)
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if isinstance(origin, type) and issubclass(origin, Enum):
        return {"enum": [member.value for member in origin]}
    return {"type": _SCALARS.get(origin, "string")}


def _union(hint: Any, definitions: dict[str, Json]) -> dict[str, Json]:
    tagged = classes_of(hint)
    if len(tagged) > 1:
        choices: list[Json] = [_reference(kind, definitions, is_tagged=True) for kind in tagged]
    else:
        choices = [_of(member, definitions) for member in get_args(hint) if member is not NoneType]
    if NoneType in get_args(hint):
        choices.append({"type": "null"})
    return {"anyOf": choices}


def _reference(hint: Any, definitions: dict[str, Json], *, is_tagged: bool = False) -> dict[str, Json]:
    arguments = [getattr(plain(argument), "__name__", "") for argument in get_args(hint)]
    name = "_".join(((get_origin(hint) or hint).__name__, *arguments))
    if name not in definitions:
        definitions[name] = {}  # a class may hold itself
        definitions[name] = _object(hint, definitions, tag=name if is_tagged else "")
    return {"$ref": f"#/$defs/{name}"}


def _list(hint: Any, definitions: dict[str, Json]) -> dict[str, Json]:
    arguments = get_args(hint)
    if get_origin(hint) is frozenset or arguments[-1] is Ellipsis:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    items: list[Json] = [_of(argument, definitions) for argument in arguments]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
