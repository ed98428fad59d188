"""A recipe's text with some of its scalars replaced, and no other byte changed.

Vocabulary: a *span* is where characters begin and end in the text as `RecipeDocument.text` has it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["ScalarEdit", "edited_text", "span_of"]

_BYTE_ORDER_MARK = "\ufeff"
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarEdit:
    """A scalar and the text that it becomes."""

    node: ScalarNode
    text: str
    """Its new value, which must mean itself as a plain scalar: no quotes are written."""


def edited_text(document: RecipeDocument, edits: Iterable[ScalarEdit]) -> str:
    """Return the document's text with the new scalars in it; several edits of one place must be the same.

    Raises:
        RecipeError: `uneditable-recipe` where a scalar can't be found in the text, or where the new text would say
            something else beside the edits.
    """
    replaced = {span_of(document, edit.node): edit for edit in edits}
    spans = sorted(replaced)
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise _uneditable("two values overlap", document.root)
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += [document.text[position:start], replaced[start, end].text]
        position = end
    text = "".join((*parts, document.text[position:]))
    _check(document, {edit.node.line: edit for edit in replaced.values()}, text)
    return text


def span_of(document: RecipeDocument, node: ScalarNode) -> tuple[int, int]:
    """Return where a scalar of the document stands, with its quotes in v1, within them in v0.

    Raises:
        RecipeError: `uneditable-recipe` where it isn't written on one line as it is (v0 only).
    """
    if document.format == "v0":
        return _span_on_line(document, node)
    if node.span is None:
        raise _uneditable("a value isn't written there", node)
    offset = len(_BYTE_ORDER_MARK) if document.text.startswith(_BYTE_ORDER_MARK) else 0
    start, end = (position + offset for position in node.span)
    properties = _PROPERTIES.match(document.text, start, end)
    start = start if properties is None else properties.end()
    # The end of a block scalar is where the next node begins.
    return start, start + len(document.text[start:end].rstrip())


def _span_on_line(document: RecipeDocument, node: ScalarNode) -> tuple[int, int]:
    """Find what Jinja and selectors kept YAML from seeing in its place: the value's first occurrence on its line."""
    start, end = _line(document.text, node.line)
    # A key, or the dash of a list, stands before every value.
    found = document.text.find(node.text, start + 1, end)
    if found < 0 or not node.text:
        raise _uneditable(f"the value {node.text[:80]!r} isn't written on one line as it is", node)
    return found, found + len(node.text)


def _line(text: str, number: int) -> tuple[int, int]:
    start = 0
    for count, match in enumerate(_LINE_END.finditer(text), start=1):
        if count == number:
            return start, match.start()
        start = match.end()
    return start, len(text)


def _check(document: RecipeDocument, edits: dict[int, ScalarEdit], text: str) -> None:
    """Read the new text and compare it with the old tree, in which values of edited lines may differ."""
    after = document_of(text, path=document.path, recipe_format=document.format)
    news = {edit.text for edit in edits.values()}
    before, now = list(_leaves(document.root)), list(_leaves(after.root))
    is_same = len(before) == len(now) and all(
        old.text == new.text or (old.line in edits and new.text in news)
        for old, new in zip(before, now, strict=True)
    )
    if not is_same:
        raise _uneditable("the edit would change more than the value", document.root)


def _leaves(node: Node) -> Iterator[ScalarNode]:
    match node:
        case ScalarNode():
            yield node
        case SequenceNode():
            for item in node.items:
                yield from _leaves(item)
        case MappingNode():
            for key, value in node.entries:
                yield key
                yield from _leaves(value)


def _uneditable(problem: str, node: Node) -> RecipeError:
    return RecipeError("uneditable-recipe", problem, where=f"line {node.line}")
