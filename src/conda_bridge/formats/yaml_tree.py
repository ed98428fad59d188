"""YAML text of a recipe -> a tree of nodes that know their lines.

Strict, because recipes come from strangers: one document, plain mappings, lists and scalars; no tags, anchors,
aliases, directives, merge keys that act or repeated keys; bounded size and depth. Scalars stay text: `1.10`
is "1.10" and `yes` is "yes", whatever a YAML version would make of them. What people wrote and we only look at
may be read with aliases, and with keys that repeat (`Leniency`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from conda_bridge.errors import RecipeError

__all__ = [
    "MAX_CHARS",
    "STRICT",
    "Leniency",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "parse_tree",
]

MAX_CHARS = 500_000
"""Far beyond the longest recipes; reading so many takes 1 s at most."""
_MAX_NODES = 30_000
"""A node costs up to 26 us; an alias counts as all that it stands for, so that no walk over a tree is long."""
_MAX_DEPTH = 40
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "map", "null", "seq", "str")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leniency:
    """What is read beyond plain YAML."""

    aliases: bool = False
    """Whether anchors, aliases and merge keys act."""
    core_tags: bool = False
    """Whether tags of YAML's own types, such as `!!str`, are passed over."""
    repeats: bool = False
    """Whether a mapping may have a key several times, as under different selectors."""


STRICT = Leniency()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """One scalar."""

    text: str
    line: int
    is_plain: bool = True
    """False where it is quoted or a block scalar, and thus text in every YAML version."""
    selector: str = ""
    """Of v0: the selector of its line without brackets, such as `win and py<312`."""
    guards: tuple[str, ...] = ()
    """Of v0: the `{% if %}`s around its line, the outermost first; `not (...)` for an `else`."""
    span: tuple[int, int] | None = field(default=None, compare=False)
    """Of what YAML parsed: where its characters begin and end, quotes, tag and anchor included; None for v0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode:
    """A list."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode:
    """A mapping; keys are scalars, each there once unless the tree was read leniently."""

    entries: tuple[tuple[ScalarNode, "Node"], ...]
    line: int


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def parse_tree(text: str, *, leniency: Leniency = STRICT) -> Node:
    """Return the tree of the one document in `text`; lines count from 1.

    What an alias stands for keeps its own lines.

    Raises:
        RecipeError: `invalid-yaml` for text that isn't YAML or isn't plain, is too large or too deep.
    """
    if len(text) > MAX_CHARS:
        raise RecipeError("invalid-yaml", f"{len(text)} characters are more than a recipe can have")
    try:
        return _TreeReader(leniency=leniency).document(YAML(typ="safe", pure=True).parse(text))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = None if mark is None else f"line {mark.line + 1}"
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise RecipeError("invalid-yaml", problem, where=where) from error
    except (ValueError, OverflowError) as error:
        # ruamel.yaml lets `chr` complain about "\UFFFFFFFF".
        raise RecipeError("invalid-yaml", f"an escape names no character: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchored:
    node: Node
    count: int
    """How many nodes it is made of."""
    height: int


@dataclass(kw_only=True)
class _TreeReader:
    leniency: Leniency
    count: int = 0
    """How many nodes there are so far."""
    deepest: int = 0
    """Of the collection that is being read, and all that it holds so far."""
    anchors: dict[str, _Anchored] = field(default_factory=dict)

    def document(self, events: Iterable[Event]) -> Node:
        stream = iter(events)
        roots: list[Node] = []
        for event in stream:
            if isinstance(event, DocumentStartEvent) and (roots or event.version or event.tags):
                raise _refused(event, "a directive or a second document")
            if isinstance(event, NodeEvent):
                roots.append(self.node(event, stream, 0))
        if not roots:
            raise RecipeError("invalid-yaml", "the file is empty")
        return roots[0]

    def node(self, event: Event, stream: Iterator[Event], depth: int) -> Node:
        anchor = getattr(event, "anchor", None)
        tag = getattr(event, "tag", None)
        is_fine_tag = not tag or (self.leniency.core_tags and tag in _CORE_TAGS)
        if (anchor and not self.leniency.aliases) or not is_fine_tag:
            raise _refused(event, "an anchor, an alias or a tag")
        if isinstance(event, AliasEvent):
            return self.target(event, anchor, depth)
        self.claim(event, count=1, depth=depth)
        count, deepest, self.deepest = self.count, self.deepest, depth
        node = self.plain_node(event, stream, depth)
        if anchor:
            self.anchors[anchor] = _Anchored(
                node=node, count=self.count - count + 1, height=self.deepest - depth
            )
        self.deepest = max(deepest, self.deepest)
        return node

    def target(self, event: Event, anchor: str | None, depth: int) -> Node:
        if anchor not in self.anchors:
            raise _refused(event, "an alias without its anchor before it")
        anchored = self.anchors[anchor]
        self.claim(event, count=anchored.count, depth=depth + anchored.height)
        return anchored.node

    def claim(self, event: Event, *, count: int, depth: int) -> None:
        self.count += count
        self.deepest = max(self.deepest, depth)
        if self.count > _MAX_NODES:
            raise _refused(event, f"more than {_MAX_NODES} values")
        if depth > _MAX_DEPTH:
            raise _refused(event, "deep nesting")

    def plain_node(self, event: Event, stream: Iterator[Event], depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, ScalarEvent):
            is_plain = event.style is None and not event.tag
            span = (event.start_mark.index, event.end_mark.index)
            return ScalarNode(text=event.value, line=line, is_plain=is_plain, span=span)
        children = tuple(self.children(stream, depth))
        if isinstance(event, SequenceStartEvent):
            return SequenceNode(items=children, line=line)
        return MappingNode(entries=_pairs(children, self.leniency), line=line)

    def children(self, stream: Iterator[Event], depth: int) -> Iterator[Node]:
        """Yield the nodes of the collection that has just started, up to its end."""
        for event in stream:
            if isinstance(event, CollectionEndEvent):
                return
            yield self.node(event, stream, depth + 1)


def _pairs(nodes: tuple[Node, ...], leniency: Leniency) -> tuple[tuple[ScalarNode, Node], ...]:
    pairs: list[tuple[ScalarNode, Node]] = []
    merged: list[MappingNode] = []
    seen: set[str] = set()
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, ScalarNode):
            raise RecipeError("invalid-yaml", "a key is no text", where=f"line {key.line}")
        is_merge = key.is_plain and key.text == "<<"
        if is_merge and leniency.aliases:
            merged += _merged(value)
        elif is_merge or (key.text in seen and not leniency.repeats):
            raise RecipeError(
                "invalid-yaml", f"the key {key.text[:80]!r} is repeated", where=f"line {key.line}"
            )
        else:
            seen.add(key.text)
            pairs.append((key, value))
    for mapping in merged:
        pairs += [pair for pair in mapping.entries if pair[0].text not in seen]
        seen.update(key.text for key, _ in mapping.entries)
    return tuple(pairs)


def _merged(value: Node) -> list[MappingNode]:
    """Return the mappings that a merge key takes entries from. Source: YAML's merge key type."""
    nodes = value.items if isinstance(value, SequenceNode) else (value,)
    mappings = [node for node in nodes if isinstance(node, MappingNode)]
    if len(mappings) != len(nodes):
        raise RecipeError("invalid-yaml", "`<<` merges mappings only", where=f"line {value.line}")
    return mappings


def _refused(event: Event, what: str) -> RecipeError:
    return RecipeError(
        "invalid-yaml", f"{what} is refused in a recipe", where=f"line {event.start_mark.line + 1}"
    )
