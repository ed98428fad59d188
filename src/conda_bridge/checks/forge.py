"""Text of `conda-forge.yml` -> what it says to the linter. Source: conda-smithy's documentation of that file."""

from conda_bridge.checks.context import ForgeConfig
from conda_bridge.errors import RecipeError
from conda_bridge.formats.yaml_tree import Leniency, MappingNode, Node, ScalarNode, SequenceNode, parse_tree

__all__ = ["forge_config"]


def forge_config(text: str) -> ForgeConfig:
    """Return the settings; the defaults where the text can't be read, which a rule of its own tells."""
    try:
        root = parse_tree(text, leniency=Leniency(aliases=True, repeats=True))
    except RecipeError:
        return ForgeConfig()
    enabled = _texts(root, "shellcheck", "enabled")
    return ForgeConfig(
        skip=frozenset(_texts(root, "linter", "skip")),
        noarch_platforms=_texts(root, "noarch_platforms"),
        is_shellcheck_enabled=[word.lower() for word in enabled] == ["true"],
    )


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
