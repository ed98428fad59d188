"""A recipe that builds several projects of one repository -> a document for each output, as if it stood alone."""

from collections.abc import Iterator
from dataclasses import replace

from conda_bridge.formats.document import OutputDocument, RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode

__all__ = ["output_documents"]

_OWN_KEYS = frozenset({"build", "requirements", "tests", "test"})


def output_documents(document: RecipeDocument) -> tuple[RecipeDocument, ...]:
    """Return one document for each output of a recipe whose source is a repository or a folder; else the recipe.

    Several outputs of one download are one project's, in parts; those of a repository may be as many projects.
    """
    outputs = [output for output in document.outputs if output.name and not output.is_top_level]
    if len(outputs) < 2 or document.nodes("source", "url") or _has_sources_of_their_own(document, outputs):
        return (document,)
    return tuple(_alone(document, output) for output in outputs)


def _has_sources_of_their_own(document: RecipeDocument, outputs: list[OutputDocument]) -> bool:
    return any(document.nodes("source", within=output.node) for output in outputs)


def _alone(document: RecipeDocument, output: OutputDocument) -> RecipeDocument:
    line = output.node.line
    own = tuple((key, value) for key, value in output.node.entries if key.text in _OWN_KEYS)
    about = MappingNode(entries=tuple(_about(document, output)), line=line)
    root = MappingNode(
        entries=((_key("package", line), _package(document, output)), *own, (_key("about", line), about)),
        line=line,
    )
    return replace(document, root=root, outputs=(replace(output, node=root, is_top_level=True),))


def _package(document: RecipeDocument, output: OutputDocument) -> MappingNode:
    line = output.node.line
    name = ScalarNode(text=output.name, line=line)
    # Of the output in v1, of v0's output, and of the recipe.
    versions = (
        *document.nodes("package", "version", within=output.node),
        *document.nodes("version", within=output.node),
        *document.nodes("recipe", "version"),
        *document.nodes("package", "version"),
    )
    version: tuple[tuple[ScalarNode, Node], ...] = ((_key("version", line), versions[0]),) if versions else ()
    return MappingNode(entries=((_key("name", line), name), *version), line=line)


def _about(document: RecipeDocument, output: OutputDocument) -> Iterator[tuple[ScalarNode, Node]]:
    """Yield what an output says of itself; in v1 each other key is the recipe's, in v0 all are where it says nothing."""
    own = _entries(document.nodes("about", within=output.node))
    yield from own
    if document.format == "v1" or not own:
        said = {key.text for key, _ in own}
        yield from ((key, value) for key, value in _entries(document.nodes("about")) if key.text not in said)


def _entries(nodes: tuple[Node, ...]) -> list[tuple[ScalarNode, Node]]:
    return [entry for node in nodes if isinstance(node, MappingNode) for entry in node.entries]


def _key(text: str, line: int) -> ScalarNode:
    return ScalarNode(text=text, line=line)
