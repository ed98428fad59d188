"""Walks over the trees of recipes, for rules that look at more than one value.

Vocabulary: a *blank* is a value that says nothing: null, empty text, an empty list or mapping.
"""

from collections.abc import Iterator

from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.tree_paths import Found, flatten, is_null
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode

__all__ = [
    "entries_of",
    "is_blank",
    "mappings",
    "node_at",
    "outputs_of",
    "sources_of",
    "texts",
    "texts_below",
    "value_at",
]


def is_blank(node: Node) -> bool:
    """Return whether the value says nothing."""
    match node:
        case ScalarNode():
            return is_null(node) or not node.text
        case SequenceNode():
            return not node.items
        case MappingNode():
            return not node.entries


def texts_below(node: Node) -> Iterator[ScalarNode]:
    """Yield every text under a value, without keys."""
    match node:
        case ScalarNode():
            yield node
        case SequenceNode():
            for item in node.items:
                yield from texts_below(item)
        case MappingNode():
            for _, value in node.entries:
                yield from texts_below(value)


def mappings(
    document: RecipeDocument, *keys: str, within: MappingNode | None = None
) -> tuple[MappingNode, ...]:
    """Return the mappings under a path of keys: a value itself, or entries of a list, through conditions."""
    nodes = (entry.node for entry in document.entries(*keys, within=within))
    return tuple(node for node in nodes if isinstance(node, MappingNode))


def node_at(document: RecipeDocument, mapping: MappingNode, *keys: str) -> Node | None:
    """Return what stands under a path of keys; the first where v0 repeats a key."""
    return next(iter(document.nodes(*keys, within=mapping)), None)


def value_at(node: Node | None, key: str) -> Node | None:
    """Return the value of a mapping's key; the first where v0 repeats the key."""
    entries = node.entries if isinstance(node, MappingNode) else ()
    return next((value for name, value in entries if name.text == key), None)


def texts(node: Node | None) -> Iterator[ScalarNode]:
    """Yield the entries of a list that are text, or the text itself, through conditions."""
    for entry in entries_of(node):
        if isinstance(entry, ScalarNode) and entry.text.strip():
            yield entry


def entries_of(node: Node | None) -> Iterator[Node]:
    """Yield the entries of a list, or the value itself, through conditions; nothing for no value."""
    if node is not None:
        yield from (found.node for found in flatten(Found(node=node)))


def outputs_of(document: RecipeDocument) -> tuple[MappingNode, ...]:
    """Return the mappings under `outputs`."""
    return mappings(document, "outputs")


def sources_of(document: RecipeDocument) -> Iterator[MappingNode]:
    """Yield every source, the recipe's before those of its outputs."""
    yield from mappings(document, "source")
    for output in outputs_of(document):
        yield from mappings(document, "source", within=output)
