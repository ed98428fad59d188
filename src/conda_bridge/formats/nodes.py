"""Typed access to a positioned tree: what isn't of the expected shape is refused with its line."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import NoReturn, TypeVar

from conda_bridge.errors import RecipeError
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["fields_of", "flag_of", "items_of", "number_of", "parsed", "refuse", "required", "text_of"]

T = TypeVar("T")


def refuse(node: Node, problem: str) -> NoReturn:
    """Raise the error that `node` says something that the model can't hold.

    Raises:
        RecipeError: `unmodelled-recipe`, always.
    """
    raise RecipeError("unmodelled-recipe", problem, where=f"line {node.line}")


def fields_of(node: Node, keys: AbstractSet[str]) -> dict[str, Node]:
    """Return the values of a mapping by key.

    Raises:
        RecipeError: `unmodelled-recipe` where it is no mapping or has a key beside `keys`.
    """
    if not isinstance(node, MappingNode):
        refuse(node, "a mapping is expected here")
    for key, _ in node.entries:
        if key.text not in keys:
            refuse(key, f"the key {key.text[:80]!r} isn't one that conda-bridge models here")
    return {key.text: value for key, value in node.entries}


def required(fields: dict[str, Node], key: str, parent: Node) -> Node:
    """Return one value of `parent`'s fields.

    Raises:
        RecipeError: `unmodelled-recipe` where it is missing.
    """
    if key not in fields:
        refuse(parent, f"the key {key!r} is missing here")
    return fields[key]


def text_of(node: Node) -> str:
    """Return the text of a scalar.

    Raises:
        RecipeError: `unmodelled-recipe` where it is no scalar, or a plain empty one (null).
    """
    if not isinstance(node, ScalarNode) or (node.is_plain and node.text in {"", "~", "null"}):
        refuse(node, "a text is expected here")
    return node.text


def flag_of(node: Node) -> bool:
    """Return a boolean.

    Raises:
        RecipeError: `unmodelled-recipe` where it isn't `true` or `false`.
    """
    text = text_of(node)
    if text not in {"true", "false"}:
        refuse(node, "true or false is expected here")
    return text == "true"


def number_of(node: Node) -> int:
    """Return a whole number.

    Raises:
        RecipeError: `unmodelled-recipe` where it isn't written in ASCII digits.
    """
    text = text_of(node)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        refuse(node, "a whole number is expected here")
    return int(text)


def items_of(node: Node) -> Iterator[Node]:
    """Yield the items of a list; anything else is a list of one."""
    if isinstance(node, SequenceNode):
        yield from node.items
    else:
        yield node


def parsed(node: Node, parse: Callable[[str], T]) -> T:
    """Return `parse` of the node's text; its errors get the node's line.

    Raises:
        RecipeError: whatever `parse` raises.
    """
    try:
        return parse(text_of(node))
    except RecipeError as error:
        raise RecipeError(
            error.slug, error.message, where=error.where or f"line {node.line}", hint=error.hint
        ) from error
