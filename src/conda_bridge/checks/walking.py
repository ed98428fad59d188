"""Walks over the trees of recipes, for rules that look at more than one value.

Vocabulary: a *blank* is a value that says nothing: null, empty text, an empty list or mapping.
"""

from collections.abc import Iterator

from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.tree_paths import is_null
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["is_blank", "mappings", "outputs_of", "sources_of", "texts_below"]


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


def outputs_of(document: RecipeDocument) -> tuple[MappingNode, ...]:
    """Return the mappings under `outputs`."""
    return mappings(document, "outputs")


def sources_of(document: RecipeDocument) -> Iterator[MappingNode]:
    """Yield every source, the recipe's before those of its outputs."""
    yield from mappings(document, "source")
    for output in outputs_of(document):
        yield from mappings(document, "source", within=output)
