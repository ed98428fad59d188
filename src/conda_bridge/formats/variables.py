"""What a recipe defines for its own expressions: `context:` of v1, `{% set %}` of v0 -> a scope."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from conda_bridge.formats.expressions import UnknownExpression, Value, evaluate, substitute
from conda_bridge.formats.jinja_tags import tags_of
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from conda_bridge.formats.jinja_mask import Assignment

__all__ = ["assigned_scope", "context_scope", "texts_of"]

_MAX_TEXT = 500
_MAX_DIGITS = 15


def texts_of(scope: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """Return the variables that are text or numbers, as text."""
    return tuple((name, str(value)) for name, value in scope.items() if not isinstance(value, tuple))


def context_scope(root: MappingNode) -> dict[str, Value]:
    """Return the variables of a v1 recipe's `context`; one may use those above it.

    Source: CEP 13, "context section".
    """
    scope: dict[str, Value] = {}
    for key, value in root.entries:
        if key.text == "context" and isinstance(value, MappingNode):
            for name, node in value.entries:
                _define(scope, name.text, node)
    return scope


def _define(scope: dict[str, Value], name: str, node: Node) -> None:
    try:
        value = _context_value(node, scope)
    except UnknownExpression:
        scope.pop(name, None)
    else:
        scope[name] = value


def _context_value(node: Node, scope: Mapping[str, Value]) -> Value:
    if isinstance(node, SequenceNode):
        items = tuple(_context_value(item, scope) for item in node.items)
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) != len(items):
            raise UnknownExpression("a list of other things than texts")
        return texts
    if not isinstance(node, ScalarNode) or len(node.text) > _MAX_TEXT:
        raise UnknownExpression("a mapping or a long text")
    text = node.text
    if node.is_plain and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    if node.is_plain and text in {"true", "false", "", "~", "null"}:
        raise UnknownExpression("no text and no number")
    tags = tuple(tags_of(text, "v1"))
    if len(tags) == 1 and (tags[0].start, tags[0].end) == (0, len(text)):
        return evaluate(tags[0].inner, scope)
    value = substitute(text, scope, "v1")
    if "${{" in value:
        raise UnknownExpression("a part isn't known")
    return value


def assigned_scope(assignments: "Iterable[Assignment]") -> dict[str, Value]:
    """Return the variables that a v0 recipe's `{% set %}`s leave; those that depend on a condition aren't known."""
    scope: dict[str, Value] = {}
    for assignment in assignments:
        names = assignment.names
        try:
            values = _assigned(assignment, scope)
        except UnknownExpression:
            values = ()
        if len(values) == len(names):
            scope.update(zip(names, values, strict=True))
        else:
            for name in names:
                scope.pop(name, None)
    return scope


def _assigned(assignment: "Assignment", scope: Mapping[str, Value]) -> tuple[Value, ...]:
    if assignment.is_conditional:
        raise UnknownExpression("it may not happen")
    value = evaluate(assignment.expression, scope)
    return value if len(assignment.names) > 1 and isinstance(value, tuple) else (value,)
