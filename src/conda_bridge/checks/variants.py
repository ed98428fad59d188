"""The text of a variants file -> what it sets for macOS.

A file that can't be read, or a condition that isn't understood, sets nothing here: what is judged is certain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.errors import RecipeError
from conda_bridge.formats.tree_paths import Found, descend, flatten
from conda_bridge.formats.v0_conditions import parse_selector
from conda_bridge.formats.v0_tree import parse_v0_tree
from conda_bridge.formats.v1_conditions import parse_condition
from conda_bridge.formats.yaml_tree import Leniency, Node, ScalarNode, parse_tree
from conda_bridge.model.condition import PyVersion, Target, all_of, evaluate

__all__ = ["OSX_PLATFORMS", "Setting", "osx_settings"]

OSX_PLATFORMS = ("osx-64", "osx-arm64")
_PYTHON = PyVersion((3, 12))
"""Any: what variants say of macOS doesn't depend on it."""
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value of one key."""

    key: str
    version: tuple[int, ...]
    line: int
    platforms: tuple[str, ...]
    """Those of macOS that it is for; never empty."""


def osx_settings(text: str, *, has_selectors: bool, keys: tuple[str, ...]) -> tuple[Setting, ...]:
    """Return the versions that some keys have on macOS.

    `has_selectors` tells conda_build_config.yaml from variants.yaml, which has `if` and `then`.
    """
    try:
        root = _parsed(text, has_selectors=has_selectors)
    except RecipeError:
        return ()
    return tuple(
        setting
        for key in keys
        for value in descend(Found(node=root), (key,))
        for found in flatten(value)
        for setting in _settings(key, found, has_selectors=has_selectors)
    )


def _parsed(text: str, *, has_selectors: bool) -> Node:
    if has_selectors:
        return parse_v0_tree(text).root
    return parse_tree(text, leniency=Leniency(aliases=True, repeats=True))


def _settings(key: str, found: Found, *, has_selectors: bool) -> Iterator[Setting]:
    node = found.node
    if not isinstance(node, ScalarNode) or not _VERSION.fullmatch(node.text):
        return
    platforms = _platforms(found.conditions, has_selectors=has_selectors)
    if platforms:
        version = tuple(int(part) for part in node.text.split("."))
        yield Setting(key=key, version=version, line=node.line, platforms=platforms)


def _platforms(conditions: tuple[str, ...], *, has_selectors: bool) -> tuple[str, ...]:
    try:
        condition = all_of(*map(parse_selector if has_selectors else parse_condition, conditions))
    except RecipeError:
        return ()
    return tuple(
        platform
        for platform in OSX_PLATFORMS
        if evaluate(condition, Target(platform=platform, python=_PYTHON))
    )
