"""A distributor's pinning file (`conda_build_config.yaml`) or migration -> the values of its keys on one platform.

Vocabulary: as in `conda_bridge.model.variants`. Lines with a selector that doesn't hold are left out before YAML is
read, and no value is taken for a number.

Source: conda-build's documentation of variants; CFEP-9 (migrations).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conda_bridge.errors import ConfigError, RecipeError
from conda_bridge.formats.condition_language import UnmodelledPart
from conda_bridge.formats.selector_values import SelectorWorld
from conda_bridge.formats.selectors import split_selector
from conda_bridge.formats.yaml_tree import Leniency, MappingNode, Node, ScalarNode, SequenceNode, parse_tree
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.variants import Migration

__all__ = ["Pinning", "read_migration", "read_pinning"]

_LENIENCY = Leniency(aliases=True, core_tags=True, repeats=True)
"""Of a key that is there twice, the last counts, as for conda-build."""
_ZIP_KEYS = "zip_keys"
_OF_MIGRATIONS = frozenset({"__migrator", "migrator_ts"})
_ENGINES_OWN = frozenset({"pin_run_as_build", "extend_keys", "ignore_version", "ignore_build_only_deps"})
"""Keys that tell conda-build how to work, and give no variant a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinning:
    """What a pinning file says on one platform, before migrations."""

    values: tuple[tuple[str, tuple[str, ...]], ...]
    zip_keys: tuple[tuple[str, ...], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def read_pinning(text: str, world: SelectorWorld, *, path: str) -> Pinning:
    """Return what a pinning file says; `path` is for complaints.

    Raises:
        ConfigError: `invalid-pinning`.
    """
    entries = _entries(text, world, path)
    findings: list[Diagnostic] = []
    if world.unknown:
        message = (
            f"selectors ask for {', '.join(sorted(world.unknown))}, which nothing defines: taken for false"
        )
        findings.append(finding("pinning-name-unknown", message, origin=path))
    values = tuple(_values(entries, path, findings))
    return Pinning(values=values, zip_keys=_zip_keys(entries, path), diagnostics=tuple(findings))


def read_migration(text: str, world: SelectorWorld, *, name: str, path: str) -> Migration:
    """Return what a migration changes.

    What it says to the bot that spreads it, such as which packages it excludes, is left out.

    Raises:
        ConfigError: `invalid-pinning`.
    """
    entries = _entries(text, world, path)
    said = _mapping(entries.get("__migrator"))
    ordering = _mapping(said.get("ordering"))
    return Migration(
        name=name,
        timestamp=_timestamp(entries.get("migrator_ts"), path),
        is_paused=_flag(said.get("paused")),
        is_longterm=_flag(said.get("longterm")),
        is_selective=bool(_scalar(said.get("allowlist_file"))),
        operation=_operation(said.get("operation"), path),
        primary_keys=_texts(said.get("primary_key"), path),
        ordering=tuple((key, _texts(node, path)) for key, node in ordering.items()),
        additional_zip_keys=_texts(said.get("additional_zip_keys"), path),
        values=tuple(_values(entries, path, [])),
        zip_keys=_zip_keys(entries, path),
    )


# ---------------------------------------------------------------- text and tree


def _entries(text: str, world: SelectorWorld, path: str) -> dict[str, Node]:
    lines = list(_selected(text, world, path))
    if not any(line.strip() for line in lines):
        return {}
    try:
        tree = parse_tree("\n".join(lines) + "\n", leniency=_LENIENCY)
    except RecipeError as error:
        where = f"{path}: {error.where}" if error.where else path
        raise ConfigError("invalid-pinning", error.message, where=where) from error
    if not isinstance(tree, MappingNode):
        raise ConfigError("invalid-pinning", "it is no mapping of keys to values", where=path)
    return _mapping(tree)


def _selected(text: str, world: SelectorWorld, path: str) -> Iterator[str]:
    """Yield the lines that hold; the others stay empty, so that complaints name the right line."""
    known: dict[str, bool] = {"": True}
    for number, line in enumerate(text.splitlines(), start=1):
        plain, selector = split_selector(line)
        if selector not in known:
            try:
                known[selector] = world.holds(selector)
            except UnmodelledPart:
                message = f"the selector {selector[:120]!r} isn't one that conda-bridge evaluates"
                raise ConfigError("invalid-pinning", message, where=f"{path}: line {number}") from None
        yield plain if known[selector] else ""


def _mapping(node: Node | None) -> dict[str, Node]:
    return {key.text: value for key, value in node.entries} if isinstance(node, MappingNode) else {}


def _scalar(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _flag(node: Node | None) -> bool:
    return _scalar(node).lower() == "true"


def _texts(node: Node | None, path: str) -> tuple[str, ...]:
    """Return the texts of a list, or the one that stands in a list's place; none where there is nothing."""
    if isinstance(node, SequenceNode):
        return tuple(_item(item, path) for item in node.items)
    if isinstance(node, MappingNode):
        raise ConfigError(
            "invalid-pinning", "a list is expected, not a mapping", where=f"{path}: line {node.line}"
        )
    return (node.text,) if node is not None and node.text else ()


def _item(node: Node, path: str) -> str:
    if not isinstance(node, ScalarNode):
        raise ConfigError(
            "invalid-pinning", "a value is expected, not a collection", where=f"{path}: line {node.line}"
        )
    return node.text


# ---------------------------------------------------------------- keys


def _values(
    entries: dict[str, Node], path: str, findings: list[Diagnostic]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, node in entries.items():
        if key == _ZIP_KEYS or key in _OF_MIGRATIONS:
            continue
        if key in _ENGINES_OWN or isinstance(node, MappingNode):
            message = f"{key} is left out: it gives no variant a value"
            findings.append(finding("pinning-key-ignored", message, origin=path, line=node.line))
        elif values := _texts(node, path):
            yield key, values


def _zip_keys(entries: dict[str, Node], path: str) -> tuple[tuple[str, ...], ...]:
    """Return the groups; a file with one may write it without the outer list."""
    node = entries.get(_ZIP_KEYS)
    if not isinstance(node, SequenceNode):
        return ()
    items = [item for item in node.items if not isinstance(item, ScalarNode) or item.text]
    if items and all(isinstance(item, ScalarNode) for item in items):
        return (_texts(node, path),)
    return tuple(group for item in items if (group := _texts(item, path)))


def _timestamp(node: Node | None, path: str) -> float:
    try:
        return float(_scalar(node) or -1)
    except ValueError as error:
        raise ConfigError("invalid-pinning", "migrator_ts is no number", where=path) from error


def _operation(node: Node | None, path: str) -> Literal["merge", "key_add", "key_remove"]:
    match _scalar(node):
        case "":
            return "merge"
        case "key_add":
            return "key_add"
        case "key_remove":
            return "key_remove"
        case other:
            raise ConfigError("invalid-pinning", f"the operation {other[:80]!r} is unknown", where=path)
