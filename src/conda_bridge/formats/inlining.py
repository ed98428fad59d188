"""Tree of a v1 recipe -> the same without context variables of its own: their values stand in the texts.

`version` and `python_min` stay, for the model knows them; but in requirements and about, where the model has only
text, the version stands too.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from conda_bridge.formats.expressions import (
    UnknownExpression,
    Value,
    evaluate,
    replace_expressions,
    text_of_value,
)
from conda_bridge.formats.nodes import refuse
from conda_bridge.formats.v1_text import SCRIPT_VARIABLES
from conda_bridge.formats.variables import context_scope
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.recipe import PYTHON_MIN

__all__ = ["without_context"]

_ENGINES_OWN = SCRIPT_VARIABLES | {"build_platform", "host_platform"}
"""What the engine defines, `python_min` among it: that a recipe defines it anew is not for us to judge."""
_WITH_VERSION = frozenset({"requirements", "about"})
_CONDITIONS = frozenset({"if", "skip"})
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def without_context(root: MappingNode) -> MappingNode:
    """Return the tree without those context variables that are text or numbers.

    Raises:
        RecipeError: `unmodelled-recipe` where a condition uses one of them.
    """
    scope = context_scope(root)
    scope.pop(PYTHON_MIN, None)
    inliner = _Inliner(scope=scope, names=scope.keys() - _ENGINES_OWN)
    entries = tuple(
        (key, _without(value, inliner.names) if key.text == "context" else inliner.entry(key, value))
        for key, value in root.entries
    )
    return MappingNode(entries=entries, line=root.line)


def _without(context: Node, names: AbstractSet[str]) -> Node:
    if not isinstance(context, MappingNode):
        return context
    entries = tuple((key, value) for key, value in context.entries if key.text not in names)
    return MappingNode(entries=entries, line=context.line)


@dataclass(frozen=True, kw_only=True)
class _Inliner:
    scope: Mapping[str, Value]
    names: AbstractSet[str]
    """The variables that go."""
    keeps_version: bool = True

    def entry(self, key: ScalarNode, value: Node) -> Node:
        if key.text in _CONDITIONS:
            return self.condition(value)
        if key.text in _WITH_VERSION:
            return _Inliner(scope=self.scope, names=self.names, keeps_version=False).node(value)
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
                return ScalarNode(
                    text=replace_expressions(node.text, "v1", self.value),
                    line=node.line,
                    is_plain=node.is_plain,
                )
            case SequenceNode():
                return SequenceNode(items=tuple(map(self.node, node.items)), line=node.line)
            case MappingNode():
                entries = tuple((key, self.entry(key, value)) for key, value in node.entries)
                return MappingNode(entries=entries, line=node.line)

    def value(self, expression: str) -> str:
        value = text_of_value(evaluate(expression, self.scope))
        if (self.keeps_version and expression == "version") or "{" in value or "}" in value:
            raise UnknownExpression("it is known to the model, or could act as Jinja once more")
        return value
