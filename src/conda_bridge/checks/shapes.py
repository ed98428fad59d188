"""Lint of what kind of value stands where: a text where the engine reads a list, an empty entry, another schema.

Source: rattler-build and conda-build, as measured (`data/recipe_fields.toml`); CB-005 is our own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import entries_of
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.tree_paths import is_null
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.tables import read_table

__all__ = ["RULES", "Shaped", "schema_is_known", "shaped", "values_have_their_shape"]

_OUTPUTS = "outputs."
_JINJA = "{{"
_ONE = re.compile(r"\+?0*1", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+", re.DOTALL)
_TEXTS = {
    "number": re.compile(r"[0-9]+", re.ASCII),
    "bool": re.compile(r"true|false|yes|no|on|off", re.IGNORECASE),
    "url": _URL,
    "url_or_nothing": _URL,
    "urls": _URL,
}
"""What a text must be; other shapes take any, where they take one."""
_WANTED = {
    "mapping": "a mapping",
    "list": "a list",
    "mapping_or_list": "a mapping or a list",
    "mappings": "a list of mappings",
    "mapping_or_mappings": "a mapping or a list of them",
    "specs": "a list",
    "mapping_or_specs": "a mapping or a list",
    "text": "a text",
    "texts": "a text or a list of texts",
    "number": "a whole number",
    "bool": "true or false",
    "url": "an address with its scheme",
    "url_or_nothing": "an address with its scheme",
    "urls": "an address with its scheme, or a list of them",
}
_MAPPINGS = frozenset({"mapping", "mapping_or_list", "mapping_or_mappings", "mapping_or_specs"})
_LISTS = frozenset(
    {
        "list",
        "mapping_or_list",
        "mappings",
        "mapping_or_mappings",
        "specs",
        "mapping_or_specs",
        "texts",
        "urls",
    }
)
_OPTIONAL = frozenset({"specs", "text", "texts", "number", "url_or_nothing"})
"""Shapes that may be left out; whether a value may be missing altogether is for other rules to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A value and the shape that it should have."""

    shape: str
    path: str
    key: ScalarNode
    node: Node


@cache
def _shapes(recipe_format: str) -> dict[str, str]:
    table = read_table("recipe_fields")["shapes"][recipe_format]
    return {path: shape for shape, paths in table.items() for path in paths}


def shaped(document: RecipeDocument) -> Iterator[Shaped]:
    """Yield each value whose shape is known, from the top of the recipe down, through lists and conditions."""
    for key, value in document.root.entries:
        yield from _below(_shapes(document.format), key, value, key.text)


def _below(shapes: dict[str, str], key: ScalarNode, node: Node, path: str) -> Iterator[Shaped]:
    shape = shapes.get(path) or shapes.get(path.removeprefix(_OUTPUTS))
    if shape is not None:
        yield Shaped(shape=shape, path=path, key=key, node=node)
    for entry in entries_of(node):
        for inner, value in entry.entries if isinstance(entry, MappingNode) else ():
            yield from _below(shapes, inner, value, f"{path}.{inner.text}")


def values_have_their_shape(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-005: lists, mappings, texts and numbers stand where the engine reads such; no requirement is empty."""
    for value in shaped(document):
        wanted = _WANTED[value.shape]
        if not _fits(document, value):
            message = f"{value.path} is {_kind(value.node)}, not {wanted}"
            yield lint(document, "lint-wrong-shape", message, line=value.key.line, hint=f"write {wanted}")
        else:
            yield from _entry_findings(document, value)


def _fits(document: RecipeDocument, value: Shaped) -> bool:
    node, shape = value.node, value.shape
    match node:
        case MappingNode():
            return shape in _MAPPINGS
        case SequenceNode():
            return shape in _LISTS
        case ScalarNode():
            if is_null(node) or not node.text:
                return shape in _OPTIONAL
            return _is_text_of(document, node, shape)


def _is_text_of(document: RecipeDocument, node: ScalarNode, shape: str) -> bool:
    if shape not in _TEXTS:
        return shape in {"text", "texts"}
    text = document.value_of(node.text).strip()
    return _JINJA in text or _TEXTS[shape].fullmatch(text) is not None


def _entry_findings(document: RecipeDocument, value: Shaped) -> Iterator[Diagnostic]:
    if not isinstance(value.node, SequenceNode):
        return
    for entry in entries_of(value.node):
        problem = _entry_problem(value.shape, entry)
        if problem:
            hint = "remove it, or write what was meant"
            message = f"an entry of {value.path} is {problem}"
            yield lint(document, "lint-wrong-shape", message, line=entry.line, hint=hint)


def _entry_problem(shape: str, node: Node) -> str:
    """Return what an entry is that shouldn't be one; empty where it is fine."""
    if shape in {"mappings", "mapping_or_mappings"}:
        return "" if isinstance(node, MappingNode) else f"{_kind(node)}, not a mapping"
    if shape in {"specs", "mapping_or_specs"}:
        is_empty = isinstance(node, ScalarNode) and (is_null(node) or not node.text.strip())
        return _kind(node) if is_empty or isinstance(node, MappingNode) else ""
    return ""


def _kind(node: Node) -> str:
    match node:
        case MappingNode():
            return "a mapping"
        case SequenceNode():
            return "a list"
        case ScalarNode():
            return "empty" if is_null(node) or not node.text.strip() else f"{node.text[:80]!r}"


def schema_is_known(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-005: recipe.yaml is of schema 1, and says so with a number; conda-smithy's lint of it has no id."""
    if document.format == "v0":
        return
    for node in document.nodes("schema_version"):
        if not (isinstance(node, ScalarNode) and node.is_plain and _ONE.fullmatch(node.text)):
            yield lint(
                document,
                "lint-wrong-shape",
                f"schema_version is {_kind(node)}, not the number 1",
                line=document.key_line("schema_version"),
                hint="write schema_version: 1",
            )


RULES: tuple[Check, ...] = (values_have_their_shape, schema_is_known)
