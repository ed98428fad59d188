"""As much of JSON Schema as ours use, so that tests can tell whether a document fits its schema."""

from typing import Any

__all__ = ["complaints"]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def complaints(document: Any, schema: dict[str, Any], *, where: str = "", root: Any = None) -> list[str]:
    """Return what doesn't fit, with its place; nothing where all fits."""
    root = root or schema
    if "$ref" in schema:
        return complaints(document, root["$defs"][schema["$ref"].rpartition("/")[2]], where=where, root=root)
    if "anyOf" in schema:
        tries = [complaints(document, choice, where=where, root=root) for choice in schema["anyOf"]]
        return [] if [] in tries else [f"{where}: fits none of the choices"]
    if "const" in schema and document != schema["const"]:
        return [f"{where}: {document!r} is not {schema['const']!r}"]
    if "enum" in schema and document not in schema["enum"]:
        return [f"{where}: {document!r} is not in {schema['enum']}"]
    if "type" in schema and not isinstance(document, _TYPES[schema["type"]]):
        return [f"{where}: {document!r} is no {schema['type']}"]
    found = [f"{where}: has no {name!r}" for name in schema.get("required", ()) if name not in document]
    found += [f"{where}: {name!r} is unknown" for name in _unknown(document, schema)]
    for name, inner in schema.get("properties", {}).items():
        if name in document:
            found += complaints(document[name], inner, where=f"{where}/{name}", root=root)
    if "items" in schema:
        for number, item in enumerate(document):
            found += complaints(item, schema["items"], where=f"{where}/{number}", root=root)
    return found


def _unknown(document: Any, schema: dict[str, Any]) -> list[str]:
    return sorted(set(document) - set(schema["properties"])) if "properties" in schema else []
