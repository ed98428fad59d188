"""Nodes of a recipe's tree -> parts of the model that both formats say in the same way, but for the keys."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, Protocol

from conda_bridge.formats.nodes import parsed, refuse, text_of
from conda_bridge.formats.yaml_tree import Node
from conda_bridge.model.recipe import GitSource, PathSource, RecipeEntryPoint, Source, UrlSource

__all__ = ["entry_point_of", "noarch_of", "source_of"]

_GIT_KEYS = {"git_url": "git", "git_rev": "rev"}
"""What v0 calls otherwise."""


class _Decode(Protocol):
    def __call__(self, written: str, *, version: str | None = None) -> str: ...


def source_of(node: Node, fields: Mapping[str, Node], version: str, decode: _Decode) -> Source:
    """Return the source that the fields of `node` say, in either format's words.

    Raises:
        RecipeError: `unmodelled-recipe` for other combinations of fields.
    """
    texts = {
        _GIT_KEYS.get(key, key): parsed(value, partial(decode, version=version))
        for key, value in fields.items()
    }
    match texts:
        case {"url": url, "sha256": sha256, **rest} if not rest:
            return UrlSource(url=url, sha256=sha256)
        case {"git": url, "rev": commit, **rest} if not rest:
            return GitSource(url=url, commit=commit)
        case {"path": path, **rest} if not rest.keys() - {"sha256"}:
            return PathSource(path=path, sha256=rest.get("sha256", ""))
        case _:
            return refuse(node, f"a source with {', '.join(sorted(fields))} isn't modelled")


def noarch_of(node: Node | None) -> Literal["python", "generic"] | None:
    """Return the kind of a noarch package.

    Raises:
        RecipeError: `unmodelled-recipe` for another one.
    """
    if node is None:
        return None
    match text_of(node):
        case "python" | "generic" as kind:
            return kind
        case text:
            return refuse(node, f"noarch can't be {text[:80]!r}")


def entry_point_of(node: Node, decode: Callable[[str], str]) -> RecipeEntryPoint:
    """Return the entry point that is written `name = module:attribute`.

    Raises:
        RecipeError: `unmodelled-recipe` where it isn't.
    """
    name, separator, target = parsed(node, decode).partition(" = ")
    if not separator:
        refuse(node, "an entry point is written `name = module:attribute`")
    return RecipeEntryPoint(name=name, target=target)
