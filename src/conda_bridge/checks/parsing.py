"""Lint of what keeps tools from reading a recipe: the bot that updates it, converters, other linters.

Source: conda-smithy, R-036, R-037. It asks other programs; here is what they stumble over (measured with
conda-souschef and conda-recipe-manager): keys that repeat, statements other than `set`, comments of Jinja, and tags
that go over lines. A recipe that can't be read at all never becomes a document: see `not_parsable`.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.jinja_tags import Tag, tags_of
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "keys_are_unique", "not_parsable", "repeated_keys", "tags_are_plain"]

_LINE = re.compile(r"line (\d+)")
_PLAIN_SET = re.compile(r"\{%\s*set\s")


def not_parsable(error: RecipeError, path: str) -> Diagnostic:
    """Return R-036 for a recipe that is no YAML, not even without Jinja and selectors."""
    line = _LINE.search(error.where or "")
    return finding(
        "lint-not-parsable",
        error.message,
        origin=path,
        line=int(line[1]) if line else 0,
        hint=error.hint,
    )


def keys_are_unique(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-037: no mapping has a key twice, not even under different selectors."""
    for key in repeated_keys(document.root):
        yield lint(
            document,
            "lint-hard-to-parse",
            f"the key {key.text[:80]!r} is repeated",
            line=key.line,
            hint="say it once: join conditions with 'or', or use a variable",
        )


def repeated_keys(node: Node) -> Iterator[ScalarNode]:
    """Yield the keys that stand in their mapping already."""
    seen: set[str] = set()
    for key, value in node.entries if isinstance(node, MappingNode) else ():
        if key.text in seen:
            yield key
        seen.add(key.text)
        yield from repeated_keys(value)
    for item in node.items if isinstance(node, SequenceNode) else ():
        yield from repeated_keys(item)


def tags_are_plain(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-037: the only statement is `set`, Jinja has no comments, and no tag goes over lines."""
    if document.format == "v1":
        return
    line = 1
    position = 0
    for tag in tags_of(document.text, "v0"):
        line += document.text.count("\n", position, tag.start)
        position = tag.start
        problem = _problem(tag, document.text)
        if problem:
            yield lint(
                document,
                "lint-hard-to-parse",
                problem,
                line=line,
                hint="use selectors, and '{% set name = value %}' on a line of its own",
            )


def _problem(tag: Tag, text: str) -> str:
    written = text[tag.start : tag.end]
    if tag.kind == "comment":
        return "a comment of Jinja"
    if tag.kind == "statement" and not _PLAIN_SET.match(written):
        return f"the statement '{{% {tag.inner.partition(chr(10))[0][:60]} %}}'"
    return "a tag of Jinja goes over lines" if "\n" in written else ""


RULES: tuple[Check, ...] = (keys_are_unique, tags_are_plain)
