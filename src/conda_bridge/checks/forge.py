"""Text of `conda-forge.yml` -> its tree, and what it says to the linter.

Source: conda-smithy's documentation of that file.
"""

from collections.abc import Iterator

from conda_bridge.checks.context import CheckContext, ForgeConfig
from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import Leniency, MappingNode, Node, ScalarNode, SequenceNode, parse_tree

__all__ = ["forge_config", "forge_trees"]

_FILE = "conda-forge.yml"
_PLACES = frozenset({_FILE, f"../{_FILE}"})


def forge_config(text: str) -> ForgeConfig:
    """Return the settings; the defaults where the text can't be read, which a rule of its own tells."""
    root = _tree(text)
    if root is None:
        return ForgeConfig()
    enabled = _texts(root, "shellcheck", "enabled")
    return ForgeConfig(
        skip=frozenset(_texts(root, "linter", "skip")),
        noarch_platforms=_texts(root, "noarch_platforms"),
        is_shellcheck_enabled=[word.lower() for word in enabled] == ["true"],
    )


def forge_trees(document: RecipeDocument, ctx: CheckContext) -> Iterator[tuple[str, Node]]:
    """Yield the feedstock's conda-forge.yml as it is shown, and its tree; not where it is unreadable."""
    folder, slash, _ = document.path.rpartition("/")
    for name, text in ctx.files:
        root = _tree(text) if name in _PLACES else None
        if root is not None:
            yield f"{folder}{slash}{name}", root


def _tree(text: str) -> Node | None:
    if not text.strip():
        return None
    try:
        return parse_tree(text, leniency=Leniency(aliases=True, repeats=True))
    except RecipeError:
        # What can't be read at all is no lint of the recipe's.
        return None


def _texts(node: Node, *keys: str) -> tuple[str, ...]:
    """Return the text, or the list of texts, under a path of keys; of a repeated key the last one counts."""
    for key in keys:
        entries = node.entries if isinstance(node, MappingNode) else ()
        values = [value for name, value in entries if name.text == key]
        if not values:
            return ()
        node = values[-1]
    items = node.items if isinstance(node, SequenceNode) else (node,)
    return tuple(item.text for item in items if isinstance(item, ScalarNode))
