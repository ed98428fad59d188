"""Ways through a positioned tree, with the conditions that hold on them: `if/then/else`, `{% if %}`, selectors."""

from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["Found", "descend", "flatten", "is_null"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A node and when it counts."""

    node: Node
    conditions: tuple[str, ...] = ()
    key: ScalarNode | None = None
    """The key that it stands under; None for the tree's root."""


def is_null(node: Node) -> bool:
    """Return whether a value is left out: `key:` or `key: null`."""
    return isinstance(node, ScalarNode) and node.is_plain and node.text in {"", "~", "null", "Null", "NULL"}


def descend(start: Found, keys: tuple[str, ...]) -> Iterator[Found]:
    """Yield what stands under a path of keys, going through lists and their conditions on the way."""
    if not keys:
        yield start
        return
    for found in flatten(start):
        if not isinstance(found.node, MappingNode):
            continue
        for key, value in found.node.entries:
            if key.text == keys[0]:
                under = Found(node=value, conditions=_and(found.conditions, _own(key)), key=key)
                yield from descend(under, keys[1:])


def flatten(found: Found) -> Iterator[Found]:
    """Yield the entries of a list, of lists in it and of the branches of its conditions; else the node itself."""
    node = found.node
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from flatten(Found(node=item, conditions=found.conditions, key=found.key))
    elif isinstance(node, MappingNode):
        yield from _branches(node, found)
    else:
        yield Found(node=node, conditions=_and(found.conditions, _own(node)), key=found.key)


def _branches(node: MappingNode, found: Found) -> Iterator[Found]:
    fields = {key.text: value for key, value in node.entries}
    condition = fields.get("if")
    if not isinstance(condition, ScalarNode) or "then" not in fields:
        yield found
        return
    text = condition.text.strip()
    for key, holds in (("then", text), ("else", f"not ({text})")):
        if key in fields:
            conditions = _and(found.conditions, (holds,))
            yield from flatten(Found(node=fields[key], conditions=conditions, key=found.key))


def _own(node: ScalarNode) -> tuple[str, ...]:
    return (*node.guards, node.selector) if node.selector else node.guards


def _and(outer: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    return (*outer, *(condition for condition in inner if condition not in outer))
