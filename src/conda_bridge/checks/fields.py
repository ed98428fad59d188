"""Lint of keys and plain values: those that the format doesn't know, and numbers that should be text.

Source: conda-smithy, R-018, R-040; CB-001 and CB-003 are our own, for what the engines refuse.
"""

import re
from collections.abc import Iterator
from functools import cache

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import mappings, texts_below
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.tree_paths import Found, flatten
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.tables import read_table

__all__ = [
    "RULES",
    "floats_are_quoted",
    "keys_are_known",
    "sections_are_mappings",
    "sections_fit_together",
    "subsections_are_known",
]

_LISTS = frozenset({"source", "outputs"})
"""Sections of meta.yaml that may be lists."""
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"
    r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
"""Source: YAML 1.2, core schema, and the underscores that ruamel.yaml adds."""
_OUTPUTS = "outputs."
_INSTEAD = {
    "package": "call it recipe; each output has a package of its own",
    "requirements": "move it into the outputs",
    "recipe": "call it package",
}


@cache
def _known(recipe_format: str) -> dict[str, frozenset[str]]:
    return {path: frozenset(keys) for path, keys in read_table("recipe_fields")[recipe_format].items()}


def subsections_are_known(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-018: sections of meta.yaml have keys that conda-build knows."""
    if document.format == "v1":
        return
    for section, known in _known("v0").items():
        for mapping in mappings(document, section):
            for key, _value in mapping.entries:
                if key.text not in known:
                    yield lint(
                        document,
                        "lint-unknown-subsection",
                        f"{section} has no key {key.text[:80]!r}",
                        line=key.line,
                    )


def sections_are_mappings(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-003: sections of meta.yaml are mappings, not texts, lists or nothing."""
    if document.format == "v1":
        return
    for key, value in document.root.entries:
        is_known = key.text in _known("v0") and key.text not in _LISTS
        if is_known and not isinstance(value, MappingNode):
            yield lint(document, "lint-no-mapping", f"the section {key.text!r} holds no keys", line=key.line)


def keys_are_known(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-001: recipe.yaml has keys that rattler-build accepts; conda-smithy doesn't look."""
    if document.format == "v0":
        return
    for key, value in document.root.entries:
        for unknown, path in _unknown(value, key.text):
            yield lint(
                document,
                "lint-unknown-key",
                f"{path} has no key {unknown.text[:80]!r}",
                line=unknown.line,
            )


def _unknown(node: Node, path: str) -> Iterator[tuple[ScalarNode, str]]:
    """Yield the keys below a path that it doesn't know, with the path."""
    known = _known("v1").get(path) or _known("v1").get(path.removeprefix(_OUTPUTS))
    if known is None:
        return
    for found in flatten(Found(node=node)):
        for key, value in found.node.entries if isinstance(found.node, MappingNode) else ():
            if key.text in known:
                yield from _unknown(value, f"{path}.{key.text}")
            else:
                yield key, path


def sections_fit_together(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-001: recipe.yaml has `package`, or `recipe` and `outputs`; with these each output has its requirements."""
    if document.format == "v0":
        return
    keys = {key.text: key.line for key, _value in document.root.entries}
    misplaced = ("package", "requirements") if "outputs" in keys else ("recipe",)
    what = "with outputs" if "outputs" in keys else "without outputs"
    for name in misplaced:
        if name in keys:
            yield lint(
                document,
                "lint-unknown-key",
                f"a recipe {what} has no section {name!r}",
                line=keys[name],
                hint=_INSTEAD[name],
            )


def floats_are_quoted(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-040: no plain value is a floating-point number: 1.10 would become 1.1."""
    for scalar in texts_below(document.root):
        # Of meta.yaml YAML sees what Jinja made of it, so that a plain expression is read as its value.
        value = document.value_of(scalar.text) if document.format == "v0" else scalar.text
        if scalar.is_plain and _FLOAT.fullmatch(value):
            yield lint(
                document,
                "lint-unquoted-float",
                f"{scalar.text[:80]} is read as a number",
                line=scalar.line,
                hint=f'write "{scalar.text[:80]}"',
            )


RULES: tuple[Check, ...] = (
    subsections_are_known,
    sections_are_mappings,
    keys_are_known,
    sections_fit_together,
    floats_are_quoted,
)
