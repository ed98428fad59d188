"""Lint of Jinja that can't be read: broken expressions, tags that never end, variables used before they are defined.

Nothing is rendered; Jinja's own parser is asked about what isn't plain. Of meta.yaml all text counts, comments too:
so it does for conda-smithy, which renders the file as it is.

Source: conda-smithy and the engines, which end with an exception there (R-036); CB-008 is our own.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.jinja_tags import Tag, tags_of
from conda_bridge.formats.v1_text import SCRIPT_VARIABLES
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import Template

__all__ = ["RULES", "broken_template", "context_is_defined_in_order", "templates_are_readable"]

_HINT = "look for a brace, a quote or an operator that is missing"
_MAX_TEXT = 100_000
_MAX_TAG = 1_000
_MAX_DEPTH = 30
"""How many signs that nest a tag may have, and a file statements, to be judged: Jinja's parser recurses."""
_NESTING = re.compile(r"[(\[{~+-]|\b(?:not|if|else)\b")
_MAX_STATEMENTS = 200

_ARGUMENT = r"""(?:\w+\s*=\s*)?(?:"[^"\\]*"|'[^'\\]*'|\w+)"""
_PLAIN = re.compile(
    rf"(?!(?:not|and|or|if|else|in|is)\b)\w+(?:\.[A-Za-z_]\w*)*(?:\(\s*(?:{_ARGUMENT}(?:\s*,\s*{_ARGUMENT})*)?\s*\))?",
    re.ASCII,
)
_PLAIN_SET = re.compile(r"""set\s+[A-Za-z_]\w*\s*=\s*(?:"[^"\\]*"|'[^'\\]*'|[0-9]+)""", re.ASCII)
_CLOSING = str.maketrans("{", "}")
_QUOTED = re.compile(r""""[^"\n]*"|'[^'\n]*'""")
_MESSAGE = "Jinja can't read it: "
_ENDED = f"{_MESSAGE}Unexpected end of template"
_BLOCKS = frozenset({"if", "for", "macro", "call", "filter", "block", "with"})
_OPENING = {"v0": re.compile(r"\{[{%#]"), "v1": re.compile(r"\$\{\{")}
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_GUARDS = frozenset({"if", "default", "defined"})
"""Words in an expression that let a variable be undefined."""
_SCRIPTS_ONLY = frozenset(name for name in SCRIPT_VARIABLES if name.isupper())
_FREE = frozenset({"script", "content", "summary", "description", "extra"})
"""Keys whose texts may hold an opening that is none: the engine leaves it there."""


