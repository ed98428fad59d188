"""Lint of what keeps tools from reading a recipe: the bot that updates it, converters, other linters.

Source: conda-smithy, R-036, R-037. It asks other programs; here is what they stumble over (measured with
conda-souschef and conda-recipe-manager): keys that repeat, statements other than `set`, comments of Jinja, tags
that go over lines, double quotes in double quotes, and byte order marks. A recipe that can't be read at all never becomes a document: see `not_parsable`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.jinja_tags import Tag, tags_of
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode, parse_tree
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "keys_are_unique",
    "not_parsable",
    "repeated_keys",
    "tags_are_plain",
    "text_has_no_mark",
    "yaml_is_plain",
]

_MAX_LINE = 2_000
_LINE = re.compile(r"line (\d+)")
_ANCHOR_OR_TAG = re.compile(r"(?m)(?:^|[\s,\[{])(?:&[^\s&]|!(?!=))")
"""What looks like one; only then is it worth to read the recipe anew."""
_QUOTES_IN_QUOTES = re.compile(
    r"""\s*(?:- +)?[\w-]+: +"[^"{]*\{\{[^"}]*"[^}]*\}\}[^"]*"\s*(?:#.*)?""", re.ASCII
)
_MARK = "\ufeff"
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


def yaml_is_plain(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-036: recipe.yaml has no anchors and no tags of YAML, which rattler-build doesn't read."""
    if document.format == "v0" or not _ANCHOR_OR_TAG.search(document.text):
        return
    try:
        parse_tree(document.text.removeprefix(_MARK))
    except RecipeError as error:
        yield replace(
            not_parsable(error, document.path), hint="write the value itself, wherever it is needed"
        )


def text_has_no_mark(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-036, R-037: no byte order mark begins the file; rattler-build takes it for a part of the first key."""
    if document.text.startswith(_MARK):
        slug = "lint-not-parsable" if document.format == "v1" else "lint-hard-to-parse"
        hint = "save the file as UTF-8 without a byte order mark"
        yield lint(document, slug, "a byte order mark begins the file", line=1, hint=hint)


def tags_are_plain(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-037: the only statement is `set`, Jinja has no comments, no tag goes over lines or has its text's quotes."""
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
    for number, written in enumerate(document.text.split("\n"), start=1):
        if len(written) <= _MAX_LINE and _QUOTES_IN_QUOTES.fullmatch(written):
            yield lint(
                document,
                "lint-hard-to-parse",
                "an expression in double quotes has double quotes",
                line=number,
                hint="write ' in the expression",
            )


def _problem(tag: Tag, text: str) -> str:
    written = text[tag.start : tag.end]
    if tag.kind == "comment":
        return "a comment of Jinja"
    if tag.kind == "statement" and not _PLAIN_SET.match(written):
        return f"the statement '{{% {tag.inner.partition(chr(10))[0][:60]} %}}'"
    return "a tag of Jinja goes over lines" if "\n" in written else ""


RULES: tuple[Check, ...] = (keys_are_unique, tags_are_plain, yaml_is_plain, text_has_no_mark)
