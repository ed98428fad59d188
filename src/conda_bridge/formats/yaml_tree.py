"""YAML text of a recipe -> a tree of nodes that know their lines.

Strict, because recipes come from strangers: one document, plain mappings, lists and scalars; no tags, anchors,
aliases, directives, merge keys that act or repeated keys; bounded size and depth. Scalars stay text: `1.10`
is "1.10" and `yes` is "yes", whatever a YAML version would make of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from conda_bridge.errors import RecipeError

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "parse_tree"]

_MAX_CHARS = 1_000_000
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """One scalar."""

    text: str
    line: int
    is_plain: bool = True
    """False where it is quoted or a block scalar, and thus text in every YAML version."""
    selector: str = ""
    """Of v0: the selector of its line without brackets, such as `win and py<312`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode:
    """A list."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode:
    """A mapping; keys are scalars, each there once."""

    entries: tuple[tuple[ScalarNode, "Node"], ...]
    line: int


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def parse_tree(text: str) -> Node:
    """Return the tree of the one document in `text`; lines count from 1.

    Raises:
        RecipeError: `invalid-yaml` for text that isn't YAML or isn't plain, is too large or too deep.
    """
    if len(text) > _MAX_CHARS:
        raise RecipeError("invalid-yaml", f"{len(text)} characters are more than a recipe can have")
    try:
        return _document(YAML(typ="safe", pure=True).parse(text))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = None if mark is None else f"line {mark.line + 1}"
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise RecipeError("invalid-yaml", problem, where=where) from error
    except (ValueError, OverflowError) as error:
        # ruamel.yaml lets `chr` complain about "\UFFFFFFFF".
        raise RecipeError("invalid-yaml", f"an escape names no character: {error}") from error


def _document(events: Iterable[Event]) -> Node:
    stream = iter(events)
    roots: list[Node] = []
    for event in stream:
        if isinstance(event, DocumentStartEvent) and (roots or event.version or event.tags):
            raise _refused(event, "a directive or a second document")
        if isinstance(event, NodeEvent):
            roots.append(_node(event, stream, 0))
    if not roots:
        raise RecipeError("invalid-yaml", "the file is empty")
    return roots[0]


def _node(event: Event, stream: Iterator[Event], depth: int) -> Node:
    line = event.start_mark.line + 1
    if depth > _MAX_DEPTH:
        raise _refused(event, "deep nesting")
    if getattr(event, "anchor", None) or getattr(event, "tag", None):
        raise _refused(event, "an anchor, an alias or a tag")
    if isinstance(event, ScalarEvent):
        return ScalarNode(text=event.value, line=line, is_plain=event.style is None)
    children = tuple(_children(stream, depth))
    if isinstance(event, SequenceStartEvent):
        return SequenceNode(items=children, line=line)
    return MappingNode(entries=_pairs(children), line=line)


def _children(stream: Iterator[Event], depth: int) -> Iterator[Node]:
    """Yield the nodes of the collection that has just started, up to its end."""
    for event in stream:
        if isinstance(event, CollectionEndEvent):
            return
        yield _node(event, stream, depth + 1)


def _pairs(nodes: tuple[Node, ...]) -> tuple[tuple[ScalarNode, Node], ...]:
    pairs: dict[str, tuple[ScalarNode, Node]] = {}
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, ScalarNode):
            raise RecipeError("invalid-yaml", "a key is no text", where=f"line {key.line}")
        if key.text in pairs or (key.is_plain and key.text == "<<"):
            raise RecipeError(
                "invalid-yaml", f"the key {key.text[:80]!r} is repeated", where=f"line {key.line}"
            )
        pairs[key.text] = (key, value)
    return tuple(pairs.values())


def _refused(event: Event, what: str) -> RecipeError:
    return RecipeError(
        "invalid-yaml", f"{what} is refused in a recipe", where=f"line {event.start_mark.line + 1}"
    )