def templates_are_readable(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-036: every tag ends, and every expression and statement is Jinja."""
    if document.format == "v0":
        yield from broken_template(document.text, document.path)
        return
    for line, message in _broken_v1(document.root, ()):
        yield lint(document, "lint-not-parsable", message, line=line, hint=_HINT)


def broken_template(text: str, path: str) -> tuple[Diagnostic, ...]:
    """Return R-036 for the first place of a meta.yaml that Jinja can't read; nothing where it can read all."""
    return tuple(
        finding("lint-not-parsable", message, origin=path, line=line, hint=_HINT)
        for line, message in _broken_v0(text)
    )


# ------------------------------------------------------------------ meta.yaml


def _broken_v0(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first place that Jinja can't read."""
    if len(text) > _MAX_TEXT:
        return
    tags = tuple(tags_of(text, "v0"))
    unended = _first_unended(text, tags)
    if unended is not None:
        sign = text[unended : unended + 2]
        yield text.count("\n", 0, unended) + 1, f"'{sign}' has no {sign.translate(_CLOSING)[::-1]!r}"
        return
    is_judged = all(_is_shallow(tag.inner) or tag.kind == "comment" for tag in tags)
    statements = sum(tag.kind == "statement" for tag in tags)
    if not is_judged or statements > _MAX_STATEMENTS or _is_plain_v0(tags):
        return
    problem = _problem(text)
    if problem is None:
        return
    line, message = problem
    if message.startswith(_ENDED):
        line = _open_block(text, tags) or line
    for tag in tags:
        own = _problem(text[tag.start : tag.end]) if tag.kind == "expression" else None
        if own is not None:
            line, message = text.count("\n", 0, tag.start) + 1, own[1]
            break
    yield line, message


def _first_unended(text: str, tags: tuple[Tag, ...]) -> int | None:
    """Return where a tag begins that doesn't end, or only where another one does; None where all do."""
    if any(tag.inner == "raw" for tag in tags):
        return None
    swallowing = (
        tag.start
        for tag in tags
        if tag.kind != "comment" and _OPENING["v0"].search(_QUOTED.sub("", tag.inner))
    )
    return min((*swallowing, *_unclosed(text, tags, "v0")), default=None)


def _open_block(text: str, tags: tuple[Tag, ...]) -> int:
    """Return the line of the innermost block that never ends; 0 where none is known."""
    blocks: list[Tag] = []
    for tag in tags:
        word = tag.inner.partition(" ")[0] if tag.kind == "statement" else ""
        if word.startswith("end") and blocks:
            blocks.pop()
        elif word in _BLOCKS:
            blocks.append(tag)
    return text.count("\n", 0, blocks[-1].start) + 1 if blocks else 0


def _is_plain_v0(tags: tuple[Tag, ...]) -> bool:
    plain = {"expression": _PLAIN, "statement": _PLAIN_SET}
    return all(tag.kind in plain and plain[tag.kind].fullmatch(tag.inner) is not None for tag in tags)


# ------------------------------------------------------------------ recipe.yaml


def _broken_v1(node: Node, path: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    match node:
        case MappingNode():
            for key, value in node.entries:
                yield from _broken_v1(value, (*path, key.text))
        case SequenceNode():
            for item in node.items:
                yield from _broken_v1(item, path)
        case ScalarNode():
            yield from _broken_text(node, path)


def _broken_text(node: ScalarNode, path: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    text = node.text
    if path and path[-1] == "if" and _is_shallow(text) and not _PLAIN.fullmatch(text.strip()):
        problem = _problem("{{ " + text + " }}")
        if problem is not None:
            yield node.line, f"the condition {text[:80]!r}: {problem[1]}"
        return
    if "${{" not in text:
        return
    tags = tuple(tags_of(text, "v1"))
    for tag in tags:
        is_judged = _is_shallow(tag.inner) and not _PLAIN.fullmatch(tag.inner)
        problem = _problem(text[tag.start + 1 : tag.end]) if is_judged else None
        if problem is not None:
            yield _line_in(node, tag.start), problem[1]
    unclosed = _unclosed(text, tags, "v1")
    if unclosed and _FREE.isdisjoint(path):
        yield _line_in(node, unclosed[0]), "'${{' has no '}}'"


def _line_in(node: ScalarNode, position: int) -> int:
    """Return the line of a place in a text; that of a block begins below its key."""
    is_block = not node.is_plain and "\n" in node.text
    return node.line + is_block + node.text.count("\n", 0, position)


# ------------------------------------------------------------------ variables


def context_is_defined_in_order(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-008: context uses what stands above, not what stands below or only scripts have.

    Other names that the recipe doesn't define may be a variant's.
    """
    if document.format == "v0":
        return
    for context in document.nodes("context"):
        entries = context.entries if isinstance(context, MappingNode) else ()
        late = {key.text for key, _value in entries} | _SCRIPTS_ONLY
        for key, value in entries:
            name = _used_early(value, late) if isinstance(value, ScalarNode) else ""
            if name:
                message = f"{key.text[:80]} uses {name[:80]!r}, which isn't defined above it"
                yield lint(document, "lint-undefined-variable", message, line=value.line)
            late.discard(key.text)


def _used_early(node: ScalarNode, late: set[str]) -> str:
    """Return the first of some names that a text's expressions need; empty where they need none."""
    for tag in tags_of(node.text, "v1"):
        words = set(_WORD.findall(tag.inner))
        if words.isdisjoint(_GUARDS) and not words.isdisjoint(late) and _is_shallow(tag.inner):
            needed = late & _names(node.text[tag.start + 1 : tag.end])
            if needed:
                return min(needed)
    return ""


# ------------------------------------------------------------------ Jinja


def _is_shallow(source: str) -> bool:
    return len(source) <= _MAX_TAG and len(_NESTING.findall(source)) <= _MAX_DEPTH


def _unclosed(text: str, tags: tuple[Tag, ...], recipe_format: str) -> tuple[int, ...]:
    """Return where openings stand that aren't in any tag."""
    spans = [(tag.start, tag.end) for tag in tags]
    starts = [match.start() for match in _OPENING[recipe_format].finditer(text)]
    inside = iter(spans)
    span = next(inside, None)
    found: list[int] = []
    for start in starts:
        while span is not None and span[1] <= start:
            span = next(inside, None)
        if span is None or start < span[0]:
            found.append(start)
    return tuple(found)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment  # noqa: PLC0415 - few recipes need it

    return Environment()  # noqa: S701 - nothing is rendered


def _tree(source: str) -> "Template":
    from jinja2.parser import Parser  # noqa: PLC0415 - few recipes need it

    # The environment's own method writes and runs code to make tracebacks of errors.
    return Parser(_environment(), source).parse()


def _problem(source: str) -> tuple[int, str] | None:
    """Return the line and why Jinja can't read a source; None where it can."""
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - few recipes need it

    try:
        _tree(source)
    except TemplateSyntaxError as error:
        return error.lineno, f"{_MESSAGE}{error.message}"
    return None


def _names(source: str) -> set[str]:
    """Return the names of variables in a source; none where it can't be read."""
    from jinja2 import TemplateSyntaxError, meta  # noqa: PLC0415 - few recipes need it

    try:
        return meta.find_undeclared_variables(_tree(source))
    except TemplateSyntaxError:
        return set()


RULES: tuple[Check, ...] = (templates_are_readable, context_is_defined_in_order)
