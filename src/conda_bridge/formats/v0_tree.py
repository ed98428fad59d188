"""Text of `meta.yaml` -> a tree of nodes that know their lines, their selectors and the `{% if %}`s around them.

Jinja is not rendered: expressions stay in the text as written, and statements are set aside. No line is dropped, so
a key may be there several times, under different selectors.
"""

from dataclasses import dataclass

from conda_bridge.errors import RecipeError
from conda_bridge.formats.jinja_mask import Assignment, MaskedText, mask_jinja
from conda_bridge.formats.selectors import split_selector
from conda_bridge.formats.yaml_tree import (
    MAX_CHARS,
    Leniency,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    parse_tree,
)

__all__ = ["V0Tree", "parse_v0_tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class V0Tree:
    """A recipe before Jinja."""

    root: Node
    assignments: tuple[Assignment, ...]
    """The `{% set %}`s in their order; those under a selector are conditional too."""


def parse_v0_tree(text: str) -> V0Tree:
    """Return the tree of a `meta.yaml`; lines count from 1.

    Raises:
        RecipeError: `invalid-yaml` for text that isn't YAML after Jinja and selectors are set aside.
    """
    if len(text) > MAX_CHARS:
        raise RecipeError("invalid-yaml", f"{len(text)} characters are more than a recipe can have")
    raw = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines, selectors = zip(*map(split_selector, raw), strict=True)
    masked = mask_jinja(lines)
    root = parse_tree(masked.text, leniency=Leniency(aliases=True, core_tags=True, repeats=True))
    return V0Tree(
        root=_Restorer(masked=masked, selectors=selectors).node(root),
        assignments=tuple(
            Assignment(
                names=assignment.names,
                expression=assignment.expression,
                line=assignment.line,
                is_conditional=assignment.is_conditional or bool(selectors[assignment.line - 1]),
            )
            for assignment in masked.assignments
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Restorer:
    masked: MaskedText
    selectors: tuple[str, ...]
    """By line."""

    def node(self, node: Node) -> Node:
        match node:
            case ScalarNode():
                return self.scalar(node)
            case SequenceNode():
                return SequenceNode(items=tuple(map(self.node, node.items)), line=node.line)
            case MappingNode():
                pairs = tuple((self.scalar(key), self.node(value)) for key, value in node.entries)
                return MappingNode(entries=pairs, line=node.line)

    def scalar(self, node: ScalarNode) -> ScalarNode:
        index = node.line - 1
        # YAML counts some characters as ends of lines that are none here.
        is_known = index < len(self.selectors)
        return ScalarNode(
            text=self.masked.restored(node.text),
            line=node.line,
            is_plain=node.is_plain,
            selector=self.selectors[index].strip() if is_known else "",
            guards=self.masked.guards[index] if is_known else (),
        )
