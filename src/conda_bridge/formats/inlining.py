"""Tree of a recipe -> the same without variables of the recipe's own: their values stand in the texts.

`version` and `python_min` stay, for the model knows them; but in requirements and about, where the model has only
text, the version stands too. What isn't known, or might become more than text, stays as written.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from conda_bridge.formats.expressions import (
    UnknownExpression,
    Value,
    evaluate,
    replace_expressions,
    text_of_value,
)
from conda_bridge.formats.nodes import refuse
from conda_bridge.formats.v0_tree import V0Tree
from conda_bridge.formats.v1_text import SCRIPT_VARIABLES
from conda_bridge.formats.variables import assigned_scope, context_scope
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.recipe import PYTHON_MIN

__all__ = ["without_assignments", "without_context"]

_ENGINES_OWN = SCRIPT_VARIABLES | {"build_platform", "host_platform"}
"""What the engine defines, `python_min` among it: that a recipe defines it anew is not for us to judge."""
_WITH_VERSION = frozenset({"requirements", "about"})
_CONDITIONS = frozenset({"if", "skip"})
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_INERT = {
    "v0": re.compile(r"[A-Za-z0-9_.+!/-]*(?::/[A-Za-z0-9_.+!/-]*)?", re.ASCII),
    "v1": re.compile(r"[^{}]*"),
}
"""What is just text: in v0 to YAML, which comes after Jinja; in v1 where it stands beside other expressions."""


def without_context(root: MappingNode) -> MappingNode:
    """Return the tree of a v1 recipe without those context variables whose values are known.

    Raises:
        RecipeError: `unmodelled-recipe` where a condition uses one of them.
    """
    inliner = _inliner(context_scope(root), "v1")
    entries = tuple(
        (key, _without(value, inliner.names) if key.text == "context" else inliner.entry(key, value))
        for key, value in root.entries
    )
    return MappingNode(entries=entries, line=root.line)


def without_assignments(tree: V0Tree) -> V0Tree:
    """Return the tree of a v0 recipe without those `{% set %}`s whose values are known.

    Selectors don't see such variables: conda-build reads them before Jinja.
    """
    inliner = _inliner(assigned_scope(tree.assignments), "v0")
    return V0Tree(
        root=inliner.node(tree.root),
        assignments=tuple(a for a in tree.assignments if not inliner.names >= set(a.names)),
    )


def _inliner(scope: dict[str, Value], recipe_format: RecipeFormat) -> "_Inliner":
    scope.pop(PYTHON_MIN, None)
    return _Inliner(format=recipe_format, scope=scope, names=scope.keys() - _ENGINES_OWN)


def _without(context: Node, names: AbstractSet[str]) -> Node:
    if not isinstance(context, MappingNode):
        return context
    entries = tuple((key, value) for key, value in context.entries if key.text not in names)
    return MappingNode(entries=entries, line=context.line)


@dataclass(frozen=True, kw_only=True)
class _Inliner:
    format: RecipeFormat
    scope: dict[str, Value]
    names: AbstractSet[str]
    """The variables that go."""
    keeps_version: bool = True

    def entry(self, key: ScalarNode, value: Node) -> Node:
        if self.format == "v1" and key.text in _CONDITIONS:
            return self.condition(value)
        if key.text in _WITH_VERSION:
            return replace(self, keeps_version=False).node(value)
        return self.node(value)

    def condition(self, node: Node) -> Node:
        for item in node.items if isinstance(node, SequenceNode) else (node,):
            words = _WORD.findall(item.text) if isinstance(item, ScalarNode) else []
            if not self.names.isdisjoint(words):
                refuse(item, "a condition on a variable of the recipe's own isn't modelled")
        return node

    def node(self, node: Node) -> Node:
        match node:
            case ScalarNode():
                return replace(node, text=replace_expressions(node.text, self.format, self.value))
            case SequenceNode():
                return SequenceNode(items=tuple(map(self.node, node.items)), line=node.line)
            case MappingNode():
                entries = tuple((key, self.entry(key, value)) for key, value in node.entries)
                return MappingNode(entries=entries, line=node.line)

    def value(self, expression: str) -> str:
        value = text_of_value(evaluate(expression, self.scope))
        is_kept = self.keeps_version and expression == "version"
        if is_kept or not _INERT[self.format].fullmatch(value):
            raise UnknownExpression("the model knows it, or it might become more than text")
        return value
